//! Reading a request's body as PHP would, before anybody judges it.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use futures::StreamExt;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// A file of a multipart body: what is known of it once its bytes have gone by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upload {
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
    /// The first bytes, which show the dimensions of a picture.
    #[serde(skip)]
    pub(super) head: Vec<u8>,
}

/// A body, whatever it was.
#[derive(Debug, Default)]
pub(super) struct Intake {
    /// What was sent, for the log.
    pub(super) sent: Option<Value>,
    pub(super) uploads: Vec<Upload>,
    pub(super) is_too_large: bool,
}

impl Intake {
    /// The named fields of the body; what cannot be parsed has none.
    pub(super) fn fields(&self) -> Map<String, Value> {
        match &self.sent {
            Some(Value::Object(fields)) => fields.clone(),
            _ => Map::new(),
        }
    }
}

const LARGEST_JSON: usize = 8 * 1024 * 1024;
const LARGEST_TEXT: usize = 64 * 1024;
const HEAD: usize = 32;

/// Reads the whole body, so that an early refusal does not break the connection under the sender.
pub(super) async fn read(request: Request) -> Intake {
    let kind = |headers: &HeaderMap| {
        let kind = headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        kind.unwrap_or_default().to_ascii_lowercase()
    };
    let kind = kind(request.headers());
    if kind.starts_with("multipart/form-data") {
        return match Multipart::from_request(request, &()).await {
            Ok(form) => multipart(form).await,
            Err(_) => Intake::default(),
        };
    }
    let (bytes, is_too_large) = drain(request.into_body(), LARGEST_JSON).await;
    let is_json = kind.contains("/json") || kind.contains("+json");
    let sent = match serde_json::from_slice(&bytes) {
        _ if bytes.is_empty() => None,
        Ok(value) if is_json => Some(value),
        _ => Some(Value::String(String::from_utf8_lossy(&bytes).into_owned())),
    };
    Intake {
        sent,
        uploads: Vec::new(),
        is_too_large,
    }
}

/// The body up to a limit, and whether there was more; the rest is read and let go.
async fn drain(body: Body, limit: usize) -> (Vec<u8>, bool) {
    let (mut whole, mut is_more) = (Vec::new(), false);
    let mut chunks = body.into_data_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        let room = limit - whole.len();
        is_more |= chunk.len() > room;
        whole.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    (whole, is_more)
}

async fn multipart(mut form: Multipart) -> Intake {
    let (mut uploads, mut texts) = (Vec::new(), Map::new());
    while let Ok(Some(mut part)) = form.next_field().await {
        let field = part.name().unwrap_or_default().to_owned();
        // PHP knows a file by `filename=`; one that has only `filename*=` is a text to it.
        let filename = part.file_name().map(str::to_owned);
        let mime = part
            .content_type()
            .unwrap_or("application/octet-stream")
            .to_owned();
        let (mut hash, mut size, mut head) = (Sha256::new(), 0, Vec::new());
        let kept = if filename.is_some() {
            HEAD
        } else {
            LARGEST_TEXT
        };
        while let Ok(Some(chunk)) = part.chunk().await {
            hash.update(&chunk);
            size += chunk.len() as u64;
            let room = kept - head.len();
            head.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        match filename {
            None => {
                let text = String::from_utf8_lossy(&head).into_owned();
                texts.insert(field, Value::String(text));
            }
            Some(filename) => uploads.push(Upload {
                field,
                filename,
                mime,
                size,
                sha256: hash
                    .finalize()
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect(),
                head,
            }),
        }
    }
    Intake {
        sent: Some(Value::Object(texts)),
        uploads,
        is_too_large: false,
    }
}

/// What Laravel does to input before anything sees it: texts are trimmed, and empty ones are null.
pub(super) fn tidy(value: &mut Value) {
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
        Value::Array(list) => list.iter_mut().for_each(tidy),
        Value::Object(map) => map.values_mut().for_each(tidy),
        _ => {}
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
        tidy(&mut body);
        assert_eq!(
            body,
            json!({"a": "hi", "b": [null, null], "c": {"d": "x"}, "e": 1})
        );
    }
}
