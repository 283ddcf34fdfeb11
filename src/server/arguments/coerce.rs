//! Coercion: a value of another type than the schema wants is converted where its meaning is beyond doubt.

use serde_json::{Map, Number, Value, json};

/// Above this, a float no longer holds every integer exactly.
const MAX_EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;
/// String parameters that take an id as well as a name.
const ID_OR_NAME: [&str; 3] = ["space_id", "account_id", "account_ids"];
/// String parameters that take one of Saki's codes as well as a word.
const CODE_OR_WORD: [&str; 2] = ["status", "weekday"];

/// Converts a value to the type that its schema wants, and returns the value before the conversion.
///
/// A value whose meaning is in doubt is left alone; the validation refuses it.
pub(super) fn coerce(schema: &Map<String, Value>, value: &mut Value, path: &str) -> Option<Value> {
    let wanted = schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    // A list of one item is taken for the item where no list is wanted.
    if wanted != "array"
        && wanted != "object"
        && let Value::Array(items) = &*value
        && let [only] = items.as_slice()
    {
        let only = only.clone();
        let before = std::mem::replace(value, only);
        coerce(schema, value, path);
        return Some(before);
    }
    let coerced = match wanted {
        "string" => to_text(schema, value, path),
        "integer" => to_integer(value).map(Value::Number),
        "boolean" => to_boolean(value).map(Value::Bool),
        "array" => to_list(schema, value),
        "object" => to_object(schema, value),
        _ => None,
    };
    let coerced = coerced.filter(|coerced| coerced != value)?;
    Some(std::mem::replace(value, coerced))
}

fn to_text(schema: &Map<String, Value>, value: &Value, path: &str) -> Option<Value> {
    let name = path
        .rsplit('.')
        .find(|part| part.parse::<usize>().is_err())
        .unwrap_or_default();
    let is_numeric =
        name.ends_with("_id") || name.ends_with("_ids") || CODE_OR_WORD.contains(&name);
    match value {
        // `1.0` is the id 1; in any other text the `.0` may matter.
        Value::Number(number) if number.is_f64() && is_numeric && to_integer(value).is_some() => {
            to_integer(value).map(|number| Value::String(number.to_string()))
        }
        Value::Number(number)
            if number
                .as_f64()
                .is_some_and(|float| number.is_f64() && float.abs() >= MAX_EXACT_FLOAT) =>
        {
            None
        }
        Value::Number(number) => Some(Value::String(number.to_string())),
        Value::String(text) if ID_OR_NAME.contains(&name) => {
            parse_whole_float(text).map(|number| Value::String(number.to_string()))
        }
        Value::String(text) => {
            let allowed = schema.get("enum")?.as_array()?;
            let same = |allowed: &&Value| {
                allowed
                    .as_str()
                    .is_some_and(|word| word.eq_ignore_ascii_case(text.trim()))
            };
            allowed.iter().find(same).cloned()
        }
        _ => None,
    }
}

/// Parses `"7.0"`, as a language without integers writes it.
fn parse_whole_float(text: &str) -> Option<u64> {
    let (digits, zeros) = text.trim().split_once('.')?;
    let is_whole = !zeros.is_empty() && zeros.bytes().all(|b| b == b'0');
    (is_whole && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// Reads `7`, `"7"`, `7.0` and `"7.0"`.
fn to_integer(value: &Value) -> Option<Number> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            text.parse::<u64>()
                .map(Number::from)
                .or_else(|_| text.parse::<i64>().map(Number::from))
                .ok()
                .or_else(|| parse_whole_float(text).map(Number::from))
        }
        Value::Number(number) if number.is_f64() => {
            let float = number
                .as_f64()
                .filter(|float| float.fract() == 0.0 && float.abs() < MAX_EXACT_FLOAT)?;
            format!("{float:.0}").parse::<i64>().map(Number::from).ok()
        }
        _ => None,
    }
}

fn to_boolean(value: &Value) -> Option<bool> {
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

fn to_list(schema: &Map<String, Value>, value: &Value) -> Option<Value> {
    if let Value::String(text) = value {
        if let Some(list @ Value::Array(_)) = parse_json(text, '[') {
            return Some(list);
        }
        let items = schema
            .get("items")
            .and_then(|items| items.get("type"))
            .and_then(Value::as_str);
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let is_plain = |part: &&str| {
            let id = part.split(' ').next().unwrap_or_default();
            part.starts_with('@')
                || part.starts_with("https://")
                || (!id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
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

fn to_object(schema: &Map<String, Value>, value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text.trim_start().starts_with('{') => {
            parse_json(text, '{').filter(Value::is_object)
        }
        // A lone id becomes an object where only one field can hold it.
        Value::String(_) | Value::Number(_) => {
            let properties = schema.get("properties")?.as_object()?;
            if let Some(field) = value.as_str().and_then(file_field)
                && properties.contains_key(field)
            {
                return Some(json!({field: value}));
            }
            let id = to_integer(value).or_else(|| value.as_u64().map(Number::from))?;
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

/// The field of a file that a text belongs in: an address, or a path with a folder and an extension.
///
/// A bare file name may be any file, and base64 has no dots.
fn file_field(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let begins_with = |schemes: &[&str]| {
        let start = text
            .get(..text.len().min(12))
            .unwrap_or_default()
            .to_ascii_lowercase();
        schemes.iter().any(|scheme| start.starts_with(scheme))
    };
    if begins_with(&["http://", "https://", "data:"]) {
        return Some("url");
    }
    let (_, name) = text.rsplit_once(['/', '\\'])?;
    let is_path = name.contains('.') || begins_with(&["file:", "sandbox:", "attachment:", "blob:"]);
    is_path.then_some("path")
}

/// Parses JSON that was sent as a string.
fn parse_json(text: &str, start: char) -> Option<Value> {
    let text = text.trim();
    text.starts_with(start)
        .then(|| serde_json::from_str(text).ok())
        .flatten()
}
