//! Call observer: one line in the log for each call over HTTP, the metrics, the audit log, and the spans.

use std::sync::Arc;
use std::time::Duration;

use http::Extensions;

use super::audit_log::AuditLog;
use super::principal_handlers::scope_of;
use super::prometheus_metrics::Metrics;
use super::span_exporter::SpanExporter;
use crate::server::{EndedCall, EndedWrite, ObserveCalls};
use crate::tools::NeededMode;
use crate::transport::auth::NeededScope;

/// Logs and counts calls.
#[derive(Debug)]
pub(super) struct CallObserver {
    pub(super) metrics: Arc<Metrics>,
    pub(super) audit_log: Option<Arc<AuditLog>>,
    pub(super) span_exporter: Option<Arc<SpanExporter>>,
}

impl ObserveCalls for CallObserver {
    fn begun(&self) {
        self.metrics.call_begun();
    }

    fn ended(&self, call: &EndedCall<'_>) {
        self.metrics.call_ended(call);
        if let Some(exporter) = &self.span_exporter {
            exporter.add(call);
        }
        let failure = call.failure.clone().unwrap_or_default();
        let requests = &call.upstream.requests;
        let last_status = requests.last().and_then(|request| request.status);
        let upstream: Duration = requests.iter().map(|request| request.duration).sum();
        tracing::info!(
            tool = call.tool.name(),
            outcome = call.outcome.name(),
            class = failure.class,
            status = failure.status.or(last_status),
            duration_ms = millis(call.duration),
            upstream_ms = millis(upstream),
            upstream_requests = requests.len(),
            retries = call.upstream.retries,
            principal = call.principal,
            client = call.http.client,
            request_id = call.http.request_id,
            "call"
        );
    }

    fn write_ended(&self, write: &EndedWrite) {
        if let Some(log) = &self.audit_log {
            log.add(write);
        }
    }

    fn needs_wider_scope(&self, attached: &Extensions, needed: NeededMode) {
        if let Some(slot) = attached.get::<NeededScope>() {
            slot.note(scope_of(needed.mode), needed.why);
        }
    }

    fn keeps_arguments(&self) -> bool {
        self.audit_log.as_ref().is_some_and(|log| log.keeps_texts)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
