//! Call trace: the requests to Saki that one call made, and how long they took.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::Method;

/// One attempt of one request to Saki.
#[derive(Debug, Clone)]
pub struct UpstreamRequest {
    /// Its method.
    pub method: Method,
    /// When its first byte was sent, by the clock of this machine.
    pub begun: SystemTime,
    /// From the first byte sent to the last byte read.
    pub duration: Duration,
    /// The status of the answer; none where there was no answer.
    pub status: Option<u16>,
}

/// What a call asked of Saki.
#[derive(Debug, Clone, Default)]
pub struct UpstreamUse {
    /// Every attempt, in the order in which they ended.
    pub requests: Vec<UpstreamRequest>,
    /// How many of them were retries.
    pub retries: usize,
}

/// Collects what one call asks of Saki.
#[derive(Debug, Default)]
pub struct CallTrace(Mutex<UpstreamUse>);

tokio::task_local! {
    /// The trace of the call that the task works for.
    static CURRENT: Arc<CallTrace>;
}

impl CallTrace {
    /// What was collected so far.
    pub fn collected(&self) -> UpstreamUse {
        let collected = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        collected.clone()
    }

    /// Collects from everything that `work` sends.
    pub async fn scope<F: Future>(self: Arc<Self>, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    fn note(change: impl FnOnce(&mut UpstreamUse)) {
        // Without a call that collects, there is nothing to note.
        let _ = CURRENT.try_with(|trace| {
            let mut collected = trace.0.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut collected);
        });
    }

    pub(super) fn note_request(request: UpstreamRequest) {
        Self::note(|collected| collected.requests.push(request));
    }

    pub(super) fn note_retry() {
        Self::note(|collected| collected.retries += 1);
    }
}
