//! Refusals in the body of a 2xx reply: Saki answers that all is well, and says in JSON that it is not.

use reqwest::Method;
use serde_json::{Map, Value};

use super::lenient_json;

/// Fields that hold what was refused, and never what was made.
pub(super) const OF_REFUSALS: [&str; 9] = [
    "error",
    "errors",
    "failed",
    "failures",
    "rejected",
    "skipped",
    "refused",
    "violations",
    "invalid",
];

/// Whether a body refuses the whole call that it answers.
///
/// What shows something that was made is no refusal, whatever else it says: calling it one would have it made again.
pub(super) fn is_refusal(method: &Method, body: &Value) -> bool {
    let data = body.get("data");
    if *method == Method::DELETE && [Some(body), data].contains(&Some(&Value::Bool(false))) {
        return true;
    }
    if is_denied(method, body) {
        return true;
    }
    if shows_result(body) {
        return false;
    }
    let is_refused_level = |level: &Value| match level {
        Value::Object(fields) => says_error(method, fields),
        // A row of a list that was read may well show an error of its own.
        Value::Array(rows) => {
            !method.is_safe() && !rows.is_empty() && rows.iter().all(is_refused_row)
        }
        _ => false,
    };
    let named = ["data", "posts", "results"]
        .into_iter()
        .filter_map(|name| body.get(name));
    let names_refused = |name: &&str| !method.is_safe() && !is_empty(body.get(*name));
    OF_REFUSALS.iter().any(names_refused)
        || std::iter::once(body).chain(named).any(is_refused_level)
}

/// Whether Saki denies a change of what was there before, whose id in the answer shows nothing that was made.
fn is_denied(method: &Method, body: &Value) -> bool {
    let is_off = |level: &Value, flags: &[&str]| {
        let fields = level.as_object();
        fields.is_some_and(|fields| flags.iter().any(|flag| is_false(fields, flag)))
    };
    match *method {
        Method::DELETE => [Some(body), body.get("data")]
            .into_iter()
            .flatten()
            .any(|level| is_off(level, &["success", "ok", "deleted", "disconnected"])),
        // Of several posts, some may have been made.
        Method::PUT | Method::PATCH => {
            let lists = ["data", "posts", "results", "post_ids", "ids"];
            is_off(body, &["success", "ok"])
                && lists
                    .iter()
                    .all(|name| !body.get(*name).is_some_and(Value::is_array))
        }
        _ => false,
    }
}

/// Whether a row of an answer to a write shows a failure in the place of what was to be made.
pub(super) fn is_refused_row(row: &Value) -> bool {
    let says_error = |row| says_error(&Method::POST, row);
    !shows_result_in(row, true) && row.as_object().is_some_and(says_error)
}

/// Whether a body says that it succeeded, or shows an id of what it is about outside of its errors.
fn shows_result(body: &Value) -> bool {
    shows_result_in(body, false)
}

fn shows_result_in(body: &Value, is_row: bool) -> bool {
    const IDS: [&str; 5] = ["id", "ids", "post_id", "post_ids", "cluster_id"];
    /// Objects that tell who asked, or about what refuses.
    const CONTEXT: [&str; 10] = [
        "details",
        "trace",
        "exception",
        "user",
        "owner",
        "team",
        "meta",
        "links",
        "request",
        "plan",
    ];
    /// What a row is about.
    const OF_ROW: [&str; 3] = ["account", "space", "social_account"];
    match body {
        Value::Array(items) => items.iter().any(|item| shows_result_in(item, true)),
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            let name = name.as_str();
            let is_success = name == "success" && *value == Value::Bool(true);
            let is_request = value.as_str().is_some_and(|id| id.starts_with("req"));
            let is_id = IDS.contains(&name) && !is_empty(Some(value)) && !is_request;
            let is_beside = OF_REFUSALS.contains(&name)
                || CONTEXT.contains(&name)
                || is_row && OF_ROW.contains(&name);
            is_success || is_id || !is_beside && shows_result_in(value, is_row)
        }),
        _ => false,
    }
}

/// Whether an object speaks of an error.
pub(super) fn says_error(method: &Method, object: &Map<String, Value>) -> bool {
    let mut flags = vec!["success", "ok", "status"];
    if *method == Method::DELETE {
        flags.extend(["deleted", "disconnected"]);
    }
    let words = ["status", "result", "state", "type"]
        .iter()
        .filter_map(|name| object.get(*name)?.as_str());
    let has_failed = words.map(str::to_ascii_lowercase).any(|word| {
        let failures = [
            "denied",
            "error",
            "fail",
            "failed",
            "failure",
            "forbidden",
            "rejected",
            "unauthorized",
            "unsuccessful",
        ];
        failures.contains(&word.as_str())
    });
    let has_error_flag = ["is_error", "isError", "has_error", "hasError"]
        .iter()
        .any(|name| lenient_json::flag(object, name) == Some(true));
    let mut codes = ["status_code", "code", "status"]
        .iter()
        .filter_map(|name| lenient_json::integer(object, name));
    flags.iter().any(|name| is_false(object, name))
        || has_failed
        || has_error_flag
        || [
            "error",
            "errors",
            "error_message",
            "errorMessage",
            "exception",
        ]
        .iter()
        .any(|name| !is_empty(object.get(*name)))
        || codes.any(|code| (400..600).contains(&code))
}

/// Whether a flag is off; a status that is a number is a code.
fn is_false(object: &Map<String, Value>, name: &str) -> bool {
    let is_code = name == "status" && object.get(name) != Some(&Value::Bool(false));
    !is_code && lenient_json::flag(object, name) == Some(false)
}

pub(super) fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Number(number)) => number.as_u64() == Some(0),
        Some(Value::Bool(true)) => false,
    }
}
