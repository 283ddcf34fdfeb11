//! How the HTTP server ends: calls in flight are answered, streams are closed, and then it returns.

use saki_mcp::transport::http::HttpOptions;
use serde_json::json;

use crate::fixture::{Events, Server, add, call, json_of, modern, request, taken, text, within};
use crate::transport_sse::Session;

#[tokio::test]
async fn an_idle_server_returns_at_once_though_connections_are_open() {
    let server = Server::start(HttpOptions::default()).await;
    assert_eq!(text(&json_of(server.mcp(&add(1))).await.1), "5");
    let address = server.base.trim_start_matches("http://");
    let _silent = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut events = Events::open(server.get("/sse")).await;
    events.next().await.unwrap();
    server.shutdown.cancel();
    assert_eq!(events.next().await, None, "the stream is closed");
    within(server.serving).await.unwrap().unwrap();
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
    within(server.serving).await.unwrap().unwrap();
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
    within(server.serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_call_over_the_older_pair_is_answered_before_its_stream_is_closed() {
    let server = Server::start(HttpOptions::default()).await;
    let mut session = Session::begin(&server).await;
    session.send(&server, &call(1, "wait", json!({}))).await;
    taken(&server.fixture.entered).await;
    server.shutdown.cancel();
    tokio::task::yield_now().await;
    server.fixture.release.add_permits(1);
    assert_eq!(text(&session.events.message().await), "released");
    assert_eq!(session.events.next().await, None);
    within(server.serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_subscription_does_not_hold_up_the_shutdown() {
    let server = Server::start(HttpOptions::default()).await;
    let listen = json!({"notifications": {"toolsListChanged": true}});
    let listen = modern(request(1, "subscriptions/listen", listen));
    let mut events = Events::open(server.mcp(&listen)).await;
    events.message().await;
    server.shutdown.cancel();
    assert_eq!(events.next().await, None);
    within(server.serving).await.unwrap().unwrap();
}
