//! Validation errors (422): which fields Saki refused, whatever shape its error body has.

use serde_json::{Map, Value};

use super::Error;

/// One field that Saki refused, with Saki's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Dotted name of the field in the request, e.g. `items.0.main.content`.
    pub field: String,
    /// Saki's message.
    pub message: String,
}

impl FieldError {
    /// The field of the body that it is in.
    pub(super) fn root(&self) -> &str {
        self.field.split('.').next().unwrap_or_default()
    }
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
    let mut found = Vec::new();
    if let Some(errors) = container(&body) {
        collect_errors(errors, &mut found);
    }
    if found.is_empty() {
        collect_lists_of_texts(&body, &mut found);
    }
    if found.is_empty() {
        collect_sentences(&body, &mut found);
    }
    found
}

/// Fields that hold errors by field.
const ERRORS: [&str; 7] = [
    "errors",
    "invalid_params",
    "invalid-params",
    "violations",
    "fields",
    "field_errors",
    "validation_errors",
];

/// Fields that may hold them one level below.
const WRAPPERS: [&str; 4] = ["error", "detail", "details", "data"];

/// What holds the errors by field, beside or inside of what is said about all of them.
fn container(body: &Value) -> Option<&Value> {
    let value = |name: &&str| {
        body.get(*name)
            .filter(|value| value.is_object() || value.is_array())
    };
    let errors = ERRORS.iter().find_map(value);
    errors.or_else(|| {
        WRAPPERS.iter().filter_map(value).find_map(|inner| {
            let is_of_fields = match inner {
                Value::Object(fields) => is_map_of_texts(fields),
                Value::Array(entries) => !entries.is_empty(),
                _ => true,
            };
            container(inner).or_else(|| is_of_fields.then_some(inner))
        })
    })
}

/// Whether a map may hold messages by field, and nothing that is said about all of them.
fn is_map_of_texts(fields: &Map<String, Value>) -> bool {
    let is_text = |value: &Value| value.is_string() || is_list_of_texts(value);
    !fields.is_empty() && !fields.contains_key("message") && fields.values().all(is_text)
}

fn is_list_of_texts(value: &Value) -> bool {
    let list = value.as_array();
    list.is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string))
}

/// Fields that stand in the body itself.
fn collect_lists_of_texts(body: &Value, found: &mut Vec<FieldError>) {
    for (field, messages) in body.as_object().into_iter().flatten() {
        let is_of_all = ["message", "messages", "warnings"].contains(&field.as_str())
            || ERRORS.contains(&field.as_str())
            || WRAPPERS.contains(&field.as_str());
        if is_list_of_texts(messages) && !is_of_all {
            found.push(FieldError {
                field: dotted_name(field),
                message: message_text(messages),
            });
        }
    }
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
            for name in ["errors", "error", "message", "detail", "data"] {
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
        Value::Array(list) => {
            for entry in list {
                match (parse_entry(entry), entry) {
                    (Some(field_error), _) => found.push(field_error),
                    (None, Value::Object(fields)) if is_map_of_texts(fields) => {
                        collect_errors(entry, found);
                    }
                    (None, _) => {}
                }
            }
        }
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
    let source = entry.get("source");
    let source =
        source.and_then(|source| source.get("pointer").or_else(|| source.get("parameter")));
    let pointer = source.map(message_text);
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
    #[case::bare_and_message(json!({"message": "No.", "data": [], "items.0.main.content": ["too long"]}))]
    #[case::in_error(json!({"error": {"code": 422, "message": "No.", "fields": {"items.0.main.content": ["too long"]}}}))]
    #[case::jsend(json!({"status": "fail", "data": {"items.0.main.content": "too long"}}))]
    #[case::maps_in_list(json!({"errors": [{"items.0.main.content": ["too long"]}]}))]
    #[case::parameter(json!({"errors": [{"source": {"parameter": "items.0.main.content"}, "title": "too long"}]}))]
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
    #[case(json!({"error": {"code": 422, "message": "The account ids field is required. The content field is required."}}))]
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
    #[case(r#"{"success": false, "message": "Limit", "data": []}"#)]
    #[case(r#"{"error": {"code": "E1", "message": "Limit", "type": "quota"}}"#)]
    fn a_body_that_names_no_field_has_no_field_errors(#[case] body: &str) {
        assert_eq!(parse_field_errors(body), vec![]);
    }
}
