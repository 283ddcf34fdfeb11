//! Argument validation: the first stage of a call checks its arguments against the input schema of the tool.
//!
//! Lenient: aliases of parameters and values of another type are accepted where their meaning is beyond doubt; the result notes them.
//! What a client added by itself is left out; a read also ignores what resembles no parameter. The result notes both.
//! Strict: everything else that does not fit is refused by name.

mod bookkeeping;
mod coerce;
mod problems;
mod suggest;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::tools::{Access, Failure, ID_EXTENSION, Interpretation};
use crate::write::quote_text::truncate;
use bookkeeping::{holds_parameters, is_bookkeeping};
use coerce::coerce;
pub(super) use suggest::nearest;

/// How many problems one refusal lists, and how many names one note.
const MAX_PROBLEMS: usize = 8;
/// Parameters that change what a write does. A tool without them must not send them to Saki as further fields.
const NEVER_PASSED_ON: [&str; 4] = ["dry_run", "confirmation", "allow_repeat", "if_updated_at"];

/// Arguments that fit their schema.
#[derive(Debug, Default)]
pub struct ValidArguments {
    /// The arguments.
    pub arguments: Map<String, Value>,
    /// The names and values that were read otherwise than they were written.
    pub interpretations: Vec<Interpretation>,
}

/// Resolves aliases, coerces values, and checks the arguments against the schema.
///
/// Where further fields are passed on, an alias that Saki `named` itself is a field of its own.
///
/// # Errors
///
/// A refusal that names each argument that does not fit, its value and what is allowed.
pub fn validate(
    schema: &Map<String, Value>,
    mut arguments: Map<String, Value>,
    access: Access,
    named: &BTreeSet<String>,
) -> Result<ValidArguments, Failure> {
    let mut validator = Validator {
        named,
        problems: Vec::new(),
        interpretations: Vec::new(),
    };
    validator.leave_out(schema, &mut arguments, "", access == Access::Read);
    validator.validate_object(schema, &mut arguments, "");
    let Validator {
        mut problems,
        interpretations,
        ..
    } = validator;
    if problems.is_empty() {
        return Ok(ValidArguments {
            arguments,
            interpretations,
        });
    }
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    problems.truncate(MAX_PROBLEMS);
    let mut text = problems.join("\n");
    if more > 0 {
        text.push_str(&format!("\n… and {more} more"));
    }
    Err(Failure::refused(
        text + "\nNothing was sent. Correct this and call again.",
    ))
}

#[derive(Debug)]
struct Validator<'a> {
    named: &'a BTreeSet<String>,
    problems: Vec<String>,
    interpretations: Vec<Interpretation>,
}

