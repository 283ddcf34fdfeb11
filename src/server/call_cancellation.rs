//! Cancellation: what ends a call before its answer. The client cancels it, the server stops, it takes too long, or it panics.
//!
//! An upload is dropped with its call; a write that was sent runs to its end without it.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use jiff::SignedDuration;
use rmcp::ErrorData;
use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::CallToolResponse;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::confirm::CallConfirmation;
use super::{McpHandler, confirm};
use crate::tools::{
    Access, CallOutcome, CallRecord, Failure, LastProgress, MAX_CALL_TIME, ToolTraits,
};

/// A call of a tool that runs.
pub(super) struct RunningCall<'a> {
    pub(super) handler: &'a McpHandler,
    pub(super) traits: &'a ToolTraits,
    pub(super) confirmation: &'a CallConfirmation,
    pub(super) last_progress: &'a LastProgress,
}

impl RunningCall<'_> {
    /// Drives the tool to its answer, or drops it and answers with the reason.
    ///
    /// # Errors
    ///
    /// The tool's own protocol errors.
    pub(super) async fn run(
        &self,
        work: impl Future<Output = Result<CallToolResponse, ErrorData>>,
        cancelled: CancellationToken,
    ) -> Result<CallToolResponse, ErrorData> {
        let failure = tokio::select! {
            response = AssertUnwindSafe(work).catch_unwind() => match response {
                Ok(response) => return response,
                Err(_panic) => {
                    CallRecord::note_outcome(CallOutcome::Bug);
                    self.interrupted(Failure::BUG)
                }
            },
            () = cancelled.cancelled() => {
                CallRecord::note_outcome(CallOutcome::Cancelled);
                match self.confirmation.awaits_reply() {
                    true => confirm::ended_unanswered(),
                    false => self.interrupted("The call was cancelled."),
                }
            }
            () = self.handler.stop.cancelled(), if self.traits.access == Access::Read => {
                CallRecord::note_outcome(CallOutcome::Cancelled);
                self.interrupted("The server was stopped.")
            }
            () = self.time_is_up() => {
                let limit = SignedDuration::try_from(self.timeout()).unwrap_or_default();
                self.interrupted(&format!("The call took more than {limit:#} and was stopped."))
            }
        };
        failure.into_call_tool_result()
    }

    /// Returns when the call has taken too long. The time in which a person is asked does not count.
    async fn time_is_up(&self) {
        let end = Instant::now() + MAX_CALL_TIME;
        loop {
            let due = self.last_progress.at() + self.timeout();
            if Instant::now() >= due.min(end) {
                return;
            }
            sleep_until(due.min(end)).await;
            if self.confirmation.awaits_reply() {
                self.last_progress.note();
            }
        }
    }

    fn timeout(&self) -> std::time::Duration {
        self.handler.tools.settings().call_timeout
    }

    fn interrupted(&self, what: &str) -> Failure {
        self.handler.interrupted(what, self.traits)
    }
}

impl McpHandler {
    /// The failure of a call that ended early; it names the tool that lists what the call may have written.
    pub(super) fn interrupted(&self, what: &str, traits: &ToolTraits) -> Failure {
        let mut names = self.catalogue().iter().map(|tool| &*tool.name);
        let list = names.find(|name| traits.listed_by.as_deref() == Some(*name));
        Failure::interrupted(what, traits.access == Access::Read, list)
    }
}
