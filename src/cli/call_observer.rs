//! Call observer: one line in the log for each call over HTTP, and the metrics.

use std::sync::Arc;
use std::time::Duration;

use super::prometheus_metrics::Metrics;
use crate::server::{EndedCall, ObserveCalls};

/// Logs and counts calls.
#[derive(Debug)]
pub(super) struct CallObserver {
    pub(super) metrics: Arc<Metrics>,
}

impl ObserveCalls for CallObserver {
    fn begun(&self) {
        self.metrics.call_begun();
    }

    fn ended(&self, call: &EndedCall<'_>) {
        self.metrics.call_ended(call);
        let failure = call.failure.unwrap_or_default();
        let requests = &call.upstream.requests;
        let last_status = requests.last().and_then(|request| request.status);
        let upstream: Duration = requests.iter().map(|request| request.duration).sum();
        tracing::info!(
            tool = call.tool,
            outcome = call.outcome.name(),
            class = failure.class,
            status = failure.status.or(last_status),
            duration_ms = millis(call.duration),
            upstream_ms = millis(upstream),
            upstream_requests = requests.len(),
            retries = call.upstream.retries,
            client = call.http.client,
            request_id = call.http.request_id,
            "call"
        );
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
