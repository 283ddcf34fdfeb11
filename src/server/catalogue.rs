//! The tool catalogue: every tool with the schemas that `tools/list` shows, built once; titles, hints and descriptions stand at each tool.

use std::collections::HashMap;
use std::sync::Arc;

use rmcp::handler::server::tool::ToolRouter;
use rmcp::model::{JsonObject, Tool};

use super::description_filter::DescriptionFilter;
use super::{permitted_tools, schema};
use crate::tools::Tools;
use crate::write::policy::Policy;

/// The router of all tools, and the list of those that the policy permits.
#[derive(Debug)]
pub(super) struct ToolCatalogue {
    pub(super) router: ToolRouter<Tools>,
    /// The complete input schemas for validation; the list shows abbreviated ones.
    pub(super) input_schemas: HashMap<String, JsonObject>,
    pub(super) list: Vec<Tool>,
}

impl ToolCatalogue {
    /// Lists the tools that `policy` permits; the router keeps the others, so that a call of them is refused with the reason.
    pub(super) fn build(policy: &Policy) -> Self {
        let mut router = ALL_TOOLS.clone();
        // Tools that answer with the same type share its schema, which is most of what this holds in memory.
        let mut outputs: Vec<(Arc<JsonObject>, Arc<JsonObject>)> = Vec::new();
        let mut input_schemas = HashMap::new();
        for route in router.map.values_mut() {
            let tool = &mut route.attr;
            let (mut listed, mut full) = schema::input(&tool.input_schema);
            if policy.pinned_space().is_some() {
                permitted_tools::remove_space(&mut listed);
                permitted_tools::make_space_optional(&mut full);
            }
            tool.input_schema = Arc::new(listed);
            input_schemas.insert(tool.name.to_string(), full);
            let Some(derived) = tool.output_schema.take() else {
                continue;
            };
            let same = outputs.iter().find(|(from, _)| *from == derived);
            let output = match same {
                Some((_, output)) => Arc::clone(output),
                None => Arc::new(schema::output(&derived)),
            };
            tool.output_schema = Some(Arc::clone(&output));
            outputs.push((derived, output));
        }
        let mut list = router.list_all();
        let filter = DescriptionFilter::new(policy, &list);
        list.retain(|tool| permitted_tools::permit(policy, tool).is_ok());
        for description in list.iter_mut().filter_map(|tool| tool.description.as_mut()) {
            *description = filter.apply(description).into();
        }
        Self {
            router,
            input_schemas,
            list,
        }
    }
}

/// Whether a tool declares that it only reads.
pub fn is_read_only(tool: &Tool) -> bool {
    let hints = tool.annotations.as_ref();
    hints.and_then(|hints| hints.read_only_hint) == Some(true)
}

/// Every tool with its schemas as they are derived, which no policy changes; deriving them takes longer than all else here.
static ALL_TOOLS: std::sync::LazyLock<ToolRouter<Tools>> = std::sync::LazyLock::new(Tools::router);
