//! Capacity refusals: what a client is answered when a limit on requests or streams is reached.

use std::fmt::Debug;

use axum::response::Response;
use http::StatusCode;
use http::request::Parts;

use super::auth::{Authenticated, RefusalCause};
use super::json_error::{json_error, retry_soon};
use super::json_rpc_error::error_response;

/// The limit that a request has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtCapacity {
    /// The requests that are answered at a time.
    Requests,
    /// The calls of one principal at a time.
    CallsOfPrincipal(usize),
    /// The streams that are open at a time.
    Streams,
    /// The streams of one principal at a time.
    StreamsOfPrincipal(usize),
    /// The sessions that are open at a time, all of which are in use.
    Sessions,
    /// The sessions of one principal at a time, all of which are in use.
    SessionsOfPrincipal(usize),
    /// The requests of one batch, which are answered at the same time; there is never room for more.
    Batch(usize),
}

impl AtCapacity {
    /// 429 where a principal takes too much, 503 where all together do.
    fn status(self) -> StatusCode {
        match self {
            Self::Requests | Self::Streams | Self::Sessions => StatusCode::SERVICE_UNAVAILABLE,
            Self::CallsOfPrincipal(_)
            | Self::StreamsOfPrincipal(_)
            | Self::SessionsOfPrincipal(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Batch(_) => StatusCode::BAD_REQUEST,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Requests => {
                "as many requests are being answered as may be; try again in a second".to_owned()
            }
            Self::CallsOfPrincipal(max) => format!(
                "{max} calls of yours are being answered, and no more may be at a time; try again in a second"
            ),
            Self::Streams => {
                "as many streams are open as may be; close one, or try again in a second".to_owned()
            }
            Self::StreamsOfPrincipal(max) => format!(
                "{max} streams of yours are open, and no more may be at a time; close one; a call at /mcp needs none"
            ),
            Self::Sessions => {
                "as many sessions are in use as may be; end one, or try again in a second"
                    .to_owned()
            }
            Self::SessionsOfPrincipal(max) => format!(
                "{max} sessions of yours are in use, and no more may be at a time; end one with DELETE"
            ),
            Self::Batch(max) => {
                format!(
                    "no message of the batch was carried out: it may hold at most {max} calls here"
                )
            }
        }
    }

    /// The limit as the reason why a call was refused; streams and sessions are no calls.
    fn cause(self) -> Option<RefusalCause> {
        match self {
            Self::Requests => Some(RefusalCause::Requests),
            Self::CallsOfPrincipal(_) => Some(RefusalCause::CallsOfPrincipal),
            Self::Batch(_) => Some(RefusalCause::Batch),
            Self::Streams
            | Self::StreamsOfPrincipal(_)
            | Self::Sessions
            | Self::SessionsOfPrincipal(_) => None,
        }
    }

    fn may_fit_later(self) -> bool {
        !matches!(self, Self::Batch(_))
    }

    /// Refuses the calls in `body`, of which their handler is told, and returns the answer.
    pub(super) fn refuse_calls<H: Debug + Send + Sync + 'static>(
        self,
        authenticated: &Authenticated<H>,
        request: &Parts,
        body: &[u8],
    ) -> Response {
        if let Some(cause) = self.cause() {
            authenticated.note_refused(request, body, cause);
        }
        self.answer(body)
    }

    /// The answer to the message in `body`.
    pub(super) fn answer(self, body: &[u8]) -> Response {
        self.with_time(error_response(self.status(), self.text(), body))
    }

    /// The answer to a request that has no message.
    pub(super) fn answer_without_message(self) -> Response {
        let word = match self.status() {
            StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
            _ => "overloaded",
        };
        self.with_time(json_error(self.status(), word, self.text()))
    }

    fn with_time(self, response: Response) -> Response {
        match self.may_fit_later() {
            true => retry_soon(response),
            false => response,
        }
    }
}
