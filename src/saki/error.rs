//! What the API or the wire did, kept whole enough to explain it.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Method;

/// Everything that can go wrong between a request type and Saki's reply.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No key was configured.
    #[error("no Saki API key is set")]
    NoKey,
    /// What was configured as the key cannot be one.
    #[error("the Saki API key is not usable: {0}")]
    Key(String),
    /// The base URL is one that may not be used.
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
        /// What stood in it.
        given: String,
    },
    /// A request could not be written as JSON or as a query.
    #[error("the request could not be written: {0}")]
    InvalidRequest(String),
    /// This Saki takes only the short form of a create call, which cannot say this.
    #[error("this Saki takes only content, account_ids and scheduled_at, which cannot say: {}", .0.join(", "))]
    UnsupportedByShortForm(Vec<&'static str>),
    /// A time came so close, while waiting for Saki, that it may have passed on arrival; it was not sent.
    #[error("the time {at} came too close while waiting for Saki")]
    DueTooSoon {
        /// When the posts were to go out.
        at: Timestamp,
    },
    /// Saki answered with another status than 2xx.
    #[error("Saki answered {} to {} {}", .0.status, .0.method, .0.path)]
    Status(Box<Answer>),
    /// Saki answered 2xx with something that is not JSON.
    #[error("the answer to {} {} is not JSON", .0.method, .0.path)]
    NotJson(Box<Answer>),
    /// No whole answer arrived.
    #[error("no answer to {method} {path}: {reason}")]
    Network {
        /// The method of the request.
        method: Method,
        /// The path of the request below the base URL.
        path: String,
        /// What happened, as a class.
        lost: Lost,
        /// What happened, in the words of the layer that noticed; never with a URL.
        reason: String,
        /// How often the request was made.
        tries: u32,
    },
}

/// How a request got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The host name could not be resolved; nothing was sent.
    Dns,
    /// The connection could not be made; nothing was sent.
    Connect,
    /// The TLS handshake failed; nothing was sent.
    Tls,
    /// The time was up after the request had been sent.
    Timeout,
    /// The connection ended before the whole answer was there.
    Reset,
}

/// A reply as it came, for those replies that are failures.
#[derive(Debug, Clone)]
pub struct Answer {
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
    /// How often the request was made.
    pub tries: u32,
}

impl Error {
    /// The reply, where one came.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Status(answer) | Self::NotJson(answer) => Some(answer),
            _ => None,
        }
    }

    /// The HTTP status, where a reply came.
    pub fn status(&self) -> Option<u16> {
        self.answer().map(|answer| answer.status)
    }

    /// Whether Saki says that the thing does not exist.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// Whether Saki refused the content of the request, so that nothing was done.
    pub fn is_validation(&self) -> bool {
        self.status() == Some(422)
    }

    /// How often the request was made, the first time included; 0 where it never was.
    pub fn tries(&self) -> u32 {
        match self {
            Self::Network { tries, .. } => *tries,
            _ => self.answer().map_or(0, |answer| answer.tries),
        }
    }

    /// The same error after so many tries.
    pub(super) fn after(mut self, count: u32) -> Self {
        match &mut self {
            Self::Network { tries, .. } => *tries = count,
            Self::Status(answer) | Self::NotJson(answer) => answer.tries = count,
            _ => {}
        }
        self
    }

    /// How long Saki asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.answer()?.retry_after
    }

    /// Whether the request provably never reached Saki.
    pub fn was_never_sent(&self) -> bool {
        match self {
            Self::Status(_) | Self::NotJson(_) => false,
            Self::Network { lost, .. } => matches!(lost, Lost::Dns | Lost::Connect | Lost::Tls),
            _ => true,
        }
    }

    /// Whether a write may or may not have happened.
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::Status(answer) => answer.status >= 500 || answer.status == 408,
            Self::NotJson(_) => true,
            _ => !self.was_never_sent(),
        }
    }
}
