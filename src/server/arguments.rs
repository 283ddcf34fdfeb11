//! The first stage of a call: arguments against the tool's own schema, so that it holds for tools not yet written.
//!
//! Numbers and numeric strings are taken for each other; everything else that is off is refused by name.

use serde_json::{Map, Number, Value};

use crate::tools::{Failure, shown};

/// How many problems are told at once.
const MOST_PROBLEMS: usize = 8;
/// Words that change what a write does: a tool that has no such parameter must not pass them on as a further field.
const NEVER_PASSED_ON: [&str; 4] = ["dry_run", "confirmation", "allow_repeat", "if_updated_at"];

/// Checks arguments and turns numbers into strings and back where the schema wants it.
///
/// # Errors
///
/// A refusal that names each field, what was given and what is allowed.
pub fn check(
    schema: &Map<String, Value>,
    arguments: Map<String, Value>,
) -> Result<Map<String, Value>, Failure> {
    let mut problems = Vec::new();
    let mut arguments = arguments;
    object(schema, &mut arguments, "", &mut problems);
    if problems.is_empty() {
        return Ok(arguments);
    }
    let more = problems.len().saturating_sub(MOST_PROBLEMS);
    problems.truncate(MOST_PROBLEMS);
    let mut text = problems.join("\n");
    if more > 0 {
        text.push_str(&format!("\n… and {more} more"));
    }
    Err(Failure::refused(
        text + "\nNothing was sent. Correct this and call again.",
    ))
}

fn object(
    schema: &Map<String, Value>,
    fields: &mut Map<String, Value>,
    path: &str,
    problems: &mut Vec<String>,
) {
    let empty = Map::new();
    let properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    // A null for an optional field says what leaving it out says.
    fields.retain(|name, value| {
        !value.is_null() || !properties.contains_key(name) || required.contains(&name.as_str())
    });
    for (name, value) in fields.iter_mut() {
        let place = join(path, name);
        match properties.get(name).and_then(Value::as_object) {
            Some(schema) => one(schema, value, &place, problems),
            None if closed || path.is_empty() && is_never_passed_on(name) => {
                problems.push(unknown(&place, name, properties));
            }
            None => {}
        }
    }
    for name in required {
        if !fields.contains_key(name) {
            let about = properties
                .get(name)
                .and_then(|schema| schema.get("description"))
                .and_then(Value::as_str);
            problems.push(
                format!(
                    "`{}` is missing. {}",
                    join(path, name),
                    about.unwrap_or_default()
                )
                .trim_end()
                .to_owned(),
            );
        }
    }
}

/// However it is spelled: who writes `dryRun` means no write either.
fn is_never_passed_on(name: &str) -> bool {
    NEVER_PASSED_ON
        .iter()
        .any(|word| plain(word) == plain(name))
}

fn one(schema: &Map<String, Value>, value: &mut Value, place: &str, problems: &mut Vec<String>) {
    let wanted = schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match wanted {
        "string" => {
            if let Value::Number(number) = value {
                *value = Value::String(number.to_string());
            }
        }
        "integer" => {
            if let Some(number) = whole(value) {
                *value = Value::Number(number);
            }
        }
        _ => {}
    }
    let fits = match (wanted, &*value) {
        ("string", Value::String(_))
        | ("boolean", Value::Bool(_))
        | ("array", Value::Array(_))
        | ("object", Value::Object(_)) => true,
        ("integer", Value::Number(number)) => {
            (number.is_u64() || number.is_i64()) && within(schema, number)
        }
        ("number", Value::Number(_)) => true,
        (known, _) => !matches!(
            known,
            "string" | "boolean" | "array" | "object" | "integer" | "number"
        ),
    };
    let allowed = schema.get("enum").and_then(Value::as_array);
    if !fits || allowed.is_some_and(|allowed| !allowed.contains(value)) {
        problems.push(format!(
            "`{place}`: {} is not allowed; it takes {}.",
            given(value),
            takes(schema)
        ));
        return;
    }
    match value {
        Value::Object(fields) => object(schema, fields, place, problems),
        Value::Array(items) => {
            if let Some(schema) = schema.get("items").and_then(Value::as_object) {
                for (index, item) in items.iter_mut().enumerate() {
                    one(schema, item, &format!("{place}.{index}"), problems);
                }
            }
        }
        _ => {}
    }
}

/// A whole number, however it is written: `7`, `"7"`, `7.0`.
fn whole(value: &Value) -> Option<Number> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            text.parse::<u64>()
                .map(Number::from)
                .or_else(|_| text.parse::<i64>().map(Number::from))
                .ok()
        }
        // Above 2^53 a float no longer says which integer was meant.
        Value::Number(number) if number.is_f64() => {
            let float = number
                .as_f64()
                .filter(|float| float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0)?;
            format!("{float:.0}").parse::<i64>().map(Number::from).ok()
        }
        _ => None,
    }
}

fn within(schema: &Map<String, Value>, number: &Number) -> bool {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let value = number.as_f64().unwrap_or_default();
    bound("minimum").is_none_or(|least| value >= least)
        && bound("maximum").is_none_or(|most| value <= most)
}

fn takes(schema: &Map<String, Value>) -> String {
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

fn given(value: &Value) -> String {
    match value {
        Value::String(text) => shown(text),
        other => {
            let text = other.to_string();
            let cut: String = text.chars().take(80).collect();
            if cut.len() < text.len() {
                format!("{cut}…")
            } else {
                cut
            }
        }
    }
}

fn unknown(place: &str, name: &str, properties: &Map<String, Value>) -> String {
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
        place.chars().take(80).collect::<String>().escape_debug()
    )
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// The name that is meant, where one is near enough.
pub(super) fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let given = plain(given);
    // Distances are quadratic, and nobody means one of our names by a long text.
    if given.len() > 60 {
        return None;
    }
    names
        .map(|name| (distance(&given, &plain(name)), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_lowercase()
}

fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
