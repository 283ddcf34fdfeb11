//! Configuration document: the text of a client's file, decoded and parsed, with the place of what is wrong.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jsonc_parser::ast;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Value};

use super::{FileFormat, YamlNode, parse_yaml};

/// The largest file that is read. Claude Code's file, which also holds its state, has a few megabytes at most.
const MAX_SIZE: u64 = 64 * 1024 * 1024;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Why a configuration cannot be used as it stands.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum ReadError {
    #[error("it is a directory, not a file. Move it away")]
    Directory,
    #[error("it is no regular file")]
    Special,
    #[error("it is a link to {}, which does not exist. Create that file or remove the link", .0.display())]
    DanglingLink(PathBuf),
    #[error(
        "it has {0} bytes, which is more than a configuration has. Make it smaller, or paste the snippet yourself"
    )]
    TooLarge(u64),
    #[error("it is in UTF-16. Save it as UTF-8, which is what the client expects")]
    Utf16,
    #[error("line {line} is not UTF-8. Save the file as UTF-8")]
    NotUtf8 { line: usize },
    #[error("line {line}, column {column}: {message}. Correct it and try again")]
    Syntax {
        line: usize,
        column: usize,
        message: String,
    },
    #[error("{what} is no {expected}, so no server can be added. Correct it and try again")]
    WrongKind {
        what: String,
        expected: &'static str,
    },
    #[error("{key:?} stands in it twice, in line {first} and in line {second}. Remove one of them")]
    Duplicate {
        key: String,
        first: usize,
        second: usize,
    },
    #[error("it could not be read: {0}")]
    Io(#[from] io::Error),
}

/// A configuration as text and as data.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Document {
    /// The text without its byte order mark.
    pub(in crate::cli) text: String,
    pub(in crate::cli) has_byte_order_mark: bool,
    /// What it says; an empty object for an empty file.
    pub(in crate::cli) value: Value,
    /// Whether it holds comments or trailing commas although it is JSON.
    pub(in crate::cli) is_loose_json: bool,
}

impl Document {
    /// The file's content, or `None` if there is no file.
    pub(in crate::cli) fn bytes(path: &Path) -> Result<Option<Vec<u8>>, ReadError> {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if is_missing(&error) => {
                return match fs::read_link(path) {
                    Ok(target) => Err(ReadError::DanglingLink(target)),
                    Err(_) => Ok(None),
                };
            }
            Err(error) => return Err(error.into()),
        };
        if metadata.is_dir() {
            return Err(ReadError::Directory);
        }
        if !metadata.is_file() {
            return Err(ReadError::Special);
        }
        if metadata.len() > MAX_SIZE {
            return Err(ReadError::TooLarge(metadata.len()));
        }
        Ok(Some(fs::read(path)?))
    }

    /// Reads and parses a file; `None` if there is none. `servers` are the keys on whose way nothing may stand twice.
    pub(in crate::cli) fn read(
        path: &Path,
        format: FileFormat,
        servers: &[&str],
    ) -> Result<Option<Self>, ReadError> {
        let bytes = Self::bytes(path)?;
        bytes
            .map(|bytes| Self::parse(&bytes, format, servers))
            .transpose()
    }

    /// Parses the content of a file.
    pub(in crate::cli) fn parse(
        bytes: &[u8],
        format: FileFormat,
        servers: &[&str],
    ) -> Result<Self, ReadError> {
        if matches!(
            bytes,
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..]
        ) {
            return Err(ReadError::Utf16);
        }
        let text = std::str::from_utf8(bytes).map_err(|error| ReadError::NotUtf8 {
            line: line_of(bytes, error.valid_up_to()),
        })?;
        let stripped = text.strip_prefix(BYTE_ORDER_MARK);
        let has_byte_order_mark = stripped.is_some();
        let text = stripped.unwrap_or(text);
        let (value, is_loose_json) = match format {
            FileFormat::StrictJson => (parse_json(text, &json_options(false), servers)?, false),
            FileFormat::Json | FileFormat::Jsonc => {
                let value = parse_json(text, &json_options(true), servers)?;
                let is_strict =
                    parse_to_ast(text, &CollectOptions::default(), &json_options(false));
                (value, is_strict.is_err())
            }
            FileFormat::Toml => (parse_toml(text)?, false),
            FileFormat::Yaml => (
                parse_yaml(text, servers)?.map_or(Value::Object(Map::new()), YamlNode::into_value),
                false,
            ),
        };
        if !value.is_object() {
            return Err(ReadError::WrongKind {
                what: "the whole file".to_owned(),
                expected: "object",
            });
        }
        let document = Self {
            text: text.to_owned(),
            has_byte_order_mark,
            value,
            is_loose_json,
        };
        let mut at = &document.value;
        for (depth, key) in servers.iter().enumerate() {
            match at.get(key) {
                None => break,
                Some(inner) if inner.is_object() => at = inner,
                // YAML and JSON write an empty map as nothing or as null.
                Some(Value::Null) if format == FileFormat::Yaml => break,
                Some(_) => {
                    return Err(ReadError::WrongKind {
                        what: format!("{:?}", servers[..=depth].join(".")),
                        expected: "object",
                    });
                }
            }
        }
        Ok(document)
    }

    /// The value behind these keys.
    pub(in crate::cli) fn at(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter()
            .try_fold(&self.value, |value, key| value.get(key))
    }
}

