//! Failure reasons: the reference names no field for why a post failed, so every field that speaks of it is read.

use serde_json::{Map, Value};

/// The reason in the fields of a post or of its settings.
pub(super) fn failure_reason(fields: &Map<String, Value>) -> Option<String> {
    let mut fields = fields.iter().filter(|(name, _)| speaks_of_failure(name));
    fields.find_map(|(_, value)| reason_text(value))
}

/// Whether a field is the reason of a failure.
pub(super) fn is_failure_reason(name: &str, value: &Value) -> bool {
    speaks_of_failure(name) && reason_text(value).is_some()
}

fn speaks_of_failure(name: &str) -> bool {
    let is_time_or_count = name.ends_with("_at") || name.ends_with("_count");
    !is_time_or_count && name.split('_').any(is_word_of_failure)
}

fn is_word_of_failure(word: &str) -> bool {
    matches!(
        word,
        "error" | "errors" | "fail" | "failed" | "failure" | "failures" | "reason" | "logs"
    )
}

/// The text of a reason: itself, its message, or that of the last of several.
fn reason_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.chars().any(char::is_alphabetic) => Some(text.clone()),
        Value::Array(reasons) => reasons.iter().rev().find_map(reason_text),
        Value::Object(entry) if is_no_error(entry) => None,
        Value::Object(reason) => ["message", "reason", "error", "detail", "text"]
            .iter()
            .find_map(|name| reason.get(*name).and_then(reason_text)),
        _ => None,
    }
}

/// Whether an entry of a log tells of no error.
fn is_no_error(entry: &Map<String, Value>) -> bool {
    let level = entry
        .get("level")
        .and_then(Value::as_str)
        .unwrap_or_default();
    ["info", "debug", "notice"].contains(&level.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::error(json!({"error": "duplicate"}))]
    #[case::message(json!({"error_message": "duplicate"}))]
    #[case::last(json!({"last_error": {"message": "duplicate"}}))]
    #[case::reason(json!({"failed_reason": "duplicate"}))]
    #[case::list(json!({"errors": ["timeout", "duplicate"]}))]
    #[case::logs(json!({"logs": [{"level": "error", "message": "duplicate"}]}))]
    fn a_reason_is_found_in_any_field_that_speaks_of_it(#[case] post: Value) {
        let found = post.as_object().and_then(failure_reason);
        assert_eq!(found.as_deref(), Some("duplicate"));
    }

    #[rstest]
    #[case(json!({"failed_at": "2027-04-01T00:00:00Z"}))]
    #[case(json!({"errors_count": "3"}))]
    #[case(json!({"error": null, "errors": [], "failure": " "}))]
    #[case(json!({"content": "an error"}))]
    fn other_fields_are_no_reason(#[case] post: Value) {
        assert_eq!(post.as_object().and_then(failure_reason), None);
    }
}
