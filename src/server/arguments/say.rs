//! How a refused argument is told: what was given, and what is allowed.

use serde_json::{Map, Value};

use super::names::nearest;
use crate::write::quote::{quote_truncated, truncate};

/// A value as it was given, cut.
pub(super) fn given(value: &Value) -> String {
    match value {
        Value::String(text) => quote_truncated(text),
        other => truncate(&other.to_string(), 80).into_owned(),
    }
}

/// What a schema allows, in a few words.
pub(super) fn takes(schema: &Map<String, Value>) -> String {
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array) {
        return format!(
            "one of {}",
            allowed
                .iter()
                .map(Value::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        );
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

/// That a name is no parameter, with the nearest one and all of them.
pub(super) fn unknown(place: &str, name: &str, properties: &Map<String, Value>) -> String {
    let names = || properties.keys().map(String::as_str);
    let near = nearest(name, names())
        .map(|near| format!(" Did you mean `{near}`?"))
        .unwrap_or_default();
    let all = match properties.is_empty() {
        true => "It takes no arguments.".to_owned(),
        false => format!("It takes {}.", names().collect::<Vec<_>>().join(", ")),
    };
    format!(
        "`{}` is not a parameter.{near} {all}",
        truncate(place, 80).escape_debug()
    )
}

/// That two names were given for one parameter.
pub(super) fn twice(place: &str, name: &str, meant: &str) -> String {
    format!(
        "`{}` and `{meant}` are the same parameter; pass only `{meant}`.",
        if place.is_empty() { name } else { place }
    )
}
