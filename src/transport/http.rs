//! HTTP server: Streamable HTTP at `/mcp`, the older HTTP+SSE at `/sse` and `/message`, and the health check at `/healthz`.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::serve::ListenerExt;
use http::{StatusCode, header};
use rmcp::ServerHandler;
use tokio_util::sync::CancellationToken;

use super::host_origin_check::{self, AllowedHost, AllowedOrigin, HostOriginCheck};
use super::pending_requests::PendingRequests;
use super::shutdown::http_deadline;
use super::{sse, streamable_http};

/// The hosts and origins that an HTTP server allows, in addition to the loopback ones.
#[derive(Clone, Debug, Default)]
pub struct HttpOptions {
    /// Names that the `Host` header may carry.
    pub allowed_hosts: Vec<AllowedHost>,
    /// Web origins whose pages may call. Only these may read the answers (CORS).
    pub allowed_origins: Vec<AllowedOrigin>,
}

/// Every route of the server.
///
/// Cancelling `shutdown` ends open streams and requests at once; [`serve`] lets requests finish first.
pub fn router<H>(handler: Arc<H>, options: HttpOptions, shutdown: CancellationToken) -> Router
where
    H: ServerHandler,
{
    routes(handler, options, &PendingRequests::default(), &shutdown)
}

fn routes<H>(
    handler: Arc<H>,
    options: HttpOptions,
    pending: &PendingRequests,
    abort: &CancellationToken,
) -> Router
where
    H: ServerHandler,
{
    let check = Arc::new(HostOriginCheck {
        hosts: options.allowed_hosts,
        origins: options.allowed_origins,
    });
    Router::new()
        .merge(streamable_http::routes(
            Arc::clone(&handler),
            pending.clone(),
            abort.clone(),
        ))
        .merge(sse::routes(handler, pending.clone(), abort.clone()))
        .route("/healthz", get(health))
        .fallback(|| async { (StatusCode::NOT_FOUND, "Not found") })
        .layer(from_fn_with_state(check, host_origin_check::middleware))
}

async fn health() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    (
        [(header::CONTENT_TYPE, "application/json")],
        r#"{"status":"ok"}"#,
    )
}

/// Serves `handler` on `listener` until `shutdown` is cancelled.
///
/// Pending requests are then answered within [`GRACE_PERIOD`](super::GRACE_PERIOD). Without any, it returns at once.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve<H>(
    listener: tokio::net::TcpListener,
    handler: Arc<H>,
    options: HttpOptions,
    shutdown: CancellationToken,
) -> io::Result<()>
where
    H: ServerHandler,
{
    let (pending, abort) = (PendingRequests::default(), CancellationToken::new());
    let routes = routes(handler, options, &pending, &abort);
    // Without TCP_NODELAY a streamed answer waits 40 ms for the acknowledgement of its first packet.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let server =
        axum::serve(listener, routes).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    tokio::select! {
        result = server => result,
        () = http_deadline(&shutdown, &pending, &abort) => Ok(()),
    }
}
