//! HTTP+SSE, the older transport (revision 2024-11-05): `GET /sse` opens a stream with a session, `POST /message` sends to it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, Extension, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::{StreamExt, channel::mpsc as sink, future, stream};
use http::request::Parts;
use http::{HeaderName, StatusCode};
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::common::server_side_http::session_id;
use rmcp::{ServerHandler, ServiceExt};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::auth::{Authenticated, Caller, RefusalCause};
use super::json_error::json_error;
use super::json_rpc_error::json_response;
use super::message_parser::{self, Incoming};
use super::pending_requests::{ConnectionRequests, PendingRequests};
use super::session_service::{SessionService, assign_handler};
use super::stream_slots::{StreamSlot, StreamSlots};
use super::{KEEP_ALIVE_INTERVAL, MAX_BATCH};

/// Messages that can wait in each direction of a session: a whole batch at least.
const QUEUE_CAPACITY: usize = MAX_BATCH;

struct SseSessions {
    open: Mutex<HashMap<Arc<str>, Session>>,
    pending: PendingRequests,
    streams: StreamSlots,
    abort: CancellationToken,
}

#[derive(Clone)]
struct Session {
    /// Who opened the stream: nobody else may send to it, and the limits of this caller hold for every message.
    caller: Arc<Caller>,
    messages: mpsc::Sender<ClientJsonRpcMessage>,
    requests: Arc<Mutex<ConnectionRequests>>,
}

/// Both routes. Cancelling `abort` ends every session.
pub(super) fn routes<H>(
    pending: PendingRequests,
    streams: StreamSlots,
    abort: CancellationToken,
) -> Router
where
    H: ServerHandler + Debug,
{
    let sessions = SseSessions {
        open: Mutex::default(),
        pending,
        streams,
        abort,
    };
    Router::new()
        .route("/sse", get(open_stream::<H>))
        .route("/sse/", get(open_stream::<H>))
        .route("/message", post(receive_message::<H>))
        // The middleware `body_limit` has read the body, and limits it.
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(sessions))
}

/// Removes a session and ends its service when the stream to the client is dropped.
struct EndSessionOnDrop {
    id: Arc<str>,
    sessions: Arc<SseSessions>,
    _stream: StreamSlot,
    _service: DropGuard,
}

impl Drop for EndSessionOnDrop {
    fn drop(&mut self) {
        lock(&self.sessions.open).remove(&self.id);
    }
}

async fn open_stream<H>(
    State(sessions): State<Arc<SseSessions>>,
    Extension(authenticated): Extension<Authenticated<H>>,
) -> Response
where
    H: ServerHandler + Debug,
{
    let stream = match sessions.streams.take(&authenticated.caller.principal) {
        Ok(stream) => stream,
        Err(full) => return full.answer_without_message(),
    };
    let id = session_id();
    let (messages, message_stream) = mpsc::channel(QUEUE_CAPACITY);
    let (answers, answer_stream) = sink::channel::<ServerJsonRpcMessage>(QUEUE_CAPACITY);
    let pending = sessions.pending.clone();
    let requests = Arc::new(Mutex::new(ConnectionRequests::new(
        pending,
        authenticated.caller.principal.clone(),
    )));
    let session = Session {
        caller: Arc::clone(&authenticated.caller),
        messages,
        requests: Arc::clone(&requests),
    };
    lock(&sessions.open).insert(Arc::clone(&id), session);
    let ct = sessions.abort.child_token();
    let end_session = EndSessionOnDrop {
        id: Arc::clone(&id),
        sessions: Arc::clone(&sessions),
        _stream: stream,
        _service: ct.clone().drop_guard(),
    };
    let service = SessionService(authenticated.handler);
    tokio::spawn(async move {
        let transport = (answers, ReceiverStream::new(message_stream));
        match service.serve_with_ct(transport, ct).await {
            Ok(running) => drop(running.waiting().await),
            Err(error) => tracing::debug!("a session ended during its handshake: {error}"),
        }
    });

    let endpoint = Event::default()
        .event("endpoint")
        .data(format!("/message?sessionId={id}"));
    let answers = answer_stream.map(move |answer| {
        let _ = &end_session;
        // Only now is the request no longer pending: a shutdown may close the stream right after.
        drop(lock(&requests).take_answered(&answer));
        Event::default()
            .event("message")
            .json_data(&answer)
            .unwrap_or_default()
    });
    let events = stream::once(future::ready(endpoint))
        .chain(answers)
        .take_until(sessions.abort.clone().cancelled_owned())
        .map(Ok::<_, Infallible>);
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_INTERVAL));
    (unbuffered, events).into_response()
}

#[derive(Deserialize)]
struct MessageQuery {
    #[serde(rename = "sessionId")]
    session_id: String,
}

async fn receive_message<H>(
    State(sessions): State<Arc<SseSessions>>,
    Extension(authenticated): Extension<Authenticated<H>>,
    query: Result<Query<MessageQuery>, QueryRejection>,
    parts: Parts,
    body: Bytes,
) -> Response
where
    H: ServerHandler + Debug,
{
    let Ok(Query(query)) = query else {
        let text =
            "The address needs one sessionId, which GET /sse names at the begin of its stream.";
        return json_error(StatusCode::BAD_REQUEST, "invalid_request", text);
    };
    let session = lock(&sessions.open).get(query.session_id.as_str()).cloned();
    // A session of somebody else is no session.
    let session = session.filter(|session| session.caller.is_same(&authenticated.caller));
    let Some(session) = session else {
        let text = "No such session: its stream has ended. Open a new one with GET /sse.";
        return json_error(StatusCode::NOT_FOUND, "no_session", text);
    };
    // The revisions of this transport have no batches, so each message of one is answered by itself.
    let (mut messages, errors) = match message_parser::parse(&body) {
        Incoming::One(Ok(message)) => (vec![message], Vec::new()),
        Incoming::One(Err(error)) => (Vec::new(), vec![error]),
        Incoming::Batch { messages, errors } => (messages, errors),
    };
    if let Some(error) = errors.first() {
        return json_response(StatusCode::BAD_REQUEST, error);
    }
    if let Some(refusal) = authenticated.scope_refusal(&parts, &body) {
        return refusal;
    }
    let handler = match authenticated.limited_by(&session.caller) {
        Ok(handler) => handler,
        Err(refusal) => {
            authenticated.note_refused(&parts, &body, RefusalCause::Limits);
            return *refusal;
        }
    };
    assign_handler(&mut messages, &parts, &handler);
    // A batch is taken as a whole or refused as a whole, so that a client that sends it again calls nothing twice.
    let Ok(places) = session.messages.reserve_many(messages.len()).await else {
        return json_error(StatusCode::GONE, "no_session", "The session has ended.");
    };
    let admitted = lock(&session.requests).admit(messages);
    match admitted {
        Ok(passed) => (places.zip(passed)).for_each(|(place, message)| place.send(message)),
        Err(full) => return full.refuse_calls(&authenticated, &parts, &body),
    }
    (StatusCode::ACCEPTED, "Accepted").into_response()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
