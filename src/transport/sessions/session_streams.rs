//! The streams of a session: which stream a message to the client goes to, and what is kept of each.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmcp::model::{
    ClientJsonRpcMessage, GetExtensions, GetMeta, JsonRpcMessage, NumberOrString, RequestId,
    ServerJsonRpcMessage, ServerNotification,
};
use rmcp::service::OriginatingRequestId;
use tokio::sync::Notify;

use super::event_log::{Cursor, EventLog, NextEvent};
use crate::transport::pending_requests::PendingRequest;

/// The stream of what belongs to no request: the one that a GET opens.
const STANDALONE: u64 = 0;

/// How long the answers of a session are kept for a client whose connection was cut, and how many bytes of them.
/// The newest is kept whatever its size is.
const KEPT_FOR: Duration = Duration::from_secs(300);
const KEPT_BYTES: usize = 1024 * 1024;
/// The memory of a stream beside its events.
const STREAM_SIZE: usize = 512;

/// What the client reads over each of its connections.
#[derive(Debug)]
pub(super) struct SessionStreams {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    streams: BTreeMap<u64, Stream>,
    newest: u64,
    stream_of: HashMap<Origin, u64>,
    is_closed: bool,
}

#[derive(Debug, Default)]
struct Stream {
    log: EventLog,
    /// The requests that are not answered yet.
    open: Vec<RequestId>,
    /// Its client waits for the answers alone, so what comes before goes to the standalone stream.
    holds_only_answers: bool,
}

/// What decides about the stream of a message.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Origin {
    /// A request of the client.
    Request(RequestId),
    /// The token under which a request wants to hear of progress.
    Progress(NumberOrString),
    /// A request of the server.
    ServerRequest(RequestId),
}

/// How a client reads the answers to what it sends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerForm {
    /// As a stream; `primed` where it begins with an event that has only an id.
    Events { primed: bool },
    /// All at once.
    Json,
}

/// Why no stream is opened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoStream {
    /// The session has ended.
    Closed,
    /// A request with this id is not answered yet.
    IdInUse(RequestId),
}

/// An event of a stream: its id in the session, and its data.
#[derive(Debug)]
pub(super) struct StreamEvent {
    pub(super) id: String,
    pub(super) data: Arc<str>,
}

impl SessionStreams {
    pub(super) fn new() -> Arc<Self> {
        let mut state = State::default();
        state.streams.insert(STANDALONE, Stream::default());
        Arc::new(Self {
            state: Mutex::new(state),
            changed: Notify::new(),
        })
    }

    /// Opens the stream for the answers to the requests among `messages`.
    ///
    /// # Errors
    ///
    /// Why there is none. Nothing is changed then.
    pub(super) fn open(
        self: &Arc<Self>,
        messages: &[ClientJsonRpcMessage],
        form: AnswerForm,
    ) -> Result<StreamReader, NoStream> {
        let mut state = self.lock();
        if state.is_closed {
            return Err(NoStream::Closed);
        }
        let mut stream = Stream {
            holds_only_answers: form == AnswerForm::Json,
            ..Stream::default()
        };
        let mut origins = Vec::new();
        for message in messages {
            let JsonRpcMessage::Request(request) = message else {
                continue;
            };
            let id = &request.id;
            let in_use = state.stream_of.contains_key(&Origin::Request(id.clone()));
            if in_use || stream.open.contains(id) {
                return Err(NoStream::IdInUse(id.clone()));
            }
            stream.open.push(id.clone());
            origins.push(Origin::Request(id.clone()));
            let token = request.request.get_meta().get_progress_token();
            origins.extend(token.map(|token| Origin::Progress(token.0)));
        }
        if form == (AnswerForm::Events { primed: true }) {
            stream.log.push("".into());
        }
        state.newest += 1;
        let number = state.newest;
        let cursor = stream.log.read();
        state.streams.insert(number, stream);
        state
            .stream_of
            .extend(origins.into_iter().map(|origin| (origin, number)));
        Ok(self.reader(number, cursor))
    }

    /// Begins to read what belongs to no request; nothing where the session has ended.
    pub(super) fn read_standalone(self: &Arc<Self>) -> Option<StreamReader> {
        let mut state = self.lock();
        let is_closed = state.is_closed;
        let stream = state.streams.get_mut(&STANDALONE);
        let cursor = stream.filter(|_| !is_closed)?.log.read();
        Some(self.reader(STANDALONE, cursor))
    }

