//! Batches of revision 2025-03-26, on standard input and output and over HTTP.

use std::collections::BTreeSet;

use saki_mcp::transport::HttpLimits;
use saki_mcp::transport::http::HttpOptions;
use serde_json::{Value, json};

use crate::support::fixture_server::{
    Server, add, call, initialize, json_of, request, taken, text, within,
};
use crate::support::sse_session::Session;
use crate::transport::stdio::Client;

fn ids(answers: &Value) -> BTreeSet<String> {
    let answers = answers
        .as_array()
        .unwrap_or_else(|| panic!("no array: {answers}"));
    answers
        .iter()
        .map(|answer| answer["id"].to_string())
        .collect()
}

fn set<const N: usize>(ids: [&str; N]) -> BTreeSet<String> {
    ids.map(str::to_owned).into()
}

fn cancelled(id: u64) -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})
}

fn note() -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/initialized"})
}

#[tokio::test(start_paused = true)]
async fn a_batch_on_stdio_is_answered_with_one_array() {
    let mut client = Client::start();
    client.send(&initialize("2025-03-26")).await;
    client.answer().await;
    client
        .send(&json!([
            note(),
            add(1),
            request(2, "tools/list", json!({})),
            add(3)
        ]))
        .await;
    assert_eq!(ids(&client.answer().await), set(["1", "2", "3"]));
    client
        .send(&json!([add(4), 7, {"id": 5, "method": "tools/list", "result": 1}]))
        .await;
    let answers = client.answer().await;
    assert_eq!(ids(&answers), set(["null", "4", "5"]));
    client.send(&json!([note(), note()])).await;
    client.send(&json!([1])).await;
    assert_eq!(client.answer().await[0]["error"]["code"], -32600);
    client.send(&add(6)).await;
    assert_eq!(text(&client.answer().await), "5");
}

#[tokio::test(start_paused = true)]
async fn a_batch_waits_for_its_slowest_call_and_single_calls_do_not() {
    let mut client = Client::begin().await;
    client
        .send(&json!([call(1, "wait", json!({})), add(2)]))
        .await;
    taken(&client.fixture.entered).await;
    client.send(&add(3)).await;
    assert_eq!(client.answer().await["id"], 3);
    client.fixture.release.add_permits(1);
    assert_eq!(ids(&client.answer().await), set(["1", "2"]));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_does_not_hold_its_batch_back() {
    let mut client = Client::begin().await;
    client
        .send(&json!([call(1, "wait", json!({})), add(2)]))
        .await;
    taken(&client.fixture.entered).await;
    client.send(&cancelled(1)).await;
    assert_eq!(ids(&client.answer().await), set(["2"]));
    client
        .send(&json!([call(3, "wait", json!({})), add(4), cancelled(3)]))
        .await;
    assert_eq!(ids(&client.answer().await), set(["4"]));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_input_waits_for_a_batch() {
    let mut client = Client::begin().await;
    client
        .write(
            json!([add(1), call(2, "wait", json!({}))])
                .to_string()
                .as_bytes(),
        )
        .await;
    client.end().await;
    taken(&client.fixture.entered).await;
    client.fixture.release.add_permits(1);
    assert_eq!(ids(&client.answer().await), set(["1", "2"]));
    client.returned().await;
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_too_long_is_refused_as_a_whole() {
    let mut client = Client::begin().await;
    let many: Vec<Value> = (0..101).map(add).collect();
    client.send(&json!(many)).await;
    let message = client.answer().await["error"]["message"].clone();
    assert!(
        message.as_str().unwrap().contains("1 to 100 messages"),
        "{message}"
    );
    client.send(&json!(many[..100])).await;
    assert_eq!(ids(&client.answer().await).len(), 100);
}

#[tokio::test]
async fn a_batch_over_http_is_answered_with_one_array() {
    let server = Server::start(HttpOptions::default()).await;
    let batch = json!([note(), add(1), 7, request(2, "nothing/such", json!({}))]);
    let post = server
        .mcp(&batch)
        .header("mcp-protocol-version", "2025-03-26");
    let (status, answers) = json_of(post).await;
    assert_eq!((status, ids(&answers)), (200, set(["1", "null", "2"])));
    assert_eq!(text(&answers[0]), "5");
    let hello = json_of(server.mcp(&json!([initialize("2025-03-26")])))
        .await
        .1;
    assert_eq!(hello[0]["result"]["protocolVersion"], "2025-03-26");
    let notes = within(server.mcp(&json!([note()])).send()).await.unwrap();
    assert_eq!(notes.status(), 202);
    let mut slow = call(3, "progress", json!({}));
    slow["params"]["_meta"] = json!({"progressToken": "p"});
    server.fixture.release.add_permits(1);
    let (_, answers) = json_of(server.mcp(&json!([slow]))).await;
    assert_eq!(text(&answers[0]), "finished");
}

#[tokio::test]
async fn the_messages_of_a_batch_on_a_session_are_answered_one_by_one() {
    let server = Server::start(HttpOptions::default()).await;
    let mut session = Session::begin(&server).await;
    session.send(&server, &json!([add(1), add(2)])).await;
    let first = session.events.message().await["id"].as_u64().unwrap();
    let second = session.events.message().await["id"].as_u64().unwrap();
    assert_eq!(first + second, 3);
}

#[tokio::test]
async fn a_batch_on_a_session_runs_as_a_whole_or_not_at_all() {
    let limits = HttpLimits {
        max_calls: 2,
        ..HttpLimits::default()
    };
    let server = Server::start(HttpOptions {
        limits,
        ..HttpOptions::default()
    });
    let server = server.await;
    let mut session = Session::begin(&server).await;
    session.send(&server, &call(1, "wait", json!({}))).await;
    taken(&server.fixture.entered).await;
    let batch = |messages: Value| server.post(&session.address, messages.to_string());
    let (status, refusal) = json_of(batch(json!([add(2), add(3)]))).await;
    assert_eq!(status, 503, "{refusal}");
    let (status, refusal) = json_of(batch(json!([add(4), add(5), add(6)]))).await;
    assert_eq!(status, 400, "{refusal}");
    let why = refusal["error"]["message"].as_str().unwrap();
    assert!(why.contains("at most 2 calls"), "{why}");
    session.send(&server, &json!([add(7)])).await;
    assert_eq!(session.events.message().await["id"], 7);
    server.fixture.release.add_permits(1);
    assert_eq!(session.events.message().await["id"], 1);
    session.send(&server, &json!([add(2), add(3)])).await;
    let answers = [
        session.events.message().await,
        session.events.message().await,
    ];
    assert_eq!(ids(&json!(answers)), set(["2", "3"]));
}
