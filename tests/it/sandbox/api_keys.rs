//! API keys in the sandbox: what is unauthenticated, and which keys are accepted.

use reqwest::StatusCode;
use rstest::rstest;
use serde_json::json;

use crate::support::sandbox_client::{TestClient, send};

#[rstest]
#[case::no_key(None)]
#[case::empty("Bearer ".into())]
#[case::other_scheme("Basic abc".into())]
#[tokio::test]
async fn a_call_without_a_key_is_unauthenticated(#[case] key: Option<&str>) {
    let client = TestClient::seeded().await;
    let url = format!("{}/spaces", client.running.base_url);
    let mut request = client.http.get(url).header("accept", "application/json");
    if let Some(key) = key {
        request = request.header("authorization", key);
    }
    let expected = (
        StatusCode::UNAUTHORIZED,
        json!({"message": "Unauthenticated."}),
    );
    assert_eq!(send(request).await, expected);
    assert_eq!(client.get("/spaces").await.0, 200);
}

#[tokio::test]
async fn with_a_set_key_no_other_key_is_accepted() {
    let with = |key: &'static str| TestClient::with(move |options| options.key = Some(key.into()));
    assert_eq!(with("sk_other").await.get("/spaces").await.0, 401);
    assert_eq!(with("sk_sandbox").await.get("/spaces").await.0, 200);
}

#[rstest]
#[case(None)]
#[case(Some("*/*"))]
#[case(Some("text/html, application/json"))]
#[tokio::test]
async fn a_client_that_does_not_accept_json_is_redirected_to_the_login_page(
    #[case] accept: Option<&str>,
) {
    let client = TestClient::seeded().await;
    let url = format!("{}/spaces", client.running.base_url);
    let mut request = client.http.get(url).bearer_auth("sk_sandbox");
    if let Some(accept) = accept {
        request = request.header("accept", accept);
    }
    let response = request.send().await.unwrap();
    let login = format!("{}/login", client.running.origin);
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], login.as_str());
    assert!(response.text().await.unwrap().contains("<html"));
}

#[tokio::test]
async fn a_foreign_space_is_forbidden_and_an_unknown_one_is_not_found() {
    let client = TestClient::seeded().await;
    assert_eq!(
        client.get("/spaces/99/posts").await,
        (
            StatusCode::FORBIDDEN,
            json!({"message": "This action is unauthorized."})
        )
    );
    assert_eq!(client.get("/spaces/98/posts").await.0, 404);
    assert_eq!(client.get("/spaces/2/posts").await.0, 200);
}

#[tokio::test]
async fn a_record_of_another_space_is_not_found() {
    let client = TestClient::seeded().await;
    assert_eq!(client.get("/spaces/1/posts/101").await.0, 200);
    assert_eq!(client.get("/spaces/2/posts/101").await.0, 404);
    assert_eq!(client.delete("/spaces/2/webhooks/701").await.0, 404);
    assert_eq!(client.get("/spaces/1/posts/abc").await.0, 404);
}
