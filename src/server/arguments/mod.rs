//! The first stage of a call: arguments against the tool's own schema, so that it holds for tools not yet written.
//!
//! Forgiving in: what is meant beyond doubt is understood, and noted.
//! Strict out: everything else that is off is refused by name.

mod forgive;
mod names;
mod say;

use serde_json::{Map, Value};

use crate::tools::{Failure, Interpretation};
use forgive::forgive;
pub(super) use names::nearest;

/// How many problems are told at once.
const MOST_PROBLEMS: usize = 8;
/// Words that change what a write does: a tool that has no such parameter must not pass them on as a further field.
const NEVER_PASSED_ON: [&str; 4] = ["dry_run", "confirmation", "allow_repeat", "if_updated_at"];

/// Arguments that fit their schema, and what was understood on the way.
#[derive(Debug, Default)]
pub struct Checked {
    /// The arguments.
    pub arguments: Map<String, Value>,
    /// What was read otherwise than it was written.
    pub understood: Vec<Interpretation>,
}

/// Reads arguments the way they were meant.
///
/// # Errors
///
/// A refusal that names each field, what was given and what is allowed.
pub fn check(
    schema: &Map<String, Value>,
    arguments: Map<String, Value>,
) -> Result<Checked, Failure> {
    let mut reader = Reader::default();
    let mut arguments = arguments;
    reader.object(schema, &mut arguments, "");
    let Reader {
        mut problems,
        understood,
    } = reader;
    if problems.is_empty() {
        return Ok(Checked {
            arguments,
            understood,
        });
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

#[derive(Debug, Default)]
struct Reader {
    problems: Vec<String>,
    understood: Vec<Interpretation>,
}

impl Reader {
    fn object(&mut self, schema: &Map<String, Value>, fields: &mut Map<String, Value>, path: &str) {
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
        self.rename(properties, &required, fields, path);
        // A null for an optional field says what leaving it out says.
        fields.retain(|name, value| {
            !value.is_null() || !properties.contains_key(name) || required.contains(&name.as_str())
        });
        for (name, value) in fields.iter_mut() {
            let place = join(path, name);
            match properties.get(name).and_then(Value::as_object) {
                Some(schema) => self.one(schema, value, &place),
                None if closed || path.is_empty() && is_never_passed_on(name) => {
                    self.problems.push(say::unknown(&place, name, properties));
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
                let said = format!(
                    "`{}` is missing. {}",
                    join(path, name),
                    about.unwrap_or_default()
                );
                self.problems.push(said.trim_end().to_owned());
            }
        }
    }

    /// Gives fields the names they were meant to have; two names for one parameter stay a problem.
    fn rename(
        &mut self,
        properties: &Map<String, Value>,
        required: &[&str],
        fields: &mut Map<String, Value>,
        path: &str,
    ) {
        if fields.keys().all(|name| properties.contains_key(name)) {
            return;
        }
        let mut renamed = Map::new();
        for (name, value) in std::mem::take(fields) {
            let meant = if properties.contains_key(&name) {
                None
            } else {
                names::meant(&name, properties, required)
            };
            let target = meant.unwrap_or(&name);
            if renamed.contains_key(target) && meant.is_some() {
                self.problems
                    .push(say::twice(&join(path, &name), &name, target));
                continue;
            }
            if let Some(meant) = meant {
                let (name, meant) = (join(path, &name), join(path, meant));
                self.understood.push(Interpretation::new(
                    &meant,
                    format!("`{name}` as `{meant}`"),
                ));
            } else if renamed.contains_key(target) {
                self.problems.push(format!(
                    "`{}` was given under two names; pass it once.",
                    join(path, target)
                ));
                continue;
            }
            renamed.insert(target.to_owned(), value);
        }
        *fields = renamed;
    }

    fn one(&mut self, schema: &Map<String, Value>, value: &mut Value, place: &str) {
        if let Some(before) = forgive(schema, value, place)
            && !is_spelling(&before, value)
        {
            let said = format!(
                "`{place}`: {} as {}",
                say::given(&before),
                say::given(value)
            );
            self.understood.push(Interpretation::new(place, said));
        }
        let wanted = schema
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let fits = match (wanted, &*value) {
            ("string", Value::String(_))
            | ("boolean", Value::Bool(_))
            | ("array", Value::Array(_))
            | ("object", Value::Object(_)) => true,
            ("integer", Value::Number(number)) => {
                (number.is_u64() || number.is_i64()) && within(schema, number.as_f64())
            }
            ("number", Value::Number(_)) => true,
            (known, _) => !matches!(
                known,
                "string" | "boolean" | "array" | "object" | "integer" | "number"
            ),
        };
        let allowed = schema.get("enum").and_then(Value::as_array);
        if !fits || allowed.is_some_and(|allowed| !allowed.contains(value)) {
            self.problems.push(format!(
                "`{place}`: {} is not allowed; it takes {}.",
                say::given(value),
                say::takes(schema)
            ));
            return;
        }
        match value {
            Value::Object(fields) => self.object(schema, fields, place),
            Value::Array(items) => {
                if let Some(schema) = schema.get("items").and_then(Value::as_object) {
                    for (index, item) in items.iter_mut().enumerate() {
                        self.one(schema, item, &format!("{place}.{index}"));
                    }
                }
            }
            _ => {}
        }
    }
}

/// However it is spelled: who writes `dryRun` means no write either.
fn is_never_passed_on(name: &str) -> bool {
    let name = names::plain(name);
    NEVER_PASSED_ON
        .iter()
        .any(|word| names::plain(word) == name)
}

/// A number for its digits, which is no correction worth telling.
fn is_spelling(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Number(number), Value::String(text))
        | (Value::String(text), Value::Number(number)) => number.to_string() == text.trim(),
        _ => false,
    }
}

fn within(schema: &Map<String, Value>, value: Option<f64>) -> bool {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let value = value.unwrap_or_default();
    bound("minimum").is_none_or(|least| value >= least)
        && bound("maximum").is_none_or(|most| value <= most)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests;
