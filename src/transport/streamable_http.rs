//! Streamable HTTP at `/mcp`: rmcp's stateless endpoint for every protocol revision, with JSON-RPC errors in place of its plain texts, and sessions where they are on.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::StreamExt;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::auth::{Authenticated, NeededScope, Principal};
use super::json_error::json_error;
use super::json_rpc_error::{error_response, json_response};
use super::malformed_message;
use super::message_parser::{self, BYTE_ORDER_MARK, LenientReading, may_call_tool};
use super::pending_requests::PendingRequests;
use super::sessions::{SessionPost, SessionUse, Sessions};
use super::stream_slots::StreamSlots;

const BOTH_TYPES: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// rmcp's own error texts are one sentence.
const ERROR_TEXT_LIMIT: usize = 64 * 1024;

struct StreamableHttp {
    config: StreamableHttpServerConfig,
    pending: PendingRequests,
    streams: StreamSlots,
    sessions: Option<Sessions>,
}

/// A handler as a service of rmcp: each caller has a handler, and making the service costs nothing.
struct CallerService<H>(StreamableHttpService<Arc<H>, NeverSessionManager>);

/// The route `/mcp`, also with the slash that some clients append. Cancelling `abort` ends every stream and request.
pub(super) fn routes<H>(
    pending: PendingRequests,
    streams: StreamSlots,
    sessions: Option<Sessions>,
    abort: CancellationToken,
) -> Router
where
    H: ServerHandler + Debug,
{
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        // The middleware `body_limit` has read the body, and limits it.
        .with_max_request_body_bytes(usize::MAX)
        .with_cancellation_token(abort)
        // The middleware `host_origin_check` checks both headers on every route.
        .disable_allowed_hosts()
        .disable_allowed_origins();
    let methods = match sessions {
        Some(_) => post(handle_post::<H>)
            .get(open_session_stream::<H>)
            .delete(end_session::<H>),
        None => post(handle_post::<H>),
    };
    Router::new()
        .route("/mcp", methods.clone())
        .route("/mcp/", methods)
        .with_state(Arc::new(StreamableHttp {
            config,
            pending,
            streams,
            sessions,
        }))
}

async fn handle_post<H>(
    State(state): State<Arc<StreamableHttp>>,
    Extension(authenticated): Extension<Authenticated<H>>,
    request: Request,
) -> Response
where
    H: ServerHandler + Debug,
{
    let (mut parts, body) = request.into_parts();
    let takes_stream = fill_in_accept(&mut parts.headers);
    let claims_json = is_json(&parts.headers);
    let is_subscription =
        (parts.headers.get("mcp-method")).is_some_and(|method| method == "subscriptions/listen");

    let body = match to_bytes(body, usize::MAX).await {
        Ok(body) => body,
        Err(error) => return error_response(StatusCode::BAD_REQUEST, error.to_string(), b""),
    };
    let body = match body.strip_prefix(BYTE_ORDER_MARK) {
        Some(message) => body.slice_ref(message),
        None => body,
    };
    let sessions = state.sessions.as_ref().filter(|_| claims_json);
    let used = sessions.and_then(|all| Some((all, SessionUse::of(&parts.headers, &body)?)));
    if let Some((sessions, used)) = used {
        let post = SessionPost {
            authenticated,
            parts,
            body,
            takes_stream,
        };
        return match used {
            SessionUse::Begin => sessions.begin(post).await,
            SessionUse::Within(id) => sessions.receive(&id, post).await,
        };
    }
    if let Some(refusal) = authenticated.scope_refusal(&parts, &body) {
        return refusal;
    }
    let principal = &authenticated.caller.principal;
    let counts = *principal != Principal::Anyone && may_call_tool(&body);
    let pending = match state.pending.begin_call(counts.then_some(principal)) {
        Ok(pending) => pending,
        Err(full) => return full.refuse_calls(&authenticated, &parts, &body),
    };
    let needed_scope = NeededScope::default();
    parts.extensions.insert(needed_scope.clone());
    let service = CallerService::new(Arc::clone(&authenticated.handler), &state.config);
    if is_subscription {
        let stream = match state.streams.take(principal) {
            Ok(stream) => stream,
            Err(full) => return full.answer(&body),
        };
        // A subscription lasts until the client ends it, so a shutdown must not wait for it.
        return until_sent(service.forward(parts, body).await, stream);
    }

    let response = service.forward(parts.clone(), body.clone()).await;
    let is_unread = claims_json && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let response = match is_unread.then(|| message_parser::read_leniently(&body)) {
        None => response,
        Some(Some(read)) => {
            if read.is_batch {
                // Other calls of it may have been done.
                parts.extensions.remove::<NeededScope>();
            }
            service.forward_each(parts, read).await
        }
        Some(None) => {
            let error = malformed_message::error_response(&body);
            return json_response(StatusCode::BAD_REQUEST, &error);
        }
    };
    let needed = needed_scope.noted().filter(|_| is_json(response.headers()));
    let refusal = needed.and_then(|(scope, why)| authenticated.late_scope_refusal(*scope, why));
    if let Some(refusal) = refusal {
        return refusal;
    }
    match takes_stream {
        true => until_sent(response, pending),
        false => without_stream(response).await,
    }
}

