//! What a value means that has another shape than the schema wants, as far as that is beyond doubt.

use serde_json::{Map, Number, Value, json};

/// Above this a float no longer says which integer was meant.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Texts in a schema that take an id as well as a name.
const ID_OR_NAME: [&str; 3] = ["space_id", "account_id", "account_ids"];
/// Texts in a schema that take a code of Saki's as well as a word.
const CODE_OR_WORD: [&str; 2] = ["status", "weekday"];

/// Rewrites a value to the type that its schema wants, and returns what stood there before.
///
/// What stays in doubt is left as it is, for the check to refuse.
pub(super) fn forgive(
    schema: &Map<String, Value>,
    value: &mut Value,
    place: &str,
) -> Option<Value> {
    let wanted = schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    // A list of one stands for its item where no list is wanted.
    if wanted != "array"
        && wanted != "object"
        && let Value::Array(items) = &*value
        && let [only] = items.as_slice()
    {
        let only = only.clone();
        let before = std::mem::replace(value, only);
        forgive(schema, value, place);
        return Some(before);
    }
    let forgiven = match wanted {
        "string" => text(schema, value, place),
        "integer" => whole(value).map(Value::Number),
        "boolean" => flag(value).map(Value::Bool),
        "array" => list(schema, value),
        "object" => object(schema, value),
        _ => None,
    };
    let forgiven = forgiven.filter(|forgiven| forgiven != value)?;
    Some(std::mem::replace(value, forgiven))
}

fn text(schema: &Map<String, Value>, value: &Value, place: &str) -> Option<Value> {
    let name = place
        .rsplit('.')
        .find(|part| part.parse::<usize>().is_err())
        .unwrap_or_default();
    let counts = name.ends_with("_id") || name.ends_with("_ids") || CODE_OR_WORD.contains(&name);
    match value {
        // `1.0` is the id 1; in any other text the `.0` may be meant.
        Value::Number(number) if number.is_f64() && counts && whole(value).is_some() => {
            whole(value).map(|number| Value::String(number.to_string()))
        }
        Value::Number(number)
            if number
                .as_f64()
                .is_some_and(|float| number.is_f64() && float.abs() >= EXACT) =>
        {
            None
        }
        Value::Number(number) => Some(Value::String(number.to_string())),
        Value::String(given) if ID_OR_NAME.contains(&name) => {
            written_as_float(given).map(|number| Value::String(number.to_string()))
        }
        Value::String(given) => {
            let allowed = schema.get("enum")?.as_array()?;
            let same = |allowed: &&Value| {
                allowed
                    .as_str()
                    .is_some_and(|word| word.eq_ignore_ascii_case(given.trim()))
            };
            allowed.iter().find(same).cloned()
        }
        _ => None,
    }
}

/// `"7.0"`, as a language without integers writes it.
fn written_as_float(text: &str) -> Option<u64> {
    let (digits, zeros) = text.trim().split_once('.')?;
    let is_whole = !zeros.is_empty() && zeros.bytes().all(|b| b == b'0');
    (is_whole && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// `7`, `"7"`, `7.0`, `"7.0"`.
fn whole(value: &Value) -> Option<Number> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            text.parse::<u64>()
                .map(Number::from)
                .or_else(|_| text.parse::<i64>().map(Number::from))
                .ok()
                .or_else(|| written_as_float(text).map(Number::from))
        }
        Value::Number(number) if number.is_f64() => {
            let float = number
                .as_f64()
                .filter(|float| float.fract() == 0.0 && float.abs() < EXACT)?;
            format!("{float:.0}").parse::<i64>().map(Number::from).ok()
        }
        _ => None,
    }
}

fn flag(value: &Value) -> Option<bool> {
    let word = match value {
        Value::String(word) => word.trim().to_ascii_lowercase(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    match word.as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn list(schema: &Map<String, Value>, value: &Value) -> Option<Value> {
    if let Value::String(text) = value {
        if let Some(list @ Value::Array(_)) = json_of(text, '[') {
            return Some(list);
        }
        let items = schema
            .get("items")
            .and_then(|items| items.get("type"))
            .and_then(Value::as_str);
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let is_plain = |part: &&str| {
            part.starts_with('@') || (!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        };
        if parts.len() > 1
            && matches!(items, Some("string" | "integer"))
            && parts.iter().all(is_plain)
        {
            return Some(json!(parts));
        }
    }
    match value {
        Value::Array(_) | Value::Null => None,
        scalar => Some(json!([scalar])),
    }
}

fn object(schema: &Map<String, Value>, value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text.trim_start().starts_with('{') => {
            json_of(text, '{').filter(Value::is_object)
        }
        // An id alone stands for an object around it, where only one field can hold it.
        Value::String(_) | Value::Number(_) => {
            let id = whole(value).or_else(|| value.as_u64().map(Number::from))?;
            let properties = schema.get("properties")?.as_object()?;
            let mut integers = properties.iter().filter(|(_, schema)| {
                schema.get("type").and_then(Value::as_str) == Some("integer")
            });
            match (integers.next(), integers.next()) {
                (Some((name, _)), None) => Some(json!({name: id})),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A JSON text that was sent as a string.
fn json_of(text: &str, start: char) -> Option<Value> {
    let text = text.trim();
    text.starts_with(start)
        .then(|| serde_json::from_str(text).ok())
        .flatten()
}
