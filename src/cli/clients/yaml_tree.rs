//! YAML tree: a document with the places of its keys, so that an edit can be made in the text itself.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Map, Value};

use super::ReadError;

/// Deeper nesting is no configuration.
const MAX_DEPTH: usize = 128;

/// A value of a YAML document.
#[derive(Debug)]
pub(in crate::cli) enum YamlNode {
    /// A text, number, boolean or null. An alias counts as a text, so that nothing is expanded.
    Scalar(Value),
    Sequence(Vec<YamlNode>),
    Mapping(YamlMapping),
}

/// A mapping and where it stands.
#[derive(Debug)]
pub(in crate::cli) struct YamlMapping {
    pub(in crate::cli) entries: Vec<YamlEntry>,
    /// Whether it is written as `{…}`.
    pub(in crate::cli) is_flow: bool,
    /// The byte range of a flow mapping, with its braces.
    pub(in crate::cli) start: usize,
    pub(in crate::cli) end: usize,
}

/// A key of a mapping with its value.
#[derive(Debug)]
pub(in crate::cli) struct YamlEntry {
    pub(in crate::cli) key: String,
    /// Line of the key, counted from 1.
    pub(in crate::cli) line: usize,
    /// Column of the key, counted from 0.
    pub(in crate::cli) column: usize,
    /// Byte of the key.
    pub(in crate::cli) start: usize,
    pub(in crate::cli) value: YamlNode,
}

impl YamlNode {
    pub(in crate::cli) fn as_mapping(&self) -> Option<&YamlMapping> {
        match self {
            Self::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    pub(in crate::cli) fn into_value(self) -> Value {
        match self {
            Self::Scalar(value) => value,
            Self::Sequence(items) => items.into_iter().map(Self::into_value).collect(),
            Self::Mapping(mapping) => {
                let entries = mapping.entries.into_iter();
                let entries: Map<String, Value> = entries
                    .map(|entry| (entry.key, entry.value.into_value()))
                    .collect();
                Value::Object(entries)
            }
        }
    }
}

impl YamlMapping {
    pub(in crate::cli) fn get(&self, key: &str) -> Option<&YamlEntry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// A collection whose end was not reached yet.
enum Open {
    Sequence(Vec<YamlNode>),
    Mapping {
        mapping: YamlMapping,
        /// A key that waits for its value.
        key: Option<YamlEntry>,
    },
}

/// Parses a YAML stream of at most one document; `None` if it is empty.
pub(in crate::cli) fn parse_yaml(
    text: &str,
    servers: &[&str],
) -> Result<Option<YamlNode>, ReadError> {
    // The parser counts characters.
    let offsets: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let byte = |index: usize| offsets.get(index).copied().unwrap_or(text.len());
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event
            .map_err(|error| syntax(error.marker().line(), error.marker().col(), error.info()))?;
        let at = |message: &str| syntax(span.start.line(), span.start.col(), message);
        let closed = match event {
            Event::DocumentStart(_) if root.is_some() => {
                return Err(at(
                    "a second document starts here, and the client reads only one",
                ));
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= MAX_DEPTH => {
                return Err(at("the nesting is too deep"));
            }
            Event::SequenceStart(..) => {
                open.push(Open::Sequence(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                let start = byte(span.start.index());
                let mapping = YamlMapping {
                    entries: Vec::new(),
                    is_flow: text[start..].starts_with('{'),
                    start,
                    end: start,
                };
                open.push(Open::Mapping { mapping, key: None });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::Sequence(items)) => YamlNode::Sequence(items),
                Some(Open::Mapping { mut mapping, .. }) => {
                    mapping.end = byte(span.end.index());
                    YamlNode::Mapping(mapping)
                }
                None => continue,
            },
            Event::Alias(id) => YamlNode::Scalar(format!("*{id}").into()),
            Event::Scalar(value, style, _, tag) => {
                let is_text = tag.is_some_and(|tag| tag.suffix == "str");
                YamlNode::Scalar(scalar(value, style, is_text))
            }
            _ => continue,
        };
        match open.last_mut() {
            None => root = Some(closed),
            Some(Open::Sequence(items)) => items.push(closed),
            Some(Open::Mapping { mapping, key }) => match key.take() {
                None => {
                    *key = Some(
                        key_of(closed, span, byte(span.start.index()))
                            .ok_or_else(|| at("a list or a map is no key here"))?,
                    )
                }
                Some(mut entry) => {
                    entry.value = closed;
                    mapping.entries.push(entry);
                }
            },
        }
    }
    if let Some(root) = &root {
        refuse_duplicates(root, servers)?;
    }
    Ok(root)
}

fn syntax(line: usize, column: usize, message: &str) -> ReadError {
    ReadError::Syntax {
        line,
        column: column + 1,
        message: message.to_owned(),
    }
}

fn key_of(node: YamlNode, span: Span, start: usize) -> Option<YamlEntry> {
    let YamlNode::Scalar(value) = node else {
        return None;
    };
    let key = match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Some(YamlEntry {
        key,
        line: span.start.line(),
        column: span.start.col(),
        start,
        value: YamlNode::Scalar(Value::Null),
    })
}

/// The value of a scalar by the core schema.
fn scalar(text: Cow<'_, str>, style: ScalarStyle, is_text: bool) -> Value {
    if style != ScalarStyle::Plain || is_text {
        return text.into_owned().into();
    }
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        number
            if number.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) =>
        {
            let integer = number.parse::<i64>().map(Value::from);
            let float = || number.parse::<f64>().map(Value::from);
            integer
                .or_else(|_| float())
                .unwrap_or_else(|_| number.into())
        }
        other => other.into(),
    }
}

/// A key that stands twice makes a YAML reader reject the file.
fn refuse_duplicates(root: &YamlNode, servers: &[&str]) -> Result<(), ReadError> {
    let mut mapping = root.as_mapping();
    for depth in 0..=servers.len() {
        let Some(map) = mapping else { break };
        for (at, entry) in map.entries.iter().enumerate() {
            let mut before = map.entries[..at].iter();
            if let Some(first) = before.find(|other| other.key == entry.key) {
                return Err(ReadError::Duplicate {
                    key: entry.key.clone(),
                    first: first.line,
                    second: entry.line,
                });
            }
        }
        let inner = servers.get(depth).and_then(|key| map.get(key));
        mapping = inner.and_then(|entry| entry.value.as_mapping());
    }
    Ok(())
}
