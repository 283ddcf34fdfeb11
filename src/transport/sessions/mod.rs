//! Sessions of Streamable HTTP at `/mcp`, for clients that begin with `initialize`: streams that can be resumed, calls that can be cancelled, and questions to the client.
//!
//! rmcp has a session manager, which is not used: it drops an answer that is ready while the connection is cut, lets one slow
//! connection hold up all others of its session, serves every message with the handler of the first, and has no cap.

mod event_log;
mod session_streams;
mod session_table;
mod streamable_session;

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::stream;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use rmcp::ServerHandler;
use rmcp::model::{ClientJsonRpcMessage, ClientRequest, JsonRpcMessage, ProtocolVersion};
use rmcp::transport::common::server_side_http::session_id;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::session_streams::{AnswerForm, StreamEvent, StreamReader};
use self::session_table::SessionTable;
use self::streamable_session::{NotPassed, StreamableSession};
use super::KEEP_ALIVE_INTERVAL;
use super::auth::{Authenticated, RefusalCause};
use super::http_limits::HttpLimits;
use super::json_error::json_error;
use super::json_rpc_error::{error_response, json_response};
use super::malformed_message;
use super::message_parser::{self, Incoming};
use super::pending_requests::PendingRequests;
use super::session_service::assign_handler;
use super::stream_slots::StreamSlots;

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");

/// After a cut, a client waits so long before it resumes its stream.
const RETRY: Duration = Duration::from_secs(1);

/// The sessions of a server, and what they share with its other requests.
#[derive(Debug)]
pub(super) struct Sessions {
    table: Arc<SessionTable>,
    idle_timeout: Duration,
    pending: PendingRequests,
    streams: StreamSlots,
    abort: CancellationToken,
}

/// What a request has to do with sessions.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SessionUse {
    /// It begins one.
    Begin,
    /// It belongs to the one with this id.
    Within(String),
}

impl SessionUse {
    /// Nothing where the client has no session, or speaks a revision that knows none.
    pub(super) fn of(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let knows_none = |version: &str| version >= ProtocolVersion::V_2026_07_28.as_str();
        if version(headers).is_some_and(knows_none) {
            return None;
        }
        if message_parser::is_initialize(body) {
            return Some(Self::Begin);
        }
        let id = headers.get(SESSION_ID)?;
        let id = String::from_utf8_lossy(id.as_bytes()).into_owned();
        Some(Self::Within(id))
    }
}

/// A request that has been read, of a client that may have a session.
pub(super) struct SessionPost<H> {
    pub(super) authenticated: Authenticated<H>,
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    /// Whether the client takes a stream of events as an answer.
    pub(super) takes_stream: bool,
}

impl Sessions {
    /// Cancelling `abort` ends every session.
    pub(super) fn new(
        limits: &HttpLimits,
        pending: PendingRequests,
        streams: StreamSlots,
        abort: CancellationToken,
    ) -> Self {
        Self {
            table: Arc::new(SessionTable::new(limits)),
            idle_timeout: limits.session_idle_timeout,
            pending,
            streams,
            abort,
        }
    }

    /// Begins a session, and answers `initialize` with its id.
    pub(super) async fn begin<H>(&self, post: SessionPost<H>) -> Response
    where
        H: ServerHandler + Debug,
    {
        let message = match message_parser::parse(&post.body) {
            Incoming::One(Ok(message)) => message,
            _ => {
                let error = malformed_message::error_response(&post.body);
                return json_response(StatusCode::BAD_REQUEST, &error);
            }
        };
        if let Some(why) = contradicted_version(&post.parts.headers, &message) {
            return error_response(StatusCode::BAD_REQUEST, why, &post.body);
        }
        let handler = Arc::clone(&post.authenticated.handler);
        let (session, input) = StreamableSession::new(
            session_id(),
            Arc::clone(&post.authenticated.caller),
            self.pending.clone(),
            &self.abort,
        );
        if let Err(full) = self.table.add(&session) {
            return full.answer(&post.body);
        }
        let (table, serving) = (Arc::clone(&self.table), Arc::clone(&session));
        let (id, idle_timeout) = (Arc::clone(&session.id), self.idle_timeout);
        let of_session = Arc::clone(&handler);
        tokio::spawn(async move {
            serving.serve(input, of_session, idle_timeout).await;
            table.remove(&id);
        });
        let mut messages = vec![message];
        assign_handler(&mut messages, &post.parts, &handler);
        let reader = match session.pass(messages, AnswerForm::Json).await {
            Ok(reader) => reader,
            Err(why) => {
                session.end();
                return why.answer(&post);
            }
        };
        let answers = all_answers(reader).await;
        let mut response = as_json(&answers, false, &post.body);
        if answers.first().is_some_and(|answer| is_success(answer))
            && let Ok(id) = HeaderValue::from_str(&session.id)
        {
            response.headers_mut().insert(SESSION_ID, id);
        }
        response
    }

