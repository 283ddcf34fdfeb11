//! Schemas that every client accepts: one normaliser over the built router.
//!
//! Inputs stay strict and become plain: no references, no nulls, no formats.
//! Outputs keep their names and docs but accept whatever Saki may send, since clients throw away
//! a result that misses its schema once.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// Deeper nesting than this is left open; no documented type is that deep.
const DEEPEST: usize = 16;

/// What a type says of a place where its own shape would only be told a second time.
const BRIEF: &str = "x-brief";

/// What a tool takes: as clients see it, and in full for checking arguments.
pub(super) fn input(derived: &Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let mut full = strict(plain_root(derived));
    let seen = brief(full.clone());
    without_briefs(&mut full);
    (seen, full)
}

/// What a tool answers with, as clients see it.
pub(super) fn output(derived: &Map<String, Value>) -> Map<String, Value> {
    tolerant_root(plain_root(derived))
}

/// The schema as a model reads it: a repeated shape is open, and a sentence says what goes there.
fn brief(mut schema: Map<String, Value>) -> Map<String, Value> {
    if let Some(description) = schema.shift_remove(BRIEF) {
        let open = json!({"type": "object", "additionalProperties": true});
        let mut short =
            Map::from_iter([("type".to_owned(), schema.remove("type").unwrap_or_default())]);
        match short.get("type").and_then(Value::as_str) {
            Some("array") => short.insert("items".to_owned(), open),
            _ => short.insert("additionalProperties".to_owned(), true.into()),
        };
        short.insert("description".to_owned(), description);
        return short;
    }
    for child in children(&mut schema) {
        *child = brief(std::mem::take(child));
    }
    schema
}

fn without_briefs(schema: &mut Map<String, Value>) {
    schema.shift_remove(BRIEF);
    children(schema).into_iter().for_each(without_briefs);
}

fn children(schema: &mut Map<String, Value>) -> Vec<&mut Map<String, Value>> {
    let (mut properties, mut items) = (None, None);
    for (keyword, value) in schema.iter_mut() {
        match keyword.as_str() {
            "properties" => properties = value.as_object_mut(),
            "items" => items = value.as_object_mut(),
            _ => {}
        }
    }
    let properties = properties
        .into_iter()
        .flat_map(|properties| properties.values_mut());
    properties
        .filter_map(Value::as_object_mut)
        .chain(items)
        .collect()
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
    let referred = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|path| path.strip_prefix("#/$defs/"))
        .map(|name| definitions.get(name).unwrap_or(&Value::Null));
    let chosen = || {
        let choices = schema.get("anyOf")?.as_array()?;
        choices.iter().find(|choice| !is_null(choice))
    };
    if let Some(target) = referred.or_else(chosen) {
        let mut target = plain(target, definitions, depth + 1);
        // What stands beside a reference is about this use of the type.
        for keyword in ["description", BRIEF] {
            if let (Some(target), Some(said)) = (target.as_object_mut(), schema.get(keyword)) {
                target.insert(keyword.to_owned(), said.clone());
            }
        }
        return target;
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
            // What may be left out has null among its choices.
            "enum" => {
                let choices = value.as_array().into_iter().flatten();
                let choices: Vec<_> = choices.filter(|one| !one.is_null()).cloned().collect();
                out.insert(keyword.clone(), choices.into());
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
