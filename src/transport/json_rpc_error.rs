//! JSON-RPC errors over HTTP: what a message of a client is answered that no handler sees.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rmcp::model::{ErrorData, ServerJsonRpcMessage};

use super::json_error::retry_soon;
use super::malformed_message;

/// An HTTP error as a JSON-RPC error, which clients show.
pub(super) fn error_response(status: StatusCode, text: String, body: &[u8]) -> Response {
    let error = if status.is_server_error() {
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

/// 503, as the answer to a request for which there is no room now.
pub(super) fn at_capacity(what: &str, body: &[u8]) -> Response {
    let text = format!("as many {what} as may be; try again in a second");
    retry_soon(error_response(StatusCode::SERVICE_UNAVAILABLE, text, body))
}
