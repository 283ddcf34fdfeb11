//! JSON errors of HTTP: what every route answers that has no JSON-RPC message to answer.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// The fields have the names and types of an OAuth error, since clients parse the answer to an unknown path as one.
#[derive(Serialize)]
struct JsonError {
    error: &'static str,
    error_description: String,
}

/// An error of one word for programs, and a sentence for people.
pub(super) fn json_error(
    status: StatusCode,
    error: &'static str,
    description: impl Into<String>,
) -> Response {
    let body = JsonError {
        error,
        error_description: description.into(),
    };
    (status, axum::Json(body)).into_response()
}

/// The same response, which asks to try again in a second.
pub(super) fn retry_soon(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
