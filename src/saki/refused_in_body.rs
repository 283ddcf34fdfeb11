//! Refusals in the body of a 2xx reply: Saki answers that all is well, and says in JSON that it is not.

use reqwest::Method;
use serde_json::{Map, Value};

/// Whether a body refuses the whole call that it answers.
///
/// What shows something that was made is no refusal, whatever else it says: calling it one would have it made again.
pub(super) fn is_refusal(method: &Method, body: &Value) -> bool {
    let data = body.get("data");
    if *method == Method::DELETE && [Some(body), data].contains(&Some(&Value::Bool(false))) {
        return true;
    }
    if shows_result(body) {
        return false;
    }
    let levels = [Some(body), data].into_iter().flatten();
    let is_refused_level = |level: &Value| match level {
        Value::Object(fields) => says_error(method, fields),
        Value::Array(rows) => {
            !rows.is_empty() && rows.iter().all(|row| is_refused_row(method, row))
        }
        _ => false,
    };
    let named = ["posts", "results"]
        .into_iter()
        .filter_map(|name| body.get(name));
    levels.chain(named).any(is_refused_level)
}

fn is_refused_row(method: &Method, row: &Value) -> bool {
    row.as_object().is_some_and(|row| says_error(method, row))
}

/// Whether a body says that it succeeded, or shows an id of what it is about outside of its errors.
fn shows_result(body: &Value) -> bool {
    const IDS: [&str; 5] = ["id", "ids", "post_id", "post_ids", "cluster_id"];
    const OF_ERRORS: [&str; 7] = [
        "error",
        "errors",
        "details",
        "trace",
        "violations",
        "failed",
        "exception",
    ];
    match body {
        Value::Array(items) => items.iter().any(shows_result),
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            let is_success = name == "success" && *value == Value::Bool(true);
            let is_id = IDS.contains(&name.as_str()) && !is_empty(Some(value));
            is_success || is_id || !OF_ERRORS.contains(&name.as_str()) && shows_result(value)
        }),
        _ => false,
    }
}

/// Whether an object speaks of an error.
fn says_error(method: &Method, object: &Map<String, Value>) -> bool {
    let mut flags = vec!["success", "ok"];
    if *method == Method::DELETE {
        flags.extend(["deleted", "disconnected"]);
    }
    let status = object.get("status");
    let has_failed = status.and_then(Value::as_str).is_some_and(|status| {
        ["error", "fail", "failed", "failure"].contains(&status.to_ascii_lowercase().as_str())
    });
    let mut codes = ["status_code", "code", "status"]
        .iter()
        .filter_map(|name| object.get(*name)?.as_u64());
    flags.iter().any(|name| is_false(object.get(*name)))
        || status == Some(&Value::Bool(false))
        || has_failed
        || ["error", "errors"]
            .iter()
            .any(|name| !is_empty(object.get(*name)))
        || codes.any(|code| (400..600).contains(&code))
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
