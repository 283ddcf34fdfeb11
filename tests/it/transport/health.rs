//! `/healthz` and `/readyz`, as a balancer asks them, and what other paths answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::Request;
use futures::FutureExt;
use futures::future::BoxFuture;
use saki_mcp::transport::http::{self, HttpOptions};
use saki_mcp::transport::{Dependency, ReadinessProbe};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::support::child_process::{Alone, Serving};
use crate::support::fixture_server::{Fixture, Server, json_of};

/// A probe that counts how often it is asked.
#[derive(Debug)]
struct Probe {
    dependencies: Vec<Dependency>,
    asked: AtomicUsize,
}

impl Probe {
    fn new(states: &[(&'static str, bool, bool)]) -> Arc<Self> {
        let dependency = |&(name, is_reachable, is_required)| Dependency {
            name,
            is_reachable,
            is_required,
        };
        Arc::new(Self {
            dependencies: states.iter().map(dependency).collect(),
            asked: AtomicUsize::new(0),
        })
    }
}

impl ReadinessProbe for Probe {
    fn probe(&self) -> BoxFuture<'_, Vec<Dependency>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        async {
            tokio::task::yield_now().await;
            self.dependencies.clone()
        }
        .boxed()
    }
}

async fn ready(states: &[(&'static str, bool, bool)]) -> (u16, Value) {
    let server = Server::start(HttpOptions {
        readiness: Some(Probe::new(states)),
        ..HttpOptions::default()
    })
    .await;
    json_of(server.get("/readyz")).await
}

#[tokio::test]
async fn a_server_is_ready_unless_something_is_away_that_it_needs() {
    assert_eq!(
        ready(&[("saki", true, true), ("store", true, false)]).await,
        (
            200,
            json!({"status": "ready", "saki": "reachable", "store": "reachable"})
        )
    );
    assert_eq!(
        ready(&[("saki", true, true), ("store", false, false)]).await,
        (
            200,
            json!({"status": "ready", "saki": "reachable", "store": "away"})
        )
    );
    assert_eq!(
        ready(&[("saki", false, true), ("store", true, false)]).await,
        (
            503,
            json!({"status": "not_ready", "saki": "away", "store": "reachable"})
        )
    );
}

#[tokio::test]
async fn many_who_ask_share_one_look() {
    let probe = Probe::new(&[("saki", true, true)]);
    let server = Server::start(HttpOptions {
        readiness: Some(probe.clone()),
        ..HttpOptions::default()
    })
    .await;
    let asking = (0..50).map(|_| json_of(server.get("/readyz")));
    for (status, _) in futures::future::join_all(asking).await {
        assert_eq!(status, 200);
    }
    assert_eq!(probe.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn health_is_told_under_every_host_and_from_every_origin() {
    let server = Server::start(HttpOptions::default()).await;
    for path in ["/healthz", "/readyz"] {
        for (name, value) in [
            ("host", "10.0.0.7:8790"),
            ("host", "saki-mcp.internal"),
            ("origin", "https://status.example"),
        ] {
            let (status, _) = json_of(server.get(path).header(name, value)).await;
            assert_eq!(status, 200, "{path} {name}: {value}");
        }
    }
}

#[tokio::test]
async fn a_server_that_ends_is_alive_and_not_ready() {
    let ending = CancellationToken::new();
    let router = http::router(Fixture::new(), HttpOptions::default(), ending.clone());
    let status = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    };
    assert_eq!(status("/readyz").await, 200);
    ending.cancel();
    assert_eq!(status("/readyz").await, 503);
    assert_eq!(status("/healthz").await, 200);
}

#[tokio::test]
async fn readiness_follows_the_saki_behind_the_server() {
    let there = Alone::start(&[]);
    for (base_url, expected) in [
        (there.base_url.as_str(), (200, "reachable")),
        ("http://127.0.0.1:1/api", (503, "away")),
    ] {
        let environment = [("SAKI_BASE_URL", base_url), ("SAKI_API_KEY", "k")];
        let mut serving = Serving::start(&["http", "--bind", "127.0.0.1:0"], &environment);
        let at = serving.logged_between("http://", "/mcp");
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let (status, body) = json_of(client.get(format!("http://{at}/readyz"))).await;
        assert_eq!((status, body["saki"].as_str().unwrap()), expected, "{body}");
    }
    let log = there.log(1).await;
    assert_eq!(log.len(), 1, "{log:#?}");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_json() {
    let server = Server::start(HttpOptions::default()).await;
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/mcp/.well-known/openid-configuration",
        "/register",
        "/metrics",
    ] {
        for request in [server.get(path), server.post(path, "{}")] {
            let (status, body) = json_of(request).await;
            assert_eq!(
                (status, &body["error"]),
                (404, &json!("not_found")),
                "{path}"
            );
        }
    }
    let (status, body) = json_of(server.get("/mcp")).await;
    assert_eq!(
        (status, &body["error"]),
        (405, &json!("method_not_allowed"))
    );
    let (status, body) = json_of(server.post("/message?sessionId=none", "{}")).await;
    assert_eq!((status, &body["error"]), (404, &json!("no_session")));
}
