//! Observed call: tells an observer when a call begins and how it ended, and marks errors with the id of their request.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use http::Extensions;
use jiff::Timestamp;
use rmcp::ErrorData;
use rmcp::model::{CallToolResponse, MetaObject};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::http_facts::HttpFacts;
use super::observed_write::{EndedWrite, named_ids};
use crate::saki::UpstreamUse;
use crate::tools::{CallOutcome, CallRecord, FailureNote, NeededMode, WriteNotes};

/// Sees every call of a tool.
pub trait ObserveCalls: Debug + Send + Sync {
    /// A call begins.
    fn begun(&self);
    /// A call has ended. Each call that begins ends.
    fn ended(&self, call: &EndedCall<'_>);
    /// A call of a tool that writes has ended, and so has what it sent.
    fn write_ended(&self, write: &EndedWrite);
    /// A call was refused because its access token needs a wider scope.
    ///
    /// `attached` is what the HTTP server attached to the request.
    fn needs_wider_scope(&self, _attached: &Extensions, _needed: NeededMode) {}
    /// Whether [`write_ended`](ObserveCalls::write_ended) is to see all arguments.
    fn keeps_arguments(&self) -> bool {
        false
    }
}

/// The tool of a call.
#[derive(Debug)]
pub enum CalledTool {
    /// A tool of this server.
    Known(String),
    /// No tool has the name, which is here if it looks like the name of one.
    Unknown(Option<String>),
}

impl CalledTool {
    /// The tool for metrics, whose labels are few: every name of no tool is the same.
    pub fn label(&self) -> &str {
        match self {
            Self::Known(name) => name,
            Self::Unknown(_) => UNKNOWN,
        }
    }

    /// The tool for a log.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(name) | Self::Unknown(Some(name)) => name,
            Self::Unknown(None) => UNKNOWN,
        }
    }
}

const UNKNOWN: &str = "unknown";

/// A call that has ended.
#[derive(Debug)]
pub struct EndedCall<'a> {
    /// The tool, also where the policy does not list it.
    pub tool: &'a CalledTool,
    /// Who called, where callers are told apart.
    pub principal: Option<&'a str>,
    /// How it ended.
    pub outcome: CallOutcome,
    /// Why it failed, where it did.
    pub failure: Option<FailureNote>,
    /// What it asked of Saki.
    pub upstream: UpstreamUse,
    /// How long it took.
    pub duration: Duration,
    /// What is known of its HTTP request.
    pub http: &'a HttpFacts,
}

/// A call that begins.
#[derive(Debug)]
pub(super) struct BegunCall {
    pub(super) tool: CalledTool,
    pub(super) principal: Option<String>,
    pub(super) http: HttpFacts,
    /// What is known of the call at its begin, if its tool writes.
    pub(super) write: Option<BegunWrite>,
}

/// A call of a tool that writes, at its begin.
#[derive(Debug)]
pub(super) struct BegunWrite {
    begun: Timestamp,
    named: Map<String, Value>,
    arguments: Option<Map<String, Value>>,
}

impl BegunWrite {
    pub(super) fn new(arguments: Option<&Map<String, Value>>, observer: &dyn ObserveCalls) -> Self {
        let kept = arguments.filter(|_| observer.keeps_arguments());
        Self {
            begun: Timestamp::now(),
            named: arguments.map(named_ids).unwrap_or_default(),
            arguments: kept.cloned(),
        }
    }
}

/// A call that its observer knows of, and that ends at the latest when this is dropped.
#[derive(Debug)]
pub(super) struct ObservedCall {
    observer: Arc<dyn ObserveCalls>,
    call: BegunCall,
    begun: Instant,
    record: Arc<CallRecord>,
    outcome: CallOutcome,
}

impl ObservedCall {
    pub(super) fn begin(observer: Arc<dyn ObserveCalls>, call: BegunCall) -> Self {
        observer.begun();
        Self {
            observer,
            call,
            begun: Instant::now(),
            record: Arc::default(),
            // The outcome of a call that nobody waits for until it ends.
            outcome: CallOutcome::Cancelled,
        }
    }

    pub(super) fn record(&self) -> Arc<CallRecord> {
        Arc::clone(&self.record)
    }

    /// The span of what the call logs.
    pub(super) fn span(&self) -> tracing::Span {
        let request_id = self.call.http.request_id.as_deref();
        tracing::info_span!("call", tool = self.call.tool.name(), request_id)
    }

    /// Ends the call with its answer, which is marked with the request's id where it is an error.
    pub(super) fn end(mut self, answer: &mut Result<CallToolResponse, ErrorData>) {
        self.outcome = match answer {
            Err(_) => CallOutcome::InvalidRequest,
            Ok(CallToolResponse::Complete(result)) => match result.is_error {
                Some(true) => {
                    if let Some(id) = &self.call.http.request_id {
                        let meta = result.meta.get_or_insert_with(MetaObject::new);
                        meta.0.insert("request_id".to_owned(), id.as_str().into());
                    }
                    self.record.outcome().unwrap_or(CallOutcome::Failed)
                }
                _ => self.record.outcome().unwrap_or(CallOutcome::Done),
            },
            Ok(_) => CallOutcome::ConfirmationNeeded,
        };
    }

    /// Ends the call, which nobody answered: the limit that `why` names was reached before.
    pub(super) fn refuse(mut self, why: String) {
        self.outcome = CallOutcome::Failed;
        self.record.refused(FailureNote {
            class: Some("not_sent"),
            status: None,
            policy: Some(why),
            needed_mode: None,
        });
    }
}

impl Drop for ObservedCall {
    fn drop(&mut self) {
        let failure = self.record.failure();
        self.observer.ended(&EndedCall {
            tool: &self.call.tool,
            principal: self.call.principal.as_deref(),
            outcome: self.outcome,
            failure: failure.clone(),
            upstream: self.record.upstream(),
            duration: self.begun.elapsed(),
            http: &self.call.http,
        });
        if let Some(write) = self.call.write.take() {
            let write = EndedWrite {
                begun: write.begun,
                tool: self.call.tool.name().to_owned(),
                principal: self.call.principal.take(),
                http: std::mem::take(&mut self.call.http),
                outcome: self.outcome,
                failure,
                outlived_call: self.record.is_sending(),
                named: write.named,
                arguments: write.arguments,
                notes: WriteNotes::default(),
            };
            let observer = Arc::clone(&self.observer);
            self.record
                .tell_at_end(move |notes| observer.write_ended(&write.with_notes(notes)));
        }
    }
}
