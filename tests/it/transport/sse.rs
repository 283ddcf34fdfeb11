//! The older HTTP+SSE pair: `GET /sse` and `POST /message`.

use saki_mcp::transport::http::HttpOptions;
use serde_json::json;

use crate::support::fixture_server::{
    MODERN, OLDER, Server, add, call, initialize, json_of, modern, request, taken, text, within,
};
use crate::support::sse_session::Session;

async fn started() -> Server {
    Server::start(HttpOptions::default()).await
}

#[tokio::test]
async fn every_older_revision_shakes_hands_and_calls() {
    let server = started().await;
    for version in OLDER {
        let mut session = Session::open(&server).await;
        session.send(&server, &initialize(version)).await;
        let answer = session.events.message().await;
        assert_eq!(answer["result"]["protocolVersion"], version);
        session.send(&server, &add(1)).await;
        assert_eq!(text(&session.events.message().await), "5");
    }
}

#[tokio::test]
async fn the_modern_revision_is_discovered_and_called_without_a_handshake() {
    let server = started().await;
    let mut session = Session::open(&server).await;
    let discover = modern(request(1, "server/discover", json!({})));
    session.send(&server, &discover).await;
    let versions = session.events.message().await["result"]["supportedVersions"].clone();
    assert!(
        versions.as_array().unwrap().contains(&json!(MODERN)),
        "{versions}"
    );
    session.send(&server, &modern(add(2))).await;
    assert_eq!(text(&session.events.message().await), "5");
}

#[tokio::test]
async fn a_message_before_the_handshake_does_not_end_the_session() {
    let server = started().await;
    let mut session = Session::open(&server).await;
    let early = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    session.send(&server, &early).await;
    session.send(&server, &initialize("2025-06-18")).await;
    assert_eq!(session.events.message().await["id"], 0);
}

#[tokio::test]
async fn a_body_that_is_not_json_rpc_is_refused_and_the_session_goes_on() {
    let server = started().await;
    let mut session = Session::begin(&server).await;
    for (body, code) in [("hello", -32700), ("[]", -32600), ("{\"a\":1}", -32600)] {
        let (status, answer) = json_of(server.post(&session.address, body)).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (400, &json!(code)),
            "{body}"
        );
    }
    session.send(&server, &add(1)).await;
    assert_eq!(text(&session.events.message().await), "5");
}

#[tokio::test]
async fn a_message_over_16_mib_is_refused_and_the_session_goes_on() {
    let server = started().await;
    let mut session = Session::begin(&server).await;
    let body = format!("{}{}", add(1), " ".repeat(16 * 1024 * 1024));
    let refused = within(server.post(&session.address, body).send()).await;
    assert_eq!(refused.unwrap().status(), 413);
    session.send(&server, &add(2)).await;
    assert_eq!(text(&session.events.message().await), "5");
}

#[tokio::test]
async fn a_session_hears_only_its_own_answers_under_an_id_nobody_can_guess() {
    let server = started().await;
    let (mut one, mut two) = (Session::begin(&server).await, Session::begin(&server).await);
    assert_ne!(one.address, two.address);
    let id = one.address.rsplit_once('=').unwrap().1;
    assert!(id.len() >= 32, "{id}");
    one.send(&server, &add(1)).await;
    two.send(&server, &call(1, "add", json!({"a": 40, "b": 2})))
        .await;
    assert_eq!(text(&one.events.message().await), "5");
    assert_eq!(text(&two.events.message().await), "42");
    for path in ["/message?sessionId=1", "/message?sessionId="] {
        let response = server.post(path, add(1).to_string()).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
    }
    let without = server
        .post("/message", add(1).to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(without.status(), 400);
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_service_and_nobody_elses() {
    let server = started().await;
    let mut staying = Session::begin(&server).await;
    let leaving = Session::begin(&server).await;
    leaving.send(&server, &call(1, "wait", json!({}))).await;
    taken(&server.fixture.entered).await;
    let address = leaving.address.clone();
    drop(leaving);
    taken(&server.fixture.cancelled).await;
    let post = server.post(&address, add(1).to_string());
    assert_eq!(post.send().await.unwrap().status(), 404);
    staying.send(&server, &add(2)).await;
    assert_eq!(text(&staying.events.message().await), "5");
}

#[tokio::test]
async fn one_stream_too_many_is_refused_until_another_closes() {
    let server = started().await;
    let mut open = Vec::new();
    for _ in 0..128 {
        open.push(Session::open(&server).await);
    }
    let status = || async { server.get("/sse").send().await.unwrap().status() };
    assert_eq!(status().await, 503);
    open.pop();
    within(async {
        // The server notices the closed connection in its own time.
        while status().await != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
