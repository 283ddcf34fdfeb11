//! Timeouts of one connection: for the head of a request, for an idle connection, and for a client that takes no answer.

use std::future::pending;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::transport::http_limits::HttpLimits;

/// What a connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Between two requests.
    Idle { since: Instant },
    /// A request has begun to arrive, or the first one is due.
    ReadingHead { since: Instant },
    /// A request is being answered. Its handler has time limits of its own.
    Serving,
}

#[derive(Clone, Copy, Debug)]
struct Activity {
    phase: Phase,
    /// The requests that have begun to be answered.
    requests: usize,
    /// Since when the client takes nothing of what is to be written.
    write_stalled: Option<Instant>,
}

/// The clock of one connection; clones share it.
#[derive(Clone, Debug)]
pub(super) struct ConnectionTimeouts {
    activity: watch::Sender<Activity>,
    header: Duration,
    idle: Duration,
    write: Duration,
}

impl ConnectionTimeouts {
    /// Starts with the time for the head of the first request.
    pub(super) fn start(limits: &HttpLimits) -> Self {
        let activity = Activity {
            phase: Phase::ReadingHead {
                since: Instant::now(),
            },
            requests: 0,
            write_stalled: None,
        };
        Self {
            activity: watch::Sender::new(activity),
            header: limits.header_timeout,
            idle: limits.idle_timeout,
            write: limits.body_timeout,
        }
    }

    /// Returns when the connection has used up its time.
    pub(super) async fn expired(&self) {
        let mut changes = self.activity.subscribe();
        loop {
            let activity = *changes.borrow_and_update();
            let by_phase = match activity.phase {
                Phase::Idle { since } => Some(since + self.idle),
                Phase::ReadingHead { since } => Some(since + self.header),
                Phase::Serving => None,
            };
            let by_write = activity.write_stalled.map(|since| since + self.write);
            let deadline = by_phase.into_iter().chain(by_write).min();
            let is_over = async {
                match deadline {
                    Some(deadline) => sleep_until(deadline).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                _ = changes.changed() => {}
                () = is_over => return,
            }
        }
    }

    /// Whether a request has begun to arrive, and its head is not there yet.
    pub(super) fn is_reading_head(&self) -> bool {
        matches!(self.activity.borrow().phase, Phase::ReadingHead { .. })
    }

    /// Marks the connection as serving a request until the guard is dropped.
    pub(super) fn serving(&self) -> Serving {
        self.activity.send_modify(|activity| {
            activity.phase = Phase::Serving;
            activity.requests += 1;
        });
        Serving(self.clone())
    }

    /// Whether a request is being answered, and the last part of its answer is not handed over.
    pub(super) fn is_serving(&self) -> bool {
        self.activity.borrow().phase == Phase::Serving
    }

    /// How many requests have begun to be answered.
    pub(super) fn requests(&self) -> usize {
        self.activity.borrow().requests
    }

    fn set_phase(&self, phase: Phase) {
        self.activity.send_modify(|activity| activity.phase = phase);
    }

    fn bytes_arrived(&self) {
        if matches!(self.activity.borrow().phase, Phase::Idle { .. }) {
            self.set_phase(Phase::ReadingHead {
                since: Instant::now(),
            });
        }
    }
}

/// A request that is being answered, until the last part of its answer is handed over.
#[derive(Debug)]
pub(super) struct Serving(ConnectionTimeouts);

impl Drop for Serving {
    fn drop(&mut self) {
        let since = Instant::now();
        self.0.set_phase(Phase::Idle { since });
    }
}

impl Serving {
    /// Keeps the guard until the body has been sent.
    pub(super) fn until_sent(self, body: Body) -> ServedBody {
        ServedBody {
            body,
            _serving: self,
        }
    }
}

/// The body of an answer that marks its connection as serving.
#[derive(Debug)]
pub(super) struct ServedBody {
    body: Body,
    _serving: Serving,
}

impl HttpBody for ServedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream of bytes whose activity is timed.
#[derive(Debug)]
pub(super) struct TimedIo<S> {
    stream: S,
    timeouts: ConnectionTimeouts,
    is_stalled: bool,
}

impl<S> TimedIo<S> {
    pub(super) fn new(stream: S, timeouts: ConnectionTimeouts) -> Self {
        Self {
            stream,
            timeouts,
            is_stalled: false,
        }
    }

    fn note_write<T>(&mut self, outcome: Poll<T>) -> Poll<T> {
        let is_stalled = outcome.is_pending();
        // A write that goes on without a pause must not cost a notification.
        if is_stalled != self.is_stalled {
            self.is_stalled = is_stalled;
            let since = is_stalled.then(Instant::now);
            let activity = &self.timeouts.activity;
            activity.send_modify(|activity| activity.write_stalled = since);
        }
        outcome
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedIo<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.timeouts.bytes_arrived();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedIo<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note_write(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.note_write(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(context);
        self.note_write(outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(context);
        self.note_write(outcome)
    }
}
