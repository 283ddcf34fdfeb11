//! Dispatch of one `tools/call`: validation, confirmation, the tool itself, a time limit, and the presentation of its result.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use rmcp::handler::server::tool::{IntoCallToolResult, ToolCallContext};
use rmcp::model::{CallToolRequestParams, CallToolResponse};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::Map;

use super::catalogue::{ToolCatalogue, ToolDetails};
use super::present::{AnsweredCall, present};
use super::{McpHandler, arguments, confirm, permitted_tools};
use crate::tools::{Access, Failure, ToolTraits};
use crate::write::quote_text::quote_truncated;

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
            details,
            list,
        } = self.tool_catalogue();
        let name = &*request.name;
        let Some((tool, details)) = router.get(name).zip(details.get(name)) else {
            return Err(ErrorData::invalid_params(self.unknown_tool(name), None));
        };
        let arguments = request.arguments.take().unwrap_or_default();
        let ToolDetails {
            input_schema,
            traits,
        } = details;
        let permitted = permitted_tools::permit(self.tools.policy(), tool, traits);
        let permitted = permitted.map_err(Failure::from);
        let named = traits.refused_fields(&self.tools);
        let valid = permitted.and_then(|()| arguments::validate(input_schema, arguments, &named));
        let valid = match valid {
            Ok(valid) => valid,
            Err(failure) => {
                let call = AnsweredCall::new(tool, list, &Map::new());
                return present(failure.into_call_tool_result()?, &call);
            }
        };
        let mut call = AnsweredCall::new(tool, list, &valid.arguments);
        call.interpretations = valid.interpretations;
        let confirmation = self.confirmations.for_call(
            &self.tools,
            &mut request,
            &context,
            traits,
            &valid.arguments,
        );
        let confirmation = match confirmation.await {
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
                Err(_panic) => self.interrupted(Failure::BUG, traits)
                    .into_call_tool_result()?,
            },
            () = cancelled.cancelled() => {
                // A write that was sent runs to its end without this call.
                match confirmation.awaits_reply() {
                    true => confirm::ended_unanswered(),
                    false => self.interrupted("The call was cancelled.", traits),
                }
                .into_call_tool_result()?
            }
            () = tokio::time::sleep(CALL_TIMEOUT) => {
                self.interrupted("The call took more than 20 minutes and was stopped.", traits).into_call_tool_result()?
            }
        };
        call.interpretations.extend(tools.interpretations());
        present(response, &call)
    }

    /// The failure of a call that was interrupted; it names the tool that lists what the call may have written.
    fn interrupted(&self, what: &str, traits: &ToolTraits) -> Failure {
        let mut names = self.catalogue().iter().map(|tool| &*tool.name);
        let list = names.find(|name| traits.listed_by.as_deref() == Some(*name));
        Failure::interrupted(what, traits.access == Access::Read, list)
    }

    fn unknown_tool(&self, name: &str) -> String {
        let names = self.catalogue().iter().map(|tool| &*tool.name);
        let quoted = quote_truncated(name);
        match arguments::nearest(name, names) {
            Some(near) => format!("unknown tool {quoted}; did you mean {near:?}?"),
            None => format!("unknown tool {quoted}; tools/list names all tools"),
        }
    }
}

#[cfg(test)]
mod tests;
