//! A plain HTTP client of the sandbox, for the tests of the sandbox itself.

use http::Method;
use reqwest::StatusCode;
use saki_mcp::saki::Clock;
use saki_mcp::sandbox::{RunningSandbox, Sandbox, SandboxOptions};
use serde_json::{Value, json};

pub(crate) const POSTS: &str = "/spaces/1/posts";

/// A running sandbox and a plain HTTP client for it.
pub(crate) struct TestClient {
    pub(crate) running: RunningSandbox,
    pub(crate) http: reqwest::Client,
    clock: Clock,
}

impl TestClient {
    pub(crate) async fn start(options: SandboxOptions) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let clock = options.clock.clone();
        let running = Sandbox::start(options).await.unwrap();
        Self {
            running,
            http,
            clock,
        }
    }

    pub(crate) async fn seeded() -> Self {
        Self::start(SandboxOptions::default()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut SandboxOptions)) -> Self {
        let mut options = SandboxOptions::default();
        change(&mut options);
        Self::start(options).await
    }

    /// A request to a path below `/api`, with the headers that Saki requires.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.running.base_url))
            .header("accept", "application/json")
            .header("authorization", "Bearer sk_sandbox")
    }

    /// A request that creates one post.
    pub(crate) fn create_request(&self) -> reqwest::RequestBuilder {
        self.request(Method::POST, POSTS)
            .json(&create_body(&[11], None, "x"))
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        send(self.request(method, path).json(&body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::PUT, path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> (StatusCode, Value) {
        send(self.request(Method::DELETE, path)).await
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.running.sandbox
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// A Unix time relative to the sandbox's clock.
    pub(crate) fn unix_time_in(&self, seconds: i64) -> i64 {
        self.clock().now().as_second() + seconds
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// A create body in the reference's form: one text for accounts of the first space.
pub(crate) fn create_body(accounts: &[u64], at: Option<i64>, text: &str) -> Value {
    let items: Vec<Value> = accounts
        .iter()
        .map(|id| json!({"account_id": id, "main": {"content": text, "media": []}, "children": []}))
        .collect();
    json!({"space_id": 1, "at": at, "is_draft": false, "items": items})
}

/// The first message of each field with errors.
pub(crate) fn field_errors(body: &Value) -> Vec<(&str, &str)> {
    let errors = body["errors"].as_object().unwrap();
    errors
        .iter()
        .map(|(field, messages)| (field.as_str(), messages[0].as_str().unwrap()))
        .collect()
}
