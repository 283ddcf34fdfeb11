//! Observed call: tells an observer when a call begins and how it ended, and marks errors with the id of their request.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use rmcp::model::{CallToolResponse, MetaObject};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use tokio::time::Instant;

use crate::saki::UpstreamUse;
use crate::tools::{CallOutcome, CallRecord, FailureNote};

/// Where the HTTP server puts the id of a request, and the address of its client.
const REQUEST_ID: &str = "x-request-id";
const CLIENT: &str = "x-forwarded-for";

/// Sees every call of a tool.
pub trait ObserveCalls: Debug + Send + Sync {
    /// A call begins.
    fn begun(&self);
    /// A call has ended. Each call that begins ends.
    fn ended(&self, call: &EndedCall<'_>);
}

/// A call that has ended.
#[derive(Debug)]
pub struct EndedCall<'a> {
    /// The tool, or `unknown`.
    pub tool: &'a str,
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

/// What is known of the HTTP request of a call.
#[derive(Debug, Clone, Default)]
pub struct HttpFacts {
    /// The id of the request.
    pub request_id: Option<String>,
    /// The address of the client.
    pub client: Option<String>,
}

impl HttpFacts {
    pub(super) fn of(context: &RequestContext<RoleServer>) -> Self {
        let parts = context.extensions.get::<Parts>();
        let header = |name| {
            let value = parts?.headers.get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        Self {
            request_id: header(REQUEST_ID),
            client: header(CLIENT),
        }
    }
}

/// A call that its observer knows of, and that ends at the latest when this is dropped.
#[derive(Debug)]
pub(super) struct ObservedCall {
    observer: Arc<dyn ObserveCalls>,
    tool: String,
    http: HttpFacts,
    begun: Instant,
    record: Arc<CallRecord>,
    outcome: CallOutcome,
}

impl ObservedCall {
    pub(super) fn begin(observer: Arc<dyn ObserveCalls>, tool: String, http: HttpFacts) -> Self {
        observer.begun();
        Self {
            observer,
            tool,
            http,
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
        let request_id = self.http.request_id.as_deref();
        tracing::info_span!("call", tool = self.tool, request_id)
    }

    /// Ends the call with its answer, which is marked with the request's id where it is an error.
    pub(super) fn end(mut self, answer: &mut Result<CallToolResponse, ErrorData>) {
        self.outcome = match answer {
            Err(_) => CallOutcome::InvalidRequest,
            Ok(CallToolResponse::Complete(result)) => match result.is_error {
                Some(true) => {
                    if let Some(id) = &self.http.request_id {
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
}

impl Drop for ObservedCall {
    fn drop(&mut self) {
        self.observer.ended(&EndedCall {
            tool: &self.tool,
            outcome: self.outcome,
            failure: self.record.failure(),
            upstream: self.record.upstream(),
            duration: self.begun.elapsed(),
            http: &self.http,
        });
    }
}
