//! Streamable HTTP at `/mcp`: rmcp's stateless endpoint for every protocol revision, with JSON-RPC errors in place of its plain texts.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::StreamExt;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rmcp::ServerHandler;
use rmcp::model::{ErrorData, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio_util::sync::CancellationToken;

use super::pending_requests::{PendingRequest, PendingRequests};
use super::{MESSAGE_LIMIT, malformed_message};

const BOTH_TYPES: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// rmcp's own error texts are one sentence.
const ERROR_TEXT_LIMIT: usize = 64 * 1024;

struct StreamableHttp<H> {
    service: StreamableHttpService<Arc<H>, NeverSessionManager>,
    pending: PendingRequests,
}

/// The route `/mcp`. Cancelling `abort` ends every stream and request.
pub(super) fn routes<H>(
    handler: Arc<H>,
    pending: PendingRequests,
    abort: CancellationToken,
) -> Router
where
    H: ServerHandler,
{
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MESSAGE_LIMIT)
        .with_cancellation_token(abort)
        // The middleware `host_origin_check` checks both headers on every route.
        .disable_allowed_hosts()
        .disable_allowed_origins();
    let service = StreamableHttpService::new(
        move || io::Result::Ok(Arc::clone(&handler)),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    Router::new()
        .route("/mcp", post(handle_post::<H>))
        .with_state(Arc::new(StreamableHttp { service, pending }))
}

async fn handle_post<H>(State(state): State<Arc<StreamableHttp<H>>>, request: Request) -> Response
where
    H: ServerHandler,
{
    let pending = state.pending.begin();
    let (mut parts, body) = request.into_parts();
    fill_in_accept(&mut parts.headers);
    let claims_json = is_json(&parts.headers);
    let is_subscription =
        (parts.headers.get("mcp-method")).is_some_and(|method| method == "subscriptions/listen");

    let mut limited = Request::new(body);
    DefaultBodyLimit::max(MESSAGE_LIMIT).apply(&mut limited);
    let body = match Bytes::from_request(limited, &()).await {
        Ok(body) => body,
        Err(rejection) => return error_response(rejection.status(), rejection.body_text(), b""),
    };

    let request = Request::from_parts(parts, Body::from(body.clone()));
    let response = state.service.handle(request).await.map(Body::new);
    let status = response.status();
    if status.as_u16() >= 400 && !is_json(response.headers()) {
        if status == StatusCode::UNSUPPORTED_MEDIA_TYPE && claims_json {
            let error = malformed_message::error_response(&body);
            return json_response(StatusCode::BAD_REQUEST, &error);
        }
        let text = to_bytes(response.into_body(), ERROR_TEXT_LIMIT).await;
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
        return error_response(status, text, &body);
    }
    if is_subscription {
        // A subscription lasts until the client ends it, so a shutdown must not wait for it.
        return response;
    }
    pending_until_sent(response, pending)
}

/// Keeps a request pending until its SSE stream has ended. An answer that is not a stream is complete already.
fn pending_until_sent(response: Response, pending: PendingRequest) -> Response {
    if is_json(response.headers()) {
        return response;
    }
    response.map(|body| {
        Body::from_stream(body.into_data_stream().inspect(move |_| {
            let _ = &pending;
        }))
    })
}

/// rmcp requires both types in `Accept`; this adds them where the client sends no `Accept` or accepts anything.
fn fill_in_accept(headers: &mut HeaderMap) {
    let mut accepted = headers.get_all(header::ACCEPT).iter().peekable();
    let anything = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains("*/*"));
    if accepted.peek().is_none() || accepted.any(anything) {
        headers.insert(header::ACCEPT, BOTH_TYPES);
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// An HTTP error as a JSON-RPC error, which clients show.
fn error_response(status: StatusCode, text: String, body: &[u8]) -> Response {
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
