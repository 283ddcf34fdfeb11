//! Reading a refusal by its field names, whatever shape it has and whatever language it speaks.

use serde_json::Value;

use super::Error;

/// One field that Saki refused, and its words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Dotted name of the field in the request, e.g. `items.0.main.content`.
    pub field: String,
    /// Saki's words.
    pub message: String,
}

/// Every field that a failure names; none when it is not a refusal of content.
pub fn field_errors(error: &Error) -> Vec<FieldError> {
    match error.answer() {
        Some(answer) if error.is_validation() => read(&answer.body),
        _ => Vec::new(),
    }
}

/// Reads Laravel's map, lists of objects, and JSON pointers.
pub fn read(body: &str) -> Vec<FieldError> {
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
        Some(errors) => collect(errors, &mut found),
        None if body
            .as_object()
            .is_some_and(|map| map.values().any(Value::is_array)) =>
        {
            collect(&body, &mut found)
        }
        None => {}
    }
    found
}

fn collect(errors: &Value, found: &mut Vec<FieldError>) {
    match errors {
        Value::Object(map) => {
            for (field, said) in map {
                match said {
                    Value::Object(_) => collect_under(field, said, found),
                    _ => found.push(FieldError {
                        field: dotted(field),
                        message: words(said),
                    }),
                }
            }
        }
        Value::Array(list) => list
            .iter()
            .filter_map(one)
            .for_each(|field_error| found.push(field_error)),
        _ => {}
    }
}

fn collect_under(field: &str, said: &Value, found: &mut Vec<FieldError>) {
    let from = found.len();
    collect(said, found);
    for field_error in &mut found[from..] {
        field_error.field = format!("{}.{}", dotted(field), field_error.field);
    }
}

fn one(entry: &Value) -> Option<FieldError> {
    let text = |names: &[&str]| names.iter().find_map(|name| entry.get(name)).map(words);
    let pointer = entry.pointer("/source/pointer").map(words);
    let path = entry.get("loc").and_then(Value::as_array).map(|steps| {
        steps
            .iter()
            .map(words)
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
        field: dotted(&field),
        message,
    })
}

fn words(said: &Value) -> String {
    match said {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// `/data/attributes/items/0`, `items[0]` and `items.0` are one name.
fn dotted(field: &str) -> String {
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
        assert_eq!(read(&body.to_string()), vec![expected]);
    }

    #[rstest]
    #[case("")]
    #[case("<html>")]
    #[case(r#"{"message": "no"}"#)]
    #[case("[1, 2]")]
    #[case(r#"{"errors": 7}"#)]
    fn what_names_no_field_has_no_complaints(#[case] body: &str) {
        assert_eq!(read(body), vec![]);
    }
}
