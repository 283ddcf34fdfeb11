//! One call, from its arguments to its presented result.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use rmcp::handler::server::tool::{IntoCallToolResult, ToolCallContext};
use rmcp::model::{CallToolRequestParams, CallToolResponse, Tool};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::Map;

use super::catalogue::Catalogue;
use super::present::Asked;
use super::{Handler, arguments, confirm, policy, present};
use crate::tools::Failure;

/// The end of every call: above the longest upload, since each request to Saki has a shorter end of its own.
const LONGEST_CALL: Duration = Duration::from_secs(20 * 60);

impl Handler {
    pub(super) async fn call(
        &self,
        mut request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Catalogue {
            router,
            checks,
            list,
        } = self.built();
        let known = router.get(&request.name).zip(checks.get(&*request.name));
        let Some((tool, schema)) = known else {
            return Err(ErrorData::invalid_params(self.unknown(&request.name), None));
        };
        let given = request.arguments.take().unwrap_or_default();
        let permitted = policy::allow(self.tools.policy(), tool).map_err(Failure::from);
        let checked = match permitted.and_then(|()| arguments::check(schema, given)) {
            Ok(checked) => checked,
            Err(failure) => {
                let asked = Asked::of(tool, list, &Map::new());
                return present::result(failure.into_call_tool_result()?, &asked);
            }
        };
        let mut asked = Asked::of(tool, list, &checked.arguments);
        asked.understood = checked.understood;
        let asker = match self.confirmations.of_call(
            &self.tools,
            &mut request,
            &context,
            (schema, &checked.arguments),
        ) {
            Ok(asker) => Arc::new(asker),
            Err(failure) => return present::result(failure.into_call_tool_result()?, &asked),
        };
        if asker.answers() {
            self.tools.invalidate_lookups();
        }
        request.arguments = Some(checked.arguments);
        let cancelled = context.ct.clone();
        let tools = self.tools.for_one_call(asker.clone());
        let work = AssertUnwindSafe(router.call(ToolCallContext::new(&tools, request, context)));
        let response = tokio::select! {
            response = work.catch_unwind() => match response {
                Ok(response) => response?,
                Err(_panic) => self.interrupted(Failure::BUG, tool)
                    .into_call_tool_result()?,
            },
            () = cancelled.cancelled() => {
                // A write that was sent runs to its end without this call.
                match asker.waits() {
                    true => confirm::ended_unanswered(),
                    false => self.interrupted("The call was cancelled.", tool),
                }
                .into_call_tool_result()?
            }
            () = tokio::time::sleep(LONGEST_CALL) => {
                self.interrupted("The call took more than 20 minutes and was given up.", tool).into_call_tool_result()?
            }
        };
        asked.understood.extend(tools.interpretations());
        present::result(response, &asked)
    }

    /// What is said of a call that did not come to its end; what a tool writes is in its name.
    fn interrupted(&self, what: &str, tool: &Tool) -> Failure {
        let hints = tool.annotations.as_ref();
        let reads_only = hints.and_then(|hints| hints.read_only_hint) == Some(true);
        let written = |list: &&str| {
            let thing = list.strip_prefix("list_").unwrap_or_default();
            !thing.is_empty() && tool.name.contains(thing.trim_end_matches('s'))
        };
        let names = self.catalogue().iter().map(|tool| &*tool.name);
        let list = names.filter(|name| name.starts_with("list_")).find(written);
        Failure::interrupted(what, reads_only, list)
    }

    fn unknown(&self, name: &str) -> String {
        let names = self.catalogue().iter().map(|tool| &*tool.name);
        match arguments::nearest(name, names) {
            Some(near) => format!("unknown tool {name:?}; did you mean {near:?}?"),
            None => format!("unknown tool {name:?}; tools/list names all tools"),
        }
    }
}

#[cfg(test)]
mod tests;