async fn open_session_stream<H>(
    State(state): State<Arc<StreamableHttp>>,
    Extension(authenticated): Extension<Authenticated<H>>,
    headers: HeaderMap,
) -> Response
where
    H: ServerHandler + Debug,
{
    match (&state.sessions, SessionUse::of(&headers, b"")) {
        (Some(sessions), Some(SessionUse::Within(id))) => {
            sessions.open_stream(&id, &headers, &authenticated)
        }
        _ => needs_session("GET"),
    }
}

async fn end_session<H>(
    State(state): State<Arc<StreamableHttp>>,
    Extension(authenticated): Extension<Authenticated<H>>,
    headers: HeaderMap,
) -> Response
where
    H: ServerHandler + Debug,
{
    match (&state.sessions, SessionUse::of(&headers, b"")) {
        (Some(sessions), Some(SessionUse::Within(id))) => {
            sessions.end(&id, &headers, &authenticated)
        }
        _ => needs_session("DELETE"),
    }
}

/// Clients that keep no session ask for a stream too, and take this status for a no.
fn needs_session(method: &str) -> Response {
    let text = format!(
        "/mcp takes {method} requests only of a session: send the header Mcp-Session-Id that initialize was answered with."
    );
    json_error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text)
}

impl<H: ServerHandler> CallerService<H> {
    fn new(handler: Arc<H>, config: &StreamableHttpServerConfig) -> Self {
        Self(StreamableHttpService::new(
            move || io::Result::Ok(Arc::clone(&handler)),
            Arc::new(NeverSessionManager::default()),
            config.clone(),
        ))
    }

    /// The answer of rmcp, with its plain texts as JSON-RPC errors.
    async fn forward(&self, parts: Parts, body: Bytes) -> Response {
        let request = Request::from_parts(parts, Body::from(body.clone()));
        let response = self.0.handle(request).await.map(Body::new);
        let status = response.status();
        if status.as_u16() < 400 || is_json(response.headers()) {
            return response;
        }
        let text = to_bytes(response.into_body(), ERROR_TEXT_LIMIT).await;
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
        error_response(status, text, &body)
    }

    /// The answers to the messages of a batch, one after the other, or to the only message.
    async fn forward_each(&self, parts: Parts, read: LenientReading) -> Response {
        let mut answers = Vec::new();
        for value in read.values {
            let mut response = self.forward(parts.clone(), value.to_string().into()).await;
            if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
                let error = malformed_message::invalid_request(&value);
                response = json_response(StatusCode::BAD_REQUEST, &error);
            }
            if !read.is_batch {
                return response;
            }
            let body = to_bytes(without_stream(response).await.into_body(), usize::MAX).await;
            // A notification is accepted with an empty body.
            let answer = serde_json::from_slice::<Value>(&body.unwrap_or_default());
            answers.extend(answer.ok());
        }
        match answers.as_slice() {
            [] => StatusCode::ACCEPTED.into_response(),
            answers => axum::Json(answers).into_response(),
        }
    }
}

/// The answer alone, where rmcp streams progress before it.
async fn without_stream(response: Response) -> Response {
    let is_stream = (response.headers().get(header::CONTENT_TYPE))
        .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
    if !is_stream {
        return response;
    }
    let events = to_bytes(response.into_body(), usize::MAX).await;
    let events = String::from_utf8_lossy(&events.unwrap_or_default()).into_owned();
    let data = events
        .lines()
        .rev()
        .filter_map(|line| line.strip_prefix("data:"));
    let mut messages = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    match messages.find(|message| message.get("method").is_none()) {
        Some(answer) => axum::Json(answer).into_response(),
        None => error_response(
            StatusCode::INTERNAL_SERVER_ERROR,
            "no answer".to_owned(),
            b"",
        ),
    }
}

/// Keeps a guard until the stream of an answer has ended. An answer that is not a stream is complete already.
fn until_sent<G: Send + 'static>(response: Response, guard: G) -> Response {
    if is_json(response.headers()) {
        return response;
    }
    response.map(|body| {
        Body::from_stream(body.into_data_stream().inspect(move |_| {
            let _ = &guard;
        }))
    })
}

/// rmcp requires both types in `Accept`; this adds them where the client sends none, accepts anything, or JSON alone.
///
/// Returns whether the client takes an event stream.
fn fill_in_accept(headers: &mut HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let entries: Vec<&str> = (accepted.filter_map(|value| value.to_str().ok()))
        .flat_map(|value| value.split(','))
        .filter(|entry| !entry.trim().is_empty())
        .collect();
    let accepted: Vec<String> = entries
        .iter()
        .filter_map(|entry| accepted_type(entry))
        .collect();
    let takes = |kind: &str| accepted.iter().any(|accepted| accepted == kind);
    let anything = entries.is_empty() || takes("*/*");
    let json = takes("application/json") || takes("application/*");
    let stream = takes("text/event-stream");
    // Both are named otherwise, as `application/*` or with a weight.
    if anything || json {
        headers.insert(header::ACCEPT, BOTH_TYPES);
    }
    anything || stream || !json
}

/// The media type of an entry in `Accept`; nothing where it is refused by `q=0`.
fn accepted_type(entry: &str) -> Option<String> {
    let mut parts = entry
        .split(';')
        .map(|part| part.trim().to_ascii_lowercase());
    let kind = parts.next()?;
    let is_refused = parts.any(|part| {
        let weight = part
            .strip_prefix("q=")
            .and_then(|weight| weight.parse().ok());
        weight.is_some_and(|weight: f32| weight <= 0.0)
    });
    (!is_refused).then_some(kind)
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}
