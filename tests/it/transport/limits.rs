//! The limits of the HTTP server: what is beyond one is refused or ended, and what is within goes on.

use std::time::Duration;

use saki_mcp::transport::HttpLimits;
use saki_mcp::transport::http::HttpOptions;
use serde_json::{Value, json};

use crate::support::fixture_server::{
    Events, Server, add, call, json_of, modern, request, taken, text, within,
};
use crate::support::raw_connection::RawConnection;
use crate::support::sse_session::Session;

/// A time limit that passes soon.
const SOON: Duration = Duration::from_millis(200);

async fn limited(change: impl FnOnce(&mut HttpLimits)) -> Server {
    let mut limits = HttpLimits::default();
    change(&mut limits);
    Server::start(HttpOptions {
        limits,
        ..HttpOptions::default()
    })
    .await
}

async fn works(server: &Server) {
    assert_eq!(text(&json_of(server.mcp(&add(1))).await.1), "5");
}

/// The status, `Retry-After` and body of an answer.
async fn refusal(request: reqwest::RequestBuilder) -> (u16, Option<String>, Value) {
    let response = within(request.send()).await.unwrap();
    let status = response.status().as_u16();
    let wait = response.headers().get("retry-after");
    let wait = wait.map(|wait| wait.to_str().unwrap().to_owned());
    (status, wait, within(response.json()).await.unwrap())
}

#[tokio::test]
async fn a_head_that_does_not_come_in_time_ends_its_connection() {
    let server = limited(|limits| limits.header_timeout = SOON).await;
    for sent in ["", "POST", "POST /mcp HTTP/1.1\r\nhost: localhost\r\n"] {
        let mut slow = RawConnection::open(&server.base).await;
        assert!(slow.send(sent).await);
        assert_eq!(slow.until_closed().await, "", "{sent:?}");
    }
    works(&server).await;
}

