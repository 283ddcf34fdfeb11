//! Refusals in the body of a 2xx reply: Saki answers that all is well, and says in JSON that it is not.

use reqwest::Method;
use serde_json::{Map, Value};

/// Whether a body refuses the call that it answers.
///
/// A resource may have fields such as `error` or `status`; it is known by its id.
pub(super) fn is_refusal(method: &Method, body: &Value) -> bool {
    let Some(body) = body.as_object() else {
        return false;
    };
    let mut flags = vec!["success", "ok"];
    if *method == Method::DELETE {
        flags.extend(["deleted", "disconnected"]);
    }
    if flags.iter().any(|name| is_false(body.get(*name))) {
        return true;
    }
    let data = body.get("data").unwrap_or(&Value::Null);
    let rows = data.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_refused_row = |row: &Value| row.as_object().is_some_and(says_error);
    if !rows.is_empty() && rows.iter().all(is_refused_row) {
        return true;
    }
    match data {
        Value::Object(data) if says_error(data) => true,
        Value::Null | Value::Bool(false) => says_error(body) && !has_results(body),
        Value::Array(rows) if rows.is_empty() => says_error(body) && !has_results(body),
        _ => false,
    }
}

/// Whether a body shows something beside its errors, such as the posts of those accounts that were not refused.
fn has_results(body: &Map<String, Value>) -> bool {
    const BESIDE: [&str; 5] = ["error", "errors", "data", "meta", "links"];
    let mut fields = body
        .iter()
        .filter(|(name, _)| !BESIDE.contains(&name.as_str()));
    fields.any(|(_, value)| match value {
        Value::Array(rows) => rows.iter().any(Value::is_object),
        Value::Object(resource) => resource.contains_key("id"),
        _ => false,
    })
}

/// Whether an object without an id speaks of an error.
fn says_error(object: &Map<String, Value>) -> bool {
    if object.contains_key("id") {
        return false;
    }
    let has_failed = object
        .get("status")
        .and_then(Value::as_str)
        .is_some_and(|status| {
            ["error", "fail", "failed", "failure"].contains(&status.to_ascii_lowercase().as_str())
        });
    let code = ["status_code", "code", "status"]
        .iter()
        .find_map(|name| object.get(*name)?.as_u64());
    let has_error = ["error", "errors"]
        .iter()
        .any(|name| !is_empty(object.get(*name)));
    has_failed || has_error || code.is_some_and(|code| (400..600).contains(&code))
}

fn is_false(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(flag)) => !flag,
        Some(Value::Number(number)) => number.as_u64() == Some(0),
        Some(Value::String(text)) => text == "false",
        _ => false,
    }
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Number(number)) => number.as_u64() == Some(0),
        Some(Value::Bool(true)) => false,
    }
}
