//! Edits of YAML in the text itself: whole lines are added or removed, and only where the map of servers is written in block style.

use serde_json::{Map, Value};

use super::edit_configuration::{Place, line_ending};
use super::line_position::line_start;
use crate::cli::clients::{Document, YamlMapping, YamlNode, parse_yaml};

/// Indentation where the file shows none.
const INDENT: usize = 2;

pub(super) fn set(place: &Place<'_>, document: &Document, entry: &Value) -> Option<String> {
    // An entry that stands there is written anew at its place.
    let text = &document.text;
    let tree = parse_yaml(text, place.servers).ok()?;
    let [servers_key] = place.servers else {
        return None;
    };
    let line_end = line_ending(text);
    let root = match &tree {
        Some(YamlNode::Mapping(root)) if !root.is_flow => Some(root),
        Some(YamlNode::Mapping(root)) if root.entries.is_empty() => {
            let file = block(servers_key, place.name, entry, line_end);
            return Some(format!(
                "{}{}{}",
                &text[..root.start],
                file.trim_end(),
                &text[root.end..]
            ));
        }
        None => None,
        Some(_) => return None,
    };
    let Some(servers) = root.and_then(|root| root.get(servers_key)) else {
        // Behind the last line, unless the document is ended there.
        let body = text.trim_end();
        if body.ends_with("\n...") || body == "..." {
            return None;
        }
        let gap = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            line_end
        };
        return Some(format!(
            "{text}{gap}{}",
            block(servers_key, place.name, entry, line_end)
        ));
    };
    match &servers.value {
        YamlNode::Mapping(map) if !map.is_flow => {
            let column = map.entries.first().map_or(INDENT, |first| first.column);
            let lines = entry_lines(place.name, entry, column, line_end);
            let (start, end) = match map.get(place.name) {
                Some(standing) => (
                    line_start(text, standing.start),
                    end_of(map, place.name, text)?,
                ),
                None => {
                    let last = &map.entries.last()?.key;
                    let end = end_of(map, last, text)?;
                    (end, end)
                }
            };
            let gap = if text[..start].is_empty() || text[..start].ends_with('\n') {
                ""
            } else {
                line_end
            };
            Some(format!("{}{gap}{lines}{}", &text[..start], &text[end..]))
        }
        // `extensions: {}`, or nothing behind the colon.
        value => {
            let (start, end) = match value {
                YamlNode::Mapping(map) if map.entries.is_empty() => (map.start, map.end),
                YamlNode::Scalar(Value::Null) => {
                    let after_key = servers.start + text[servers.start..].find(':')? + 1;
                    let value = text[after_key..].split(['\n', '\r', '#']).next()?;
                    (after_key, after_key + value.trim_end().len())
                }
                _ => return None,
            };
            let line_rest = text[end..]
                .find('\n')
                .map_or(text.len(), |newline| end + newline + 1);
            let head = format!("{}{}", text[..start].trim_end(), &text[end..line_rest]);
            let gap = if head.ends_with('\n') { "" } else { line_end };
            let lines = entry_lines(place.name, entry, servers.column + INDENT, line_end);
            Some(format!("{head}{gap}{lines}{}", &text[line_rest..]))
        }
    }
}

pub(super) fn remove(place: &Place<'_>, document: &Document, kept: usize) -> Option<String> {
    let text = &document.text;
    let tree = parse_yaml(text, place.servers).ok()??;
    let [servers_key] = place.servers else {
        return None;
    };
    let root = tree.as_mapping()?;
    let servers = root.get(servers_key)?;
    let map = servers.value.as_mapping().filter(|map| !map.is_flow)?;
    let standing = map.get(place.name)?;
    let end = end_of(map, place.name, text)?;
    let is_only = map.entries.len() == 1;
    let start = match is_only && kept == 0 {
        true => line_start(text, servers.start),
        false => line_start(text, standing.start),
    };
    let mut head = text[..start].to_owned();
    if is_only && kept > 0 {
        // A map without entries is written as {}.
        let colon = head.rfind(':')?;
        head.insert_str(colon + 1, " {}");
    }
    Some(format!("{head}{}", &text[end..]))
}

/// The byte behind the last line of an entry; comments and blank lines behind it belong to what follows.
fn end_of(map: &YamlMapping, name: &str, text: &str) -> Option<usize> {
    let at = map.entries.iter().position(|entry| entry.key == name)?;
    let entry = &map.entries[at];
    let start = line_start(text, entry.start);
    let next = map
        .entries
        .get(at + 1)
        .map(|next| line_start(text, next.start));
    let mut end = start;
    let mut position = start;
    for (number, line) in text[start..].split_inclusive('\n').enumerate() {
        let line_text = line.trim();
        let is_content = !line_text.is_empty() && !line_text.starts_with('#');
        let column = line.len() - line.trim_start_matches(' ').len();
        let is_outside = is_content && number > 0 && column <= entry.column
            // A list may stand at the column of its key.
            && !(column == entry.column && line_text.starts_with('-'));
        if next.is_some_and(|next| position >= next) || is_outside {
            break;
        }
        position += line.len();
        if is_content {
            end = position;
        }
    }
    Some(end)
}

fn block(servers_key: &str, name: &str, entry: &Value, line_end: &str) -> String {
    format!(
        "{servers_key}:{line_end}{}",
        entry_lines(name, entry, INDENT, line_end)
    )
}

fn entry_lines(name: &str, entry: &Value, column: usize, line_end: &str) -> String {
    let mut lines = Vec::new();
    let fields = Map::from_iter([(name.to_owned(), entry.clone())]);
    map_lines(&fields, column, &mut lines);
    lines
        .iter()
        .map(|line| format!("{line}{line_end}"))
        .collect()
}

fn map_lines(map: &Map<String, Value>, column: usize, lines: &mut Vec<String>) {
    let indent = " ".repeat(column);
    for (name, value) in map {
        let name = scalar(&Value::from(name.as_str()));
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                lines.push(format!("{indent}{name}:"));
                map_lines(inner, column + INDENT, lines);
            }
            Value::Array(items)
                if !items.is_empty()
                    && items
                        .iter()
                        .all(|item| !item.is_object() && !item.is_array()) =>
            {
                lines.push(format!("{indent}{name}:"));
                lines.extend(
                    items
                        .iter()
                        .map(|item| format!("{indent}- {}", scalar(item))),
                );
            }
            other => lines.push(format!("{indent}{name}: {}", scalar(other))),
        }
    }
}

/// A value on one line: a plain word where no reader can take it for something else, else JSON, which is YAML too.
fn scalar(value: &Value) -> String {
    let is_plain = |text: &str| {
        let starts_plainly = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        let keyword = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
        starts_plainly
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.'))
            && !keyword.contains(&text.to_ascii_lowercase().as_str())
    };
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        other => other.to_string(),
    }
}
