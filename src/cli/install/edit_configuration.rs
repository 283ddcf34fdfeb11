//! Edits of a configuration in any format: one entry is set or removed, and everything else stays as it was written.
//!
//! Every edit is parsed again and compared with what it should say. An edit that says something else is not made.

use serde_json::{Map, Value};

use super::{edit_json, edit_toml, edit_yaml};
use crate::cli::clients::{Document, FileFormat};

/// Why an edit cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("its structure cannot be edited safely. Edit it by hand")]
pub(super) struct NotEditable;

/// The place of an entry in a configuration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) format: FileFormat,
    /// The keys that lead to the map of servers.
    pub(super) servers: &'a [&'a str],
    /// The name of the entry.
    pub(super) name: &'a str,
}

impl Place<'_> {
    /// The text of the document with this entry.
    pub(super) fn set(&self, document: &Document, entry: &Value) -> Result<String, NotEditable> {
        let text = match self.format {
            FileFormat::StrictJson | FileFormat::Json | FileFormat::Jsonc => {
                edit_json::set(self, document, entry)
            }
            FileFormat::Toml => edit_toml::set(self, document, entry),
            FileFormat::Yaml => edit_yaml::set(self, document, entry),
        };
        let mut wanted = document.value.clone();
        *self.slot(&mut wanted).ok_or(NotEditable)? = entry.clone();
        self.checked(text, document, &wanted)
    }

    /// The text of the document without the entry. Maps on the way to it that hold nothing else go too, down to `kept` of them.
    pub(super) fn remove(&self, document: &Document, kept: usize) -> Result<String, NotEditable> {
        let text = match self.format {
            FileFormat::StrictJson | FileFormat::Json | FileFormat::Jsonc => {
                edit_json::remove(self, document, kept)
            }
            FileFormat::Toml => edit_toml::remove(self, document),
            FileFormat::Yaml => edit_yaml::remove(self, document, kept),
        };
        let mut wanted = document.value.clone();
        remove_value(&mut wanted, self.servers, self.name, kept);
        self.checked(text, document, &wanted)
    }

    /// A file that holds only this entry.
    pub(super) fn new_file(&self, entry: &Value) -> Result<String, NotEditable> {
        self.set(&self.empty(), entry)
    }

    /// The document of a file that is not there.
    pub(super) fn empty(&self) -> Document {
        Document {
            text: String::new(),
            has_byte_order_mark: false,
            value: Value::Object(Map::new()),
            is_loose_json: false,
        }
    }

    fn slot<'v>(&self, root: &'v mut Value) -> Option<&'v mut Value> {
        let mut at = root;
        for key in self.servers.iter().copied().chain([self.name]) {
            if at.is_null() {
                *at = Value::Object(Map::new());
            }
            at = at.as_object_mut()?.entry(key).or_insert(Value::Null);
        }
        Some(at)
    }

    /// The text, if it says what is wanted.
    fn checked(
        &self,
        text: Option<String>,
        document: &Document,
        wanted: &Value,
    ) -> Result<String, NotEditable> {
        let text = text.ok_or(NotEditable)?;
        // A comment that was accepted before is accepted again.
        let parsed = Document::parse(text.as_bytes(), self.format, self.servers);
        match parsed {
            Ok(parsed) if without_empty(&parsed.value) == without_empty(wanted) => {
                let mark = if document.has_byte_order_mark {
                    "\u{feff}"
                } else {
                    ""
                };
                Ok(format!("{mark}{text}"))
            }
            _ => Err(NotEditable),
        }
    }
}

/// An empty map and a missing one say the same, and TOML and YAML write null as nothing.
fn without_empty(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map
                .iter()
                .map(|(key, value)| (key.clone(), without_empty(value)));
            let is_empty =
                |value: &Value| value.is_null() || value.as_object().is_some_and(Map::is_empty);
            Value::Object(kept.filter(|(_, value)| !is_empty(value)).collect())
        }
        Value::Array(items) => items.iter().map(without_empty).collect(),
        other => other.clone(),
    }
}

fn remove_value(value: &mut Value, servers: &[&str], name: &str, kept: usize) {
    let Some(map) = value.as_object_mut() else {
        return;
    };
    let Some((key, rest)) = servers.split_first() else {
        map.shift_remove(name);
        return;
    };
    if let Some(inner) = map.get_mut(*key) {
        remove_value(inner, rest, name, kept.saturating_sub(1));
        let is_empty = inner.as_object().is_some_and(Map::is_empty);
        if is_empty && kept == 0 {
            map.shift_remove(*key);
        }
    }
}

/// The line ending of a text: that of its first line, or a line feed.
pub(super) fn line_ending(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
