//! Walking over JSON schemas.

use serde_json::{Map, Value};

/// Calls `look` with every schema in a schema, itself included, and the path to it.
pub(crate) fn walk(schema: &Value, look: &mut impl FnMut(&str, &Value)) {
    fn at(path: &str, schema: &Value, look: &mut impl FnMut(&str, &Value)) {
        look(path, schema);
        let below = |step: &str| match path {
            "(root)" => step.to_owned(),
            path => format!("{path}.{step}"),
        };
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            at(&below(name), property, look);
        }
        if let Some(items) = schema.get("items") {
            at(&format!("{path}[]"), items, look);
        }
    }
    at("(root)", schema, look);
}

/// Every object in a schema, with the path to it.
pub(crate) fn objects(schema: &Value) -> Vec<(String, &Map<String, Value>)> {
    fn find<'a>(
        path: String,
        schema: &'a Value,
        found: &mut Vec<(String, &'a Map<String, Value>)>,
    ) {
        if let Some(object) = schema.as_object().filter(|_| schema["type"] == "object") {
            found.push((path.clone(), object));
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            find(format!("{path}.{name}"), property, found);
        }
        if let Some(items) = schema.get("items") {
            find(format!("{path}[]"), items, found);
        }
    }
    let mut found = Vec::new();
    find("(root)".to_owned(), schema, &mut found);
    found
}
