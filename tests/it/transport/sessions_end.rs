//! How sessions at `/mcp` end: by the client, for want of room, when they are idle, and with the server.

use std::time::Duration;

use serde_json::json;

use crate::support::fixture_server::{
    Events, Server, add, call, initialize, json_of, taken, text, within,
};
use crate::support::mcp_session::{McpSession, PRIMED, with_sessions};

/// Waits until an idle session has ended. A look at it is a use of it, so there is time between two looks.
async fn until_ended(session: &McpSession, server: &Server, between: Duration) {
    let ended = async {
        loop {
            tokio::time::sleep(between).await;
            if session.status(server).await == 404 {
                break;
            }
        }
    };
    within(ended).await;
}

#[tokio::test]
async fn an_unknown_session_is_a_404_that_says_to_begin_anew() {
    let server = with_sessions(|_| {}).await;
    let known = McpSession::of(&server).await;
    let mut unknown = McpSession::of(&server).await;
    for id in [
        "",
        "1",
        "00000000-0000-0000-0000-000000000000",
        &known.id[1..],
    ] {
        unknown.id = id.to_owned();
        for request in [
            unknown.post(&server, &add(1)),
            unknown.get(&server),
            unknown.delete(&server),
        ] {
            let (status, answer) = json_of(request).await;
            assert_eq!(
                (status, &answer["error"]),
                (404, &json!("no_session")),
                "{id}"
            );
            assert!(
                answer["error_description"]
                    .as_str()
                    .unwrap()
                    .contains("initialize")
            );
        }
    }
    assert_eq!(known.status(&server).await, 200);
    // Whoever begins anew may still send the old id.
    let anew = server
        .mcp(&initialize(PRIMED))
        .header("mcp-session-id", "1");
    let anew = within(anew.send()).await.unwrap();
    assert!(anew.headers().contains_key("mcp-session-id"));
}

#[tokio::test]
async fn a_delete_ends_the_calls_and_streams_of_its_session_alone() {
    let server = with_sessions(|_| {}).await;
    let (leaving, staying) = (McpSession::of(&server).await, McpSession::of(&server).await);
    let mut others = Events::open(leaving.get(&server)).await;
    let mut events = leaving.stream(&server, &call(1, "wait", json!({}))).await;
    taken(&server.fixture.entered).await;
    let deleted = within(leaving.delete(&server).send()).await.unwrap();
    assert_eq!(deleted.status(), 204);
    assert_eq!(leaving.status(&server).await, 404);
    assert_eq!(json_of(leaving.delete(&server)).await.0, 404);
    taken(&server.fixture.cancelled).await;
    assert_eq!(others.next().await, None);
    while events.next().await.is_some() {}
    assert_eq!(staying.status(&server).await, 200);
}

#[tokio::test]
async fn one_session_too_many_ends_the_one_idle_the_longest() {
    let server = with_sessions(|limits| limits.max_sessions = 2).await;
    let (first, second) = (McpSession::of(&server).await, McpSession::of(&server).await);
    assert_eq!(first.status(&server).await, 200);
    let third = McpSession::of(&server).await;
    assert_eq!(second.status(&server).await, 404);
    assert_eq!(first.status(&server).await, 200);
    assert_eq!(third.status(&server).await, 200);
}

#[tokio::test]
async fn sessions_in_use_are_kept_and_a_further_one_is_refused() {
    let server = with_sessions(|limits| limits.max_sessions = 2).await;
    let (reading, calling) = (McpSession::of(&server).await, McpSession::of(&server).await);
    let mut open = Events::open(reading.get(&server)).await;
    let mut events = calling.stream(&server, &call(1, "wait", json!({}))).await;
    taken(&server.fixture.entered).await;
    // The call goes on without its stream.
    events.next().await.unwrap();
    drop(events);
    let refused = within(server.mcp(&initialize(PRIMED)).send())
        .await
        .unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(refused.headers().get("mcp-session-id"), None);
    // Without a session there is room.
    assert_eq!(text(&json_of(server.mcp(&add(1))).await.1), "5");
    server.fixture.release.add_permits(1);
    let admitted = async {
        while server
            .mcp(&initialize(PRIMED))
            .send()
            .await
            .unwrap()
            .status()
            != 200
        {}
    };
    within(admitted).await;
    assert_eq!(calling.status(&server).await, 404);
    assert_eq!(reading.status(&server).await, 200);
    within(reading.delete(&server).send()).await.unwrap();
    assert_eq!(open.next().await, None);
}

#[tokio::test]
async fn an_idle_session_ends_and_one_with_an_open_stream_does_not() {
    let soon = Duration::from_millis(200);
    let server = with_sessions(|limits| limits.session_idle_timeout = soon).await;
    let (idle, reading) = (McpSession::of(&server).await, McpSession::of(&server).await);
    let calling = McpSession::of(&server).await;
    let _open = Events::open(reading.get(&server)).await;
    let mut events = calling.stream(&server, &call(1, "wait", json!({}))).await;
    taken(&server.fixture.entered).await;
    until_ended(&idle, &server, 3 * soon).await;
    assert_eq!(reading.status(&server).await, 200);
    server.fixture.release.add_permits(1);
    assert_eq!(text(&events.message().await), "released");
    drop(events);
    until_ended(&calling, &server, 3 * soon).await;
}

#[tokio::test]
async fn a_shutdown_answers_the_calls_of_sessions_and_then_ends_their_streams() {
    let server = with_sessions(|_| {}).await;
    let session = McpSession::of(&server).await;
    let mut others = Events::open(session.get(&server)).await;
    let mut events = session.stream(&server, &call(1, "wait", json!({}))).await;
    taken(&server.fixture.entered).await;
    server.shutdown.cancel();
    tokio::task::yield_now().await;
    assert!(!server.serving.is_finished());
    server.fixture.release.add_permits(1);
    assert_eq!(text(&events.message().await), "released");
    assert_eq!(events.next().await, None);
    server.returns_promptly().await;
    assert_eq!(others.next().await, None);
}

#[tokio::test]
async fn an_idle_session_does_not_hold_up_the_shutdown() {
    let server = with_sessions(|_| {}).await;
    let session = McpSession::of(&server).await;
    let mut others = Events::open(session.get(&server)).await;
    server.shutdown.cancel();
    server.returns_promptly().await;
    assert_eq!(others.next().await, None);
}

#[tokio::test]
async fn streams_of_sessions_have_the_limit_of_all_streams() {
    let server = with_sessions(|limits| limits.max_streams = 1).await;
    let (one, two) = (McpSession::of(&server).await, McpSession::of(&server).await);
    let _open = Events::open(one.get(&server)).await;
    let (status, answer) = json_of(two.get(&server)).await;
    assert_eq!((status, &answer["error"]), (503, &json!("overloaded")));
    // A call needs no such stream.
    let mut events = two.stream(&server, &add(1)).await;
    assert_eq!(text(&events.message().await), "5");
}
