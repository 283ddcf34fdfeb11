//! Graceful shutdown: what stops in which order on SIGTERM, SIGINT (Ctrl-C), or EOF on standard input.
//!
//! 1. A signal ends calls that only read ([`cancel_on_signal`]) and cancels the shutdown token; EOF cancels only the latter.
//!    Questions that wait for a person (elicitations) end unanswered.
//! 2. No new request comes in: stdio reads no further line, HTTP accepts no further connection.
//! 3. Pending requests are answered. A server without any goes on at once.
//! 4. One second before the end of [`GRACE_PERIOD`], or of [`HTTP_GRACE_PERIOD`] over HTTP, requests that are still pending are cancelled.
//!    They have that second to answer with an error.
//! 5. Open streams (SSE, subscriptions) are closed, queued answers are written, and the transport returns.
//! 6. Detached tasks, which are writes whose caller is gone, have one more [`GRACE_PERIOD`] to end ([`finish_detached`]).
//! 7. The command line ends the runtime and the process.

use std::io;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::pending_requests::PendingRequests;

/// The longest time that a transport waits for pending requests once it was told to stop.
pub const GRACE_PERIOD: Duration = Duration::from_secs(10);

/// The longest time that the HTTP server waits: its clients are many, and a balancer has others to turn to meanwhile.
pub const HTTP_GRACE_PERIOD: Duration = Duration::from_secs(25);

/// The end of the grace period, in which requests are cancelled and can still answer with an error.
const ABORT_PERIOD: Duration = Duration::from_secs(1);

/// Cancels `token` on SIGTERM or SIGINT (Ctrl-C), from the moment that this returns.
pub fn cancel_on_signal(token: &CancellationToken) {
    // Not inside the task: until it first runs, a signal would still kill the process.
    let mut signals = match StopSignals::register() {
        Ok(signals) => signals,
        Err(error) => {
            tracing::warn!("cannot listen for SIGTERM and Ctrl-C: {error}");
            return;
        }
    };
    let on_signal = token.clone();
    tokio::spawn(async move {
        signals.received().await;
        on_signal.cancel();
    });
}

/// The signals that ask the process to end, which from their registration on do not kill it.
#[cfg(unix)]
struct StopSignals {
    sigterm: tokio::signal::unix::Signal,
    sigint: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    fn register() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            sigterm: signal(SignalKind::terminate())?,
            sigint: signal(SignalKind::interrupt())?,
        })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.sigterm.recv() => {}
            _ = self.sigint.recv() => {}
        }
    }
}

/// Ctrl-C, which from its registration on does not kill the process.
#[cfg(windows)]
struct StopSignals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl StopSignals {
    fn register() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn received(&mut self) {
        self.0.recv().await;
    }
}

/// The tokens of a stdio connection that shuts down, in the order in which they are cancelled.
#[derive(Clone, Debug)]
pub(super) struct StdioShutdown {
    /// Read no further line.
    pub(super) stop_reading: CancellationToken,
    /// EOF, or reading has stopped: no request comes in any more, pending ones are answered.
    pub(super) input_ended: CancellationToken,
    /// Cancel the requests that are still pending.
    pub(super) abort: CancellationToken,
}

impl StdioShutdown {
    pub(super) fn new(shutdown: &CancellationToken) -> Self {
        Self {
            stop_reading: shutdown.child_token(),
            input_ended: CancellationToken::new(),
            abort: CancellationToken::new(),
        }
    }

    /// Returns when the grace period after the end of the input is over.
    pub(super) async fn deadline(&self, shutdown: &CancellationToken) {
        self.input_ended.cancelled().await;
        // The only client is gone, so no question can be answered any more.
        shutdown.cancel();
        sleep(GRACE_PERIOD - ABORT_PERIOD).await;
        self.abort.cancel();
        sleep(ABORT_PERIOD).await;
    }
}

/// Cancels `abort`, which ends every request and stream of the HTTP server, once no request is pending after `shutdown`.
///
/// Returns when the grace period is over: until then, answers may be on their way to a slow client.
pub(super) async fn http_deadline(
    shutdown: &CancellationToken,
    pending: &PendingRequests,
    abort: &CancellationToken,
) {
    shutdown.cancelled().await;
    let end = Instant::now() + HTTP_GRACE_PERIOD;
    let all_answered = timeout_at(end - ABORT_PERIOD, pending.all_answered());
    if all_answered.await.is_err() {
        tracing::warn!("requests took too long during the shutdown and were cancelled");
    }
    abort.cancel();
    sleep_until(end).await;
}

/// Waits for tasks that go on without a caller, for at most [`GRACE_PERIOD`]. Returns whether all of them ended.
pub async fn finish_detached(tasks: &TaskTracker) -> bool {
    tasks.close();
    timeout(GRACE_PERIOD, tasks.wait()).await.is_ok()
}
