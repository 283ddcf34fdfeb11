//! A sandbox that notes which Saki key each request brought; each key that is named has a world of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use saki_mcp::sandbox::{Sandbox, SandboxOptions};
use tower::ServiceExt;

use crate::support::unresponsive_saki::serve;

/// The worlds by their keys, and the keys that came.
#[derive(Clone)]
pub(crate) struct RecordingSaki {
    pub(crate) base: String,
    pub(crate) worlds: BTreeMap<String, Sandbox>,
    seen: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Recorder {
    worlds: BTreeMap<String, Router>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl RecordingSaki {
    pub(crate) async fn start(keys: &[&str]) -> Self {
        let worlds: BTreeMap<String, Sandbox> = keys
            .iter()
            .map(|key| ((*key).to_owned(), Sandbox::new(SandboxOptions::default())))
            .collect();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let routers = worlds.iter();
        let recorder = Recorder {
            worlds: routers
                .map(|(key, sandbox)| (key.clone(), sandbox.router()))
                .collect(),
            seen: Arc::clone(&seen),
        };
        let router = Router::new().fallback(record).with_state(recorder);
        Self {
            base: serve(router).await,
            worlds,
            seen,
        }
    }

    /// The values of `Authorization` that came since the last time, each once.
    pub(crate) fn take_seen(&self) -> Vec<String> {
        let mut seen = std::mem::take(&mut *self.seen.lock().unwrap());
        seen.sort();
        seen.dedup();
        seen
    }
}

async fn record(State(recorder): State<Recorder>, request: Request) -> Response {
    let authorization = request.headers().get("authorization");
    let authorization = authorization.map_or("none", |value| value.to_str().unwrap());
    recorder.seen.lock().unwrap().push(authorization.to_owned());
    let key = authorization.trim_start_matches("Bearer ");
    match recorder.worlds.get(key) {
        Some(world) => world.clone().oneshot(request).await.unwrap(),
        None => axum::response::IntoResponse::into_response((
            http::StatusCode::UNAUTHORIZED,
            axum::Json(serde_json::json!({"message": "Unauthenticated."})),
        )),
    }
}
