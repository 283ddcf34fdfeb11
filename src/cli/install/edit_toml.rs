//! Edits of TOML in the text itself, at the places that the parser names: nothing else is written anew.

use std::ops::Range;

use serde_json::{Map, Value};
use toml_edit::{Item, TableLike};

use super::edit_configuration::{Place, line_ending};
use super::line_position::{line_after, line_start};
use crate::cli::clients::Document;

type Parsed = toml_edit::Document<String>;

/// A place in the text and what stands there afterwards.
type Edit = (Range<usize>, String);

pub(super) fn set(place: &Place<'_>, document: &Document, entry: &Value) -> Option<String> {
    let text = &document.text;
    let parsed = Parsed::parse(text.clone()).ok()?;
    let fields = entry.as_object()?;
    let line_end = line_ending(text);
    let servers = table_at(&parsed, place.servers);
    let standing = servers.and_then(|servers| servers.get(place.name));
    match (standing, servers) {
        (Some(Item::Table(table)), _) => {
            let mut edits = Vec::new();
            set_fields(table, fields, text, line_end, &mut edits)?;
            Some(edited(text, edits))
        }
        (Some(item), _) => Some(edited(text, vec![(item.span()?, inline(entry))])),
        (None, Some(servers)) if is_inline(&parsed, place.servers) => {
            let span = item_at(&parsed, place.servers)?.span()?;
            let inside = text[..span.end - 1].trim_end().len();
            let comma = if servers.is_empty() { " " } else { ", " };
            let addition = format!("{comma}{} = {} ", key(place.name), inline(entry));
            Some(edited(text, vec![(inside..span.end - 1, addition)]))
        }
        (None, _) => {
            let mut added = String::new();
            if !text.is_empty() && !text.ends_with('\n') {
                added.push_str(line_end);
            }
            if !text.trim().is_empty() {
                added.push_str(line_end);
            }
            added.push_str(&block(place, fields, line_end));
            Some(format!("{text}{added}"))
        }
    }
}

/// The entry as a table of its own.
fn block(place: &Place<'_>, fields: &Map<String, Value>, line_end: &str) -> String {
    let path: Vec<String> = place
        .servers
        .iter()
        .copied()
        .chain([place.name])
        .map(key)
        .collect();
    let lines = fields
        .iter()
        .map(|(name, value)| format!("{} = {}", key(name), inline(value)));
    let header = format!("[{}]", path.join("."));
    let lines: Vec<String> = [header].into_iter().chain(lines).collect();
    lines.join(line_end) + line_end
}

/// Writes the fields that differ.
fn set_fields(
    table: &toml_edit::Table,
    fields: &Map<String, Value>,
    text: &str,
    line_end: &str,
    edits: &mut Vec<Edit>,
) -> Option<()> {
    let header_end = line_after(text, table.span()?.end);
    let mut added = String::new();
    for (name, value) in fields {
        match (table.get(name), value.as_object()) {
            (None, _) => added.push_str(&format!("{} = {}{line_end}", key(name), inline(value))),
            (Some(Item::Table(inner)), Some(inner_fields)) => {
                set_fields(inner, inner_fields, text, line_end, edits)?;
            }
            (Some(item), _) => {
                let span = item.span()?;
                let rendered = inline(value);
                let parsed: Option<toml_edit::Value> = text[span.clone()].parse().ok();
                let is_same = parsed.is_some_and(|standing| same(&standing, value));
                if !is_same {
                    edits.push((span, rendered));
                }
            }
        }
    }
    for (name, item) in table.iter() {
        if !fields.contains_key(name) {
            let start = line_start(text, table.key(name)?.span()?.start);
            edits.push((start..line_after(text, item.span()?.end), String::new()));
        }
    }
    if !added.is_empty() {
        let needs_break = !text[..header_end].ends_with('\n');
        let start = if needs_break { line_end } else { "" };
        edits.push((header_end..header_end, format!("{start}{added}")));
    }
    Some(())
}

/// Whether a value of the file says the same, however it is written.
fn same(standing: &toml_edit::Value, value: &Value) -> bool {
    let written: Option<toml_edit::Value> = inline(value).parse().ok();
    let plain = |value: &toml_edit::Value| {
        let text = format!("x = {value}");
        Document::parse(text.as_bytes(), crate::cli::clients::FileFormat::Toml, &[])
            .ok()
            .map(|document| document.value)
    };
    written.is_some_and(|written| plain(&written) == plain(standing))
}

