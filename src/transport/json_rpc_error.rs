//! JSON-RPC errors over HTTP: what a message of a client is answered that no handler sees.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rmcp::model::{ErrorData, ServerJsonRpcMessage};

use super::json_error::retry_soon;
use super::malformed_message;
use super::pending_requests::AtCapacity;

/// An HTTP error as a JSON-RPC error, which clients show.
pub(super) fn error_response(status: StatusCode, text: String, body: &[u8]) -> Response {
    // A request that comes too early is a good one.
    let is_good = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    let error = if is_good {
        ErrorData::internal_error(text, None)
    } else {
        ErrorData::invalid_request(text, None)
    };
    let id = malformed_message::request_id(body);
    json_response(status, &ServerJsonRpcMessage::error(error, id))
}

pub(super) fn json_response(status: StatusCode, message: &ServerJsonRpcMessage) -> Response {
    (status, axum::Json(message)).into_response()
}

/// The answer to a request for which there is no room now: 429 where its principal takes too much, else 503.
pub(super) fn at_capacity(full: AtCapacity, body: &[u8]) -> Response {
    match full {
        AtCapacity::Server => too_many("as many requests are being answered as may be", body),
        AtCapacity::Principal(max) => {
            let text = format!(
                "{max} calls of yours are being answered, and no more may be at a time; try again in a second"
            );
            retry_soon(error_response(StatusCode::TOO_MANY_REQUESTS, text, body))
        }
    }
}

/// 503, as the answer to a request for which there is no room now.
pub(super) fn too_many(what: &str, body: &[u8]) -> Response {
    let text = format!("{what}; try again in a second");
    retry_soon(error_response(StatusCode::SERVICE_UNAVAILABLE, text, body))
}