    /// Passes the messages of a POST on to their session.
    pub(super) async fn receive<H>(&self, id: &str, post: SessionPost<H>) -> Response
    where
        H: ServerHandler + Debug,
    {
        let session = match self.session(id, &post.parts.headers, &post.authenticated) {
            Ok(session) => session,
            Err(refusal) => return *refusal,
        };
        let (mut messages, errors, is_batch) = match message_parser::parse(&post.body) {
            Incoming::One(Ok(message)) => (vec![message], Vec::new(), false),
            Incoming::One(Err(error)) => (Vec::new(), vec![error], false),
            Incoming::Batch { messages, errors } => (messages, errors, true),
        };
        if let Some(error) = errors.first() {
            return json_response(StatusCode::BAD_REQUEST, error);
        }
        let (authenticated, parts) = (&post.authenticated, &post.parts);
        if let Some(refusal) = authenticated.scope_refusal(parts, &post.body) {
            return refusal;
        }
        let handler = match authenticated.with_header_limits_of(&session.caller) {
            Ok(handler) => handler,
            Err(refusal) => {
                authenticated.note_refused(parts, &post.body, RefusalCause::Limits);
                return *refusal;
            }
        };
        assign_handler(&mut messages, parts, &handler);
        let form = match post.takes_stream {
            true => AnswerForm::Events {
                primed: takes_primed_streams(&parts.headers),
            },
            false => AnswerForm::Json,
        };
        match session.pass(messages, form).await {
            Ok(None) => StatusCode::ACCEPTED.into_response(),
            Ok(Some(reader)) if post.takes_stream => event_stream(reader, ()),
            Ok(reader) => as_json(&all_answers(reader).await, is_batch, &post.body),
            Err(why) => why.answer(&post),
        }
    }

    /// Answers a GET: the stream of what belongs to no request, or one that is resumed after the event that the client names.
    pub(super) fn open_stream<H>(
        &self,
        id: &str,
        headers: &HeaderMap,
        authenticated: &Authenticated<H>,
    ) -> Response
    where
        H: Debug + Send + Sync + 'static,
    {
        let session = match self.session(id, headers, authenticated) {
            Ok(session) => session,
            Err(refusal) => return *refusal,
        };
        let slot = match self.streams.take(&authenticated.caller.principal) {
            Ok(slot) => slot,
            Err(full) => return full.answer_without_message(),
        };
        let reader = match headers.get(LAST_EVENT_ID) {
            None => session.streams.read_standalone(),
            Some(last) => {
                let last = String::from_utf8_lossy(last.as_bytes());
                let reader = session.streams.resume(&last);
                if reader.is_none() {
                    return unknown_event(&last);
                }
                reader
            }
        };
        match reader {
            Some(reader) => event_stream(reader, slot),
            None => no_session(),
        }
    }

    /// Answers a DELETE, which ends the session.
    pub(super) fn end<H>(
        &self,
        id: &str,
        headers: &HeaderMap,
        authenticated: &Authenticated<H>,
    ) -> Response
    where
        H: Debug + Send + Sync + 'static,
    {
        match self.session(id, headers, authenticated) {
            Ok(session) => {
                self.table.remove(&session.id);
                session.end();
                StatusCode::NO_CONTENT.into_response()
            }
            Err(refusal) => *refusal,
        }
    }

    /// The session of a request.
    fn session<H>(
        &self,
        id: &str,
        headers: &HeaderMap,
        authenticated: &Authenticated<H>,
    ) -> Result<Arc<StreamableSession>, Box<Response>> {
        let session = self.table.find(id, &authenticated.caller);
        let session = session.ok_or_else(|| Box::new(no_session()))?;
        session.note_use();
        let named = headers.get(PROTOCOL_VERSION);
        let is_known = |named: &HeaderValue| {
            let known = ProtocolVersion::KNOWN_VERSIONS.iter();
            known.into_iter().any(|known| known.as_str() == named)
        };
        match named.filter(|named| !is_known(named)) {
            None => Ok(session),
            Some(named) => {
                let named = String::from_utf8_lossy(named.as_bytes());
                let text = format!("Bad Request: Unsupported MCP-Protocol-Version: {named}");
                Err(Box::new(json_error(
                    StatusCode::BAD_REQUEST,
                    "unsupported_version",
                    text,
                )))
            }
        }
    }
}

