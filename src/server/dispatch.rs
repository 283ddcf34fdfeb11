//! Dispatch of one `tools/call`: validation, confirmation, the tool itself, a time limit, and the presentation of its result.

use std::sync::Arc;

use http::request::Parts;
use rmcp::handler::server::tool::{IntoCallToolResult, ToolCallContext};
use rmcp::model::{CallToolRequestParams, CallToolResponse, Tool};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Map, Value};
use tracing::Instrument;

use super::call_cancellation::RunningCall;
use super::catalogue::{ToolCatalogue, ToolDetails};
use super::http_facts::HttpFacts;
use super::observed_call::{BegunCall, BegunWrite, CalledTool, ObserveCalls, ObservedCall};
use super::present::{AnsweredCall, present};
use super::{McpHandler, arguments, permitted_tools, replaced_text, tool_name};
use crate::tools::{Access, Failure, Interpretation};
use crate::write::policy::Mode;
use crate::write::quote_text::quote_truncated;

impl McpHandler {
    pub(super) async fn dispatch(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        // Only a token of a narrower scope needs what is attached to its request, and the copy takes time.
        let attached = match self.tools.policy().granted() {
            Mode::Full => None,
            Mode::DraftsOnly | Mode::ReadOnly => context.extensions.get::<Parts>(),
        };
        let attached = attached.map(|request| request.extensions.clone());
        let begun = self.observer.get().cloned().map(|observer| {
            let (name, arguments) = (&request.name, request.arguments.as_ref());
            let call = self.begun_call(&*observer, name, arguments, HttpFacts::of(&context));
            ObservedCall::begin(observer, call)
        });
        // Boxed, because rmcp, tokio and each scope around it would copy its 6 kB.
        let answer = Box::pin(self.answer(request, context));
        let Some(call) = begun else {
            return answer.await;
        };
        let answer = call.record().scope(answer);
        let mut answer = answer.instrument(call.span()).await;
        let failure = call.record().failure();
        let needed = failure.and_then(|failure| failure.needed_mode);
        if let (Some(observer), Some(attached), Some(needed)) =
            (self.observer.get(), attached, needed)
        {
            observer.needs_wider_scope(&attached, needed);
        }
        call.end(&mut answer);
        answer
    }

    /// Tells the observer of a call that was refused on its way here, by the limit that `why` names.
    pub fn note_refused(
        &self,
        name: &str,
        arguments: &Map<String, Value>,
        request: &Parts,
        why: String,
    ) {
        if let Some(observer) = self.observer.get() {
            let http = HttpFacts::of_request(request);
            let call = self.begun_call(&**observer, name, Some(arguments), http);
            ObservedCall::begin(Arc::clone(observer), call).refuse(why);
        }
    }

    fn begun_call(
        &self,
        observer: &dyn ObserveCalls,
        name: &str,
        arguments: Option<&Map<String, Value>>,
        http: HttpFacts,
    ) -> BegunCall {
        let tool = self.resolve_tool_name(name);
        let details = self.tool_catalogue().details.get(tool);
        let writes = details.is_some_and(|details| details.traits.access != Access::Read);
        BegunCall {
            write: writes.then(|| BegunWrite::new(arguments, observer)),
            tool: match details {
                Some(_) => CalledTool::Known(tool.to_owned()),
                None => CalledTool::Unknown(tool_name::plausible(name).map(str::to_owned)),
            },
            principal: self.tools.settings().principal.clone(),
            http,
        }
    }

    async fn answer(
        &self,
        mut request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let ToolCatalogue {
            router,
            details,
            list,
        } = self.tool_catalogue();
        let name = self.resolve_tool_name(&request.name).to_owned();
        let Some((tool, details)) = router.get(&name).zip(details.get(&name)) else {
            return Err(ErrorData::invalid_params(self.unknown_tool(&name), None));
        };
        let asked_for = std::mem::replace(&mut request.name, name.into());
        let arguments = request.arguments.take().unwrap_or_default();
        let ToolDetails {
            input_schema,
            traits,
        } = details;
        let permitted = permitted_tools::permit(self.tools.policy(), tool, traits);
        let permitted = permitted.map_err(Failure::from);
        let named = traits.refused_fields(&self.tools);
        let validate = |()| arguments::validate(input_schema, arguments, traits.access, &named);
        let valid = match permitted.and_then(validate) {
            Ok(valid) => valid,
            Err(failure) => {
                let call = AnsweredCall::new(tool, list, &Map::new());
                return Ok(present(failure.into_call_tool_result()?, &call));
            }
        };
        let mut call = AnsweredCall::new(tool, list, &valid.arguments);
        call.interpretations = valid.interpretations;
        if asked_for != request.name {
            let text = format!("{} as {}", quote_truncated(&asked_for), request.name);
            call.interpretations.push(Interpretation::new("", text));
        }
        call.interpretations
            .extend(replaced_text::note(&context.meta, &valid.arguments));
        let confirmation = self.confirmations.for_call(
            &self.tools,
            &mut request,
            &context,
            traits,
            &valid.arguments,
        );
        let confirmation = match confirmation.await {
            Ok(confirmation) => Arc::new(confirmation),
            Err(failure) => return Ok(present(failure.into_call_tool_result()?, &call)),
        };
        if confirmation.is_follow_up() {
            self.tools.invalidate_lookups();
        }
        request.arguments = Some(valid.arguments);
        let cancelled = context.ct.clone();
        let tools = self.tools.for_one_call(confirmation.clone());
        let work = router.call(ToolCallContext::new(&tools, request, context));
        let running = RunningCall {
            handler: self,
            traits,
            confirmation: &confirmation,
            last_progress: tools.last_progress(),
        };
        let response = running.run(work, cancelled).await?;
        call.interpretations.extend(tools.interpretations());
        Ok(present(response, &call))
    }

    /// The tool that a name means, without the name of a server before it; else the name as it is.
    pub(super) fn resolve_tool_name<'a>(&'a self, name: &'a str) -> &'a str {
        let ToolCatalogue { details, .. } = self.tool_catalogue();
        if details.contains_key(name) {
            return name;
        }
        let mut meant = details.iter().filter(|(tool, details)| {
            let reads = details.traits.access == Access::Read;
            tool_name::server_prefix(name, tool, &self.config.server_info.name, reads)
                // A write that was meant for a sandbox must not reach the real Saki.
                .is_some_and(|server| reads || self.is_sandbox || !server.contains("sandbox"))
        });
        match (meant.next(), meant.next()) {
            (Some((tool, _)), None) => tool,
            _ => name,
        }
    }

    fn unknown_tool(&self, name: &str) -> String {
        let names = self.catalogue().iter().map(|tool| &*tool.name);
        let quoted = quote_truncated(name);
        let letters = |name: &str| {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.collect::<String>().to_ascii_lowercase()
        };
        let given = letters(name);
        let mut tools = self.catalogue().iter();
        let contained = tools.find(|tool| given.contains(&letters(&tool.name)));
        let reads = |tool: &Tool| tool.annotations.as_ref()?.read_only_hint;
        let near = match contained {
            // `undelete_post` is no `delete_post`, while `create_posts` is a `create_post`.
            Some(tool) if reads(tool) != Some(true) && !given.starts_with(&letters(&tool.name)) => {
                None
            }
            Some(tool) => Some(&*tool.name),
            None => arguments::nearest(name, names),
        };
        match near {
            Some(near) => format!("unknown tool {quoted}; did you mean {near:?}?"),
            None => format!("unknown tool {quoted}; tools/list names all tools"),
        }
    }
}

#[cfg(test)]
mod tests;
