//! Body parser: JSON bodies, multipart uploads and query strings, normalised as PHP and Laravel do.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use futures::StreamExt;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// A file of a multipart body: its description, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MultipartFile {
    /// Name of the form field.
    pub field: String,
    /// Name of the file.
    pub filename: String,
    /// MIME type that the part names.
    pub mime: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// First bytes of the file; they state the dimensions of an image.
    #[serde(skip)]
    pub(super) head: Vec<u8>,
}

/// A parsed body.
#[derive(Debug, Default)]
pub(super) struct ParsedBody {
    /// The body for the request log.
    pub(super) raw: Option<Value>,
    pub(super) uploads: Vec<MultipartFile>,
    pub(super) is_too_large: bool,
}

impl ParsedBody {
    /// The normalised fields of the body; a body that is no object has none.
    pub(super) fn fields(&self) -> Map<String, Value> {
        self.raw.clone().map_or_else(Map::new, normalized_fields)
    }
}

/// The normalised fields of a query string.
pub(super) fn query_fields(query: &str) -> Map<String, Value> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let pairs = pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())));
    normalized_fields(Value::Object(pairs.collect()))
}

fn normalized_fields(mut input: Value) -> Map<String, Value> {
    normalize(&mut input);
    match input {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Trims every text and replaces an empty one by null, like Laravel's middleware for all input.
fn normalize(value: &mut Value) {
    match value {
        Value::String(text) => {
            let invisible = |c: char| {
                c.is_whitespace() || matches!(c, '\0' | '\u{feff}' | '\u{200b}' | '\u{200e}')
            };
            let trimmed = text.trim_matches(invisible);
            if trimmed.is_empty() {
                *value = Value::Null;
            } else if trimmed.len() < text.len() {
                *text = trimmed.to_owned();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(normalize),
        Value::Object(map) => map.values_mut().for_each(normalize),
        _ => {}
    }
}

const MAX_JSON_BYTES: usize = 8 * 1024 * 1024;
const MAX_TEXT_BYTES: usize = 64 * 1024;
const FILE_HEAD_BYTES: usize = 32;

/// Parses the whole body; an early error reply would break the connection while the client still sends.
pub(super) async fn parse(request: Request) -> ParsedBody {
    let content_type = request.headers().get(CONTENT_TYPE);
    let content_type = content_type
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if content_type.starts_with("multipart/form-data") {
        return match Multipart::from_request(request, &()).await {
            Ok(form) => parse_multipart(form).await,
            Err(_) => ParsedBody::default(),
        };
    }
    let (bytes, is_too_large) = read_up_to(request.into_body(), MAX_JSON_BYTES).await;
    let is_json = content_type.contains("/json") || content_type.contains("+json");
    let raw = match serde_json::from_slice(&bytes) {
        _ if bytes.is_empty() => None,
        Ok(value) if is_json => Some(value),
        _ => Some(Value::String(String::from_utf8_lossy(&bytes).into_owned())),
    };
    ParsedBody {
        raw,
        uploads: Vec::new(),
        is_too_large,
    }
}

/// The first `limit` bytes of a body, and whether there were more; all of it is read.
async fn read_up_to(body: Body, limit: usize) -> (Vec<u8>, bool) {
    let (mut bytes, mut has_more) = (Vec::new(), false);
    let mut chunks = body.into_data_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        let room = limit - bytes.len();
        has_more |= chunk.len() > room;
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    (bytes, has_more)
}

async fn parse_multipart(mut form: Multipart) -> ParsedBody {
    let (mut uploads, mut texts) = (Vec::new(), Map::new());
    while let Ok(Some(mut part)) = form.next_field().await {
        let field = part.name().unwrap_or_default().to_owned();
        // PHP recognises a file by `filename=`; a part with only `filename*=` is a text field.
        let filename = part.file_name().map(str::to_owned);
        let mime = part
            .content_type()
            .unwrap_or("application/octet-stream")
            .to_owned();
        let (mut hash, mut size, mut head) = (Sha256::new(), 0, Vec::new());
        let head_limit = match filename {
            Some(_) => FILE_HEAD_BYTES,
            None => MAX_TEXT_BYTES,
        };
        while let Ok(Some(chunk)) = part.chunk().await {
            hash.update(&chunk);
            size += chunk.len() as u64;
            let room = head_limit - head.len();
            head.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        match filename {
            None => {
                let text = String::from_utf8_lossy(&head).into_owned();
                texts.insert(field, Value::String(text));
            }
            Some(filename) => uploads.push(MultipartFile {
                field,
                filename,
                mime,
                size,
                sha256: hex::encode(hash.finalize()),
                head,
            }),
        }
    }
    ParsedBody {
        raw: Some(Value::Object(texts)),
        uploads,
        is_too_large: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_trimmed_and_empty_ones_are_null() {
        let mut body =
            json!({"a": "  hi \n", "b": ["", " \u{200b}"], "c": {"d": "\u{feff}x"}, "e": 1});
        normalize(&mut body);
        assert_eq!(
            body,
            json!({"a": "hi", "b": [null, null], "c": {"d": "x"}, "e": 1})
        );
    }
}
