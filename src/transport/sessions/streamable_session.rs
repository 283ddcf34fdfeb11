//! A session of Streamable HTTP: one client's conversation over many requests, bound to who began it.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::future::ready;
use futures::sink;
use rmcp::model::{ClientJsonRpcMessage, JsonRpcMessage, RequestId, ServerJsonRpcMessage};
use rmcp::{ServerHandler, ServiceExt};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use super::session_streams::{AnswerForm, NoStream, SessionStreams, StreamReader};
use crate::transport::MAX_BATCH;
use crate::transport::auth::Caller;
use crate::transport::capacity_refusal::AtCapacity;
use crate::transport::pending_requests::{ConnectionRequests, PendingRequests, cancelled_id};
use crate::transport::session_service::SessionService;

/// Messages that can wait for the service: a whole batch at least.
const QUEUE_CAPACITY: usize = MAX_BATCH;
/// Between two looks at what is kept for too long.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);

/// A session that is open.
#[derive(Debug)]
pub(super) struct StreamableSession {
    pub(super) id: Arc<str>,
    /// Who began it: it is a session of nobody else.
    pub(super) caller: Arc<Caller>,
    pub(super) streams: Arc<SessionStreams>,
    messages: mpsc::Sender<ClientJsonRpcMessage>,
    requests: Arc<Mutex<ConnectionRequests>>,
    last_used: Mutex<Instant>,
    end: CancellationToken,
}

/// What its service reads.
pub(super) struct SessionInput(mpsc::Receiver<ClientJsonRpcMessage>);

/// Why messages are not passed on.
pub(super) enum NotPassed {
    /// The session has ended.
    Closed,
    /// A request with this id is not answered yet.
    IdInUse(RequestId),
    /// No more is answered at a time.
    AtCapacity(AtCapacity),
}

impl StreamableSession {
    pub(super) fn new(
        id: Arc<str>,
        caller: Arc<Caller>,
        pending: PendingRequests,
        abort: &CancellationToken,
    ) -> (Arc<Self>, SessionInput) {
        let (messages, input) = mpsc::channel(QUEUE_CAPACITY);
        let requests = ConnectionRequests::new(pending, caller.principal.clone());
        let session = Self {
            id,
            caller,
            streams: SessionStreams::new(),
            messages,
            requests: Arc::new(Mutex::new(requests)),
            last_used: Mutex::new(Instant::now()),
            end: abort.child_token(),
        };
        (Arc::new(session), SessionInput(input))
    }

    /// Serves it until it ends: by the client, when it was idle for so long, or with the server.
    pub(super) async fn serve<H: ServerHandler>(
        self: Arc<Self>,
        input: SessionInput,
        handler: Arc<H>,
        idle_timeout: Duration,
    ) {
        let _ended = self.end.clone().drop_guard();
        tokio::spawn(Arc::clone(&self).end_when_idle(idle_timeout));
        let (streams, requests) = (Arc::clone(&self.streams), Arc::clone(&self.requests));
        let answers = sink::unfold((), move |(), message: ServerJsonRpcMessage| {
            let answered = lock(&requests).take_answered(&message);
            streams.push(&message, answered);
            ready(Ok::<_, Infallible>(()))
        });
        let transport = (answers, ReceiverStream::new(input.0));
        let service = SessionService(handler);
        match service.serve_with_ct(transport, self.end.clone()).await {
            Ok(running) => drop(running.waiting().await),
            Err(error) => tracing::debug!("a session ended during its handshake: {error}"),
        }
        self.streams.close();
    }

    async fn end_when_idle(self: Arc<Self>, idle_timeout: Duration) {
        loop {
            let idle = self.idle_for().unwrap_or_default();
            let left = idle_timeout.saturating_sub(idle);
            if left.is_zero() {
                return self.end();
            }
            tokio::select! {
                () = sleep(left.min(LOOK_INTERVAL)) => self.streams.forget_old(),
                () = self.end.cancelled() => return,
            }
        }
    }

    /// Ends it: its calls are cancelled and its streams end.
    pub(super) fn end(&self) {
        self.end.cancel();
    }

    /// How long the client has neither waited for anything nor sent anything; nothing while it waits.
    pub(super) fn idle_for(&self) -> Option<Duration> {
        let waits = self.streams.are_read() || lock(&self.requests).has_pending();
        let mut last_used = lock(&self.last_used);
        if waits {
            *last_used = Instant::now();
            return None;
        }
        Some(last_used.elapsed())
    }

    /// The client is there.
    pub(super) fn note_use(&self) {
        *lock(&self.last_used) = Instant::now();
    }

    /// Passes what the client sent at once to the service, and returns the stream of the answers if there will be some.
    ///
    /// # Errors
    ///
    /// Why nothing of it is passed on. A client that sends it again calls nothing twice.
    pub(super) async fn pass(
        &self,
        messages: Vec<ClientJsonRpcMessage>,
        form: AnswerForm,
    ) -> Result<Option<StreamReader>, NotPassed> {
        let places = self.messages.reserve_many(messages.len()).await;
        let Ok(places) = places else {
            return Err(NotPassed::Closed);
        };
        let is_request = |message: &_| matches!(message, JsonRpcMessage::Request(_));
        let reader = match messages.iter().any(is_request) {
            true => Some(self.streams.open(&messages, form)?),
            false => None,
        };
        let cancelled: Vec<_> = messages.iter().filter_map(cancelled_id).cloned().collect();
        let admitted = lock(&self.requests).admit(messages);
        match admitted {
            Ok(passed) => (places.zip(passed)).for_each(|(place, message)| place.send(message)),
            Err(full) => {
                if let Some(reader) = &reader {
                    self.streams.discard(reader);
                }
                return Err(NotPassed::AtCapacity(full));
            }
        }
        for id in cancelled {
            self.streams.cancel(&id);
        }
        Ok(reader)
    }
}

impl From<NoStream> for NotPassed {
    fn from(why: NoStream) -> Self {
        match why {
            NoStream::Closed => Self::Closed,
            NoStream::IdInUse(id) => Self::IdInUse(id),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
