//! HTTP/1 connections: one task each, so that a fault can drop one, and a graceful shutdown of all.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::fault_injection::DropConnection;

/// Time that open connections have to finish after the shutdown signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);

pub(super) async fn serve(
    router: Router,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(router.clone(), stream, shutdown.clone()));
                }
                // A temporary error, such as too many open files; the listener stays usable.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
        }
    }
    drop(listener);
    let all_closed = async { while connections.join_next().await.is_some() {} };
    // Dropping the set aborts the connections that are still open.
    let _ = tokio::time::timeout(SHUTDOWN_GRACE, all_closed).await;
    Ok(())
}

async fn serve_connection(router: Router, stream: TcpStream, shutdown: CancellationToken) {
    // Otherwise the second small packet of a response waits for the delayed acknowledgement of the first.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            let response: Response = match router.oneshot(request.map(Body::new)).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            match response.extensions().get::<DropConnection>() {
                None => Ok(response),
                Some(DropConnection) => Err(io::Error::other("hung up")),
            }
        }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
