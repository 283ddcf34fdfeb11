//! Sessions at `/mcp`: who gets one, what a call can do in it, and how a stream is resumed.

use std::time::Duration;

use saki_mcp::transport::http::HttpOptions;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::fixture_server::{
    Events, OLDER, Server, add, call, initialize, json_of, modern, request, taken, text, within,
};
use crate::support::mcp_session::{McpSession, PRIMED, cancel, with_sessions};
use crate::support::unresponsive_saki::{Silent, server, until_gone};

fn with_progress(mut call: Value) -> Value {
    call["params"]["_meta"] = json!({"progressToken": "p"});
    call
}

#[tokio::test]
async fn every_older_revision_gets_a_session_and_calls_in_it() {
    let server = with_sessions(|_| {}).await;
    let mut ids = Vec::new();
    for version in OLDER {
        let session = McpSession::begin(&server, initialize(version)).await;
        let mut events = session.stream(&server, &add(1)).await;
        assert_eq!(text(&events.message().await), "5", "{version}");
        assert!(events.last_id.is_some(), "{version}");
        assert_eq!(events.next().await, None, "{version}");
        assert!(session.id.len() >= 32, "{}", session.id);
        ids.push(session.id);
    }
    ids.dedup();
    assert_eq!(ids.len(), OLDER.len());
}

#[tokio::test]
async fn requests_without_a_session_go_on_beside_it() {
    let server = with_sessions(|_| {}).await;
    let session = McpSession::of(&server).await;
    assert_eq!(text(&json_of(server.mcp(&add(1))).await.1), "5");
    let modern = modern(add(2));
    assert_eq!(text(&json_of(server.mcp(&modern)).await.1), "5");
    // That revision has no sessions, so the header says nothing there.
    for id in [session.id.as_str(), "unknown"] {
        let post = server.mcp(&modern).header("mcp-session-id", id);
        assert_eq!(text(&json_of(post).await.1), "5");
    }
    for refused in [
        server.get("/mcp"),
        server.client.delete(format!("{}/mcp", server.base)),
    ] {
        let (status, answer) = json_of(refused).await;
        assert_eq!(
            (status, &answer["error"]),
            (405, &json!("method_not_allowed"))
        );
    }
}

#[tokio::test]
async fn only_a_client_that_knows_them_gets_an_event_without_data() {
    let server = with_sessions(|_| {}).await;
    for (version, first) in [(PRIMED, ""), ("2025-06-18", "{")] {
        let session = McpSession::begin(&server, initialize(version)).await;
        let mut events = session.stream(&server, &add(1)).await;
        let (_, data) = events.next().await.unwrap();
        assert_eq!(data.get(..1).unwrap_or(""), first, "{version}: {data}");
    }
}

#[tokio::test]
async fn a_client_that_takes_no_stream_gets_json() {
    let server = with_sessions(|_| {}).await;
    let session = McpSession::of(&server).await;
    let post = |message: &Value| {
        server
            .post("/mcp", message.to_string())
            .header("accept", "application/json")
            .header("mcp-session-id", &session.id)
    };
    assert_eq!(text(&json_of(post(&add(1))).await.1), "5");
    let calling = tokio::spawn(json_of(post(&with_progress(call(
        2,
        "progress",
        json!({}),
    )))));
    taken(&server.fixture.entered).await;
    let mut others = Events::open(session.get(&server)).await;
    assert_eq!(others.message().await["method"], "notifications/progress");
    server.fixture.release.add_permits(1);
    assert_eq!(text(&calling.await.unwrap().1), "finished");
}

#[tokio::test]
async fn a_batch_has_its_answers_in_one_stream() {
    let server = with_sessions(|_| {}).await;
    let session = McpSession::begin(&server, initialize("2025-03-26")).await;
    let mut events = session.stream(&server, &json!([add(1), add(2)])).await;
    let mut ids = [events.message().await, events.message().await].map(|one| one["id"].as_u64());
    ids.sort();
    assert_eq!(ids, [Some(1), Some(2)]);
    assert_eq!(events.next().await, None);
    let (status, answer) = json_of(session.post(&server, &json!([add(3), {"a": 1}]))).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(-32600)));
}

#[tokio::test]
async fn a_cancelled_call_ends_without_an_answer_and_the_session_goes_on() {
    let server = with_sessions(|_| {}).await;
    let session = McpSession::of(&server).await;
    let mut events = session.stream(&server, &call(1, "wait", json!({}))).await;
    taken(&server.fixture.entered).await;
    // Another session knows no such call.
    let other = McpSession::of(&server).await;
    other.send(&server, &cancel(1)).await;
    assert_eq!(other.status(&server).await, 200);
    assert_eq!(server.fixture.cancelled.available_permits(), 0);
    session.send(&server, &cancel(1)).await;
    taken(&server.fixture.cancelled).await;
    assert_eq!(events.next().await.unwrap().1, "", "only the first id");
    assert_eq!(events.next().await, None);
    let mut events = session.stream(&server, &add(1)).await;
    assert_eq!(text(&events.message().await), "5");
}

