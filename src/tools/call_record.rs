//! Call record: how one call ended, as logs and metrics tell it.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use crate::saki::{CallTrace, UpstreamUse};

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    /// It read, or wrote, what was asked for.
    Done,
    /// It repeated the answer of an equal call.
    Replayed,
    /// It was a dry run.
    Preview,
    /// It has to be confirmed.
    ConfirmationNeeded,
    /// It failed, and its answer says why.
    Failed,
    /// It was cancelled, or ended with the server.
    Cancelled,
    /// It named no tool, or its parameters were no parameters.
    InvalidRequest,
    /// It met a bug of this server.
    Bug,
}

impl CallOutcome {
    /// The word for logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Replayed => "replayed",
            Self::Preview => "preview",
            Self::ConfirmationNeeded => "confirmation_needed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::InvalidRequest => "invalid_request",
            Self::Bug => "bug",
        }
    }
}

/// What is known of a failure beside its text.
#[derive(Debug, Clone, Copy, Default)]
pub struct FailureNote {
    /// Its class, such as `rejected`.
    pub class: Option<&'static str>,
    /// The status of Saki's answer.
    pub status: Option<u16>,
    /// Whether a limit of the operator's policy forbade the call.
    pub is_policy: bool,
}

#[derive(Debug, Default)]
struct Notes {
    outcome: Option<CallOutcome>,
    failure: Option<FailureNote>,
}

/// Collects what one call does.
#[derive(Debug, Default)]
pub struct CallRecord {
    notes: Mutex<Notes>,
    trace: Arc<CallTrace>,
}

tokio::task_local! {
    /// The record of the call that the task works for.
    static CURRENT: Arc<CallRecord>;
}

impl CallRecord {
    /// Collects from everything that `work` does.
    pub async fn scope<F: Future>(self: Arc<Self>, work: F) -> F::Output {
        let trace = Arc::clone(&self.trace);
        CURRENT.scope(self, trace.scope(work)).await
    }

    /// How the call said that it ended, if it did.
    pub fn outcome(&self) -> Option<CallOutcome> {
        self.notes(|notes| notes.outcome)
    }

    /// The failure that is the call's answer, if it is one.
    pub fn failure(&self) -> Option<FailureNote> {
        self.notes(|notes| notes.failure)
    }

    /// What the call asked of Saki.
    pub fn upstream(&self) -> UpstreamUse {
        self.trace.collected()
    }

    /// Notes how the present call ends; without a call that is recorded, this does nothing.
    pub fn note_outcome(outcome: CallOutcome) {
        let _ = CURRENT.try_with(|record| record.notes(|notes| notes.outcome = Some(outcome)));
    }

    /// Notes the failure that is the answer of the present call.
    pub(crate) fn note_failure(failure: FailureNote) {
        let _ = CURRENT.try_with(|record| record.notes(|notes| notes.failure = Some(failure)));
    }

    fn notes<T>(&self, with: impl FnOnce(&mut Notes) -> T) -> T {
        with(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
