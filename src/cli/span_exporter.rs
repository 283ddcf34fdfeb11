//! Span exporter: each call over HTTP as a span, with one below it for each request to Saki, for an OpenTelemetry collector.
//!
//! It is behind the feature `otlp`. Without it the flag is refused.

use clap::Args;
use secrecy::SecretString;

use super::store_flags::secret;

#[cfg(feature = "otlp")]
pub(super) use otlp::SpanExporter;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Tracing")]
pub(super) struct TracingFlags {
    /// OpenTelemetry collector that gets each call as a span, e.g. "http://127.0.0.1:4318"
    ///
    /// Spans go to /v1/traces below this address, as OTLP over HTTP in protobuf. A span tells tool, outcome, error class, retries, principal, address of the client and request id, and has one below it for each request to Saki. It holds no keys and no texts.
    /// A traceparent header of a trusted proxy is continued, and decides whether the call is sampled; without one, each call is sent. Headers for the collector and the service name are those of the variables OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
    /// It needs a binary that was built with: cargo install --locked --path . --features otlp
    #[arg(long, value_name = "URL", env = "SAKI_OTLP_ENDPOINT", hide_env_values = true, value_parser = secret)]
    otlp_endpoint: Option<SecretString>,
}

#[cfg(not(feature = "otlp"))]
mod without_otlp {
    use std::convert::Infallible;

    use super::super::usage_error::wrong_usage;
    use super::TracingFlags;
    use crate::server::EndedCall;

    /// There is none in this build.
    #[derive(Debug)]
    pub(in crate::cli) struct SpanExporter(Infallible);

    impl TracingFlags {
        pub(in crate::cli) fn exporter(&self) -> anyhow::Result<Option<SpanExporter>> {
            match &self.otlp_endpoint {
                None => Ok(None),
                Some(_) => Err(wrong_usage(
                    "--otlp-endpoint needs a binary with OpenTelemetry, and this one was built without. To build it: cargo install --locked --path . --features otlp".to_owned(),
                )),
            }
        }
    }

    impl SpanExporter {
        pub(in crate::cli) fn add(&self, _: &EndedCall<'_>) {
            match self.0 {}
        }

        pub(in crate::cli) async fn flush(&self) {
            match self.0 {}
        }
    }
}

#[cfg(not(feature = "otlp"))]
pub(super) use without_otlp::SpanExporter;

#[cfg(feature = "otlp")]
mod otlp {
    use std::time::SystemTime;

    use anyhow::{Context as _, anyhow, bail};
    use opentelemetry::propagation::{Extractor, TextMapPropagator};
    use opentelemetry::trace::{
        Span, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer, TracerProvider,
    };
    use opentelemetry::{Context, Key, KeyValue};
    use opentelemetry_otlp::{Protocol, WithExportConfig};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
    use secrecy::{ExposeSecret, SecretString};
    use url::Url;

    use super::super::usage_error::wrong_usage;
    use super::TracingFlags;
    use crate::saki::UpstreamRequest;
    use crate::server::EndedCall;
    use crate::tools::CallOutcome;

    /// Makes spans of calls, and sends them in batches from a thread of its own.
    #[derive(Debug)]
    pub(in crate::cli) struct SpanExporter {
        provider: SdkTracerProvider,
        tracer: SdkTracer,
    }

    impl TracingFlags {
        pub(in crate::cli) fn exporter(&self) -> anyhow::Result<Option<SpanExporter>> {
            let endpoint = self.otlp_endpoint.as_ref();
            endpoint.map(SpanExporter::new).transpose()
        }
    }