#[tokio::test]
async fn the_next_head_on_a_connection_has_its_time_too() {
    let server = limited(|limits| limits.header_timeout = SOON).await;
    let mut kept = RawConnection::open(&server.base).await;
    let message = add(1).to_string();
    kept.post(message.len(), &message).await;
    assert_eq!(kept.answer().await.0, 200);
    tokio::time::sleep(2 * SOON).await;
    kept.post(message.len(), &message).await;
    assert_eq!(kept.answer().await.0, 200, "it was idle, not slow");
    assert!(kept.send("POST /mcp HT").await);
    assert_eq!(kept.until_closed().await, "");
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_call_is_not() {
    let server = limited(|limits| limits.idle_timeout = SOON).await;
    let mut connection = RawConnection::open(&server.base).await;
    let message = call(1, "wait", json!({})).to_string();
    connection.post(message.len(), &message).await;
    taken(&server.fixture.entered).await;
    tokio::time::sleep(3 * SOON).await;
    server.fixture.release.add_permits(1);
    let (status, answer) = connection.answer().await;
    assert_eq!((status, text(&answer)), (200, "released"));
    assert_eq!(connection.until_closed().await, "");
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_answered() {
    let server = limited(|limits| limits.body_timeout = SOON).await;
    let mut slow = RawConnection::open(&server.base).await;
    slow.post(1000, "{\"jsonrpc\":").await;
    let (status, answer) = slow.answer().await;
    assert_eq!((status, &answer["error"]["code"]), (408, &json!(-32600)));
    assert_eq!(slow.until_closed().await, "");
    works(&server).await;
}

#[tokio::test]
async fn a_client_that_takes_no_answers_is_let_go() {
    let server = limited(|limits| limits.body_timeout = SOON).await;
    let mut deaf = RawConnection::open(&server.base).await;
    let message = request(1, "tools/list", json!({})).to_string();
    let post = format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\ncontent-length: {}\r\n\r\n{message}",
        message.len()
    );
    let many = post.repeat(100);
    let mut is_open = true;
    for _ in 0..2000 {
        is_open = deaf.send(&many).await;
        if !is_open {
            break;
        }
    }
    assert!(!is_open, "all requests were taken");
    works(&server).await;
}

#[tokio::test]
async fn a_body_of_100_mb_is_refused_whether_its_length_is_said_or_not() {
    let server = limited(|_| {}).await;
    let chunk = vec![b' '; 1 << 20];
    let stream =
        futures::stream::iter((0..100).map(move |_| Ok::<_, std::io::Error>(chunk.clone())));
    let bodies = [
        reqwest::Body::from(vec![b' '; 100 << 20]),
        reqwest::Body::wrap_stream(stream),
    ];
    for body in bodies {
        let (status, answer) = json_of(server.post("/mcp", body)).await;
        assert_eq!((status, &answer["error"]["code"]), (413, &json!(-32600)));
    }
    works(&server).await;
}

#[tokio::test]
async fn a_body_of_too_many_values_is_refused_before_it_is_parsed() {
    let server = limited(|_| {}).await;
    let call = |values: usize| {
        let values = vec![0; values];
        call(1, "add", json!({"a": 2, "b": 3, "more": values})).to_string()
    };
    let (status, _) = json_of(server.post("/mcp", call(40_000)).header("accept", "*/*")).await;
    assert_eq!(status, 200);
    let session = Session::begin(&server).await;
    for path in ["/mcp", &session.address] {
        let (status, _, answer) = refusal(server.post(path, call(60_000))).await;
        let said = answer["error"]["message"].as_str().unwrap();
        assert_eq!(status, 413);
        assert!(said.contains("50000 JSON values"), "{said}");
    }
    works(&server).await;
}

#[tokio::test]
async fn commas_in_a_text_are_no_values() {
    let server = limited(|_| {}).await;
    let text = "[{,\\\"".repeat(100_000);
    let call = call(1, "add", json!({"a": 2, "b": 3, "more": text})).to_string();
    let (status, _) = json_of(server.post("/mcp", call).header("accept", "*/*")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn the_values_of_all_requests_share_the_memory_too() {
    let server = limited(|limits| limits.max_buffered = 1024 * 1024).await;
    let values = vec![0; 5_000];
    let call = call(1, "add", json!({"a": 2, "b": 3, "more": values})).to_string();
    let (status, wait, _) = refusal(server.post("/mcp", call)).await;
    assert_eq!((status, wait.as_deref()), (503, Some("1")));
    works(&server).await;
}

#[tokio::test]
async fn the_bodies_of_all_requests_share_one_memory() {
    const HALF: usize = 600 * 1024;
    let server = limited(|limits| {
        limits.max_body = 1024 * 1024;
        limits.max_buffered = 1024 * 1024;
    })
    .await;
    let padded = format!("{}{}", add(1), " ".repeat(HALF));
    let mut unfinished = RawConnection::open(&server.base).await;
    unfinished.post(padded.len() + 1, &padded).await;
    let refused = loop {
        let refused = refusal(server.post("/mcp", padded.clone()).header("accept", "*/*")).await;
        if refused.0 != 200 {
            break refused;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!((refused.0, refused.1.as_deref()), (503, Some("1")));
    works(&server).await;
    assert!(unfinished.send(" ").await);
    assert_eq!(unfinished.answer().await.0, 200);
    let (status, _) = json_of(server.post("/mcp", padded).header("accept", "*/*")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn no_more_requests_are_answered_at_a_time_than_may() {
    let server = limited(|limits| limits.max_calls = 2).await;
    let mut session = Session::begin(&server).await;
    session.send(&server, &call(1, "wait", json!({}))).await;
    let waiting = tokio::spawn(json_of(server.mcp(&call(2, "wait", json!({})))));
    taken(&server.fixture.entered).await;
    taken(&server.fixture.entered).await;
    let (status, wait, body) = refusal(server.mcp(&add(3))).await;
    assert_eq!((status, wait.as_deref()), (503, Some("1")));
    assert_eq!(body["id"], 3, "{body}");
    let over_sse = server.post(&session.address, add(4).to_string());
    let (status, wait, _) = refusal(over_sse).await;
    assert_eq!((status, wait.as_deref()), (503, Some("1")));

    server.fixture.release.add_permits(2);
    assert_eq!(text(&waiting.await.unwrap().1), "released");
    assert_eq!(text(&session.events.message().await), "released");
    works(&server).await;
}

#[tokio::test]
async fn no_more_streams_are_open_at_a_time_than_may() {
    let server = limited(|limits| limits.max_streams = 2).await;
    let session = Session::begin(&server).await;
    let listen = json!({"notifications": {"toolsListChanged": true}});
    let listen = modern(request(1, "subscriptions/listen", listen));
    let mut subscription = Events::open(server.mcp(&listen)).await;
    subscription.message().await;
    for request in [server.get("/sse"), server.mcp(&listen)] {
        let (status, wait, _) = refusal(request).await;
        assert_eq!((status, wait.as_deref()), (503, Some("1")));
    }
    works(&server).await;
    drop(session);
    loop {
        // The server learns of the end of a stream when it writes, or when the connection is closed.
        let response = within(server.get("/sse").send()).await.unwrap();
        if response.status() == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_connection_above_the_limit_is_told_so_and_places_come_back() {
    const MANY: usize = 300;
    let server = limited(|limits| limits.max_connections = MANY).await;
    let mut held = Vec::new();
    for _ in 0..MANY {
        held.push(RawConnection::open(&server.base).await);
    }
    let (status, wait, body) = refusal(server.get("/healthz")).await;
    assert_eq!((status, wait.as_deref()), (503, Some("1")));
    assert_eq!(body["error"], "overloaded");
    drop(held);
    loop {
        let response = within(server.get("/healthz").send()).await;
        if response.is_ok_and(|response| response.status() == 200) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_flood_of_headers_is_refused() {
    let server = limited(|_| {}).await;
    for headers in [
        format!("x-long: {}\r\n", "a".repeat(1 << 20)),
        (0..5000).map(|n| format!("x-{n}: a\r\n")).collect(),
    ] {
        let mut flood = RawConnection::open(&server.base).await;
        flood
            .send(format!(
                "GET /healthz HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n"
            ))
            .await;
        let answer = flood.until_closed().await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
            "{answer}"
        );
    }
    works(&server).await;
}
