//! The catalogue: every tool with the schemas that clients see, built once.

use std::collections::HashMap;
use std::sync::Arc;

use rmcp::handler::server::tool::ToolRouter;
use rmcp::model::{JsonObject, Tool};

use super::fitting::Fitting;
use super::{policy, schema};
use crate::tools::Tools;
use crate::write::policy::Policy;

/// The tools by name, and the list of them as it goes out.
#[derive(Debug)]
pub(super) struct Catalogue {
    pub(super) router: ToolRouter<Tools>,
    /// The input schemas in full, which the list tells more briefly.
    pub(super) checks: HashMap<String, JsonObject>,
    pub(super) list: Vec<Tool>,
}

impl Catalogue {
    /// What `policy` leaves of all tools; the router keeps the others, to say why they are not there.
    pub(super) fn build(policy: &Policy) -> Self {
        let mut router = ALL_TOOLS.clone();
        // Tools that answer with the same type share its schema, which is most of what this holds in memory.
        let mut outputs: Vec<(Arc<JsonObject>, Arc<JsonObject>)> = Vec::new();
        let mut checks = HashMap::new();
        for route in router.map.values_mut() {
            let tool = &mut route.attr;
            let (mut seen, mut full) = schema::input(&tool.input_schema);
            if policy.pinned().is_some() {
                policy::without_space(&mut seen);
                policy::space_is_optional(&mut full);
            }
            tool.input_schema = Arc::new(seen);
            checks.insert(tool.name.to_string(), full);
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
        let fitting = Fitting::new(policy, &list);
        list.retain(|tool| policy::allow(policy, tool).is_ok());
        for description in list.iter_mut().filter_map(|tool| tool.description.as_mut()) {
            *description = fitting.text(description).into();
        }
        Self {
            router,
            checks,
            list,
        }
    }
}

/// Every tool with its schemas as they are derived, which no policy changes; deriving them takes longer than all else here.
static ALL_TOOLS: std::sync::LazyLock<ToolRouter<Tools>> = std::sync::LazyLock::new(Tools::router);
