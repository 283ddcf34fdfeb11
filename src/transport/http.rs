//! The server over HTTP: Streamable HTTP at `/mcp`, the older pair at `/sse` and `/message`, and `/healthz`.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::serve::ListenerExt;
use http::{StatusCode, header};
use rmcp::ServerHandler;
use tokio_util::sync::CancellationToken;

use super::guard::{self, AllowedHost, AllowedOrigin, Guard};
use super::in_flight::InFlight;
use super::{GRACE, LAST_WORDS, sse, streamable};

/// What an HTTP server lets in beside the defaults.
#[derive(Clone, Debug, Default)]
pub struct HttpOptions {
    /// Names that the `Host` header may carry beside the loopback ones.
    pub allowed_hosts: Vec<AllowedHost>,
    /// Origins whose pages may call, beside the loopback ones; these may read the answers too.
    pub allowed_origins: Vec<AllowedOrigin>,
}

/// Every route of the server.
///
/// Cancelling `shutdown` ends open streams and calls at once; [`serve`] is gentler.
pub fn router<H>(handler: Arc<H>, options: HttpOptions, shutdown: CancellationToken) -> Router
where
    H: ServerHandler,
{
    routes(handler, options, &InFlight::default(), &shutdown)
}

fn routes<H>(
    handler: Arc<H>,
    options: HttpOptions,
    in_flight: &InFlight,
    stop: &CancellationToken,
) -> Router
where
    H: ServerHandler,
{
    let guard = Arc::new(Guard {
        hosts: options.allowed_hosts,
        origins: options.allowed_origins,
    });
    Router::new()
        .merge(streamable::routes(
            Arc::clone(&handler),
            in_flight.clone(),
            stop.clone(),
        ))
        .merge(sse::routes(handler, in_flight.clone(), stop.clone()))
        .route("/healthz", get(health))
        .fallback(|| async { (StatusCode::NOT_FOUND, "Not found") })
        .layer(from_fn_with_state(guard, guard::check))
}

async fn health() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    (
        [(header::CONTENT_TYPE, "application/json")],
        r#"{"status":"ok"}"#,
    )
}

/// Serves `handler` on `listener` until `shutdown` is cancelled.
///
/// Then nothing new is accepted, calls in flight finish within [`GRACE`], streams are closed, and it returns; at once when idle.
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
    let (in_flight, stop) = (InFlight::default(), CancellationToken::new());
    let routes = routes(handler, options, &in_flight, &stop);
    // Without it a streamed answer waits 40 ms for the acknowledgement of its first packet.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let server =
        axum::serve(listener, routes).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let deadline = async {
        shutdown.cancelled().await;
        let end = tokio::time::Instant::now() + GRACE;
        let idle = tokio::time::timeout_at(end - LAST_WORDS, in_flight.idle());
        if idle.await.is_err() {
            tracing::warn!("calls in flight took too long and were cancelled");
        }
        stop.cancel();
        // Answers may still be on their way to a slow client.
        tokio::time::sleep_until(end).await;
    };
    tokio::select! {
        served = server => served,
        () = deadline => Ok(()),
    }
}
