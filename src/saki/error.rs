//! Error type of the client: an HTTP status with its body, or a network failure (made in `round_trip`).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Method;

/// Everything that can go wrong between a request type and Saki's reply.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No key was configured.
    #[error("no Saki API key is set")]
    NoKey,
    /// The configured key cannot be a key.
    #[error("the Saki API key is not usable: {0}")]
    Key(String),
    /// The base URL may not be used.
    #[error("the base URL {0}")]
    BaseUrl(String),
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be set up: {0}")]
    ClientSetup(String),
    /// A path field is not one plain path segment, so nothing was sent.
    #[error("{field} {given:?} is not an id")]
    InvalidPathSegment {
        /// The field of the request.
        field: String,
        /// Its value.
        given: String,
    },
    /// A request could not be written as JSON or as a query.
    #[error("the request could not be written: {0}")]
    InvalidRequest(String),
    /// Saki refused the full form of a create call, and the short form cannot express this.
    #[error("this Saki takes only content, account_ids and scheduled_at, which cannot say: {}", .0.join(", "))]
    UnsupportedByShortForm(Vec<&'static str>, Box<ErrorResponse>),
    /// While waiting for Saki, a time came so close that it may have passed on arrival; nothing was sent.
    #[error("the time {at} came too close while waiting for Saki")]
    DueTooSoon {
        /// When the posts were to go out.
        at: Timestamp,
    },
    /// Saki answered with another status than 2xx.
    #[error("Saki answered {} to {} {}", .0.status, .0.method, .0.path)]
    Status(Box<ErrorResponse>),
    /// Saki answered 2xx, and its body says that the call was refused.
    #[error("Saki answered {} to {} {} and refused it in the body", .0.status, .0.method, .0.path)]
    RefusedInBody(Box<ErrorResponse>),
    /// Saki answered 2xx with something that is not JSON.
    #[error("the answer to {} {} is not JSON", .0.method, .0.path)]
    NotJson(Box<ErrorResponse>),
    /// No complete response arrived.
    #[error("no answer to {method} {path}: {reason}")]
    Network {
        /// The method of the request.
        method: Method,
        /// The path of the request below the base URL.
        path: String,
        /// What happened, as a class.
        failure: NetworkFailure,
        /// What happened, in the words of the network layer; never with a URL.
        reason: String,
        /// How often the request was sent.
        attempts: u32,
    },
}

/// Why a request got no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkFailure {
    /// The host name could not be resolved; nothing was sent.
    Dns,
    /// The connection could not be made; nothing was sent.
    Connect,
    /// The TLS handshake failed; nothing was sent.
    Tls,
    /// The timeout passed after the request had been sent.
    Timeout,
    /// The connection ended before the response was complete.
    Reset,
}

/// A response that is an error: another status than 2xx, a refusal in the body, or a body that is not JSON.
#[derive(Debug, Clone)]
pub struct ErrorResponse {
    /// The method of the request.
    pub method: Method,
    /// The path of the request below the base URL.
    pub path: String,
    /// The HTTP status.
    pub status: u16,
    /// How long Saki asks to wait (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// Where a redirect points, without its query.
    pub location: Option<String>,
    /// Saki's own clock (`Date` header), in Unix seconds.
    pub date: Option<i64>,
    /// The body, whatever it is; cut at 64 KiB.
    pub body: String,
    /// How often the request was sent.
    pub attempts: u32,
    /// Where the key of the request comes from, if that may be told.
    pub key_origin: Option<Arc<str>>,
}

impl Error {
    /// The error response, where one came.
    pub fn response(&self) -> Option<&ErrorResponse> {
        match self {
            Self::Status(response)
            | Self::RefusedInBody(response)
            | Self::NotJson(response)
            | Self::UnsupportedByShortForm(_, response) => Some(response),
            _ => None,
        }
    }

    /// The same error with a changed response, where one came.
    pub(super) fn map_response(mut self, change: impl FnOnce(&mut ErrorResponse)) -> Self {
        if let Self::Status(response) | Self::RefusedInBody(response) | Self::NotJson(response) =
            &mut self
        {
            change(response);
        }
        self
    }

    /// The same refusal, which asks for the short form that cannot express this.
    pub(super) fn unsupported_by_short_form(self, features: Vec<&'static str>) -> Self {
        match self {
            Self::Status(response) => Self::UnsupportedByShortForm(features, response),
            other => other,
        }
    }

    /// The HTTP status, where a response came.
    pub fn status(&self) -> Option<u16> {
        self.response().map(|response| response.status)
    }

    /// Whether Saki says that the resource does not exist.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// Whether Saki itself says that the resource is gone; a page that is not JSON may come from something before Saki.
    pub fn is_gone(&self) -> bool {
        let is_json = |response: &ErrorResponse| response.body.trim_start().starts_with(['{', '[']);
        matches!(self.status(), Some(404 | 410)) && self.response().is_some_and(is_json)
    }

    /// Whether Saki refused the content of the request, so that nothing was done.
    pub fn is_validation(&self) -> bool {
        self.status() == Some(422)
    }

    /// How often the request was sent, the first time included; 0 where it never was.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Network { attempts, .. } => *attempts,
            _ => self.response().map_or(0, |response| response.attempts),
        }
    }

    /// The same error after so many attempts.
    pub(super) fn after_attempts(mut self, count: u32) -> Self {
        if let Self::Network { attempts, .. } = &mut self {
            *attempts = count;
        }
        self.map_response(|response| response.attempts = count)
    }

    /// How long Saki asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.response()?.retry_after
    }

    /// Whether the request provably never reached Saki.
    pub fn was_never_sent(&self) -> bool {
        match self {
            Self::Status(_)
            | Self::RefusedInBody(_)
            | Self::NotJson(_)
            | Self::UnsupportedByShortForm(..) => false,
            Self::Network { failure, .. } => matches!(
                failure,
                NetworkFailure::Dns | NetworkFailure::Connect | NetworkFailure::Tls
            ),
            _ => true,
        }
    }

    /// Whether a write may or may not have happened.
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::Status(response) => response.status >= 500 || response.status == 408,
            Self::NotJson(_) => true,
            Self::RefusedInBody(_) | Self::UnsupportedByShortForm(..) => false,
            _ => !self.was_never_sent(),
        }
    }
}