    impl SpanExporter {
        fn new(endpoint: &SecretString) -> anyhow::Result<Self> {
            let endpoint = Url::parse(endpoint.expose_secret().trim()).ok();
            let endpoint = endpoint.filter(is_collector).ok_or_else(|| {
                // It does not repeat the value, which may hold a password.
                wrong_usage(
                    "--otlp-endpoint: expected an http:// or https:// address without user, password and query, e.g. \"http://127.0.0.1:4318\". A login goes into OTEL_EXPORTER_OTLP_HEADERS".to_owned(),
                )
            })?;
            let _ = rustls::crypto::ring::default_provider().install_default();
            let traces = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
            // A blocking client cannot be made by a thread of the runtime.
            let built = std::thread::spawn(move || {
                opentelemetry_otlp::SpanExporter::builder()
                    .with_http()
                    .with_protocol(Protocol::HttpBinary)
                    .with_endpoint(traces)
                    .build()
            });
            let Ok(exporter) = built.join() else {
                bail!("the exporter for --otlp-endpoint could not be built");
            };
            let exporter = exporter.map_err(|error| anyhow!(error));
            let exporter = exporter.context("the exporter for --otlp-endpoint")?;
            let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
            let resource = Resource::builder().with_attribute(version);
            let resource = match has_service_name(&Resource::builder().build()) {
                true => resource,
                false => resource.with_service_name("saki-mcp"),
            };
            let provider = SdkTracerProvider::builder()
                .with_batch_exporter(exporter)
                .with_resource(resource.build())
                .build();
            let tracer = provider.tracer("saki_mcp::calls");
            Ok(Self { provider, tracer })
        }

        /// Adds a call that has ended now.
        pub(in crate::cli) fn add(&self, call: &EndedCall<'_>) {
            let ended = SystemTime::now();
            let begun = ended.checked_sub(call.duration).unwrap_or(ended);
            let mut span = self.tracer.build_with_context(
                SpanBuilder::from_name(format!("tools/call {}", call.tool.label()))
                    .with_kind(SpanKind::Server)
                    .with_start_time(begun)
                    .with_attributes(attributes_of(call)),
                &parent_of(call),
            );
            let is_error = matches!(
                call.outcome,
                CallOutcome::Failed | CallOutcome::InvalidRequest | CallOutcome::Bug
            );
            if is_error {
                span.set_status(Status::error(call.outcome.name()));
            }
            let of_call = Context::new().with_remote_span_context(span.span_context().clone());
            for request in &call.upstream.requests {
                self.add_request(request, &of_call);
            }
            span.end_with_timestamp(ended);
        }

        fn add_request(&self, request: &UpstreamRequest, of_call: &Context) {
            let mut attributes = vec![KeyValue::new(
                "http.request.method",
                request.method.to_string(),
            )];
            let status = request.status.map(i64::from);
            attributes
                .extend(status.map(|status| KeyValue::new("http.response.status_code", status)));
            let mut span = self.tracer.build_with_context(
                SpanBuilder::from_name(request.method.to_string())
                    .with_kind(SpanKind::Client)
                    .with_start_time(request.begun)
                    .with_attributes(attributes),
                of_call,
            );
            if request.status.is_none_or(|status| status >= 400) {
                span.set_status(Status::error("refused or not answered"));
            }
            span.end_with_timestamp(request.begun + request.duration);
        }

        /// Sends what was not sent yet; a collector that is away is waited for five seconds.
        pub(in crate::cli) async fn flush(&self) {
            let provider = self.provider.clone();
            let flushed = tokio::task::spawn_blocking(move || provider.shutdown()).await;
            if let Ok(Err(error)) = flushed {
                tracing::warn!("the last spans did not reach the collector: {error}");
            }
        }
    }

    fn is_collector(url: &Url) -> bool {
        let has_login = !url.username().is_empty() || url.password().is_some();
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && !has_login
            && url.query().is_none()
            && url.fragment().is_none()
    }

    /// Whether the variables of OpenTelemetry name the service.
    fn has_service_name(of_environment: &Resource) -> bool {
        let name = of_environment.get(&Key::from_static_str("service.name"));
        name.is_some_and(|name| !name.as_str().starts_with("unknown_service"))
    }

