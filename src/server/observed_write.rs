//! Observed write: a call of a tool that writes, as an audit log tells it, also when the write outlived the call.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::http_facts::HttpFacts;
use crate::tools::{CallOutcome, FailureNote, Sent, WriteNotes};

/// The longest text that can be an id; a name or a text of a post is none.
const MAX_ID: usize = 64;

/// A call of a tool that writes, when neither the call nor what it sent runs any more.
#[derive(Debug)]
pub struct EndedWrite {
    /// When the call began.
    pub begun: Timestamp,
    /// The tool.
    pub tool: String,
    /// Who called, where callers are told apart.
    pub principal: Option<String>,
    /// What is known of its HTTP request.
    pub http: HttpFacts,
    /// How it ended.
    pub outcome: CallOutcome,
    /// Why it failed, where it did.
    pub failure: Option<FailureNote>,
    /// Whether the call was answered, or its client gone, before what it sent had ended.
    pub outlived_call: bool,
    /// The arguments that are ids.
    pub named: Map<String, Value>,
    /// All arguments, where the observer keeps them.
    pub arguments: Option<Map<String, Value>>,
    /// What it was about, and how it was confirmed.
    pub notes: WriteNotes,
}

impl EndedWrite {
    /// The same with what was noted; what a call did not wait for tells its outcome itself.
    pub(super) fn with_notes(mut self, notes: &WriteNotes) -> Self {
        self.notes = notes.clone();
        if self.outlived_call {
            let failed = |class| (CallOutcome::Failed, Some(class));
            let (outcome, class) = match notes.sent {
                Some(Sent::Done) => (CallOutcome::Done, None),
                Some(Sent::WithoutEffect) => failed("rejected"),
                // The process ended before.
                Some(Sent::Running | Sent::UnknownOutcome) | None => failed("unknown_outcome"),
            };
            self.outcome = outcome;
            self.failure = class.map(|class| FailureNote {
                class: Some(class),
                ..FailureNote::default()
            });
        }
        self
    }
}

/// The arguments whose names say that they are ids, as far as they are.
pub(super) fn named_ids(arguments: &Map<String, Value>) -> Map<String, Value> {
    let named = arguments.iter().filter(|(name, value)| match value {
        Value::Array(ids) => name.ends_with("_ids") && ids.iter().all(is_id),
        one => name.ends_with("_id") && is_id(one),
    });
    named
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn is_id(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::String(text) => {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            // Names of spaces and handles of accounts are accepted too, and have no digit as a rule.
            text.len() <= MAX_ID
                && text.chars().all(is_plain)
                && text.contains(|c: char| c.is_ascii_digit())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::named_ids;
    use serde_json::json;

    #[test]
    fn ids_are_named_and_names_and_texts_are_not() {
        let arguments = json!({
            "post_id": 7, "cluster_id": "c-4f", "account_ids": [11, "12"], "space_id": "Acme Coffee",
            "account_id": "@acme", "media_ids": ["not an id", 1], "content": "41", "metadata": {"board_id": 9},
        });
        let expected = json!({"post_id": 7, "cluster_id": "c-4f", "account_ids": [11, "12"]});
        let named = named_ids(arguments.as_object().unwrap());
        assert_eq!(json!(named), expected);
    }
}
