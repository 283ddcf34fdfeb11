//! Metrics endpoint: `/metrics` on a listener of its own, so that clients of the server cannot read it.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use http::{StatusCode, header};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::http::other_method;
use super::http_limits::HttpLimits;
use super::json_error::json_error;
use super::listener::{self, ListenerOptions};

/// The type of the OpenMetrics text format.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Writes all metrics as text.
#[derive(Clone)]
pub struct RenderMetrics(pub Arc<dyn Fn() -> String + Send + Sync>);

impl fmt::Debug for RenderMetrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RenderMetrics")
    }
}

/// Serves the metrics until `shutdown` is cancelled.
pub async fn serve_metrics(
    listener: TcpListener,
    metrics: RenderMetrics,
    shutdown: CancellationToken,
) {
    let show = move || async move { ([(header::CONTENT_TYPE, OPEN_METRICS)], metrics.0()) };
    let router = Router::new()
        .route("/metrics", get(show))
        .fallback(async || {
            json_error(
                StatusCode::NOT_FOUND,
                "not_found",
                "The metrics are at /metrics.",
            )
        })
        .method_not_allowed_fallback(other_method);
    let options = ListenerOptions {
        limits: HttpLimits {
            max_connections: 32,
            ..HttpLimits::default()
        },
        tls: None,
        trusted_proxies: Vec::new(),
    };
    listener::serve(listener, router, options, shutdown).await;
}