    /// Resumes a stream after an event; nothing where that event is not known.
    pub(super) fn resume(self: &Arc<Self>, last_event_id: &str) -> Option<StreamReader> {
        let (stream, event) = last_event_id.split_once('-')?;
        let (number, event) = (stream.parse().ok()?, event.parse().ok()?);
        let mut state = self.lock();
        let cursor = state.streams.get_mut(&number)?.log.read_after(event)?;
        Some(self.reader(number, cursor))
    }

    fn reader(self: &Arc<Self>, stream: u64, cursor: Cursor) -> StreamReader {
        StreamReader {
            streams: Arc::clone(self),
            stream,
            cursor,
        }
    }

    /// Adds a message to its stream; `answered` is the request that it answers.
    pub(super) fn push(&self, message: &ServerJsonRpcMessage, answered: Option<PendingRequest>) {
        let data = match serde_json::to_string(message) {
            Ok(data) => data.into(),
            Err(error) => return tracing::error!("a message cannot be written: {error}"),
        };
        let mut state = self.lock();
        let number = state.stream_for(message);
        let Some(stream) = number.and_then(|number| state.streams.get_mut(&number)) else {
            // Its request was cancelled or is answered already.
            return;
        };
        stream.log.push(data);
        stream.log.note_answered(answered);
        if let Some(id) = answered_id(message) {
            state.finish(id);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// A request that the client cancels has no answer.
    pub(super) fn cancel(&self, id: &RequestId) {
        self.lock().finish(id);
        self.changed.notify_waiters();
    }

    /// Takes a stream back whose requests are not carried out.
    pub(super) fn discard(&self, reader: &StreamReader) {
        let mut state = self.lock();
        state.streams.remove(&reader.stream);
        state.forget_origins(reader.stream);
    }

    /// Drops what is kept for too long.
    pub(super) fn forget_old(&self) {
        self.lock().forget_old();
    }

    /// Whether a connection reads one of the streams.
    pub(super) fn are_read(&self) -> bool {
        let state = self.lock();
        state
            .streams
            .values()
            .any(|stream| stream.log.has_readers())
    }

    /// Ends every stream.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        for stream in state.streams.values_mut() {
            stream.log.end();
        }
        drop(state);
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The stream of a message; nothing for one whose request has ended.
    fn stream_for(&mut self, message: &ServerJsonRpcMessage) -> Option<u64> {
        match message {
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {
                let id = answered_id(message)?;
                self.stream_of.get(&Origin::Request(id.clone())).copied()
            }
            JsonRpcMessage::Request(request) => {
                let extensions = request.request.extensions();
                let of = extensions.get::<OriginatingRequestId>();
                let stream = of.and_then(|of| self.early(&Origin::Request(of.0.clone())));
                let stream = stream.unwrap_or(STANDALONE);
                if stream != STANDALONE {
                    let origin = Origin::ServerRequest(request.id.clone());
                    self.stream_of.insert(origin, stream);
                }
                Some(stream)
            }
            JsonRpcMessage::Notification(notification) => match &notification.notification {
                ServerNotification::ProgressNotification(progress) => {
                    self.early(&Origin::Progress(progress.params.progress_token.0.clone()))
                }
                ServerNotification::CancelledNotification(cancelled) => {
                    let id = cancelled.params.request_id.clone()?;
                    let stream = self.stream_of.remove(&Origin::ServerRequest(id));
                    Some(stream.unwrap_or(STANDALONE))
                }
                _ => Some(STANDALONE),
            },
        }
    }

    /// The stream of what comes before an answer.
    fn early(&self, origin: &Origin) -> Option<u64> {
        let number = *self.stream_of.get(origin)?;
        let stream = self.streams.get(&number)?;
        Some(match stream.holds_only_answers {
            true => STANDALONE,
            false => number,
        })
    }

    /// Ends the stream of a request when all its requests are answered.
    fn finish(&mut self, id: &RequestId) {
        let Some(number) = self.stream_of.remove(&Origin::Request(id.clone())) else {
            return;
        };
        if let Some(stream) = self.streams.get_mut(&number) {
            stream.open.retain(|open| open != id);
            if stream.open.is_empty() {
                stream.log.end();
                self.forget_origins(number);
                self.forget_old();
            }
        }
    }

    fn forget_origins(&mut self, stream: u64) {
        self.stream_of.retain(|_, of| *of != stream);
    }

    fn forget_old(&mut self) {
        let mut size = 0;
        let mut is_newest = true;
        let mut old = Vec::new();
        for (number, stream) in self.streams.iter().rev() {
            let Some(since) = stream.log.is_kept_since() else {
                continue;
            };
            size += stream.log.size() + STREAM_SIZE;
            if since > KEPT_FOR || (size > KEPT_BYTES && !is_newest) {
                old.push(*number);
            }
            is_newest = false;
        }
        for number in old {
            self.streams.remove(&number);
        }
    }
}

/// The request that a message answers.
fn answered_id(message: &ServerJsonRpcMessage) -> Option<&RequestId> {
    match message {
        JsonRpcMessage::Response(response) => Some(&response.id),
        JsonRpcMessage::Error(error) => error.id.as_ref(),
        _ => None,
    }
}

/// A connection that reads one stream.
#[derive(Debug)]
pub(super) struct StreamReader {
    streams: Arc<SessionStreams>,
    stream: u64,
    cursor: Cursor,
}

impl StreamReader {
    /// The next event; nothing when the stream has ended.
    pub(super) async fn next(&mut self) -> Option<StreamEvent> {
        let streams = Arc::clone(&self.streams);
        loop {
            // It hears of a change from here on, so that none is missed between the look and the wait.
            let changed = streams.changed.notified();
            match self.look() {
                NextEvent::Event(number, data) => {
                    let id = format!("{}-{number}", self.stream);
                    return Some(StreamEvent { id, data });
                }
                NextEvent::Wait => changed.await,
                NextEvent::End => return None,
            }
        }
    }

