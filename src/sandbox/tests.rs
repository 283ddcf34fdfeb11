//! The sandbox over HTTP, as any client meets it.

use http::Method;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Running, Sandbox, SandboxOptions};

mod changes;
mod client;
mod control;
mod faults;
mod manners;
mod posts;
mod refusals;
mod resources;
mod uploads;

/// One sandbox and a plain HTTP client, which checks nothing by itself.
struct Visit {
    running: Running,
    http: reqwest::Client,
}

impl Visit {
    async fn to(options: SandboxOptions) -> Self {
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
        Self::to(SandboxOptions::default()).await
    }

    /// A request with the headers that Saki wants, to a path below `/api`.
    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.running.base_url))
            .header("accept", "application/json")
            .header("authorization", "Bearer sk_sandbox")
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        answer(self.request(method, path).json(&body)).await
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, body).await
    }

    async fn put(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::PUT, path, body).await
    }

    async fn delete(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::DELETE, path)).await
    }

    fn sandbox(&self) -> &Sandbox {
        &self.running.sandbox
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// A create body in the reference's form: one text for accounts of the first space.
fn plan(accounts: &[u64], at: Option<i64>, text: &str) -> Value {
    let items: Vec<Value> = accounts
        .iter()
        .map(|id| json!({"account_id": id, "main": {"content": text, "media": []}, "children": []}))
        .collect();
    json!({"space_id": 1, "at": at, "is_draft": false, "items": items})
}

/// So many seconds from the present of a visit.
fn soon(visit: &Visit, seconds: i64) -> i64 {
    visit.sandbox().shared.options.clock.now().as_second() + seconds
}

/// The refused fields, and the first words about each.
fn refused(body: &Value) -> Vec<(&str, &str)> {
    let errors = body["errors"].as_object().unwrap();
    errors
        .iter()
        .map(|(field, said)| (field.as_str(), said[0].as_str().unwrap()))
        .collect()
}
