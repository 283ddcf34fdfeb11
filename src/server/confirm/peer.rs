//! What a question must know of the call that it is about: who can be asked how, and which call it is.

use rmcp::model::ProtocolVersion;
use rmcp::service::RequestContext;
use rmcp::{Peer, RoleServer};
use serde_json::{Map, Value, json};

use crate::tools::CONFIRMATION;

/// How the person behind one call can be asked.
#[derive(Debug)]
pub(super) enum Way {
    /// By a result that asks.
    Result,
    /// By a request to the client.
    Request(Box<Peer<RoleServer>>),
    /// Not at all, and why.
    None(&'static str),
}

impl Way {
    /// Whether the answer comes with another call.
    pub(super) fn keeps_state(&self) -> bool {
        !matches!(self, Self::Request(_))
    }

    /// The best way that the client of a call has.
    pub(super) fn of(context: &RequestContext<RoleServer>) -> Self {
        let elicitation = context
            .client_capabilities()
            .and_then(|capabilities| capabilities.elicitation);
        // Who names no kind of question means forms.
        let forms = elicitation.is_some_and(|asks| asks.form.is_some() || asks.url.is_none());
        let is_modern = context
            .protocol_version()
            .is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
        match (forms, is_modern) {
            (true, true) => Self::Result,
            (true, false) => Self::Request(Box::new(context.peer.clone())),
            (false, true) => Self::None("this client does not declare that it can ask one"),
            (false, false) => Self::None(
                "this client does not declare that it can ask one (no client of before 2026-07-28 can over /mcp, which keeps no \
                 sessions; over stdio and /sse it may)",
            ),
        }
    }
}

/// Whether a tool takes a confirmation; only such tools ask.
pub(super) fn may_ask(schema: &Map<String, Value>) -> bool {
    let properties = schema.get("properties");
    properties.is_some_and(|properties| properties.get(CONFIRMATION).is_some())
}

/// Tool, arguments and key of a call, whatever the order of its arguments.
pub(super) fn call(tool: &str, arguments: &Map<String, Value>, key: [u8; 32]) -> String {
    let said = arguments.iter();
    // A dry run is never asked about, and the token confirms all the rest.
    let said = said.filter(|(name, _)| !["dry_run", CONFIRMATION].contains(&name.as_str()));
    let mut said: Vec<(&String, Value)> = said.map(|(name, value)| (name, sorted(value))).collect();
    said.sort_by_key(|(name, _)| *name);
    json!([tool, said, key]).to_string()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| (name.clone(), sorted(value)))
                .collect();
            fields.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(fields.into_iter().collect())
        }
        plain => plain.clone(),
    }
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
            call("update_post", &one, [1; 32]),
            call("update_post", &two, [1; 32])
        );
    }

    #[test]
    fn another_tool_argument_or_key_does() {
        let one = map(json!({"post_id": 7, "media_ids": [1, 2]}));
        let ours = call("update_post", &one, [1; 32]);
        let other = |change: Value| {
            let mut other = one.clone();
            other.extend(map(change));
            call("update_post", &other, [1; 32])
        };
        assert_ne!(ours, call("delete_post", &one, [1; 32]));
        assert_ne!(ours, call("update_post", &one, [2; 32]));
        assert_ne!(ours, other(json!({"post_id": "7"})));
        assert_ne!(ours, other(json!({"media_ids": [2, 1]})));
        assert_ne!(ours, other(json!({"space_id": "1"})));
    }
}
