//! Streamable HTTP at `/mcp`: rmcp's endpoint for every protocol revision, without sessions, its rough edges smoothed.

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

use super::in_flight::{InFlight, InFlightGuard};
use super::{MESSAGE_LIMIT, malformed};

const BOTH_TYPES: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// rmcp writes its refusals in a sentence.
const REFUSAL_LIMIT: usize = 64 * 1024;

struct Endpoint<H> {
    service: StreamableHttpService<Arc<H>, NeverSessionManager>,
    in_flight: InFlight,
}

/// The route `/mcp`; cancelling `stop` ends every stream and call.
pub(super) fn routes<H>(handler: Arc<H>, in_flight: InFlight, stop: CancellationToken) -> Router
where
    H: ServerHandler,
{
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MESSAGE_LIMIT)
        .with_cancellation_token(stop)
        // The guard has looked at both headers on every route.
        .disable_allowed_hosts()
        .disable_allowed_origins();
    let service = StreamableHttpService::new(
        move || io::Result::Ok(Arc::clone(&handler)),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    Router::new()
        .route("/mcp", post(answer::<H>))
        .with_state(Arc::new(Endpoint { service, in_flight }))
}

async fn answer<H>(State(endpoint): State<Arc<Endpoint<H>>>, request: Request) -> Response
where
    H: ServerHandler,
{
    let call = endpoint.in_flight.enter();
    let (mut parts, body) = request.into_parts();
    complete_accept(&mut parts.headers);
    let sent_json = is_json(&parts.headers);
    let subscribes =
        (parts.headers.get("mcp-method")).is_some_and(|method| method == "subscriptions/listen");

    let mut carrier = Request::new(body);
    DefaultBodyLimit::max(MESSAGE_LIMIT).apply(&mut carrier);
    let body = match Bytes::from_request(carrier, &()).await {
        Ok(body) => body,
        Err(rejection) => return refuse(rejection.status(), rejection.body_text(), b""),
    };

    let request = Request::from_parts(parts, Body::from(body.clone()));
    let response = endpoint.service.handle(request).await.map(Body::new);
    let status = response.status();
    if status.as_u16() >= 400 && !is_json(response.headers()) {
        if status == StatusCode::UNSUPPORTED_MEDIA_TYPE && sent_json {
            return json(StatusCode::BAD_REQUEST, &malformed::answer(&body));
        }
        let text = to_bytes(response.into_body(), REFUSAL_LIMIT).await;
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
        return refuse(status, text, &body);
    }
    if subscribes {
        // It ends when the client likes, so a shutdown does not wait for it.
        return response;
    }
    held(response, call)
}

/// Lets a call count until its stream has ended; an answer in one piece is complete already.
fn held(response: Response, call: InFlightGuard) -> Response {
    if is_json(response.headers()) {
        return response;
    }
    response.map(|body| {
        Body::from_stream(body.into_data_stream().inspect(move |_| {
            let _ = &call;
        }))
    })
}

/// rmcp wants both types named; a client that says nothing or takes anything means the same.
fn complete_accept(headers: &mut HeaderMap) {
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

/// A refusal or failure in the words of HTTP, as the JSON-RPC error that clients show.
fn refuse(status: StatusCode, text: String, body: &[u8]) -> Response {
    let error = if status.is_server_error() {
        ErrorData::internal_error(text, None)
    } else {
        ErrorData::invalid_request(text, None)
    };
    json(
        status,
        &ServerJsonRpcMessage::error(error, malformed::id(body)),
    )
}

pub(super) fn json(status: StatusCode, message: &ServerJsonRpcMessage) -> Response {
    (status, axum::Json(message)).into_response()
}
