//! Walking over JSON schemas, and reading them shorter.

use serde_json::{Map, Value, json};

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
        for keyword in ["anyOf", "oneOf", "allOf"] {
            for choice in schema[keyword].as_array().into_iter().flatten() {
                at(path, choice, look);
            }
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
        for choice in schema["anyOf"].as_array().into_iter().flatten() {
            find(path.clone(), choice, found);
        }
    }
    let mut found = Vec::new();
    find("(root)".to_owned(), schema, &mut found);
    found
}

/// The schema with each "this, or any other JSON" written as that, so that a snapshot of it can be read.
pub(crate) fn folded(schema: &Value) -> Value {
    let Value::Object(schema) = schema else {
        return schema.clone();
    };
    let mut short = Map::new();
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                let folded = properties
                    .iter()
                    .map(|(name, schema)| (name.clone(), folded(schema)));
                short.insert(keyword.clone(), Value::Object(folded.collect()));
            }
            ("items", items) => {
                short.insert(keyword.clone(), folded(items));
            }
            ("anyOf", Value::Array(choices)) if takes_anything(choices) => {
                short.insert(
                    "(documented, or any other JSON)".to_owned(),
                    folded(&choices[0]),
                );
            }
            _ => {
                short.insert(keyword.clone(), value.clone());
            }
        }
    }
    Value::Object(short)
}

/// Whether the choices name every type that JSON has, none of them narrowed but the first.
fn takes_anything(choices: &[Value]) -> bool {
    let kinds: Vec<&Value> = choices.iter().map(|choice| &choice["type"]).collect();
    let all = ["string", "number", "boolean", "null", "object", "array"];
    let open = |choice: &Value| {
        let keywords = choice.as_object().map_or(0, Map::len);
        keywords == 1 || *choice == json!({"type": "object", "additionalProperties": true})
    };
    all.iter().all(|kind| kinds.contains(&&json!(kind))) && choices.iter().skip(1).all(open)
}
