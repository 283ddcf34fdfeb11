//! JSON-RPC errors over HTTP: what a message of a client is answered that no handler sees.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rmcp::model::{ErrorData, ServerJsonRpcMessage};

use super::malformed_message;

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
