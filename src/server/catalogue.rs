//! Tool catalogue (`tools/list`): schemas are built once; annotations (title, hints) are declared at each tool in `tools`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use rmcp::handler::server::tool::ToolRouter;
use rmcp::model::{JsonObject, Tool};

use super::description_filter::DescriptionFilter;
use super::{permitted_tools, present, schema};
use crate::tools::{ToolTraits, Tools};
use crate::write::policy::Policy;

/// The router of all tools, and the list of those that the policy permits.
#[derive(Debug)]
pub(super) struct ToolCatalogue {
    pub(super) router: ToolRouter<Tools>,
    /// What the server knows of each tool beyond its list entry.
    pub(super) details: HashMap<String, ToolDetails>,
    pub(super) list: Vec<Tool>,
}

/// What the server knows of a tool beyond its list entry.
#[derive(Debug)]
pub(super) struct ToolDetails {
    /// The complete input schema for validation; the list shows an abbreviated one.
    pub(super) input_schema: JsonObject,
    pub(super) traits: ToolTraits,
}

impl ToolCatalogue {
    /// Lists the tools that `policy` permits; the router keeps the others, so that a call of them is refused with the reason.
    pub(super) fn build(policy: &Policy) -> Self {
        let mut router = ALL_TOOLS.clone();
        let mut details = HashMap::new();
        for route in router.map.values_mut() {
            let tool = &mut route.attr;
            let traits = ToolTraits::new(tool);
            let (mut listed, mut full) = schema::input(&tool.input_schema);
            if policy.pinned_space().is_some() {
                permitted_tools::remove_space(&mut listed);
                permitted_tools::make_space_optional(&mut full);
            }
            tool.input_schema = Arc::new(listed);
            let entry = ToolDetails {
                input_schema: full,
                traits,
            };
            details.insert(tool.name.to_string(), entry);
        }
        let all = router.list_all();
        let mut list = all.clone();
        list.retain(|tool| {
            let details: Option<&ToolDetails> = details.get(&*tool.name);
            details.is_some_and(|one| permitted_tools::permit(policy, tool, &one.traits).is_ok())
        });
        let filter = DescriptionFilter::new(policy, &all, &list);
        for description in list.iter_mut().filter_map(|tool| tool.description.as_mut()) {
            *description = filter.apply(description).into();
        }
        Self {
            router,
            details,
            list,
        }
    }
}

/// Every tool, which no policy changes, with its output schema as clients see it.
static ALL_TOOLS: LazyLock<ToolRouter<Tools>> = LazyLock::new(|| {
    let mut router = Tools::router();
    for route in router.map.values_mut() {
        let derived = route.attr.output_schema.take();
        let output = derived.map(|derived| schema::output(&derived, present::name_added_keys));
        route.attr.output_schema = output.map(Arc::new);
    }
    router
});
