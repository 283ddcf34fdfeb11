//! The client: a base URL, a key and a shared pool; a clone is cheap.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use super::http::innermost;
use super::learn::Learned;
use super::{Answer, BaseUrl, Endpoint, Error, Http, Key, Lost, Parts, Reply, split};

/// The largest answer that is read; the largest page of posts is far below.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;
const KEPT_OF_A_FAILURE: usize = 64 * 1024;

/// Sends request types to one Saki with one key.
#[derive(Debug, Clone)]
pub struct Client {
    http: Http,
    base: Arc<BaseUrl>,
    key: Result<Key, Option<String>>,
    learned: Arc<Learned>,
}

impl Client {
    /// A client without a key; every call fails with [`Error::NoKey`] until [`with_key`](Client::with_key).
    pub fn new(http: Http, base: BaseUrl) -> Self {
        Self {
            http,
            base: Arc::new(base),
            key: Err(None),
            learned: Arc::default(),
        }
    }

    /// The same client, pool and learning with another key.
    ///
    /// A key that cannot be one is kept as its explanation, and every call says it.
    #[must_use]
    pub fn with_key(self, key: Result<Key, Error>) -> Self {
        let key = key.map_err(|error| match error {
            Error::Key(why) => Some(why),
            _ => None,
        });
        Self { key, ..self }
    }

    /// Whose key this is, as a hash; all zeros without a key.
    pub fn whose(&self) -> [u8; 32] {
        self.key.as_ref().map(Key::digest).unwrap_or_default()
    }

    /// What this Saki has taught about itself so far.
    pub(crate) fn learned(&self) -> &Learned {
        &self.learned
    }

    /// Sends one request and reads its whole answer.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; a reply that is JSON is never a decoding error.
    pub async fn send<E: Endpoint>(&self, request: &E) -> Result<Reply, Error> {
        let Parts {
            method,
            path,
            query,
            body,
        } = split(request)?;
        let mut builder = self.request(&method, &path, query.as_deref())?;
        if let Some(body) = body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body);
        }
        self.exchange(builder, method, path).await
    }

    pub(super) fn request(
        &self,
        method: &Method,
        path: &str,
        query: Option<&str>,
    ) -> Result<RequestBuilder, Error> {
        let key = self.key.as_ref().map_err(|why| match why {
            Some(why) => Error::Key(why.clone()),
            None => Error::NoKey,
        })?;
        let authorization = key.header().ok_or(Error::NoKey)?;
        Ok(self
            .http
            .pool()?
            .request(method.clone(), self.base.join(path, query))
            .header(AUTHORIZATION, authorization)
            .header(ACCEPT, "application/json"))
    }

    pub(super) fn upload_timeout(&self) -> Duration {
        self.http.options().upload_timeout
    }

    pub(super) async fn exchange(
        &self,
        builder: RequestBuilder,
        method: Method,
        path: String,
    ) -> Result<Reply, Error> {
        let lost = |error: &reqwest::Error| {
            let (lost, reason) = classify(error);
            Error::Lost {
                method: method.clone(),
                path: path.clone(),
                lost,
                reason,
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
    let reason = innermost(error);
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
    let chain: Vec<String> =
        std::iter::successors(Some(error as &dyn std::error::Error), |error| {
            error.source()
        })
        .map(ToString::to_string)
        .collect();
    let says = |word: &str| {
        chain
            .iter()
            .any(|text| text.to_ascii_lowercase().contains(word))
    };
    let lost = if says("dns") || says("lookup") {
        Lost::Dns
    } else if says("certificate") || says("tls") || says("handshake") || says("corrupt message") {
        Lost::Tls
    } else {
        Lost::Connect
    };
    (lost, reason)
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
