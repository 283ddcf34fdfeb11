//! Metrics of the HTTP server, as Prometheus reads them.

use std::sync::LazyLock;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::server::EndedCall;

/// From what is answered out of memory to what a slow Saki takes.
const SECONDS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Panics since the start; the hook that counts them is the whole process's.
pub(super) static PANICS: LazyLock<Counter> = LazyLock::new(Counter::default);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CallLabels {
    tool: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StatusLabel {
    /// `none` where there was no answer.
    status: String,
}

/// Everything that is counted. No label holds a key, a person, a space or an address.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    in_flight: Gauge,
    call_duration: Histogram,
    upstream_requests: Family<StatusLabel, Counter>,
    upstream_duration: Histogram,
    upstream_retries: Counter,
    policy_refusals: Counter,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("saki_mcp"),
            calls: Family::default(),
            in_flight: Gauge::default(),
            call_duration: Histogram::new(SECONDS),
            upstream_requests: Family::default(),
            upstream_duration: Histogram::new(SECONDS),
            upstream_retries: Counter::default(),
            policy_refusals: Counter::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version that runs", build);
        registry.register(
            "calls",
            "Calls of tools, by tool and by how they ended",
            self.calls.clone(),
        );
        registry.register(
            "calls_in_flight",
            "Calls that are being answered",
            self.in_flight.clone(),
        );
        registry.register_with_unit(
            "call_duration",
            "Time from a call to its answer",
            Unit::Seconds,
            self.call_duration.clone(),
        );
        registry.register(
            "upstream_requests",
            "Requests to Saki, retries included, by the status of the answer",
            self.upstream_requests.clone(),
        );
        registry.register_with_unit(
            "upstream_request_duration",
            "Time from a request to Saki to its whole answer",
            Unit::Seconds,
            self.upstream_duration.clone(),
        );
        registry.register(
            "upstream_retries",
            "Requests to Saki that were retries",
            self.upstream_retries.clone(),
        );
        registry.register(
            "policy_refusals",
            "Calls that a limit of the operator forbade",
            self.policy_refusals.clone(),
        );
        registry.register(
            "panics",
            "Bugs that ended a call or a request",
            PANICS.clone(),
        );
    }

    pub(super) fn call_begun(&self) {
        self.in_flight.inc();
    }

    pub(super) fn call_ended(&self, call: &EndedCall<'_>) {
        self.in_flight.dec();
        let labels = CallLabels {
            tool: call.tool.label().to_owned(),
            outcome: call.outcome.name(),
        };
        self.calls.get_or_create(&labels).inc();
        self.call_duration.observe(call.duration.as_secs_f64());
        for request in &call.upstream.requests {
            let status = match request.status {
                Some(status) => status.to_string(),
                None => "none".to_owned(),
            };
            let labels = StatusLabel { status };
            self.upstream_requests.get_or_create(&labels).inc();
            self.upstream_duration
                .observe(request.duration.as_secs_f64());
        }
        let retries = u64::try_from(call.upstream.retries).unwrap_or(u64::MAX);
        self.upstream_retries.inc_by(retries);
        if call
            .failure
            .as_ref()
            .is_some_and(|failure| failure.policy.is_some())
        {
            self.policy_refusals.inc();
        }
    }

    /// All metrics in the OpenMetrics text format.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            // Writing to a string does not fail.
            Err(_) => String::new(),
        }
    }
}
