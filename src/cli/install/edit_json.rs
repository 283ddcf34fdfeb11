//! Edits of JSON: only the entry is written anew; comments, order, indentation and line ends stay.

use jsonc_parser::common::Ranged;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use jsonc_parser::{CollectOptions, parse_to_ast};
use serde_json::Value;

use super::edit_configuration::Place;
use crate::cli::clients::{Document, json_options};

pub(super) fn set(place: &Place<'_>, document: &Document, entry: &Value) -> Option<String> {
    if let Some(text) = append_in_line(place, &document.text, entry) {
        return Some(text);
    }
    let root = CstRootNode::parse(&document.text, &json_options(true)).ok()?;
    let mut object = root.object_value_or_create()?;
    for key in place.servers {
        object = object.object_value_or_create(key)?;
    }
    let standing = object.get(place.name);
    match (standing, entry.as_object()) {
        (None, _) => {
            object.append(place.name, input(entry));
        }
        (Some(property), Some(fields)) if property.object_value().is_some() => {
            set_fields(&property.object_value()?, fields);
        }
        (Some(property), _) => property.set_value(input(entry)),
    }
    Some(root.to_string())
}

/// Appends a new entry to a map that stands in one line, so that it stays in one line.
///
/// The edit of the tree would break all of the map into lines.
fn append_in_line(place: &Place<'_>, text: &str, entry: &Value) -> Option<String> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &json_options(true)).ok()?;
    let root = parsed.value?;
    let mut map = root.as_object()?;
    for key in place.servers {
        map = map.get_object(key)?;
    }
    if map.get(place.name).is_some() || map.text(text).contains('\n') {
        return None;
    }
    let (before, after) = text.split_at(map.properties.last()?.end());
    let name = Value::from(place.name);
    Some(format!("{before},{name}:{entry}{after}"))
}

/// Writes the fields that differ, so that comments between the others stay.
fn set_fields(object: &CstObject, fields: &serde_json::Map<String, Value>) {
    for property in object.properties() {
        let name = property.decoded_name().unwrap_or_default();
        if !fields.contains_key(&name) {
            property.remove();
        }
    }
    for (name, value) in fields {
        match object.get(name) {
            None => {
                object.append(name, input(value));
            }
            Some(property) if property.to_serde_value().as_ref() == Some(value) => {}
            Some(property) => match (property.object_value(), value.as_object()) {
                (Some(inner), Some(inner_fields)) if !inner_fields.is_empty() => {
                    set_fields(&inner, inner_fields);
                }
                _ => property.set_value(input(value)),
            },
        }
    }
}

pub(super) fn remove(place: &Place<'_>, document: &Document, kept: usize) -> Option<String> {
    let root = CstRootNode::parse(&document.text, &json_options(true)).ok()?;
    let mut object = root.object_value()?;
    let mut way = Vec::new();
    for key in place.servers {
        let property = object.get(key)?;
        object = property.object_value()?;
        way.push(property);
    }
    object.get(place.name)?.remove();
    while let Some(property) = way.pop() {
        let is_empty = property
            .object_value()
            .is_some_and(|map| map.properties().is_empty());
        if way.len() < kept || !is_empty {
            break;
        }
        property.remove();
    }
    Some(root.to_string())
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(flag) => CstInputValue::Bool(*flag),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(map) => {
            let fields = map.iter().map(|(name, value)| (name.clone(), input(value)));
            CstInputValue::Object(fields.collect())
        }
    }
}