    fn look(&mut self) -> NextEvent {
        let mut state = self.streams.lock();
        match state.streams.get_mut(&self.stream) {
            Some(stream) => stream.log.next(&mut self.cursor),
            None => NextEvent::End,
        }
    }
}

impl Drop for StreamReader {
    fn drop(&mut self) {
        let mut state = self.streams.lock();
        if let Some(stream) = state.streams.get_mut(&self.stream) {
            stream.log.leave(&self.cursor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rmcp::model::ErrorData;
    use serde_json::json;

    /// A request that was answered, and whose connection is gone; the id of the event before its answer.
    fn answered(streams: &Arc<SessionStreams>, id: i64, size: usize) -> String {
        let request = json!({"jsonrpc": "2.0", "id": id, "method": "ping"});
        let request: ClientJsonRpcMessage = serde_json::from_value(request).unwrap();
        let primed = AnswerForm::Events { primed: true };
        let reader = streams.open(&[request], primed).unwrap();
        let error = ErrorData::internal_error("x".repeat(size), None);
        let answer = ServerJsonRpcMessage::error(error, Some(RequestId::Number(id)));
        let first = format!("{}-0", reader.stream);
        drop(reader);
        streams.push(&answer, None);
        first
    }

    #[test]
    fn the_oldest_answers_make_room_and_the_newest_stays() {
        let streams = SessionStreams::new();
        let half = KEPT_BYTES / 2;
        let ids = [10, half, half, 3 * KEPT_BYTES].map(|size| answered(&streams, 1, size));
        let is_kept =
            |streams: &Arc<SessionStreams>| ids.each_ref().map(|id| streams.resume(id).is_some());
        assert_eq!(is_kept(&streams), [false, false, false, true]);
        let small = answered(&streams, 1, 10);
        assert_eq!(is_kept(&streams), [false; 4]);
        assert!(streams.resume(&small).is_some());
    }

    #[test]
    fn an_id_can_be_used_again_once_it_is_answered() {
        let streams = SessionStreams::new();
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
        let request: ClientJsonRpcMessage = serde_json::from_value(request).unwrap();
        let open = || streams.open(std::slice::from_ref(&request), AnswerForm::Json);
        let first = open();
        assert!(first.is_ok());
        assert_eq!(open().err(), Some(NoStream::IdInUse(RequestId::Number(1))));
        streams.cancel(&RequestId::Number(1));
        assert!(open().is_ok());
        streams.close();
        assert_eq!(open().err(), Some(NoStream::Closed));
    }
}
