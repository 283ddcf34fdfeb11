//! Schemas that every client accepts: one normaliser over the built router.
//!
//! Inputs stay strict and become plain: no references, no nulls, no formats.
//! Outputs keep their names and docs but accept whatever Saki may send, since clients throw away
//! a result that misses its schema once.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// Deeper nesting than this is left open; no documented type is that deep.
const DEEPEST: usize = 16;

/// What a tool takes, as clients see it.
pub(super) fn input(derived: &Map<String, Value>) -> Map<String, Value> {
    strict(plain_root(derived))
}

/// What a tool answers with, as clients see it.
pub(super) fn output(derived: &Map<String, Value>) -> Map<String, Value> {
    tolerant_root(plain_root(derived))
}

/// The schema without references, titles, formats and meta keywords.
fn plain_root(schema: &Map<String, Value>) -> Map<String, Value> {
    let definitions = schema
        .get("$defs")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    match plain(&Value::Object(schema.clone()), &definitions, 0) {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

fn plain(schema: &Value, definitions: &Map<String, Value>, depth: usize) -> Value {
    let Value::Object(schema) = schema else {
        return json!({"type": "object", "additionalProperties": true});
    };
    if depth > DEEPEST {
        return json!({"type": "object", "additionalProperties": true});
    }
    if let Some(name) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|path| path.strip_prefix("#/$defs/"))
    {
        let mut target = plain(
            definitions.get(name).unwrap_or(&Value::Null),
            definitions,
            depth + 1,
        );
        // The description beside a reference is about this use of the type.
        if let (Some(target), Some(description)) =
            (target.as_object_mut(), schema.get("description"))
        {
            target.insert("description".to_owned(), description.clone());
        }
        return target;
    }
    if let Some(choice) = schema
        .get("anyOf")
        .and_then(Value::as_array)
        .and_then(|choices| choices.iter().find(|choice| !is_null(choice)))
    {
        let mut chosen = plain(choice, definitions, depth + 1);
        if let (Some(chosen), Some(description)) =
            (chosen.as_object_mut(), schema.get("description"))
        {
            chosen.insert("description".to_owned(), description.clone());
        }
        return chosen;
    }
    let mut out = Map::new();
    for (keyword, value) in schema {
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "format" | "default" => {}
            "type" => {
                out.insert(keyword.clone(), one_type(value));
            }
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                let properties = properties
                    .map(|(name, value)| (name.clone(), plain(value, definitions, depth + 1)));
                out.insert(keyword.clone(), Value::Object(properties.collect()));
            }
            "items" => {
                out.insert(keyword.clone(), plain(value, definitions, depth + 1));
            }
            // The bounds of machine integers tell a reader nothing.
            "minimum" if value == &json!(0) && !schema.contains_key("maximum") => {}
            "additionalProperties" if value.is_object() => {
                out.insert(keyword.clone(), true.into());
            }
            _ => {
                out.insert(keyword.clone(), value.clone());
            }
        }
    }
    Value::Object(out)
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

/// `["string", "null"]` is a string that may be left out.
fn one_type(given: &Value) -> Value {
    match given.as_array() {
        Some(types) => types
            .iter()
            .find(|kind| *kind != "null")
            .cloned()
            .unwrap_or_else(|| given.clone()),
        None => given.clone(),
    }
}

/// Required fields first, and every object closed unless it says otherwise.
fn strict(mut schema: Map<String, Value>) -> Map<String, Value> {
    let is_object = schema.get("type").and_then(Value::as_str) == Some("object");
    if is_object && !schema.contains_key("additionalProperties") {
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    let required: Vec<Value> = schema
        .get("required")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if required.is_empty() {
        schema.shift_remove("required");
    }
    if is_object {
        let properties = schema.entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            let all = std::mem::take(properties)
                .into_iter()
                .map(|(name, value)| (name, strict_value(value)));
            let (first, rest): (Vec<_>, Vec<_>) =
                all.partition(|(name, _)| required.iter().any(|one| one == name));
            properties.extend(first.into_iter().chain(rest));
        }
    }
    if let Some(items) = schema.get_mut("items") {
        *items = strict_value(items.take());
    }
    schema
}

fn strict_value(schema: Value) -> Value {
    match schema {
        Value::Object(schema) => Value::Object(strict(schema)),
        other => other,
    }
}

/// An object whose fields may all be missing, and joined by others.
fn tolerant_root(mut schema: Map<String, Value>) -> Map<String, Value> {
    schema.shift_remove("required");
    schema.insert("type".to_owned(), "object".into());
    schema.insert("additionalProperties".to_owned(), true.into());
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut() {
            *property = tolerant(property.take());
        }
    }
    schema
}

/// What is documented first, then every other type that JSON has.
fn tolerant(schema: Value) -> Value {
    let Value::Object(mut schema) = schema else {
        return schema;
    };
    let description = schema.shift_remove("description");
    let kind = schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let documented = match kind.as_str() {
        "object" => Value::Object(tolerant_root(schema)),
        "array" => {
            let items = schema.get_mut("items").map(|items| tolerant(items.take()));
            list_of(items.unwrap_or_else(anything))
        }
        kind => json!({"type": kind}),
    };
    let mut choices = vec![documented];
    choices.extend(others(&kind));
    let mut out = Map::new();
    out.extend(description.map(|description| ("description".to_owned(), description)));
    out.insert("anyOf".to_owned(), choices.into());
    Value::Object(out)
}

fn anything() -> Value {
    any_of(others("").collect())
}

fn others(kind: &str) -> impl Iterator<Item = Value> {
    EVERY_TYPE
        .iter()
        .filter(move |(name, _)| *name != kind)
        .map(|(_, schema)| schema.clone())
}

static EVERY_TYPE: LazyLock<[(&str, Value); 6]> = LazyLock::new(|| {
    [
        ("string", json!({"type": "string"})),
        ("number", json!({"type": "number"})),
        ("boolean", json!({"type": "boolean"})),
        ("null", json!({"type": "null"})),
        (
            "object",
            json!({"type": "object", "additionalProperties": true}),
        ),
        // Without items, so that lists within lists have no end.
        ("array", json!({"type": "array"})),
    ]
});

// `json!` would write what it is given anew, schema by schema.
fn any_of(choices: Vec<Value>) -> Value {
    Value::Object(Map::from_iter([("anyOf".to_owned(), choices.into())]))
}

fn list_of(items: Value) -> Value {
    let list = [("type", "array".into()), ("items", items)];
    Value::Object(
        list.map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect(),
    )
}
