//! Refused calls: those that need a wider scope than the access token has, and what is told of every call that the transport refuses.

use std::fmt::Debug;

use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde_json::{Map, Value};

use super::authenticator::Authenticated;
use super::caller_handlers::{RefusalCause, RefusedCall};
use super::oauth::{ProtectedResource, ResourceServer};
use super::refusal::{Refusal, RefusalKind};
use super::scope::Scope;
use crate::transport::message_parser;

impl<H: Debug + Send + Sync + 'static> Authenticated<H> {
    /// The refusal of a message with a call that needs a wider scope than the access token has.
    pub(in crate::transport) fn scope_refusal(
        &self,
        request: &Parts,
        body: &[u8],
    ) -> Option<Response> {
        let (oauth, resource) = self.authenticator.oauth(self.endpoint)?;
        let handlers = &self.authenticator.handlers.0;
        let held = self.caller.scope;
        if held >= Some(handlers.widest_scope()) {
            return None;
        }
        let (messages, none) = (messages(body), Map::new());
        let calls = messages.iter().filter_map(tool_call);
        let needed = calls.map(|(tool, arguments)| {
            handlers.needed_scope(&self.handler, tool, arguments.unwrap_or(&none))
        });
        // A scope that allows nothing more here is not asked for: the server's own limits then say why.
        let needed = needed.max()?.min(handlers.widest_scope());
        let needed = Some(needed).filter(|needed| Some(*needed) > held)?;
        let refusal = self.insufficient_scope(oauth, resource, needed, None);
        self.note_refused(request, body, RefusalCause::Scope(held));
        Some(refusal)
    }

    /// The refusal of a call that turned out to need a wider scope than the access token has.
    pub(in crate::transport) fn late_scope_refusal(
        &self,
        needed: Scope,
        why: &str,
    ) -> Option<Response> {
        let (oauth, resource) = self.authenticator.oauth(self.endpoint)?;
        (Some(needed) > self.caller.scope)
            .then(|| self.insufficient_scope(oauth, resource, needed, Some(why)))
    }

    fn insufficient_scope(
        &self,
        oauth: &ResourceServer,
        resource: ProtectedResource,
        needed: Scope,
        why: Option<&str>,
    ) -> Response {
        let held = self.caller.scope;
        let because = why.map(|why| format!(": {why}")).unwrap_or_default();
        let held_word = held.map_or("none of this server", |held| held.word());
        let why =
            format!("the call needs the scope {needed}; the access token has {held_word}{because}");
        let mut refusal = Refusal::new(RefusalKind::InsufficientScope, why);
        // Some clients replace the scopes that they hold by these, so those that are held stand here too.
        let scopes = held.map(|held| held.list()).unwrap_or_default();
        let more = needed.list().into_iter();
        let more: Vec<_> = more.filter(|scope| !scopes.contains(scope)).collect();
        let error = Some(RefusalKind::InsufficientScope.word());
        refusal.challenge = Some(oauth.challenge(resource, error, [scopes, more].concat()));
        tracing::info!("a call was refused: {}", refusal.description);
        refusal.into_response()
    }

    /// Tells of the calls in a body, which are all refused.
    pub(in crate::transport) fn note_refused(
        &self,
        request: &Parts,
        body: &[u8],
        cause: RefusalCause,
    ) {
        let none = Map::new();
        for (tool, arguments) in messages(body).iter().filter_map(tool_call) {
            let call = RefusedCall {
                tool,
                arguments: arguments.unwrap_or(&none),
                request,
                cause,
            };
            let handlers = &self.authenticator.handlers.0;
            handlers.call_refused(&self.handler, &call);
        }
    }
}

/// The messages of a body as the transports read it: a batch, or a message with half a character that they repair.
fn messages(body: &[u8]) -> Vec<Value> {
    match serde_json::from_slice::<Value>(body) {
        Ok(message @ Value::Object(_)) => vec![message],
        _ => message_parser::read_leniently(body)
            .map(|read| read.values)
            .unwrap_or_default(),
    }
}

/// The tool and arguments of a message that is a call.
fn tool_call(message: &Value) -> Option<(&str, Option<&Map<String, Value>>)> {
    if message.get("method")?.as_str()? != "tools/call" {
        return None;
    }
    let params = message.get("params")?;
    let arguments = params.get("arguments").and_then(Value::as_object);
    Some((params.get("name")?.as_str()?, arguments))
}
