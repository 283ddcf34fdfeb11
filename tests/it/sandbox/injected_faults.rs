//! Injected faults of the sandbox: statuses, delays, dropped connections, broken bodies.

use std::time::{Duration, Instant};

use http::Method;
use reqwest::StatusCode;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::json;

use crate::support::sandbox_client::{TestClient, send};

fn post_count(client: &TestClient) -> usize {
    client.sandbox().state(|state| state.posts.len())
}

#[tokio::test]
async fn an_injected_status_replaces_the_response_and_adds_its_headers() {
    let client = TestClient::seeded().await;
    let before = post_count(&client);
    let fault = Fault::status(429)
        .header("Retry-After", "3")
        .header("X-RateLimit-Remaining", "0");
    client
        .sandbox()
        .fault(fault.on(&Method::POST, "/spaces/{space_id}/posts"));
    let request = client.create_request();
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["x-ratelimit-remaining"], "0");
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["retry-after"]
        ),
        (429, &"3".parse().unwrap())
    );
    assert_eq!(post_count(&client), before);
    assert_eq!(send(client.create_request()).await.0, 201);
    assert_eq!(post_count(&client), before + 1);
}

#[tokio::test]
async fn a_server_error_is_html_and_can_follow_the_write() {
    let client = TestClient::seeded().await;
    let before = post_count(&client);
    let kind = FaultKind::Status {
        status: 502,
        headers: Default::default(),
        body: None,
        after_write: true,
    };
    client.sandbox().fault(Fault::new(kind));
    let (status, page) = send(client.create_request()).await;
    assert_eq!((status.as_u16(), post_count(&client)), (502, before + 1));
    assert!(page.as_str().unwrap().contains("Bad Gateway"));
}

#[tokio::test]
async fn a_dropped_connection_sends_no_byte_and_the_next_request_succeeds() {
    let client = TestClient::seeded().await;
    let before = post_count(&client);
    // The connection is in use already, as in a real session.
    client.get("/spaces").await;
    client.sandbox().fault(Fault::new(FaultKind::DropBefore));
    let sent = client.create_request().send().await;
    assert!(sent.unwrap_err().is_request());
    assert_eq!(post_count(&client), before);
    client.sandbox().fault(Fault::new(FaultKind::DropAfter));
    let sent = client.create_request().send().await;
    assert!(sent.unwrap_err().is_request());
    assert_eq!(post_count(&client), before + 1);
    assert_eq!(client.get("/spaces").await.0, 200);
    let logged = client.sandbox().log();
    let seen: Vec<_> = logged
        .iter()
        .map(|call| (call.fault.as_deref(), call.status))
        .collect();
    assert_eq!(
        seen,
        [
            (None, Some(200)),
            (Some("drop_before"), None),
            (Some("drop_after"), None),
            (None, Some(200))
        ]
    );
}

#[tokio::test]
async fn a_truncated_body_ends_early_after_the_headers() {
    let client = TestClient::seeded().await;
    client.sandbox().fault(Fault::new(FaultKind::Truncate));
    let mut response = client.create_request().send().await.unwrap();
    let promised = response.content_length().unwrap();
    assert_eq!(response.status(), 201);
    let mut received = 0;
    let end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => received += chunk.len() as u64,
            other => break other,
        }
    };
    assert!(
        end.is_err() && received > 0 && received < promised,
        "{end:?} {received} of {promised}"
    );
}

#[tokio::test]
async fn a_response_can_be_empty_html_invalid_json_or_other_json() {
    let client = TestClient::seeded().await;
    let before = post_count(&client);
    let other = FaultKind::Json {
        body: json!({"data": {"0": {"id": "7"}}}),
    };
    for kind in [FaultKind::Empty, FaultKind::Html, FaultKind::Garbage, other] {
        client.sandbox().fault(Fault::new(kind));
    }
    let create = || send(client.create_request());
    assert_eq!(create().await, (StatusCode::CREATED, json!("")));
    let (status, page) = create().await;
    assert!(status == 200 && page.as_str().unwrap().starts_with("<!DOCTYPE html>"));
    let (status, garbage) = create().await;
    assert!(status == 201 && garbage.is_string());
    assert_eq!(create().await.1, json!({"data": {"0": {"id": "7"}}}));
    assert_eq!(post_count(&client), before + 4);
}

#[tokio::test]
async fn a_client_timeout_prevents_a_write_after_the_delay_but_not_before_it() {
    let client = TestClient::seeded().await;
    let before = post_count(&client);
    let create_with_timeout = |after_write| {
        client.sandbox().fault(Fault::new(FaultKind::Delay {
            ms: 400,
            after_write,
        }));
        let request = client.create_request();
        request.timeout(Duration::from_millis(100)).send()
    };
    assert!(create_with_timeout(false).await.unwrap_err().is_timeout());
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(post_count(&client), before);
    assert!(create_with_timeout(true).await.unwrap_err().is_timeout());
    assert_eq!(post_count(&client), before + 1);
}

#[tokio::test]
async fn a_delay_makes_the_response_late() {
    let client = TestClient::seeded().await;
    client.sandbox().fault(Fault::new(FaultKind::Delay {
        ms: 150,
        after_write: false,
    }));
    let start = Instant::now();
    assert_eq!(client.get("/spaces").await.0, 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn another_server_of_the_router_breaks_the_connection_too() {
    let client = TestClient::seeded().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/spaces", listener.local_addr().unwrap());
    let router = client.sandbox().router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let get = || async {
        let request = client.http.get(&url).bearer_auth("sk_sandbox");
        let response = request.header("accept", "application/json").send().await?;
        response.bytes().await
    };
    client.sandbox().fault(Fault::new(FaultKind::DropBefore));
    assert!(get().await.is_err());
    assert!(!get().await.unwrap().is_empty());
}
