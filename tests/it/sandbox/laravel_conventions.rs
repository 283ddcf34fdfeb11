//! Conventions of Laravel in the sandbox: 404, 405, redirects, bodies.

use http::Method;
use reqwest::StatusCode;
use rstest::rstest;
use saki_mcp::sandbox::SandboxOptions;
use serde_json::json;

use crate::support::sandbox_client::{TestClient, field_errors, send};

#[tokio::test]
async fn records_routes_and_pages_have_their_own_404() {
    let client = TestClient::seeded().await;
    let row = "No query results for model [App\\Models\\Space] 77";
    assert_eq!(
        client.get("/spaces/77").await,
        (StatusCode::NOT_FOUND, json!({"message": row}))
    );
    let route = "The route api/nope could not be found.";
    assert_eq!(
        client.get("/nope").await,
        (StatusCode::NOT_FOUND, json!({"message": route}))
    );
    let (status, page) = send(
        client
            .http
            .get(format!("{}/v1/spaces", client.running.origin)),
    )
    .await;
    assert_eq!(status, 404);
    assert!(page.as_str().unwrap().contains("<html"));
}

#[tokio::test]
async fn another_method_is_not_allowed() {
    let client = TestClient::seeded().await;
    let (status, body) = client.post("/subscription", json!({})).await;
    let message = "The POST method is not supported for route api/subscription. Supported methods: GET, HEAD.";
    assert_eq!((status.as_u16(), &body["message"]), (405, &json!(message)));
}

#[tokio::test]
async fn an_encoded_slash_is_a_slash() {
    let client = TestClient::seeded().await;
    assert_eq!(client.get("/spaces/1/posts/101%2F2").await.0, 404);
    assert_eq!(client.get("/spaces%2F1").await.0, 200);
}

#[rstest]
#[case::broken("{\"name\": ", "application/json")]
#[case::no_json_kind("{\"name\": \"x\"}", "text/plain")]
#[case::a_list("[1, 2]", "application/json")]
#[tokio::test]
async fn a_body_that_is_no_json_object_counts_as_empty(
    #[case] body: &'static str,
    #[case] kind: &str,
) {
    let client = TestClient::seeded().await;
    let request = client
        .request(Method::POST, "/spaces")
        .header("content-type", kind)
        .body(body);
    let (status, reply) = send(request).await;
    assert_eq!(
        (status.as_u16(), field_errors(&reply)),
        (422, vec![("name", "The name field is required.")])
    );
    assert_eq!(client.post("/spaces", json!({"name": "x"})).await.0, 201);
}

#[tokio::test]
async fn the_message_is_the_first_error_and_counts_the_others() {
    let client = TestClient::seeded().await;
    let (_, body) = client.post("/spaces/1/posts", json!({})).await;
    assert_eq!(
        body["message"],
        "The space id field is required. (and 1 more error)"
    );
}

#[tokio::test]
async fn responses_have_the_rate_limit_and_the_date_of_the_shared_clock() {
    let options = SandboxOptions::default();
    let clock = options.clock.clone();
    let client = TestClient::start(options).await;
    clock.set("2031-01-02T03:04:05Z".parse().unwrap());
    let response = client.request(Method::GET, "/spaces").send().await.unwrap();
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert!(
        header("date").starts_with("Thu, 02 Jan 2031 03:04:0"),
        "{}",
        header("date")
    );
    assert!(
        header("x-ratelimit-remaining").parse::<u64>().unwrap()
            < header("x-ratelimit-limit").parse().unwrap()
    );
}

#[tokio::test]
async fn other_lists_are_paginated_only_by_option() {
    let client = TestClient::seeded().await;
    let (_, whole) = client.get("/spaces/1/accounts").await;
    assert!(whole.get("meta").is_none() && whole["data"].as_array().unwrap().len() == 6);
    let client = TestClient::with(|options| options.paginate_lists = Some(4)).await;
    let (_, second) = client.get("/spaces/1/accounts?page=2").await;
    assert_eq!(
        (
            second["data"].as_array().unwrap().len(),
            &second["meta"]["last_page"]
        ),
        (2, &json!(2))
    );
}

#[tokio::test]
async fn a_body_of_more_than_eight_megabytes_is_too_large() {
    let client = TestClient::seeded().await;
    let of = |megabytes: usize| json!({"name": "x", "note": "y".repeat(megabytes << 20)});
    assert_eq!(client.post("/spaces", of(9)).await.0, 413);
    assert_eq!(client.post("/spaces", of(7)).await.0, 201);
}

#[tokio::test]
async fn a_sandbox_stops_when_it_is_dropped() {
    let TestClient { running, http, .. } = TestClient::seeded().await;
    let clock = format!("{}/_sandbox/clock", running.origin);
    assert!(http.get(&clock).send().await.is_ok());
    drop(running);
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(http.get(&clock).send().await.is_err());
}
