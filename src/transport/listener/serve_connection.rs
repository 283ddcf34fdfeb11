//! One HTTP/1.1 connection: TLS, the requests and their answers, timeouts, and the graceful end.

use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use futures::FutureExt;
use http::StatusCode;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::connection_timeouts::{ConnectionTimeouts, ServedBody, TimedIo};
use super::ready_answer::{AT_CAPACITY, ReadyAnswer, SPEAKS_TLS};
use super::unreadable_head::ExplainingIo;
use super::{ListenerOptions, RequestPeer};
use crate::transport::json_error::json_error;

/// The largest head of a request: its line and headers.
const MAX_HEAD: usize = 64 * 1024;

/// How long a connection that ends waits for the rest of a head that has begun to arrive.
const HEAD_GRACE: Duration = Duration::from_millis(500);

/// How long a connection that is refused has to say what it wants; an answer before that may be lost.
const REFUSAL_TIME: Duration = Duration::from_secs(1);

/// The first byte of a TLS connection: a record with a handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// What all connections of a listener share.
pub(super) struct Connections {
    pub(super) router: Router,
    pub(super) options: ListenerOptions,
    pub(super) shutdown: CancellationToken,
}

impl Connections {
    /// Serves one connection to its end.
    pub(super) async fn serve(&self, mut stream: TcpStream, address: IpAddr) {
        // Without TCP_NODELAY a streamed answer waits 40 ms for the acknowledgement of its first packet.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.options.tls else {
            return self.serve_http(stream, address, false).await;
        };
        let handshake = async {
            let mut first = [0];
            let is_tls = stream.peek(&mut first).await.ok()? == 1 && first[0] == TLS_HANDSHAKE;
            if !is_tls {
                answer_and_close(&mut stream, &SPEAKS_TLS).await;
                return None;
            }
            tls.acceptor().accept(stream).await.ok()
        };
        let handshake = tokio::select! {
            handshake = timeout(self.options.limits.header_timeout, handshake) => handshake,
            () = self.shutdown.cancelled() => return,
        };
        if let Ok(Some(stream)) = handshake {
            self.serve_http(stream, address, true).await;
        }
    }

    /// Tells a connection that there are too many.
    pub(super) async fn refuse(&self, mut stream: TcpStream) {
        if self.options.tls.is_none() {
            answer_and_close(&mut stream, &AT_CAPACITY).await;
        }
    }

    async fn serve_http<S>(&self, stream: S, address: IpAddr, is_tls: bool)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let timeouts = ConnectionTimeouts::start(&self.options.limits);
        let io = TimedIo::new(stream, timeouts.clone());
        let io = TokioIo::new(ExplainingIo::new(io, timeouts.clone()));
        let service = service_fn(|request: Request<Incoming>| {
            let serving = timeouts.serving();
            async move {
                let response = self.answer(request, address, is_tls).await;
                Ok::<http::Response<ServedBody>, Infallible>(
                    response.map(|body| serving.until_sent(body)),
                )
            }
        });
        let connection = http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .serve_connection(io, service);
        let mut connection = pin!(connection);
        let mut expired = pin!(timeouts.expired());
        tokio::select! {
            _ = connection.as_mut() => return,
            () = expired.as_mut() => return,
            () = self.shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        let head_is_late = async {
            match timeouts.is_reading_head() {
                true => sleep(HEAD_GRACE).await,
                false => std::future::pending().await,
            }
            if !timeouts.is_reading_head() {
                std::future::pending().await
            }
        };
        tokio::select! {
            _ = connection => {}
            () = expired => {}
            () = head_is_late => {}
        }
    }

    async fn answer(&self, request: Request<Incoming>, address: IpAddr, is_tls: bool) -> Response {
        let mut request = request.map(Body::new);
        let proxies = &self.options.trusted_proxies;
        let peer = RequestPeer::of(address, is_tls, request.headers(), proxies);
        request.extensions_mut().insert(peer);
        let answer = AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind();
        match answer.await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_panic) => {
                let text = "This request met a bug in saki-mcp. Other requests still work.";
                json_error(StatusCode::INTERNAL_SERVER_ERROR, "bug", text)
            }
        }
    }
}

/// Answers whatever a connection asks, and closes it.
async fn answer_and_close(stream: &mut TcpStream, answer: &ReadyAnswer) {
    let exchange = async {
        // Bytes that are never read would make the close a reset, which may overtake the answer.
        let _ = stream.read(&mut [0; 8 * 1024]).await;
        let _ = stream.write_all(answer.bytes().as_bytes()).await;
        let _ = stream.shutdown().await;
    };
    let _ = timeout(REFUSAL_TIME, exchange).await;
}