/// Whether a path leads nowhere, also because something on its way is no folder.
fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The line of a byte, counted from 1.
fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at.min(bytes.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}

/// JSON, with comments and trailing commas if `is_loose`.
pub(in crate::cli) fn json_options(is_loose: bool) -> ParseOptions {
    ParseOptions {
        allow_comments: is_loose,
        allow_trailing_commas: is_loose,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn parse_json(text: &str, options: &ParseOptions, servers: &[&str]) -> Result<Value, ReadError> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), options);
    let parsed = parsed.map_err(|error| ReadError::Syntax {
        line: error.line_display(),
        column: error.column_display(),
        message: error.kind().to_string(),
    })?;
    let Some(root) = parsed.value else {
        return Ok(Value::Object(Map::new()));
    };
    let mut object = root.as_object();
    for key in servers {
        let Some(map) = object else { break };
        refuse_duplicates(map, Some(key), text)?;
        object = map.get_object(key);
    }
    if let Some(servers) = object {
        refuse_duplicates(servers, None, text)?;
    }
    Ok(root.into())
}

/// Refuses an object in which this key, or any key, stands twice: readers differ in which one counts.
fn refuse_duplicates(object: &ast::Object, key: Option<&str>, text: &str) -> Result<(), ReadError> {
    let line = |property: &ast::ObjectProp| line_of(text.as_bytes(), property.range.start);
    let mut seen = HashMap::new();
    for property in &object.properties {
        let name = property.name.as_str();
        let is_meant = key.is_none_or(|key| key == name);
        if let Some(first) = seen.insert(name, property).filter(|_| is_meant) {
            return Err(ReadError::Duplicate {
                key: name.to_owned(),
                first: line(first),
                second: line(property),
            });
        }
    }
    Ok(())
}

fn parse_toml(text: &str) -> Result<Value, ReadError> {
    let document: toml_edit::DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let message = error.message().trim_end_matches('.').replace('\n', ", ");
            ReadError::Syntax {
                line: line_of(text.as_bytes(), at),
                column: text[line_start..at].chars().count() + 1,
                message,
            }
        })?;
    Ok(toml_table(document.as_table()))
}

fn toml_table(table: &dyn toml_edit::TableLike) -> Value {
    let entries = table
        .iter()
        .map(|(key, item)| (key.to_owned(), toml_item(item)));
    Value::Object(entries.collect())
}

fn toml_item(item: &toml_edit::Item) -> Value {
    match item {
        toml_edit::Item::None => Value::Null,
        toml_edit::Item::Table(table) => toml_table(table),
        toml_edit::Item::ArrayOfTables(tables) => {
            tables.iter().map(|table| toml_table(table)).collect()
        }
        toml_edit::Item::Value(value) => toml_value(value),
    }
}

fn toml_value(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => text.value().as_str().into(),
        toml_edit::Value::Integer(number) => (*number.value()).into(),
        toml_edit::Value::Float(number) => (*number.value()).into(),
        toml_edit::Value::Boolean(flag) => (*flag.value()).into(),
        toml_edit::Value::Datetime(time) => time.value().to_string().into(),
        toml_edit::Value::Array(items) => items.iter().map(toml_value).collect(),
        toml_edit::Value::InlineTable(table) => toml_table(table),
    }
}
