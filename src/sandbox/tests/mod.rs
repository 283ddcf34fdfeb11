//! Tests of the sandbox over HTTP.

use http::Method;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{RunningSandbox, Sandbox, SandboxOptions};
use crate::saki::Clock;

mod api_keys;
mod client_dialects;
mod control_endpoints;
mod injected_faults;
mod laravel_conventions;
mod post_creation;
mod post_lists;
mod post_updates;
mod post_validation;
mod resources;
mod uploads;

const POSTS: &str = "/spaces/1/posts";

/// A running sandbox and a plain HTTP client for it.
struct TestClient {
    running: RunningSandbox,
    http: reqwest::Client,
}

impl TestClient {
    async fn start(options: SandboxOptions) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let running = Sandbox::start(options).await.unwrap();
        Self { running, http }
    }

    async fn seeded() -> Self {
        Self::start(SandboxOptions::default()).await
    }

    async fn with(change: impl FnOnce(&mut SandboxOptions)) -> Self {
        let mut options = SandboxOptions::default();
        change(&mut options);
        Self::start(options).await
    }

    /// A request to a path below `/api`, with the headers that Saki requires.
    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.running.base_url))
            .header("accept", "application/json")
            .header("authorization", "Bearer sk_sandbox")
    }

    /// A request that creates one post.
    fn create_request(&self) -> reqwest::RequestBuilder {
        self.request(Method::POST, POSTS)
            .json(&create_body(&[11], None, "x"))
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        send(self.request(method, path).json(&body)).await
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        send(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, body).await
    }

    async fn put(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::PUT, path, body).await
    }

    async fn delete(&self, path: &str) -> (StatusCode, Value) {
        send(self.request(Method::DELETE, path)).await
    }

    fn sandbox(&self) -> &Sandbox {
        &self.running.sandbox
    }

    fn clock(&self) -> &Clock {
        &self.sandbox().shared.options.clock
    }

    /// A Unix time relative to the sandbox's clock.
    fn unix_time_in(&self, seconds: i64) -> i64 {
        self.clock().now().as_second() + seconds
    }
}

async fn send(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// A create body in the reference's form: one text for accounts of the first space.
fn create_body(accounts: &[u64], at: Option<i64>, text: &str) -> Value {
    let items: Vec<Value> = accounts
        .iter()
        .map(|id| json!({"account_id": id, "main": {"content": text, "media": []}, "children": []}))
        .collect();
    json!({"space_id": 1, "at": at, "is_draft": false, "items": items})
}

/// The first message of each field with errors.
fn field_errors(body: &Value) -> Vec<(&str, &str)> {
    let errors = body["errors"].as_object().unwrap();
    errors
        .iter()
        .map(|(field, messages)| (field.as_str(), messages[0].as_str().unwrap()))
        .collect()
}
