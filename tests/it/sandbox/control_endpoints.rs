//! The control API of the sandbox: clock, faults and request log.

use http::Method;
use serde_json::json;

use crate::support::sandbox_client::{TestClient, send};

impl TestClient {
    fn control_request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}/_sandbox{path}", self.running.origin))
    }
}

#[tokio::test]
async fn the_clock_is_read_set_and_advanced() {
    let client = TestClient::seeded().await;
    let set = client
        .control_request(Method::PUT, "/clock")
        .json(&json!({"now": "2031-01-02T03:04:05Z"}));
    assert_eq!(send(set).await.0, 200);
    let advance = client
        .control_request(Method::PUT, "/clock")
        .json(&json!({"advance": "P1DT1H"}));
    assert_eq!(send(advance).await.0, 200);
    let (_, read) = send(client.control_request(Method::GET, "/clock")).await;
    assert!(
        read["now"]
            .as_str()
            .unwrap()
            .starts_with("2031-01-03T04:04:0"),
        "{read}"
    );
    for bad in [
        json!({}),
        json!({"now": "later"}),
        json!({"advance": "soon"}),
        json!("x"),
    ] {
        assert_eq!(
            send(client.control_request(Method::PUT, "/clock").json(&bad))
                .await
                .0,
            422
        );
    }
}

#[tokio::test]
async fn faults_are_added_listed_and_cleared() {
    let client = TestClient::seeded().await;
    let busy = json!({"method": "GET", "path": "/spaces", "kind": "status", "status": 429, "headers": {"Retry-After": "7"}});
    let (status, _) = send(
        client
            .control_request(Method::POST, "/faults")
            .json(&json!([busy, {"kind": "empty"}])),
    )
    .await;
    assert_eq!(status, 201);
    let (_, list) = send(client.control_request(Method::GET, "/faults")).await;
    assert_eq!(
        (&list[0]["status"], &list[1]["kind"]),
        (&json!(429), &json!("empty"))
    );
    assert_eq!(client.get("/spaces").await.0, 429);
    assert_eq!(
        send(client.control_request(Method::DELETE, "/faults"))
            .await
            .0,
        204
    );
    assert_eq!(
        client.get("/spaces").await.1["data"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let bad = client
        .control_request(Method::POST, "/faults")
        .json(&json!({"kind": "earthquake"}));
    assert_eq!(send(bad).await.0, 422);
}

#[tokio::test]
async fn the_log_has_every_request_and_no_key() {
    let client = TestClient::seeded().await;
    client.post("/spaces?x=1", json!({"name": "Logged"})).await;
    client.get("/spaces/1/posts/1%2F2").await;
    let (_, log) = send(client.control_request(Method::GET, "/log")).await;
    let first = &log[0];
    assert_eq!(
        (&first["method"], &first["path"], &first["query"]),
        (&json!("POST"), &json!("/spaces"), &json!("x=1"))
    );
    assert_eq!(
        (&first["body"], &first["status"], &first["endpoint"]),
        (&json!({"name": "Logged"}), &json!(201), &json!("/spaces"))
    );
    assert_eq!(
        (&first["accept"], &first["content_type"]),
        (&json!("application/json"), &json!("application/json"))
    );
    assert_eq!(
        (&log[1]["path"], &log[1]["endpoint"]),
        (&json!("/spaces/1/posts/1%2F2"), &json!(null))
    );
    assert_eq!(log.as_array().unwrap().len(), 2);
    assert!(!log.to_string().contains("sk_sandbox"));
    assert_eq!(
        send(client.control_request(Method::DELETE, "/log")).await.0,
        204
    );
    assert!(client.sandbox().log().is_empty());
}
