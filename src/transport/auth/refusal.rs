//! Refusals of the authentication: a status, a JSON body in the form of OAuth errors, and the challenge that clients follow.

use crate::transport::json_error::json_error;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// Why a request is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) kind: RefusalKind,
    pub(super) description: String,
    /// The value of `WWW-Authenticate`.
    pub(super) challenge: Option<String>,
}

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefusalKind {
    /// The request is ambiguous or not understood.
    InvalidRequest,
    /// There are no credentials.
    Unauthenticated,
    /// The credentials are wrong.
    InvalidToken,
    /// The caller may do nothing here.
    Forbidden,
    /// The scopes of the token do not reach.
    InsufficientScope,
    /// Too many logins failed.
    TooManyFailures,
    /// The token cannot be checked now.
    Unavailable,
}

impl RefusalKind {
    fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest => StatusCode::BAD_REQUEST,
            Self::Unauthenticated | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::TooManyFailures => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The word of the error, those of OAuth where it has one.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Unauthenticated => "unauthorized",
            Self::InvalidToken => "invalid_token",
            Self::Forbidden => "access_denied",
            Self::InsufficientScope => "insufficient_scope",
            Self::TooManyFailures => "slow_down",
            Self::Unavailable => "temporarily_unavailable",
        }
    }

    fn retry_after(self) -> Option<HeaderValue> {
        match self {
            Self::TooManyFailures => Some(HeaderValue::from_static("60")),
            Self::Unavailable => Some(HeaderValue::from_static("10")),
            _ => None,
        }
    }
}

impl Refusal {
    pub(super) fn new(kind: RefusalKind, description: impl Into<String>) -> Self {
        Self {
            kind,
            description: description.into(),
            challenge: None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = json_error(self.kind.status(), self.kind.word(), self.description);
        let headers = response.headers_mut();
        let challenge = self.challenge.as_deref().map(HeaderValue::from_str);
        let mut set = |name: HeaderName, value: Option<HeaderValue>| {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        };
        set(header::WWW_AUTHENTICATE, challenge.and_then(Result::ok));
        set(header::RETRY_AFTER, self.kind.retry_after());
        set(
            header::CACHE_CONTROL,
            Some(HeaderValue::from_static("no-store")),
        );
        set(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            Some(HeaderValue::from_static("WWW-Authenticate, Retry-After")),
        );
        response
    }
}
