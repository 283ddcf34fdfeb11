//! JSON Schema normalisation: rewrites the derived input and output schemas so that every client accepts them.
//!
//! Input schemas stay strict and become simple: no references, no nulls, no formats.
//! Output schemas keep their names and docs but accept everything that Saki may send, since strict clients discard a
//! result that does not fit its output schema.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::tools::TRAITS_EXTENSION;

/// Deeper levels become open objects; no documented type is that deep.
const MAX_DEPTH: usize = 16;

/// A schema extension: the description that replaces a shape which another parameter shows already.
const ABBREVIATION: &str = "x-brief";

/// The input schema of a tool: abbreviated as clients see it, and complete for validation.
pub(super) fn input(derived: &Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let mut full = strict(simplify_root(derived));
    let listed = abbreviate(full.clone());
    remove_abbreviations(&mut full);
    (listed, full)
}

/// The output schema of a tool, as clients see it.
pub(super) fn output(
    derived: &Map<String, Value>,
    name_added_keys: fn(&mut Map<String, Value>),
) -> Map<String, Value> {
    let mut schema = simplify_root(derived);
    name_added_keys(&mut schema);
    tolerant_root(schema)
}

/// The schema as a model reads it: a repeated shape becomes an open object with a description.
fn abbreviate(mut schema: Map<String, Value>) -> Map<String, Value> {
    if let Some(description) = schema.shift_remove(ABBREVIATION) {
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
        *child = abbreviate(std::mem::take(child));
    }
    schema
}

fn remove_abbreviations(schema: &mut Map<String, Value>) {
    schema.shift_remove(ABBREVIATION);
    children(schema).into_iter().for_each(remove_abbreviations);
}

pub(super) fn children(schema: &mut Map<String, Value>) -> Vec<&mut Map<String, Value>> {
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

/// Resolves references, and removes titles, formats and meta keywords.
fn simplify_root(schema: &Map<String, Value>) -> Map<String, Value> {
    let definitions = schema
        .get("$defs")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    match simplify(&Value::Object(schema.clone()), &definitions, 0) {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

fn simplify(schema: &Value, definitions: &Map<String, Value>, depth: usize) -> Value {
    let Some(schema) = schema.as_object().filter(|_| depth <= MAX_DEPTH) else {
        return json!({"type": "object", "additionalProperties": true});
    };
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
        let mut target = simplify(target, definitions, depth + 1);
        // Keywords beside a reference are about this use of the type.
        for keyword in ["description", ABBREVIATION] {
            if let (Some(target), Some(text)) = (target.as_object_mut(), schema.get(keyword)) {
                target.insert(keyword.to_owned(), text.clone());
            }
        }
        return target;
    }
    let mut out = Map::new();
    for (keyword, value) in schema {
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "format" | "default" | TRAITS_EXTENSION => {}
            "type" => {
                out.insert(keyword.clone(), non_null_type(value));
            }
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                let properties = properties
                    .map(|(name, value)| (name.clone(), simplify(value, definitions, depth + 1)));
                out.insert(keyword.clone(), Value::Object(properties.collect()));
            }
            "items" => {
                out.insert(keyword.clone(), simplify(value, definitions, depth + 1));
            }
            // An optional enum has null among its choices.
            "enum" => {
                let choices = value.as_array().into_iter().flatten();
                let choices: Vec<_> = choices
                    .filter(|choice| !choice.is_null())
                    .cloned()
                    .collect();
                out.insert(keyword.clone(), choices.into());
            }
            // The bounds of machine integers are of no use to a reader.
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

/// Turns `["string", "null"]` into `"string"`; a field that may be null is one that may be left out.
fn non_null_type(types: &Value) -> Value {
    match types.as_array() {
        Some(list) => list
            .iter()
            .find(|kind| *kind != "null")
            .cloned()
            .unwrap_or_else(|| types.clone()),
        None => types.clone(),
    }
}

/// Sorts required fields first, and closes every object that is not open explicitly.
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

/// Makes all fields of an object optional, and allows further ones.
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

/// Allows every JSON type; the documented one comes first.
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
        "object" => Some(Value::Object(tolerant_root(schema))),
        "array" => {
            let items = schema.get_mut("items").map(|items| tolerant(items.take()));
            Some(list_of(items.unwrap_or_else(anything)))
        }
        "" => None,
        kind => Some(json!({"type": kind})),
    };
    let choices: Vec<Value> = documented.into_iter().chain(other_types(&kind)).collect();
    let mut out = Map::new();
    out.extend(description.map(|description| ("description".to_owned(), description)));
    out.insert("anyOf".to_owned(), choices.into());
    Value::Object(out)
}

fn anything() -> Value {
    any_of(other_types("").collect())
}

fn other_types(kind: &str) -> impl Iterator<Item = Value> {
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
        // Without `items`, so that lists may be nested to any depth.
        ("array", json!({"type": "array"})),
    ]
});

// `json!` would serialise every schema again.
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
