//! One try: a request goes out, and what comes back is a reply or says why there is none.

use std::error::Error as Cause;
use std::io::{self, ErrorKind};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use reqwest::header::{DATE, LOCATION, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use super::connection_pool::root_cause;
use super::{Answer, Error, Lost, Reply};

/// The largest answer that is read; the largest page of posts is far below.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;
const KEPT_OF_A_FAILURE: usize = 64 * 1024;

/// Sends a request once and reads its whole answer.
pub(super) async fn round_trip(
    builder: RequestBuilder,
    method: Method,
    path: String,
) -> Result<Reply, Error> {
    let lost = |error: &reqwest::Error| {
        let (lost, reason) = classify(error);
        Error::Network {
            method: method.clone(),
            path: path.clone(),
            lost,
            reason,
            tries: 1,
        }
    };
    let response = builder.send().await.map_err(|error| lost(&error))?;
    let status = response.status();
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let date = header(DATE).and_then(http_date);
    let answer = Answer {
        method: method.clone(),
        path: path.clone(),
        status: status.as_u16(),
        retry_after: header(RETRY_AFTER).and_then(|text| wait(text, date)),
        location: header(LOCATION)
            .map(|text| text.split(['?', '#']).next().unwrap_or_default().to_owned()),
        date,
        body: String::new(),
        tries: 1,
    };
    let bytes = whole_body(response).await;
    if !status.is_success() {
        // The status says enough; a body that broke off takes nothing away from it.
        return Err(Error::Status(Box::new(
            answer.with_body(&bytes.unwrap_or_default()),
        )));
    }
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(Unread::TooLarge) => {
            return Err(Error::NotJson(Box::new(
                answer.with_body(b"(an answer above 32 MiB)"),
            )));
        }
        Err(Unread::Broken(error)) => return Err(lost(&error)),
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        // Nothing in answer to a question is not an empty list.
        if method.is_safe() && status.as_u16() != 204 {
            return Err(Error::NotJson(Box::new(answer)));
        }
        return Ok(Reply {
            status: status.as_u16(),
            body: None,
            date,
        });
    }
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(body) => Ok(Reply {
            status: status.as_u16(),
            body: Some(body),
            date,
        }),
        Err(_) => Err(Error::NotJson(Box::new(answer.with_body(&bytes)))),
    }
}

impl Answer {
    fn with_body(mut self, bytes: &[u8]) -> Self {
        self.body =
            String::from_utf8_lossy(&bytes[..bytes.len().min(KEPT_OF_A_FAILURE)]).into_owned();
        self
    }
}

enum Unread {
    TooLarge,
    Broken(reqwest::Error),
}

async fn whole_body(response: Response) -> Result<Bytes, Unread> {
    let mut stream = response.bytes_stream();
    let mut whole = BytesMut::new();
    let mut first: Option<Bytes> = None;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(Unread::Broken)?;
        if whole.len() + chunk.len() > LARGEST_ANSWER {
            return Err(Unread::TooLarge);
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

fn classify(error: &reqwest::Error) -> (Lost, String) {
    let reason = root_cause(error);
    if error.is_timeout() {
        let lost = if error.is_connect() {
            Lost::Connect
        } else {
            Lost::Timeout
        };
        return (lost, "the time was up".to_owned());
    }
    if !error.is_connect() {
        return (Lost::Reset, reason);
    }
    let first: &(dyn Cause + 'static) = error;
    let chain: Vec<_> = std::iter::successors(Some(first), |&cause| cause.source()).collect();
    let says = |word: &str| {
        chain
            .iter()
            .any(|cause| cause.to_string().to_ascii_lowercase().contains(word))
    };
    let lost = if says("dns") || says("lookup") {
        Lost::Dns
    } else if chain.iter().any(|cause| is_breach(*cause)) {
        // A handshake that was cut off says nothing against the certificate; the connection was not made.
        Lost::Connect
    } else if says("certificate") || says("tls") || says("handshake") || says("corrupt message") {
        Lost::Tls
    } else {
        Lost::Connect
    };
    (lost, reason)
}

/// Whether the connection ended, said by an I/O error or by one inside it, which the chain of sources leaves out.
fn is_breach(cause: &(dyn Cause + 'static)) -> bool {
    let Some(error) = cause.downcast_ref::<io::Error>() else {
        return false;
    };
    match error.get_ref() {
        Some(inner) if inner.is::<io::Error>() => is_breach(inner),
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
fn wait(text: &str, now: Option<i64>) -> Option<Duration> {
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
        assert_eq!(wait(" 30 ", None), Some(Duration::from_secs(30)));
        let now = http_date("Sat, 10 Apr 2027 07:00:00 GMT");
        assert_eq!(now, Some(1_807_340_400));
        assert_eq!(
            wait("Sat, 10 Apr 2027 07:01:30 GMT", now),
            Some(Duration::from_secs(90))
        );
        assert_eq!(
            wait("Sat, 10 Apr 2027 06:00:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(wait("soon", now), None);
    }
}