#[tokio::test]
async fn cancelling_a_read_closes_its_connection_to_saki() {
    let saki = Silent::start().await;
    let handler = server(&saki.base, Duration::from_secs(60));
    let options = HttpOptions {
        sessions: true,
        ..HttpOptions::default()
    };
    let server = Server::of(handler, options, CancellationToken::new()).await;
    let session = McpSession::of(&server).await;
    let _events = session
        .stream(&server, &call(1, "list_spaces", json!({})))
        .await;
    let (upstream, _) = within(saki.request()).await;
    session.send(&server, &cancel(1)).await;
    within(until_gone(upstream)).await;
}

#[tokio::test]
async fn a_stream_that_was_cut_is_resumed_while_its_call_runs() {
    let server = with_sessions(|_| {}).await;
    let session = McpSession::of(&server).await;
    let mut cut = session.stream(&server, &call(1, "wait", json!({}))).await;
    taken(&server.fixture.entered).await;
    cut.next().await.unwrap();
    let last = cut.last_id.clone().unwrap();
    drop(cut);
    let mut resumed = session.resume(&server, &last).await;
    server.fixture.release.add_permits(1);
    assert_eq!(text(&resumed.message().await), "released");
    assert_eq!(resumed.next().await, None);
    assert_eq!(server.fixture.cancelled.available_permits(), 0);
}

#[tokio::test]
async fn an_answer_that_came_after_the_cut_is_not_lost() {
    let server = with_sessions(|_| {}).await;
    for version in [PRIMED, "2025-03-26"] {
        let session = McpSession::begin(&server, initialize(version)).await;
        let call = with_progress(call(1, "progress", json!({})));
        let mut cut = session.stream(&server, &call).await;
        assert_eq!(cut.message().await["method"], "notifications/progress");
        let last = cut.last_id.clone().unwrap();
        drop(cut);
        taken(&server.fixture.entered).await;
        server.fixture.release.add_permits(1);
        // It is answered when the same id can be used again.
        let again = async {
            loop {
                let again = session.post(&server, &add(1)).send().await.unwrap();
                if again.status() == 200 {
                    break;
                }
            }
        };
        within(again).await;
        for _ in 0..2 {
            let mut resumed = session.resume(&server, &last).await;
            assert_eq!(text(&resumed.message().await), "finished", "{version}");
            assert_eq!(resumed.next().await, None);
        }
    }
}

#[tokio::test]
async fn a_resume_after_an_event_that_never_was_is_refused() {
    let server = with_sessions(|_| {}).await;
    let (session, other) = (McpSession::of(&server).await, McpSession::of(&server).await);
    for _ in 0..3 {
        let mut events = other.stream(&server, &add(1)).await;
        events.message().await;
    }
    // Event ids belong to a session: this one has no such stream.
    for last in [
        "4-1",
        "9-0",
        "1-7",
        "",
        "0",
        "x-y",
        "1-18446744073709551615",
        "-1",
    ] {
        let resume = session.get(&server).header("last-event-id", last);
        let (status, answer) = json_of(resume).await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!("unknown_event")),
            "{last}"
        );
        assert!(
            answer["error_description"]
                .as_str()
                .unwrap()
                .contains("again")
        );
    }
    assert_eq!(session.status(&server).await, 200);
}

#[tokio::test]
async fn an_id_that_is_in_use_is_refused_and_its_call_goes_on() {
    let server = with_sessions(|_| {}).await;
    let session = McpSession::of(&server).await;
    let mut events = session.stream(&server, &call(1, "wait", json!({}))).await;
    taken(&server.fixture.entered).await;
    let (status, answer) = json_of(session.post(&server, &add(1))).await;
    assert_eq!(status, 400);
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("another id"),
        "{answer}"
    );
    server.fixture.release.add_permits(1);
    assert_eq!(text(&events.message().await), "released");
}

#[tokio::test]
async fn what_is_no_message_is_refused_and_the_session_goes_on() {
    let server = with_sessions(|_| {}).await;
    let session = McpSession::of(&server).await;
    for (body, code) in [("hello", -32700), ("[]", -32600), ("{\"a\":1}", -32600)] {
        let post = server.mcp(&json!(null)).body(body);
        let post = post.header("mcp-session-id", &session.id);
        let (status, answer) = json_of(post).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (400, &json!(code)),
            "{body}"
        );
    }
    let post = server.mcp(&add(1)).header("mcp-session-id", &session.id);
    let unknown = post.header("mcp-protocol-version", "2020-01-01");
    assert_eq!(json_of(unknown).await.0, 400);
    assert_eq!(session.status(&server).await, 200);
}

#[tokio::test]
async fn an_initialize_that_fails_begins_no_session() {
    let server = with_sessions(|limits| limits.max_sessions = 1).await;
    let session = McpSession::of(&server).await;
    let _open = Events::open(session.get(&server)).await;
    let wrong = server
        .mcp(&initialize(PRIMED))
        .header("mcp-protocol-version", "2025-03-26");
    assert_eq!(json_of(wrong).await.0, 400);
    let without = server.mcp(&request(0, "initialize", json!({})));
    let response = within(without.send()).await.unwrap();
    assert_eq!(response.headers().get("mcp-session-id"), None);
    assert_eq!(session.status(&server).await, 200);
}
