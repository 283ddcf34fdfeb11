//! How the line transport ends: what was read is answered, calls in flight finish, and then it returns.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::support::fixture_server::{add, call, initialize, modern, request, taken, text, within};
use crate::transport::stdio::Client;

#[tokio::test(start_paused = true)]
async fn the_end_of_the_input_ends_an_idle_server_at_once() {
    for mut client in [Client::start(), Client::begin().await] {
        let begun = tokio::time::Instant::now();
        client.end().await;
        client.returned().await;
        assert!(begun.elapsed().is_zero(), "nothing was waited for");
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_an_idle_server_at_once() {
    for client in [Client::start(), Client::begin().await] {
        let begun = tokio::time::Instant::now();
        client.shutdown.cancel();
        client.returned().await;
        assert!(begun.elapsed().is_zero(), "nothing was waited for");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_in_flight_is_answered_nine_seconds_after_the_input_ends() {
    for by_shutdown in [false, true] {
        let mut client = Client::begin().await;
        client.send(&call(1, "wait", json!({}))).await;
        taken(&client.fixture.entered).await;
        if by_shutdown {
            client.shutdown.cancel();
        } else {
            client.end().await;
        }
        tokio::time::sleep(Duration::from_millis(8_900)).await;
        client.fixture.release.add_permits(1);
        assert_eq!(text(&client.answer().await), "released");
        client.returned().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_longer_call_is_cancelled_and_the_server_returns_in_ten_seconds() {
    let mut client = Client::begin().await;
    client.send(&call(1, "wait", json!({}))).await;
    taken(&client.fixture.entered).await;
    let begun = tokio::time::Instant::now();
    client.end().await;
    assert_eq!(text(&client.answer().await), "cancelled");
    assert_eq!(
        begun.elapsed().as_secs(),
        9,
        "there is a second left to say so"
    );
    taken(&client.fixture.cancelled).await;
    client.returned().await;
    assert!(begun.elapsed().as_secs() <= 10);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_the_client_cancelled_does_not_hold_up_the_end() {
    let mut client = Client::begin().await;
    client.send(&call(1, "wait", json!({}))).await;
    taken(&client.fixture.entered).await;
    let cancelled = json!({"requestId": 1});
    client
        .send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled}))
        .await;
    taken(&client.fixture.cancelled).await;
    let begun = tokio::time::Instant::now();
    client.end().await;
    client.returned().await;
    assert!(begun.elapsed().is_zero());
}

#[tokio::test(start_paused = true)]
async fn a_subscription_does_not_hold_up_the_end() {
    let mut client = Client::start();
    let listen = json!({"notifications": {"toolsListChanged": true}});
    client
        .send(&modern(request(1, "subscriptions/listen", listen)))
        .await;
    client.answer().await;
    let begun = tokio::time::Instant::now();
    client.end().await;
    client.returned().await;
    assert!(
        begun.elapsed().as_secs() <= 5,
        "rmcp waits for it, and we do not"
    );
}

#[tokio::test(start_paused = true)]
async fn calls_already_read_are_answered_after_a_shutdown() {
    let mut client = Client::with_room_for_answers(64);
    let calls: Vec<_> = (1..=500).map(|id| format!("{}\n", add(id))).collect();
    client
        .write(format!("{}\n{}", initialize("2025-11-25"), calls.concat()).as_bytes())
        .await;
    // All of it fits into one read, and this shows that there was one; most calls still wait for room in the queue.
    assert_eq!(client.answer().await["id"], 0);
    client.shutdown.cancel();
    let mut answered = Vec::new();
    while let Some(line) = within(client.answers.next_line()).await.unwrap() {
        answered.push(serde_json::from_str::<Value>(&line).unwrap()["id"].as_u64());
    }
    answered.sort();
    assert!(answered.into_iter().eq((1..=500).map(Some)));
    client.returned().await;
}

#[tokio::test(start_paused = true)]
async fn a_disconnected_client_ends_the_server_without_an_error() {
    let client = Client::begin().await;
    let Client {
        answers,
        mut input,
        serving,
        ..
    } = client;
    drop(answers);
    let _ = input.write_all(format!("{}\n", add(1)).as_bytes()).await;
    drop(input);
    within(serving).await.unwrap().unwrap();
}
