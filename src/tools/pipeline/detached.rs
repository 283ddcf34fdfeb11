//! Detached writes: run to completion, and invalidate caches afterwards, even if the call is cancelled.

use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};

use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::saki::{Error, cancel_between_attempts};
use crate::tools::{CallRecord, Failure, Sent, Tools};
use crate::write::effects::{Effects, ResourceKind};

/// The error of a write.
pub(crate) trait WriteError: From<Error> + Send + 'static {
    /// Whether it is known that the write changed nothing.
    fn is_without_effect(&self) -> bool;
}

impl WriteError for Error {
    fn is_without_effect(&self) -> bool {
        !self.outcome_unknown()
    }
}

impl WriteError for Failure {
    fn is_without_effect(&self) -> bool {
        Failure::is_without_effect(self)
    }
}

impl Tools {
    /// Runs a write to its end, even when the call that asked for it is cancelled or times out.
    ///
    /// Such a call still ends a wait between two attempts before which nothing was done.
    /// Unless the write surely changed nothing, the caches that its `effects` concern are invalidated.
    pub(crate) async fn run_detached<F, T, E>(&self, effects: Effects, write: F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: WriteError,
    {
        let cancelled = CancellationToken::new();
        let write = cancel_between_attempts(cancelled.clone(), write);
        let _with_the_call = cancelled.drop_guard();
        let tools = self.clone();
        CallRecord::note_write(|write| write.sent = Some(Sent::Running));
        // Boxed, because each scope around it makes room for it twice: a task of 170 kB otherwise.
        let write = Box::pin(async move {
            let outcome = AssertUnwindSafe(write).catch_unwind().await;
            let sent = match &outcome {
                Ok(Ok(_)) => Sent::Done,
                Ok(Err(error)) if error.is_without_effect() => Sent::WithoutEffect,
                Ok(Err(_)) | Err(_) => Sent::UnknownOutcome,
            };
            CallRecord::note_write(|write| write.sent = Some(sent));
            if sent != Sent::WithoutEffect {
                tools.invalidate(&effects).await;
            }
            outcome
        });
        let write = CallRecord::with_current(write).in_current_span();
        match self.detached.spawn(write).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_aborted) => {
                Err(Error::InvalidRequest("the server is shutting down".to_owned()).into())
            }
        }
    }

    /// Invalidates the caches that the effects of a write concern.
    async fn invalidate(&self, effects: &Effects) {
        let now = self.settings.clock.now();
        if let Err(error) = self.idempotency.invalidate(effects, now).await {
            tracing::error!("an equal create may be answered with posts that changed: {error}");
        }
        self.uploader
            .completed
            .forget(&effects.deleted(ResourceKind::Media));
    }
}
