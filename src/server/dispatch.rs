//! Dispatch of one `tools/call`: validation, confirmation, the tool itself, a time limit, and the presentation of its result.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use rmcp::handler::server::tool::{IntoCallToolResult, ToolCallContext};
use rmcp::model::{CallToolRequestParams, CallToolResponse, Tool};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::Map;

use super::catalogue::{ToolCatalogue, is_read_only};
use super::present::{AnsweredCall, present};
use super::{McpHandler, arguments, confirm, permitted_tools};
use crate::tools::Failure;

/// The time limit of every call: longer than the longest upload, since each request to Saki has a shorter timeout of its own.
const CALL_TIMEOUT: Duration = Duration::from_secs(20 * 60);

impl McpHandler {
    pub(super) async fn dispatch(
        &self,
        mut request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let ToolCatalogue {
            router,
            input_schemas,
            list,
        } = self.tool_catalogue();
        let name = &*request.name;
        let Some((tool, schema)) = router.get(name).zip(input_schemas.get(name)) else {
            return Err(ErrorData::invalid_params(self.unknown_tool(name), None));
        };
        let arguments = request.arguments.take().unwrap_or_default();
        let permitted = permitted_tools::permit(self.tools.policy(), tool).map_err(Failure::from);
        let valid = match permitted.and_then(|()| arguments::validate(schema, arguments)) {
            Ok(valid) => valid,
            Err(failure) => {
                let call = AnsweredCall::new(tool, list, &Map::new());
                return present(failure.into_call_tool_result()?, &call);
            }
        };
        let mut call = AnsweredCall::new(tool, list, &valid.arguments);
        call.interpretations = valid.interpretations;
        let confirmation = match self.confirmations.for_call(
            &self.tools,
            &mut request,
            &context,
            schema,
            &valid.arguments,
        ) {
            Ok(confirmation) => Arc::new(confirmation),
            Err(failure) => return present(failure.into_call_tool_result()?, &call),
        };
        if confirmation.is_follow_up() {
            self.tools.invalidate_lookups();
        }
        request.arguments = Some(valid.arguments);
        let cancelled = context.ct.clone();
        let tools = self.tools.for_one_call(confirmation.clone());
        let work = AssertUnwindSafe(router.call(ToolCallContext::new(&tools, request, context)));
        let response = tokio::select! {
            response = work.catch_unwind() => match response {
                Ok(response) => response?,
                Err(_panic) => self.interrupted(Failure::BUG, tool)
                    .into_call_tool_result()?,
            },
            () = cancelled.cancelled() => {
                // A write that was sent runs to its end without this call.
                match confirmation.awaits_reply() {
                    true => confirm::ended_unanswered(),
                    false => self.interrupted("The call was cancelled.", tool),
                }
                .into_call_tool_result()?
            }
            () = tokio::time::sleep(CALL_TIMEOUT) => {
                self.interrupted("The call took more than 20 minutes and was stopped.", tool).into_call_tool_result()?
            }
        };
        call.interpretations.extend(tools.interpretations());
        present(response, &call)
    }

    /// The failure of a call that was interrupted; it names the tool that lists what the call may have written.
    fn interrupted(&self, what: &str, tool: &Tool) -> Failure {
        let lists_written = |list: &&str| {
            let resource = list.strip_prefix("list_").unwrap_or_default();
            !resource.is_empty() && tool.name.contains(resource.trim_end_matches('s'))
        };
        let names = self.catalogue().iter().map(|tool| &*tool.name);
        let list = names
            .filter(|name| name.starts_with("list_"))
            .find(lists_written);
        Failure::interrupted(what, is_read_only(tool), list)
    }

    fn unknown_tool(&self, name: &str) -> String {
        let names = self.catalogue().iter().map(|tool| &*tool.name);
        match arguments::nearest(name, names) {
            Some(near) => format!("unknown tool {name:?}; did you mean {near:?}?"),
            None => format!("unknown tool {name:?}; tools/list names all tools"),
        }
    }
}

#[cfg(test)]
mod tests;
