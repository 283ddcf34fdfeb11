//! HTTP round trip: one attempt, whose status and body become a reply or an error.

use std::error::Error as Cause;
use std::io::{self, ErrorKind};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use reqwest::header::{DATE, LOCATION, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use super::connection_pool::root_cause;
use super::refused_in_body::is_refusal;
use super::release_memory::release_after;
use super::{Error, ErrorResponse, NetworkFailure, Reply, redact_url};

/// The largest body that is read; the largest page of posts is far below.
const MAX_BODY: usize = 32 * 1024 * 1024;
/// How much of an error body is kept.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// Sends a request once and reads its whole response.
pub(super) async fn round_trip(
    builder: RequestBuilder,
    method: Method,
    path: String,
) -> Result<Reply, Error> {
    let network_error = |error: &reqwest::Error| {
        let (failure, reason) = classify(error);
        Error::Network {
            method: method.clone(),
            path: path.clone(),
            failure,
            reason,
            attempts: 1,
        }
    };
    let response = builder
        .send()
        .await
        .map_err(|error| network_error(&error))?;
    let status = response.status();
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let date = header(DATE).and_then(http_date);
    let error_response = ErrorResponse {
        method: method.clone(),
        path: path.clone(),
        status: status.as_u16(),
        retry_after: header(RETRY_AFTER).and_then(|text| retry_after(text, date)),
        location: header(LOCATION).map(redact_url),
        date,
        body: String::new(),
        attempts: 1,
        key_origin: None,
    };
    let bytes = read_body(response).await;
    release_after(bytes.as_ref().map_or(0, Bytes::len));
    if !status.is_success() {
        // The status is enough, even if the body is truncated.
        return Err(Error::Status(Box::new(
            error_response.with_body(&bytes.unwrap_or_default()),
        )));
    }
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(BodyError::TooLarge) => {
            return Err(Error::NotJson(Box::new(
                error_response.with_body(b"(an answer above 32 MiB)"),
            )));
        }
        Err(BodyError::Broken(error)) => return Err(network_error(&error)),
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        // An empty response to a read is not an empty list.
        if method.is_safe() && status.as_u16() != 204 {
            return Err(Error::NotJson(Box::new(error_response)));
        }
        return Ok(Reply {
            status: status.as_u16(),
            body: None,
            date,
        });
    }
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(body) if is_refusal(&method, &body) => Err(Error::RefusedInBody(Box::new(
            error_response.with_body(&bytes),
        ))),
        Ok(body) => Ok(Reply {
            status: status.as_u16(),
            // An empty object says of a write as little as no body.
            body: Some(body).filter(|body| method.is_safe() || *body != json!({})),
            date,
        }),
        Err(_) => Err(Error::NotJson(Box::new(error_response.with_body(&bytes)))),
    }
}

impl ErrorResponse {
    fn with_body(mut self, bytes: &[u8]) -> Self {
        self.body = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_ERROR_BODY)]).into_owned();
        self
    }
}

/// Why a body could not be read.
enum BodyError {
    TooLarge,
    Broken(reqwest::Error),
}

async fn read_body(response: Response) -> Result<Bytes, BodyError> {
    let mut stream = response.bytes_stream();
    let mut whole = BytesMut::new();
    let mut first: Option<Bytes> = None;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(BodyError::Broken)?;
        if whole.len() + chunk.len() > MAX_BODY {
            return Err(BodyError::TooLarge);
        }
        match first.take() {
            None if whole.is_empty() => first = Some(chunk),
            None => whole.extend_from_slice(&chunk),
            Some(start) => {
                whole.extend_from_slice(&start);
                whole.extend_from_slice(&chunk);
            }
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

fn classify(error: &reqwest::Error) -> (NetworkFailure, String) {
    let reason = root_cause(error);
    if error.is_timeout() {
        let failure = if error.is_connect() {
            NetworkFailure::Connect
        } else {
            NetworkFailure::Timeout
        };
        return (failure, "the time was up".to_owned());
    }
    if !error.is_connect() {
        return (NetworkFailure::Reset, reason);
    }
    let first: &(dyn Cause + 'static) = error;
    let chain: Vec<_> = std::iter::successors(Some(first), |&cause| cause.source()).collect();
    let says = |word: &str| {
        chain
            .iter()
            .any(|cause| cause.to_string().to_ascii_lowercase().contains(word))
    };
    let failure = if says("dns") || says("lookup") {
        NetworkFailure::Dns
    } else if chain.iter().any(|cause| is_disconnect(*cause)) {
        // A handshake that was cut off proves no bad certificate; the connection was not made.
        NetworkFailure::Connect
    } else if says("certificate") || says("tls") || says("handshake") || says("corrupt message") {
        NetworkFailure::Tls
    } else {
        NetworkFailure::Connect
    };
    (failure, reason)
}

/// Whether an I/O error, or one wrapped in it, says that the connection ended; the chain of sources leaves the inner one out.
fn is_disconnect(cause: &(dyn Cause + 'static)) -> bool {
    let Some(error) = cause.downcast_ref::<io::Error>() else {
        return false;
    };
    match error.get_ref() {
        Some(inner) if inner.is::<io::Error>() => is_disconnect(inner),
        _ => matches!(
            error.kind(),
            ErrorKind::BrokenPipe
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset
                | ErrorKind::UnexpectedEof
        ),
    }
}

/// `Retry-After` is a number of seconds or a date.
fn retry_after(text: &str, now: Option<i64>) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let now = now.unwrap_or_else(|| jiff::Timestamp::now().as_second());
    let seconds = http_date(text)?.saturating_sub(now);
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

fn http_date(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(text)
        .ok()
        .map(|date| date.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_as_seconds_and_as_a_date() {
        assert_eq!(retry_after(" 30 ", None), Some(Duration::from_secs(30)));
        let now = http_date("Sat, 10 Apr 2027 07:00:00 GMT");
        assert_eq!(now, Some(1_807_340_400));
        assert_eq!(
            retry_after("Sat, 10 Apr 2027 07:01:30 GMT", now),
            Some(Duration::from_secs(90))
        );
        assert_eq!(
            retry_after("Sat, 10 Apr 2027 06:00:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon", now), None);
    }
}
