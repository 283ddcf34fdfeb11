//! Confirmation channel: how the client of a call can ask a person, and the fingerprint of the call that an answer is bound to.

use rmcp::model::ProtocolVersion;
use rmcp::service::RequestContext;
use rmcp::{Peer, RoleServer};
use serde_json::{Map, Value, json};

use crate::tools::CONFIRMATION;
use crate::write::canonical_json::canonical_json;

/// How a call is confirmed.
#[derive(Debug)]
pub(super) enum ConfirmChannel {
    /// The result asks for input, and the client calls again with the answer of a person.
    InputRequired,
    /// The server sends an elicitation request in the middle of the call.
    Elicitation(Box<Peer<RoleServer>>),
    /// The caller repeats the call with a token, since the client cannot ask a person; the text says why.
    Token(&'static str),
}

impl ConfirmChannel {
    /// Whether the answer comes with another call.
    pub(super) fn needs_second_call(&self) -> bool {
        !matches!(self, Self::Elicitation(_))
    }

    /// The best channel that the client of a call has.
    pub(super) fn of_client(context: &RequestContext<RoleServer>) -> Self {
        let elicitation = context
            .client_capabilities()
            .and_then(|capabilities| capabilities.elicitation);
        // A client that declares elicitation without a mode supports forms.
        let has_forms =
            elicitation.is_some_and(|modes| modes.form.is_some() || modes.url.is_none());
        let is_modern = context
            .protocol_version()
            .is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
        match (has_forms, is_modern) {
            (true, true) => Self::InputRequired,
            (true, false) => Self::Elicitation(Box::new(context.peer.clone())),
            (false, true) => Self::Token("this client does not declare elicitation"),
            (false, false) => Self::Token(
                "this client does not declare elicitation (one older than 2026-07-28 cannot over /mcp without a session; over stdio and \
                 /sse it can)",
            ),
        }
    }
}

/// Tool, arguments, key and principal of a call, as canonical JSON.
///
/// A dry run never asks, and the token itself confirms the other arguments, so neither is part of it.
pub(super) fn call_fingerprint(
    tool: &str,
    arguments: &Map<String, Value>,
    key_fingerprint: [u8; 32],
    principal: Option<&str>,
) -> String {
    let mut arguments = arguments.clone();
    arguments.retain(|name, _| !["dry_run", CONFIRMATION].contains(&name.as_str()));
    canonical_json(json!([tool, arguments, key_fingerprint, principal]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn the_order_of_arguments_and_the_token_itself_make_no_other_call() {
        let one = map(json!({"post_id": 7, "metadata": {"a": 1, "b": [{"c": 2, "d": 3}]}}));
        let two = map(
            json!({"confirmation": "t", "metadata": {"b": [{"d": 3, "c": 2}], "a": 1}, "dry_run": false, "post_id": 7}),
        );
        assert_eq!(
            call_fingerprint("update_post", &one, [1; 32], None),
            call_fingerprint("update_post", &two, [1; 32], None)
        );
    }

    #[test]
    fn another_tool_argument_key_or_principal_makes_another_call() {
        let one = map(json!({"post_id": 7, "media_ids": [1, 2]}));
        let fingerprint = call_fingerprint("update_post", &one, [1; 32], None);
        let with = |change: Value| {
            let mut other = one.clone();
            other.extend(map(change));
            call_fingerprint("update_post", &other, [1; 32], None)
        };
        assert_ne!(
            fingerprint,
            call_fingerprint("delete_post", &one, [1; 32], None)
        );
        assert_ne!(
            fingerprint,
            call_fingerprint("update_post", &one, [2; 32], None)
        );
        let anna = call_fingerprint("update_post", &one, [1; 32], Some("anna"));
        let ben = call_fingerprint("update_post", &one, [1; 32], Some("ben"));
        assert_ne!(fingerprint, anna);
        assert_ne!(anna, ben);
        assert_ne!(fingerprint, with(json!({"post_id": "7"})));
        assert_ne!(fingerprint, with(json!({"media_ids": [2, 1]})));
        assert_ne!(fingerprint, with(json!({"space_id": "1"})));
    }
}
