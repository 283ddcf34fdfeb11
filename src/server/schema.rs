//! JSON Schema normalisation: rewrites the derived input and output schemas so that every client accepts them.
//!
//! Input schemas stay strict and become simple: no references, no nulls, no formats.
//! Output schemas name the fields of a result but accept everything that Saki may send, since strict clients discard a
//! result that does not fit its output schema.

use serde_json::{Map, Value, json};

use crate::tools::{ID_EXTENSION, TRAITS_EXTENSION};

/// Deeper levels become open objects; no documented type is that deep.
const MAX_DEPTH: usize = 16;

/// A schema extension: the description that replaces a shape which another parameter shows already.
const ABBREVIATION: &str = "x-brief";

/// The input schema of a tool: abbreviated as clients see it, and complete for validation.
pub(super) fn input(derived: &Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let mut full = strict(simplify_root(derived));
    let mut listed = abbreviate(full.clone());
    listed.shift_remove(ID_EXTENSION);
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
    let mut output = Map::from_iter([("type".to_owned(), Value::from("object"))]);
    output.extend(field_names(&schema));
    output
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

/// The names of the fields and their nesting, without types: each field accepts whatever Saki sends.
///
/// Descriptions stay in the docs of the result types. Clients rarely hand output schemas to a model, and they were
/// five sixths of the list of tools.
fn field_names(schema: &Map<String, Value>) -> Map<String, Value> {
    let mut names = Map::new();
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let properties = properties.iter().map(|(name, field)| {
            let nested = field.as_object().map(field_names).unwrap_or_default();
            (name.clone(), Value::Object(nested))
        });
        names.insert("properties".to_owned(), Value::Object(properties.collect()));
    }
    let items = schema.get("items").and_then(Value::as_object);
    if let Some(items) = items.map(field_names).filter(|items| !items.is_empty()) {
        names.insert("items".to_owned(), Value::Object(items));
    }
    names
}
