//! The HTTP+SSE transport of 2024-11-05, for clients that know no other: `GET /sse` streams, `POST /message` sends.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::{StreamExt, channel::mpsc as sink, future, stream};
use http::{HeaderName, StatusCode};
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::common::server_side_http::session_id;
use rmcp::{ServerHandler, ServiceExt};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::in_flight::{Calls, InFlight};
use super::{MESSAGE_LIMIT, malformed, streamable};

/// Open streams at a time. One more is refused: closing somebody's stream would lose the answers on it.
pub(super) const SESSIONS: usize = 128;

/// Messages that may wait on either side of a session.
const QUEUE: usize = 64;

/// Proxies close a silent stream after 30 s and more, and a client that vanished is found by writing to it.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

struct Sessions<H> {
    handler: Arc<H>,
    open: Mutex<HashMap<Arc<str>, Session>>,
    in_flight: InFlight,
    stop: CancellationToken,
}

#[derive(Clone)]
struct Session {
    messages: mpsc::Sender<ClientJsonRpcMessage>,
    calls: Arc<Mutex<Calls>>,
}

/// Both routes; cancelling `stop` ends every session.
pub(super) fn routes<H>(handler: Arc<H>, in_flight: InFlight, stop: CancellationToken) -> Router
where
    H: ServerHandler,
{
    let sessions = Sessions {
        handler,
        open: Mutex::default(),
        in_flight,
        stop,
    };
    Router::new()
        .route("/sse", get(open::<H>))
        .route("/message", post(send::<H>))
        .layer(DefaultBodyLimit::max(MESSAGE_LIMIT))
        .with_state(Arc::new(sessions))
}

/// Removes a session and ends its service when the client's stream is dropped.
struct Closing<H> {
    id: Arc<str>,
    sessions: Arc<Sessions<H>>,
    _service: DropGuard,
}

impl<H> Drop for Closing<H> {
    fn drop(&mut self) {
        lock(&self.sessions.open).remove(&self.id);
    }
}

async fn open<H>(State(sessions): State<Arc<Sessions<H>>>) -> Response
where
    H: ServerHandler,
{
    let id = session_id();
    let (messages, received) = mpsc::channel(QUEUE);
    let (answers, answered) = sink::channel::<ServerJsonRpcMessage>(QUEUE);
    let calls = Arc::new(Mutex::new(Calls::new(sessions.in_flight.clone())));
    {
        let mut open = lock(&sessions.open);
        if open.len() >= SESSIONS {
            let text = format!(
                "{SESSIONS} streams are open already. Close one, or use /mcp, which has no sessions."
            );
            return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        }
        let calls = Arc::clone(&calls);
        open.insert(Arc::clone(&id), Session { messages, calls });
    }
    let ct = sessions.stop.child_token();
    let closing = Closing {
        id: Arc::clone(&id),
        sessions: Arc::clone(&sessions),
        _service: ct.clone().drop_guard(),
    };
    let handler = Arc::clone(&sessions.handler);
    tokio::spawn(async move {
        let transport = (answers, ReceiverStream::new(received));
        match handler.serve_with_ct(transport, ct).await {
            Ok(running) => drop(running.waiting().await),
            Err(error) => tracing::debug!(%error, "a session ended before it began"),
        }
    });

    let endpoint = Event::default()
        .event("endpoint")
        .data(format!("/message?sessionId={id}"));
    let answers = answered.map(move |answer| {
        let _ = &closing;
        // A call counts until its answer is on the stream, which a shutdown would cut before that.
        drop(lock(&calls).answered(&answer));
        Event::default()
            .event("message")
            .json_data(&answer)
            .unwrap_or_default()
    });
    let events = stream::once(future::ready(endpoint))
        .chain(answers)
        .take_until(sessions.stop.clone().cancelled_owned())
        .map(Ok::<_, Infallible>);
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    (unbuffered, events).into_response()
}

#[derive(Deserialize)]
struct Addressee {
    #[serde(rename = "sessionId")]
    session_id: String,
}

async fn send<H>(
    State(sessions): State<Arc<Sessions<H>>>,
    Query(addressee): Query<Addressee>,
    body: Bytes,
) -> Response
where
    H: ServerHandler,
{
    let session = lock(&sessions.open)
        .get(addressee.session_id.as_str())
        .cloned();
    let Some(session) = session else {
        let text = "There is no such session: its stream has ended. Open a new one with GET /sse.";
        return (StatusCode::NOT_FOUND, text).into_response();
    };
    let Ok(message) = serde_json::from_slice(&body) else {
        return streamable::json(StatusCode::BAD_REQUEST, &malformed::answer(&body));
    };
    if lock(&session.calls).admit(&message) && session.messages.send(message).await.is_err() {
        return (StatusCode::GONE, "The session has ended.").into_response();
    }
    (StatusCode::ACCEPTED, "Accepted").into_response()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
