//! Validation errors (422): which fields Saki refused, whatever shape its error body has.

use serde_json::Value;

use super::Error;

/// One field that Saki refused, with Saki's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Dotted name of the field in the request, e.g. `items.0.main.content`.
    pub field: String,
    /// Saki's message.
    pub message: String,
}

/// Every field that a validation error names; empty for any other error.
pub fn field_errors(error: &Error) -> Vec<FieldError> {
    match error.response() {
        Some(response) if error.is_validation() => parse_field_errors(&response.body),
        Some(response) if matches!(error, Error::RefusedInBody(_)) => {
            parse_field_errors(&response.body)
        }
        _ => Vec::new(),
    }
}

/// Parses Laravel's map, lists of objects, and JSON pointers.
fn parse_field_errors(body: &str) -> Vec<FieldError> {
    let Ok(body) = serde_json::from_str::<Value>(body) else {
        return Vec::new();
    };
    let errors = [
        "errors",
        "invalid_params",
        "invalid-params",
        "violations",
        "detail",
        "error",
    ]
    .iter()
    .filter_map(|name| body.get(name))
    .find(|errors| errors.is_object() || errors.is_array());
    let mut found = Vec::new();
    match errors {
        Some(errors) => collect_errors(errors, &mut found),
        None if body
            .as_object()
            .is_some_and(|map| map.values().any(Value::is_array)) =>
        {
            collect_errors(&body, &mut found)
        }
        None => {}
    }
    if found.is_empty() {
        collect_sentences(&body, &mut found);
    }
    found
}

/// Laravel's own sentences, where the fields stand nowhere else: "The account ids field is required."
fn collect_sentences(body: &Value, found: &mut Vec<FieldError>) {
    match body {
        Value::String(text) => {
            for sentence in text.split_inclusive(". ").map(str::trim) {
                found.extend(field_of_sentence(sentence).map(|label| FieldError {
                    field: label.replace(' ', "_"),
                    message: sentence.to_owned(),
                }));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_sentences(item, found)),
        Value::Object(fields) => {
            for name in ["errors", "error", "message", "detail"] {
                if let Some(text) = fields.get(name).filter(|_| found.is_empty()) {
                    collect_sentences(text, found);
                }
            }
        }
        _ => {}
    }
}

/// The field of a sentence about what is missing or of another kind.
///
/// A sentence about a value, such as its length, names no field that Saki would take in its place.
fn field_of_sentence(sentence: &str) -> Option<&str> {
    let rest = sentence.strip_prefix("The ")?.trim_end_matches('.');
    if let Some(selected) = rest.strip_prefix("selected ") {
        return selected.strip_suffix(" is invalid");
    }
    match rest.split_once(" field ")? {
        (label, "is required" | "must be an array" | "must be a file") => Some(label),
        _ => None,
    }
}

fn collect_errors(errors: &Value, found: &mut Vec<FieldError>) {
    match errors {
        Value::Object(map) => {
            for (field, messages) in map {
                match messages {
                    Value::Object(_) => collect_nested(field, messages, found),
                    _ => found.push(FieldError {
                        field: dotted_name(field),
                        message: message_text(messages),
                    }),
                }
            }
        }
        Value::Array(list) => list
            .iter()
            .filter_map(parse_entry)
            .for_each(|field_error| found.push(field_error)),
        _ => {}
    }
}

fn collect_nested(parent: &str, errors: &Value, found: &mut Vec<FieldError>) {
    let from = found.len();
    collect_errors(errors, found);
    for field_error in &mut found[from..] {
        field_error.field = format!("{}.{}", dotted_name(parent), field_error.field);
    }
}

fn parse_entry(entry: &Value) -> Option<FieldError> {
    let text = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| entry.get(name))
            .map(message_text)
    };
    let pointer = entry.pointer("/source/pointer").map(message_text);
    let path = entry.get("loc").and_then(Value::as_array).map(|steps| {
        steps
            .iter()
            .map(message_text)
            .filter(|step| step != "body")
            .collect::<Vec<_>>()
            .join(".")
    });
    let field = text(&[
        "field",
        "name",
        "param",
        "attribute",
        "path",
        "pointer",
        "property",
        "propertyPath",
    ])
    .or(pointer)
    .or(path)?;
    let message = text(&["message", "msg", "detail", "reason", "title"]).unwrap_or_default();
    Some(FieldError {
        field: dotted_name(&field),
        message,
    })
}

fn message_text(message: &Value) -> String {
    match message {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(message_text).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// `/data/attributes/items/0`, `items[0]` and `items.0` are one name.
fn dotted_name(field: &str) -> String {
    let plain = field
        .trim_start_matches('#')
        .replace('[', ".")
        .replace([']', '/'], ".");
    let steps: Vec<&str> = plain.split('.').filter(|step| !step.is_empty()).collect();
    let steps = steps
        .strip_prefix(&["data", "attributes"])
        .unwrap_or(&steps);
    steps.join(".").replace('/', ".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::laravel(json!({"message": "m", "errors": {"items.0.main.content": ["too long"]}}))]
    #[case::one_text(json!({"errors": {"items.0.main.content": "too long"}}))]
    #[case::list(json!({"errors": [{"field": "items[0].main.content", "message": "too long"}]}))]
    #[case::pointer(json!({"errors": [{"source": {"pointer": "/data/attributes/items/0/main/content"}, "detail": "too long"}]}))]
    #[case::json_pointer(json!({"violations": [{"pointer": "#/items/0/main/content", "message": "too long"}]}))]
    #[case::location(json!({"detail": [{"loc": ["body", "items", 0, "main", "content"], "msg": "too long"}]}))]
    #[case::nested(json!({"errors": {"items": {"0": {"main.content": ["too long"]}}}}))]
    #[case::bare(json!({"items.0.main.content": ["too long"]}))]
    fn a_refused_field_is_found_in_any_shape(#[case] body: Value) {
        let expected = FieldError {
            field: "items.0.main.content".into(),
            message: "too long".into(),
        };
        assert_eq!(parse_field_errors(&body.to_string()), vec![expected]);
    }

    #[rstest]
    #[case(json!({"message": "The account ids field is required. The content field is required."}))]
    #[case(json!({"error": "The account ids field is required. The content field is required."}))]
    #[case(json!({"message": "No.", "errors": ["The account ids field is required.", "The content field is required."]}))]
    fn a_refused_field_is_found_in_a_sentence(#[case] body: Value) {
        let fields: Vec<String> = parse_field_errors(&body.to_string())
            .into_iter()
            .map(|error| error.field)
            .collect();
        assert_eq!(fields, ["account_ids", "content"]);
    }

    #[test]
    fn a_sentence_about_a_value_names_no_field() {
        let body = json!({"message": "The content field must not be greater than 280 characters."});
        assert_eq!(parse_field_errors(&body.to_string()), vec![]);
    }

    #[rstest]
    #[case("")]
    #[case("<html>")]
    #[case(r#"{"message": "no"}"#)]
    #[case("[1, 2]")]
    #[case(r#"{"errors": 7}"#)]
    fn a_body_that_names_no_field_has_no_field_errors(#[case] body: &str) {
        assert_eq!(parse_field_errors(body), vec![]);
    }
}