    /// What a span tells of a call: the names are those of OpenTelemetry's conventions for MCP, where there are some.
    fn attributes_of(call: &EndedCall<'_>) -> Vec<KeyValue> {
        let failure = call.failure.clone().unwrap_or_default();
        let mut attributes = vec![
            KeyValue::new("mcp.method.name", "tools/call"),
            KeyValue::new("gen_ai.tool.name", call.tool.label().to_owned()),
            KeyValue::new("saki.outcome", call.outcome.name()),
            KeyValue::new(
                "saki.retries",
                i64::try_from(call.upstream.retries).unwrap_or(i64::MAX),
            ),
        ];
        let texts = [
            ("error.type", failure.class),
            ("enduser.id", call.principal),
            ("client.address", call.http.client.as_deref()),
            ("saki.request_id", call.http.request_id.as_deref()),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, text?)));
        attributes.extend(texts.map(|(name, text)| KeyValue::new(name, text.to_owned())));
        attributes
    }

    /// The span of the caller, where it named one.
    fn parent_of(call: &EndedCall<'_>) -> Context {
        struct TraceParent<'a>(Option<&'a str>);
        impl Extractor for TraceParent<'_> {
            fn get(&self, key: &str) -> Option<&str> {
                self.0.filter(|_| key == "traceparent")
            }
            fn keys(&self) -> Vec<&str> {
                vec!["traceparent"]
            }
        }
        let given = TraceParent(call.http.trace_parent.as_deref());
        TraceContextPropagator::new().extract_with_context(&Context::new(), &given)
    }

    #[cfg(test)]
    mod tests {
        use std::sync::mpsc;
        use std::time::Duration;

        use axum::Router;
        use bytes::Bytes;
        use http::{HeaderMap, Method, Uri};

        use super::*;
        use crate::saki::UpstreamUse;
        use crate::server::{CalledTool, HttpFacts};
        use crate::tools::FailureNote;

        const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

        fn has(body: &[u8], part: &[u8]) -> bool {
            body.windows(part.len()).any(|window| window == part)
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn a_call_and_its_requests_reach_the_collector_in_the_trace_of_the_caller() {
            let (sent, received) = mpsc::channel();
            let collector =
                Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
                    let _ = sent.send((uri.path().to_owned(), headers, body));
                    async { "" }
                });
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let endpoint = format!("http://{}/otlp/", listener.local_addr().unwrap());
            tokio::spawn(async { axum::serve(listener, collector).await });

            let flags = TracingFlags {
                otlp_endpoint: Some(endpoint.into()),
            };
            let exporter = flags.exporter().unwrap().unwrap();
            let request = UpstreamRequest {
                method: Method::DELETE,
                begun: SystemTime::now(),
                duration: Duration::from_millis(40),
                status: Some(422),
            };
            exporter.add(&EndedCall {
                tool: &CalledTool::Known("delete_post".to_owned()),
                principal: Some("anna"),
                outcome: CallOutcome::Failed,
                failure: Some(FailureNote {
                    class: Some("rejected"),
                    status: Some(422),
                    ..FailureNote::default()
                }),
                upstream: UpstreamUse {
                    requests: vec![request],
                    retries: 0,
                },
                duration: Duration::from_millis(50),
                http: &HttpFacts {
                    request_id: Some("id-of-the-request".to_owned()),
                    client: None,
                    trace_parent: Some(format!("00-{TRACE}-b7ad6b7169203331-01")),
                },
            });
            exporter.flush().await;

            let (path, headers, body) = received.recv_timeout(Duration::from_secs(10)).unwrap();
            assert_eq!(path, "/otlp/v1/traces");
            assert_eq!(headers["content-type"], "application/x-protobuf");
            let texts = [
                "tools/call delete_post",
                "anna",
                "rejected",
                "id-of-the-request",
                "DELETE",
                "saki-mcp",
            ];
            for text in texts {
                assert!(has(&body, text.as_bytes()), "{text}");
            }
            let trace = u128::from_str_radix(TRACE, 16).unwrap().to_be_bytes();
            let spans = body.windows(16).filter(|window| *window == trace).count();
            assert_eq!(spans, 2, "the call and its request");
        }

        #[test]
        fn an_address_that_is_no_collector_is_refused() {
            let refused = [
                "file:///tmp/spans",
                "grpc://localhost:4317",
                "http://user:planted@localhost:4318",
                "http://localhost:4318?token=planted",
                "planted",
                "",
            ];
            for endpoint in refused {
                let flags = TracingFlags {
                    otlp_endpoint: Some(endpoint.into()),
                };
                let refused = flags.exporter().unwrap_err().to_string();
                assert!(refused.contains("--otlp-endpoint"), "{refused}");
                assert!(!refused.contains("planted"), "{refused}");
            }
        }
    }
}
