//! Problems with arguments: what was passed, and what the parameter takes.

use serde_json::{Map, Value};

use super::suggest::resembled;
use crate::write::quote_text::{quote_truncated, truncate};

/// The argument is missing; the description of the parameter says what it is.
pub(super) fn missing(path: &str, schema: Option<&Value>) -> String {
    let description = schema
        .and_then(|schema| schema.get("description"))
        .and_then(Value::as_str);
    let text = format!("`{path}` is missing. {}", description.unwrap_or_default());
    text.trim_end().to_owned()
}

/// The value does not fit the schema.
pub(super) fn not_allowed(path: &str, value: &Value, schema: &Map<String, Value>) -> String {
    let allowed = allowed_values(schema);
    format!(
        "`{path}`: {} is not allowed; it takes {allowed}.",
        quote(value)
    )
}

/// The name is no parameter; names the nearest parameter, and all of them.
pub(super) fn unknown(path: &str, name: &str, properties: &Map<String, Value>) -> String {
    let names = || properties.keys().map(String::as_str);
    let near = resembled(name, properties)
        .map(|near| format!(" Did you mean `{near}`?"))
        .unwrap_or_default();
    let all = match properties.is_empty() {
        true => "It takes no arguments.".to_owned(),
        false => format!("It takes {}.", names().collect::<Vec<_>>().join(", ")),
    };
    format!(
        "`{}` is not a parameter.{near} {all}",
        truncate(path, 80).escape_debug()
    )
}

/// A parameter and an alias of it were both passed.
pub(super) fn duplicate(path: &str, parameter: &str) -> String {
    format!("`{path}` and `{parameter}` are the same parameter; pass only `{parameter}`.")
}

/// A parameter came after an alias of it.
pub(super) fn passed_twice(path: &str) -> String {
    format!("`{path}` was given under two names; pass it once.")
}

/// A value as JSON, truncated.
pub(super) fn quote(value: &Value) -> String {
    match value {
        Value::String(text) => quote_truncated(text),
        other => truncate(&other.to_string(), 80).into_owned(),
    }
}

/// What a schema allows, in a few words.
fn allowed_values(schema: &Map<String, Value>) -> String {
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array) {
        let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
        return format!("one of {}", allowed.join(", "));
    }
    const MAX_FIELDS: usize = 8;
    let fields = schema.get("properties").and_then(Value::as_object);
    if let Some(fields) = fields.filter(|fields| (1..=MAX_FIELDS).contains(&fields.len())) {
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        return format!("an object with {}", names.join(", "));
    }
    let kind = match schema.get("type").and_then(Value::as_str) {
        Some("integer") => "an integer",
        Some("boolean") => "true or false",
        Some("array") => "a list",
        Some("object") => "an object",
        Some("number") => "a number",
        _ => "a text",
    };
    let bound = |name: &str| schema.get(name).map(Value::to_string);
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!("{kind} from {least} to {most}"),
        (Some(least), None) => format!("{kind} from {least} up"),
        _ => kind.to_owned(),
    }
}
