//! Listener: accepts connections, at most as many as are allowed, and serves HTTP/1.1 on each, in TLS or in the clear.
//!
//! `axum::serve` has no limit on connections, no timeouts and no TLS.

mod connection_timeouts;
mod forwarded_headers;
mod ready_answer;
mod serve_connection;
mod tls_certificate;
mod unreadable_head;

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::transport::http_limits::HttpLimits;
pub(super) use forwarded_headers::RequestPeer;
pub use forwarded_headers::{InvalidTrustedProxy, TrustedProxy};
use serve_connection::Connections;
pub use tls_certificate::{TlsCertificate, TlsFileError};

/// Connections above the limit that are told so at a time; any more are closed without a word.
const MAX_REFUSALS: usize = 64;

/// How long the listener waits after it could not accept, which is when descriptors have run out.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);

/// How a listener treats its connections.
#[derive(Clone, Debug)]
pub(super) struct ListenerOptions {
    pub(super) limits: HttpLimits,
    pub(super) tls: Option<TlsCertificate>,
    pub(super) trusted_proxies: Vec<TrustedProxy>,
}

/// Serves `router` until `shutdown` is cancelled and the last connection has ended.
///
/// When the future is dropped, the connections that are open then are closed.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    options: ListenerOptions,
    shutdown: CancellationToken,
) {
    let slots = Arc::new(Semaphore::new(options.limits.max_connections));
    let refusals = Arc::new(Semaphore::new(MAX_REFUSALS));
    let serving = Arc::new(Connections {
        router,
        options,
        shutdown: shutdown.clone(),
    });
    let mut connections = JoinSet::new();
    let mut backoff = FIRST_BACKOFF;
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &mut backoff) => accepted,
        };
        let Some((stream, address)) = accepted else {
            continue;
        };
        match Arc::clone(&slots).try_acquire_owned() {
            Ok(slot) => {
                let serving = Arc::clone(&serving);
                connections.spawn(async move {
                    serving.serve(stream, address.ip()).await;
                    drop(slot);
                });
            }
            Err(_) => {
                if let Ok(refusal) = Arc::clone(&refusals).try_acquire_owned() {
                    let serving = Arc::clone(&serving);
                    connections.spawn(async move {
                        serving.refuse(stream).await;
                        drop(refusal);
                    });
                }
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// The next connection; nothing after an error and the wait that follows it.
async fn accept(
    listener: &TcpListener,
    backoff: &mut Duration,
) -> Option<(TcpStream, std::net::SocketAddr)> {
    match listener.accept().await {
        Ok(accepted) => {
            *backoff = FIRST_BACKOFF;
            Some(accepted)
        }
        Err(error) => {
            if !is_of_one_connection(&error) {
                if *backoff == FIRST_BACKOFF {
                    tracing::warn!("no connection can be accepted for now: {error}");
                }
                sleep(*backoff).await;
                *backoff = (*backoff * 2).min(LONGEST_BACKOFF);
            }
            None
        }
    }
}

/// Whether only the connection that was to be accepted has failed, so that the next can be accepted at once.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}