pub(super) fn remove(place: &Place<'_>, document: &Document) -> Option<String> {
    let text = &document.text;
    let parsed = Parsed::parse(text.clone()).ok()?;
    let servers = table_at(&parsed, place.servers)?;
    let Item::Table(entry) = servers.get(place.name)? else {
        return remove_inline(servers, place, &parsed, text);
    };
    let mut headers = Vec::new();
    headers_below(parsed.as_table(), &mut headers);
    headers.sort_unstable();
    let mut ours = vec![entry.span()?.start];
    headers_below(entry, &mut ours);
    let mut edits = Vec::new();
    for start in ours {
        let next = headers.iter().find(|other| **other > start);
        let end = next.map_or(text.len(), |next| line_start(text, *next));
        let start = line_start(text, start);
        let end = start + without_trailing_comments(&text[start..end]);
        // The blank line above was added with the table.
        let above = text[..start]
            .strip_suffix(line_ending(text))
            .unwrap_or(&text[..start]);
        let is_blank_above = above.ends_with('\n');
        let is_last = text[end..].trim().is_empty() || text[end..].starts_with(['\n', '\r']);
        let start = if is_blank_above && is_last {
            above.len()
        } else {
            start
        };
        edits.push((start..end, String::new()));
    }
    Some(edited(text, edits))
}

fn remove_inline(
    servers: &dyn TableLike,
    place: &Place<'_>,
    parsed: &Parsed,
    text: &str,
) -> Option<String> {
    let key = servers.key(place.name)?.span()?;
    let value = servers.get(place.name)?.span()?;
    if !is_inline(parsed, place.servers) {
        let lines = line_start(text, key.start)..line_after(text, value.end);
        return Some(edited(text, vec![(lines, String::new())]));
    }
    let before = text[..key.start].trim_end();
    let after = text[value.end..].trim_start();
    let range = match (before.strip_suffix(','), after.strip_prefix(',')) {
        (Some(before), _) => before.len()..value.end,
        (None, Some(after)) => key.start..text.len() - after.trim_start().len(),
        (None, None) => key.start..value.end,
    };
    Some(edited(text, vec![(range, String::new())]))
}

/// The places of all table headers.
fn headers_below(table: &toml_edit::Table, found: &mut Vec<usize>) {
    for (_, item) in table.iter() {
        match item {
            Item::Table(inner) => {
                if !inner.is_dotted() && !inner.is_implicit() {
                    found.extend(inner.span().map(|span| span.start));
                }
                headers_below(inner, found);
            }
            Item::ArrayOfTables(tables) => {
                for inner in tables.iter() {
                    found.extend(inner.span().map(|span| span.start));
                    headers_below(inner, found);
                }
            }
            Item::None | Item::Value(_) => {}
        }
    }
}

/// The length of a block without the comments and blank lines at its end, which belong to what follows.
fn without_trailing_comments(block: &str) -> usize {
    let mut end = block.len();
    for line in block.split_inclusive('\n').rev() {
        let line_text = line.trim();
        if !line_text.is_empty() && !line_text.starts_with('#') {
            break;
        }
        end -= line.len();
    }
    end
}

fn item_at<'d>(parsed: &'d Parsed, keys: &[&str]) -> Option<&'d Item> {
    let (first, rest) = keys.split_first()?;
    let first = parsed.as_table().get(first)?;
    rest.iter()
        .try_fold(first, |item, key| item.as_table_like()?.get(key))
}

fn table_at<'d>(parsed: &'d Parsed, keys: &[&str]) -> Option<&'d dyn TableLike> {
    item_at(parsed, keys)?.as_table_like()
}

fn is_inline(parsed: &Parsed, keys: &[&str]) -> bool {
    item_at(parsed, keys).is_some_and(Item::is_inline_table)
}

fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut result = text.to_owned();
    for (range, replacement) in edits.into_iter().rev() {
        result.replace_range(range, &replacement);
    }
    result
}

fn key(name: &str) -> String {
    toml_edit::Key::new(name).to_string()
}

fn inline(value: &Value) -> String {
    match value {
        Value::Null => "\"\"".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => toml_edit::Value::from(text.as_str()).to_string(),
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(inline).collect::<Vec<_>>().join(", ")
        ),
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let fields = map
                .iter()
                .map(|(name, value)| format!("{} = {}", key(name), inline(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}
