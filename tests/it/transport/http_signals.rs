//! The HTTP server as a process: what a signal does to calls, connections and new clients, and what too few descriptors do.

#![cfg(unix)]

use serde_json::json;

use crate::support::child_process::{Alone, Serving, command_after};
use crate::support::fixture_server::{Events, call, initialize, json_of, within};
use crate::support::http_process::HttpProcess;
use crate::support::raw_connection::RawConnection;

#[tokio::test]
async fn a_read_in_flight_is_answered_after_sigterm_and_nobody_is_let_in() {
    let saki = Alone::start(&[]);
    saki.fault(&json!({"path": "/spaces", "kind": "delay", "ms": 1500}))
        .await;
    let environment = [("SAKI_BASE_URL", &*saki.base_url), ("SAKI_API_KEY", "sk-1")];
    let mut server = HttpProcess::start(&[], &environment);
    let calling = tokio::spawn(json_of(server.mcp(&call(1, "list_spaces", json!({})))));
    let stream = server.get("/sse").send().await.unwrap();
    saki.log(1).await;
    server.serving.terminate();
    let refused = async {
        let stranger = || reqwest::Client::builder().no_proxy().build().unwrap();
        while stranger().get(&server.base).send().await.is_ok() {}
    };
    within(refused).await;
    let (status, answer) = calling.await.unwrap();
    assert_eq!(status, 200);
    assert_eq!(answer["result"]["structuredContent"]["data"][0]["id"], 1);
    within(stream.bytes()).await.unwrap();
    assert_eq!(server.serving.ended().code(), Some(0));
}

#[tokio::test]
async fn the_calls_of_a_session_are_answered_after_sigterm_and_its_streams_end() {
    let saki = Alone::start(&[]);
    saki.fault(&json!({"path": "/spaces", "kind": "delay", "ms": 1500}))
        .await;
    let environment = [("SAKI_BASE_URL", &*saki.base_url), ("SAKI_API_KEY", "sk-1")];
    let mut server = HttpProcess::start(&["--sessions"], &environment);
    let begun = server.mcp(&initialize("2025-11-25")).send().await.unwrap();
    let session = begun.headers()["mcp-session-id"].clone();
    let get = server.get("/mcp").header("accept", "text/event-stream");
    let get = get.header("mcp-session-id", &session);
    let mut others = Events::open(get).await;
    let post = server.mcp(&call(1, "list_spaces", json!({})));
    let mut events = Events::open(post.header("mcp-session-id", &session)).await;
    saki.log(1).await;
    server.serving.terminate();
    let answer = events.message().await;
    assert_eq!(answer["result"]["structuredContent"]["data"][0]["id"], 1);
    assert_eq!(events.next().await, None);
    assert_eq!(others.next().await, None);
    assert_eq!(server.serving.ended().code(), Some(0));
}

#[test]
fn a_signal_right_after_the_first_line_ends_it_properly() {
    let servers = [
        (&["http", "--sandbox"], "listening: Streamable HTTP at "),
        (&["sandbox", "--log=info"], "simulated Saki at "),
    ];
    for (arguments, first_line) in servers {
        for _ in 0..20 {
            let all = [arguments.as_slice(), &["--bind", "127.0.0.1:0"]].concat();
            let mut serving = Serving::start(&all, &[]);
            serving.logged_between(first_line, "\n");
            serving.terminate();
            assert_eq!(serving.ended().code(), Some(0), "{arguments:?}");
        }
    }
}

#[test]
fn a_reload_right_after_the_first_line_ends_nothing() {
    for _ in 0..20 {
        let mut server = HttpProcess::sandbox(&[]);
        server.serving.hang_up();
        server.serving.terminate();
        assert_eq!(server.serving.ended().code(), Some(0));
    }
}

#[tokio::test]
async fn sighup_ends_nothing_without_certificates_either() {
    let mut server = HttpProcess::sandbox(&[]);
    server.serving.hang_up();
    server.serving.logged_between("SIGHUP", "anew");
    let (status, _) = json_of(server.get("/healthz")).await;
    assert_eq!(status, 200);
    server.serving.terminate();
    assert_eq!(server.serving.ended().code(), Some(0));
}

#[tokio::test]
async fn a_server_out_of_descriptors_serves_again_when_there_are_some() {
    let flags = ["http", "--bind", "127.0.0.1:0", "--sandbox"];
    let limited = command_after("ulimit -n 48", &flags);
    let mut serving = Serving::of(limited);
    let at = serving.logged_between("Streamable HTTP at ", "/mcp");
    let mut held = Vec::new();
    for _ in 0..100 {
        held.push(RawConnection::open(&at).await);
    }
    serving.logged_between("no connection can be accepted for now", "\n");
    drop(held);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (status, _) = json_of(client.get(format!("{at}/healthz"))).await;
    assert_eq!(status, 200);
    serving.terminate();
    assert_eq!(serving.ended().code(), Some(0));
}