impl NotPassed {
    fn answer<H: Debug + Send + Sync + 'static>(self, post: &SessionPost<H>) -> Response {
        match self {
            Self::Closed => no_session(),
            Self::IdInUse(id) => {
                let text =
                    format!("the request with the id {id} is not answered yet; use another id");
                error_response(StatusCode::BAD_REQUEST, text, &post.body)
            }
            Self::AtCapacity(full) => {
                full.refuse_calls(&post.authenticated, &post.parts, &post.body)
            }
        }
    }
}

fn no_session() -> Response {
    let text = "There is no such session: it was idle for too long, or ended with its server. Begin a new one with initialize, without Mcp-Session-Id.";
    json_error(StatusCode::NOT_FOUND, "no_session", text)
}

fn unknown_event(last: &str) -> Response {
    let text = format!(
        "Nothing is kept after the event `{last}`: its stream is too old, or was never one of this session. Send the request again; before you repeat a write, look whether it was done."
    );
    json_error(StatusCode::BAD_REQUEST, "unknown_event", text)
}

fn version(headers: &HeaderMap) -> Option<&str> {
    headers.get(PROTOCOL_VERSION)?.to_str().ok()
}

/// Whether a client knows events that have only an id. It is there from the begin of the stream on, so that a stream can be
/// resumed whose connection is cut before its first message. Older clients take the empty data for a message.
fn takes_primed_streams(headers: &HeaderMap) -> bool {
    version(headers).is_some_and(|version| version >= ProtocolVersion::V_2025_11_25.as_str())
}

/// What is wrong where the header names another version than `initialize` itself.
fn contradicted_version(headers: &HeaderMap, message: &ClientJsonRpcMessage) -> Option<String> {
    let JsonRpcMessage::Request(request) = message else {
        return None;
    };
    let ClientRequest::InitializeRequest(initialize) = &request.request else {
        return None;
    };
    let asked = initialize.params.protocol_version.as_str();
    let named = version(headers).filter(|named| *named != asked)?;
    Some(format!(
        "the header MCP-Protocol-Version ({named}) is not the protocolVersion of the message ({asked})"
    ))
}

async fn all_answers(reader: Option<StreamReader>) -> Vec<Arc<str>> {
    let mut answers = Vec::new();
    if let Some(mut reader) = reader {
        while let Some(event) = reader.next().await {
            answers.push(event.data);
        }
    }
    answers
}

fn as_json(answers: &[Arc<str>], is_batch: bool, body: &[u8]) -> Response {
    let json = match answers {
        [] => {
            let text = "the request was cancelled, or its session has ended".to_owned();
            return error_response(StatusCode::INTERNAL_SERVER_ERROR, text, body);
        }
        [answer] if !is_batch => answer.to_string(),
        answers => format!("[{}]", answers.join(",")),
    };
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

/// The error of an answer, if it has one.
#[derive(Deserialize)]
struct ErrorOnly {
    error: Option<IgnoredAny>,
}

fn is_success(answer: &str) -> bool {
    serde_json::from_str(answer).is_ok_and(|ErrorOnly { error }| error.is_none())
}

/// The events of a stream as they come; `guard` is kept until it ends.
fn event_stream<G: Send + 'static>(reader: StreamReader, guard: G) -> Response {
    let events = stream::unfold((reader, guard), |(mut reader, guard)| async move {
        let text = match timeout(KEEP_ALIVE_INTERVAL, reader.next()).await {
            Ok(event) => event_text(&event?),
            Err(_) => ":\n\n".to_owned(),
        };
        Some((Ok::<_, Infallible>(text), (reader, guard)))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(events)).into_response()
}

/// An event as it stands in a stream: one that has only an id says when to come back.
fn event_text(event: &StreamEvent) -> String {
    let StreamEvent { id, data } = event;
    match data.is_empty() {
        true => format!("id: {id}\nretry: {}\ndata:\n\n", RETRY.as_millis()),
        false => format!("id: {id}\ndata: {data}\n\n"),
    }
}
