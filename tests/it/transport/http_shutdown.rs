//! How the HTTP server ends: calls in flight are answered, streams are closed, and then it returns.

use std::sync::Arc;

use saki_mcp::transport::http::{self, HttpOptions};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::support::fixture_server::{
    Events, Fixture, Server, add, call, json_of, modern, request, taken, text, within,
};
use crate::support::sse_session::Session;

#[tokio::test]
async fn an_idle_server_returns_at_once_though_connections_are_open() {
    let server = Server::start(HttpOptions::default()).await;
    assert_eq!(text(&json_of(server.mcp(&add(1))).await.1), "5");
    let address = server.base.trim_start_matches("http://");
    let _silent = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut events = Events::open(server.get("/sse")).await;
    events.next().await.unwrap();
    server.shutdown.cancel();
    server.returns_promptly().await;
    assert_eq!(events.next().await, None, "the stream is closed");
}

#[tokio::test]
async fn a_call_in_flight_is_answered_after_the_shutdown_began() {
    let server = Server::start(HttpOptions::default()).await;
    let calling = tokio::spawn(json_of(server.mcp(&call(1, "wait", json!({})))));
    taken(&server.fixture.entered).await;
    server.shutdown.cancel();
    tokio::task::yield_now().await;
    assert!(!server.serving.is_finished());
    server.fixture.release.add_permits(1);
    assert_eq!(text(&calling.await.unwrap().1), "released");
    server.returns_promptly().await;
}

#[tokio::test]
async fn a_streamed_call_is_answered_after_the_shutdown_began() {
    let server = Server::start(HttpOptions::default()).await;
    let mut call = call(1, "progress", json!({}));
    call["params"]["_meta"] = json!({"progressToken": "p"});
    let mut events = Events::open(
        server
            .post("/mcp", call.to_string())
            .header("accept", "*/*"),
    )
    .await;
    events.message().await;
    server.shutdown.cancel();
    tokio::task::yield_now().await;
    server.fixture.release.add_permits(1);
    assert_eq!(text(&events.message().await), "finished");
    server.returns_promptly().await;
}

#[tokio::test]
async fn a_call_over_sse_is_answered_before_its_stream_is_closed() {
    let server = Server::start(HttpOptions::default()).await;
    let mut session = Session::begin(&server).await;
    session.send(&server, &call(1, "wait", json!({}))).await;
    taken(&server.fixture.entered).await;
    server.shutdown.cancel();
    tokio::task::yield_now().await;
    server.fixture.release.add_permits(1);
    assert_eq!(text(&session.events.message().await), "released");
    server.returns_promptly().await;
    assert_eq!(session.events.next().await, None);
}

#[tokio::test]
async fn a_subscription_does_not_hold_up_the_shutdown() {
    let server = Server::start(HttpOptions::default()).await;
    let listen = json!({"notifications": {"toolsListChanged": true}});
    let listen = modern(request(1, "subscriptions/listen", listen));
    let mut events = Events::open(server.mcp(&listen)).await;
    events.message().await;
    server.shutdown.cancel();
    server.returns_promptly().await;
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_cancelled_router_ends_its_calls_with_an_error() {
    let (fixture, stop) = (Fixture::new(), CancellationToken::new());
    let router = http::router(Arc::clone(&fixture), HttpOptions::default(), stop.clone());
    let request = axum::http::Request::post("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(axum::body::Body::from(
            call(7, "wait", json!({})).to_string(),
        ))
        .unwrap();
    let calling = tokio::spawn(router.oneshot(request));
    taken(&fixture.entered).await;
    stop.cancel();
    let response = within(calling).await.unwrap().unwrap();
    taken(&fixture.cancelled).await;
    assert_eq!(response.status(), 500);
    let body = axum::body::to_bytes(response.into_body(), 1024)
        .await
        .unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&json!(7), &json!(-32603))
    );
}
