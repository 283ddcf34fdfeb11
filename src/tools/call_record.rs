//! Call record: how one call ended, as logs and metrics tell it.

use std::fmt::{self, Debug};
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Serialize;

use crate::saki::{CallTrace, UpstreamUse};
use crate::write::changed_ids::ChangedIds;
use crate::write::effects::ResourceKind;
use crate::write::planned_request::PlannedRequest;
use crate::write::policy::Mode;
use crate::write::prepared::Prepared;

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
#[derive(Debug, Clone, Default)]
pub struct FailureNote {
    /// Its class, such as `rejected`.
    pub class: Option<&'static str>,
    /// The status of Saki's answer.
    pub status: Option<u16>,
    /// The limit of the operator's policy that forbade the call.
    pub policy: Option<String>,
    /// What a wider scope of the access token would have to allow, where it is that scope that forbade the call.
    pub needed_mode: Option<NeededMode>,
}

/// A mode, and what in a call needs it.
#[derive(Debug, Clone)]
pub struct NeededMode {
    /// The narrowest mode that allows the call.
    pub mode: Mode,
    /// Why a narrower one does not.
    pub why: String,
}

/// What is known of a write.
#[derive(Debug, Clone, Default)]
pub struct WriteNotes {
    /// What it is about.
    pub changes: ChangedIds,
    /// The method and path of its request, such as `PUT /spaces/1/posts/7`.
    pub request: Option<String>,
    /// The space that it is in.
    pub space_id: Option<String>,
    /// Who agreed to it.
    pub confirmed_by: ConfirmedBy,
    /// How its sending ended, where it was sent, also after its caller went away.
    pub sent: Option<Sent>,
}

/// Who agreed to a write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmedBy {
    /// Nobody was asked, or nobody agreed.
    #[default]
    None,
    /// A person, whom the client asked.
    Person,
    /// A second call, which an agent can make alone.
    SecondCall,
}

/// How the sending of a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It has not ended.
    Running,
    /// Saki did it.
    Done,
    /// It changed nothing.
    WithoutEffect,
    /// Whether Saki did it is not known.
    UnknownOutcome,
}

#[derive(Debug, Default)]
struct Notes {
    outcome: Option<CallOutcome>,
    failure: Option<FailureNote>,
    write: WriteNotes,
}

/// Collects what one call does.
#[derive(Debug, Default)]
pub struct CallRecord {
    notes: Mutex<Notes>,
    trace: Arc<CallTrace>,
    at_end: OnceLock<AtEnd>,
}

/// What is done with the notes about a write.
struct AtEnd(Box<dyn FnOnce(&WriteNotes) + Send + Sync>);

impl Debug for AtEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AtEnd").finish_non_exhaustive()
    }
}

impl Drop for CallRecord {
    fn drop(&mut self) {
        if let Some(AtEnd(tell)) = self.at_end.take() {
            tell(&self.notes(|notes| notes.write.clone()));
        }
    }
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
        self.notes(|notes| notes.failure.clone())
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

    /// Notes that the call was refused before it began.
    pub fn refused(&self, failure: FailureNote) {
        self.notes(|notes| notes.failure = Some(failure));
    }

    /// Whether something that the call sent has not ended.
    pub fn is_sending(&self) -> bool {
        self.notes(|notes| notes.write.sent == Some(Sent::Running))
    }

    /// Tells `tell` what became of the write, once nothing works for the call any more: a write that was sent goes on
    /// without its caller.
    pub fn tell_at_end(&self, tell: impl FnOnce(&WriteNotes) + Send + Sync + 'static) {
        let _ = self.at_end.set(AtEnd(Box::new(tell)));
    }

    /// Notes what the present call is about to write.
    pub(crate) fn note_prepared<R>(prepared: &Prepared<R>) {
        Self::note_write(|write| {
            let request = prepared.preview.request.as_ref();
            write.changes = ChangedIds::of(&prepared.effects);
            write.request =
                request.map(|request| format!("{} {}", request.method(), request.path()));
            write.space_id = request
                .and_then(PlannedRequest::space_id)
                .map(str::to_owned);
        });
    }

    /// Notes something that is known of the write of the present call.
    pub(crate) fn note_write(change: impl FnOnce(&mut WriteNotes)) {
        let _ = CURRENT.try_with(|record| record.notes(|notes| change(&mut notes.write)));
    }

    /// Notes the ids of what the present call made.
    pub(crate) fn note_made(kind: ResourceKind, ids: impl IntoIterator<Item = u64>) {
        Self::note_write(|write| ids.into_iter().for_each(|id| write.changes.add(kind, id)));
    }

    /// Takes the record of the present task along into another.
    pub(crate) fn with_current<F: Future>(work: F) -> impl Future<Output = F::Output> {
        let current = CURRENT.try_with(Arc::clone).ok();
        async move {
            match current {
                Some(record) => record.scope(work).await,
                None => work.await,
            }
        }
    }

    fn notes<T>(&self, with: impl FnOnce(&mut Notes) -> T) -> T {
        with(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