impl Validator<'_> {
    fn validate_object(
        &mut self,
        schema: &Map<String, Value>,
        fields: &mut Map<String, Value>,
        path: &str,
    ) {
        let empty = Map::new();
        let (properties, required) = parameters(schema, &empty);
        let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
        let passes_on = !closed && path.is_empty();
        if closed && !path.is_empty() {
            self.leave_out(schema, fields, path, false);
        }
        let ids = ids(schema, &required);
        self.resolve_aliases(properties, &ids, fields, path, passes_on);
        // A null means the same as an optional field that is left out.
        fields.retain(|name, value| {
            !value.is_null() || !properties.contains_key(name) || required.contains(&name.as_str())
        });
        for (name, value) in fields.iter_mut() {
            let field_path = join(path, name);
            match properties.get(name).and_then(Value::as_object) {
                Some(schema) => self.validate_value(schema, value, &field_path),
                None if closed || path.is_empty() && is_never_passed_on(name) => {
                    let problem = problems::unknown(&field_path, name, properties);
                    self.problems.push(problem);
                }
                None => {}
            }
        }
        for name in required {
            if !fields.contains_key(name) {
                let problem = problems::missing(&join(path, name), properties.get(name));
                self.problems.push(problem);
            }
        }
    }

    /// Takes out what a client added by itself, and of a call that only `reads` what resembles no parameter.
    fn leave_out(
        &mut self,
        schema: &Map<String, Value>,
        arguments: &mut Map<String, Value>,
        path: &str,
        reads: bool,
    ) {
        let empty = Map::new();
        let (properties, required) = parameters(schema, &empty);
        let ids = ids(schema, &required);
        let (mut added, mut ignored) = (Vec::new(), Vec::new());
        let keeps: Vec<bool> = (arguments.iter())
            .map(|(name, value)| {
                if properties.contains_key(name) {
                    return true;
                }
                let parameter = suggest::resolve_alias(name, properties, &ids);
                // An alias is the parameter, unless the parameter is there as well.
                if parameter.is_some_and(|parameter| !arguments.contains_key(parameter)) {
                    return true;
                }
                let is_added = is_bookkeeping(name, value, properties);
                let is_ignored = reads
                    && !holds_parameters(value, properties)
                    && parameter
                        .or_else(|| suggest::resembled(name, properties))
                        .is_none();
                match (is_added, is_ignored) {
                    (true, _) => added.push(join(path, name)),
                    (false, true) => ignored.push(name.clone()),
                    (false, false) => return true,
                }
                false
            })
            .collect();
        let mut keeps = keeps.into_iter();
        arguments.retain(|_, _| keeps.next() != Some(false));
        if !added.is_empty() {
            let text = format!("{} left out: the client added it", listed(&added));
            self.interpretations.push(Interpretation::new("", text));
        }
        if !ignored.is_empty() {
            let text = format!("{} ignored: not a parameter", listed(&ignored));
            let mut interpretation = Interpretation::new("", text);
            // The answer may not be what the argument asked for.
            interpretation.must_echo = true;
            self.interpretations.push(interpretation);
        }
    }

    /// Replaces aliases by the names of the parameters; two names for one parameter are a problem.
    fn resolve_aliases(
        &mut self,
        properties: &Map<String, Value>,
        required: &[&str],
        fields: &mut Map<String, Value>,
        path: &str,
        passes_on: bool,
    ) {
        if fields.keys().all(|name| properties.contains_key(name)) {
            return;
        }
        let mut renamed = Map::new();
        for (name, value) in std::mem::take(fields) {
            let parameter = match properties.contains_key(&name) {
                true => None,
                false => suggest::resolve_alias(&name, properties, required),
            };
            // A parameter that is not required may be left out for the field that Saki itself has named.
            let parameter = parameter.filter(|parameter| {
                !passes_on || !self.named.contains(&name) || required.contains(parameter)
            });
            let target = parameter.unwrap_or(&name);
            if renamed.contains_key(target) {
                self.problems.push(match parameter {
                    Some(parameter) => problems::duplicate(&join(path, &name), parameter),
                    None => problems::passed_twice(&join(path, target)),
                });
                continue;
            }
            if let Some(parameter) = parameter {
                let (name, parameter) = (join(path, &name), join(path, parameter));
                let text = format!("`{name}` as `{parameter}`");
                self.interpretations
                    .push(Interpretation::new(&parameter, text));
            }
            renamed.insert(target.to_owned(), value);
        }
        *fields = renamed;
    }

    fn validate_value(&mut self, schema: &Map<String, Value>, value: &mut Value, path: &str) {
        if let Some(before) = coerce(schema, value, path)
            && !has_same_digits(&before, value)
        {
            let (before, after) = (problems::quote(&before), problems::quote(value));
            let text = format!("`{path}`: {before} as {after}");
            self.interpretations.push(Interpretation::new(path, text));
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
                (number.is_u64() || number.is_i64()) && is_in_range(schema, number.as_f64())
            }
            ("number", Value::Number(_)) => true,
            (known, _) => !matches!(
                known,
                "string" | "boolean" | "array" | "object" | "integer" | "number"
            ),
        };
        let allowed = schema.get("enum").and_then(Value::as_array);
        if !fits || allowed.is_some_and(|allowed| !allowed.contains(value)) {
            self.problems
                .push(problems::not_allowed(path, value, schema));
            return;
        }
        match value {
            Value::Object(fields) => self.validate_object(schema, fields, path),
            Value::Array(items) => {
                if let Some(schema) = schema.get("items").and_then(Value::as_object) {
                    for (index, item) in items.iter_mut().enumerate() {
                        self.validate_value(schema, item, &format!("{path}.{index}"));
                    }
                }
            }
            _ => {}
        }
    }
}

/// The parameters of an object, and the names of the required ones.
fn parameters<'a>(
    schema: &'a Map<String, Value>,
    empty: &'a Map<String, Value>,
) -> (&'a Map<String, Value>, Vec<&'a str>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let required = required.into_iter().flatten().filter_map(Value::as_str);
    (properties.unwrap_or(empty), required.collect())
}

/// The parameters that `id` may stand for: those that are required, else the one that the schema names.
fn ids<'a>(schema: &'a Map<String, Value>, required: &[&'a str]) -> Vec<&'a str> {
    let named = schema.get(ID_EXTENSION).and_then(Value::as_str);
    required.iter().copied().chain(named).collect()
}

/// The first names of a list, each as it may stand in a sentence.
fn listed(names: &[String]) -> String {
    let quoted = |name: &String| format!("`{}`", truncate(name, 80).escape_debug());
    let mut shown: Vec<String> = names.iter().take(MAX_PROBLEMS).map(quoted).collect();
    if names.len() > MAX_PROBLEMS {
        shown.push(format!("{} more", names.len() - MAX_PROBLEMS));
    }
    shown.join(", ")
}

/// However it is spelled: a caller who writes `dryRun` wants no write either.
fn is_never_passed_on(name: &str) -> bool {
    let name = suggest::normalize(name);
    NEVER_PASSED_ON
        .iter()
        .any(|reserved| suggest::normalize(reserved) == name)
}

/// A number and its digits as a text are the same value, so that nothing needs to be noted.
fn has_same_digits(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Number(number), Value::String(text))
        | (Value::String(text), Value::Number(number)) => number.to_string() == text.trim(),
        _ => false,
    }
}

fn is_in_range(schema: &Map<String, Value>, value: Option<f64>) -> bool {
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
