//! Endpoint trait: a request type names its method and path, and is split into path, query and body.

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Error;
use super::field_errors::FieldError;
use super::rewording::{OtherNames, Rewording, rename, rename_asked};
use super::weekday_numbers::WeekdayNumbers;

/// A request that is also the address it goes to.
///
/// Fields named in [`PATH`](Endpoint::PATH) fill the path.
/// The rest travels as query (GET, DELETE) or as JSON body.
pub trait Endpoint: Serialize + JsonSchema + Send + Sync {
    /// The documented reply, for output schemas and typed views; replies themselves stay raw JSON.
    type Response: JsonSchema;
    /// The HTTP method.
    const METHOD: Method;
    /// The path below the base URL, with fields in braces: `/spaces/{space_id}/posts`.
    const PATH: &'static str;
    /// Path fields that Saki also wants in the body.
    const ALSO_IN_BODY: &'static [&'static str] = &[];

    /// Whether sending the request twice has the effect of sending it once, so that it may be retried when its reply is lost.
    fn is_idempotent(&self) -> bool {
        matches!(Self::METHOD, Method::GET | Method::DELETE)
    }

    /// Fields of the body that the reference does not print, with other names that Saki may have for them.
    const OTHER_NAMES: OtherNames = &[];

    /// Writes a body otherwise.
    fn reword(body: &mut Map<String, Value>, rewording: Rewording) {
        if let Rewording::Name { ours, theirs } = rewording {
            rename(body, Self::OTHER_NAMES, ours, theirs);
        }
    }

    /// Changes the wording of a body that was `sent` as far as its refusal asks for another one.
    fn renegotiate(
        sent: &Map<String, Value>,
        errors: &[FieldError],
        _: WeekdayNumbers,
        wording: &mut Vec<Rewording>,
    ) {
        rename_asked(Self::OTHER_NAMES, sent, errors, wording);
    }

    /// When this request makes something public; it is not sent when that time has come too close.
    fn due(&self) -> Option<Timestamp> {
        None
    }
}

/// One request as it goes over the wire, below the base URL and without headers.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestParts {
    /// The HTTP method.
    pub method: Method,
    /// The percent-encoded path, starting with `/`.
    pub path: String,
    /// The encoded query without `?`; `None` when no field is left for it.
    pub query: Option<String>,
    /// The JSON body of POST, PUT and PATCH.
    pub body: Option<Map<String, Value>>,
}

/// Splits a request into its parts, without a network.
///
/// A null is left out of a query, which has no word for it, and kept in a body, where it clears a field.
///
/// # Errors
///
/// [`Error::InvalidPathSegment`] when a path field is not one plain path segment.
pub fn request_parts<E: Endpoint>(request: &E) -> Result<RequestParts, Error> {
    planned_parts::<E>(request)
}

/// The parts of a request that is going to become an `E` and cannot be sent yet.
pub(super) fn planned_parts<E: Endpoint>(request: &impl Serialize) -> Result<RequestParts, Error> {
    let fields =
        serde_json::to_value(request).map_err(|error| Error::InvalidRequest(error.to_string()))?;
    split(E::METHOD, E::PATH, E::ALSO_IN_BODY, fields)
}

fn split(
    method: Method,
    template: &str,
    also_in_body: &[&str],
    request: Value,
) -> Result<RequestParts, Error> {
    let mut fields = match request {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let path = fill_path(template, &mut fields, also_in_body)?;
    let (mut query, mut body) = (None, None);
    if matches!(method, Method::GET | Method::DELETE) {
        fields.retain(|_, value| !value.is_null());
        let encoded = serde_html_form::to_string(&fields)
            .map_err(|error| Error::InvalidRequest(error.to_string()))?;
        query = Some(encoded).filter(|query| !query.is_empty());
    } else {
        body = Some(fields);
    }
    Ok(RequestParts {
        method,
        path,
        query,
        body,
    })
}

fn fill_path(
    template: &str,
    fields: &mut Map<String, Value>,
    also_in_body: &[&str],
) -> Result<String, Error> {
    let mut path = String::with_capacity(template.len() + 16);
    for segment in template.split('/').skip(1) {
        path.push('/');
        match segment
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            None => path.push_str(segment),
            Some(name) if also_in_body.contains(&name) => {
                path.push_str(&encode_segment(name, fields.get(name))?);
            }
            Some(name) => {
                let value = fields.shift_remove(name);
                path.push_str(&encode_segment(name, value.as_ref())?);
            }
        }
    }
    Ok(path)
}

/// Laravel decodes the whole path before routing, so a character that could become a separator is refused, not encoded.
fn encode_segment(field: &str, value: Option<&Value>) -> Result<String, Error> {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    let text = match value {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let only_dots = text.chars().all(|c| c == '.');
    let unsafe_character =
        |c: char| c.is_control() || c.is_whitespace() || matches!(c, '/' | '\\' | '?' | '#' | '%');
    if only_dots || text.len() > 200 || text.contains(unsafe_character) {
        return Err(Error::InvalidPathSegment {
            field: field.to_owned(),
            given: text,
        });
    }
    Ok(utf8_percent_encode(&text, ENCODED).to_string())
}

#[cfg(test)]
mod tests;
