//! Health checks: `/healthz` says that the process lives, `/readyz` whether it can serve.
//!
//! Both answer under every `Host`, since balancers ask by address.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::future::BoxFuture;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a look at the dependencies is good for; however many ask, one look is made in this time.
const CACHE_TTL: Duration = Duration::from_secs(10);

/// Something that the server cannot serve without, or only in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Its name, as `/readyz` shows it.
    pub name: &'static str,
    /// Whether it answers.
    pub is_reachable: bool,
    /// Whether the server is of no use without it.
    pub is_required: bool,
}

/// A cheap look at what the server depends on.
pub trait ReadinessProbe: Debug + Send + Sync {
    /// The state of every dependency now.
    fn probe(&self) -> BoxFuture<'_, Vec<Dependency>>;
}

struct Readiness {
    probe: Option<Arc<dyn ReadinessProbe>>,
    ending: CancellationToken,
    last: Mutex<Look>,
}

/// One look at the dependencies, which all who ask in its time share.
#[derive(Clone)]
struct Look {
    begun: Instant,
    dependencies: Arc<OnceCell<Vec<Dependency>>>,
}

impl Look {
    fn begin() -> Self {
        Self {
            begun: Instant::now(),
            dependencies: Arc::default(),
        }
    }
}

/// Both routes. `/readyz` answers 503 from the time when `ending` is cancelled.
pub(super) fn routes(probe: Option<Arc<dyn ReadinessProbe>>, ending: CancellationToken) -> Router {
    let readiness = Readiness {
        probe,
        ending,
        last: Mutex::new(Look::begin()),
    };
    Router::new()
        .route("/healthz", get(async || status(StatusCode::OK, "ok", &[])))
        .route("/readyz", get(ready))
        .with_state(Arc::new(readiness))
}

async fn ready(State(readiness): State<Arc<Readiness>>) -> Response {
    if readiness.ending.is_cancelled() {
        return status(StatusCode::SERVICE_UNAVAILABLE, "ending", &[]);
    }
    let dependencies = readiness.dependencies().await;
    let is_missing = |one: &Dependency| one.is_required && !one.is_reachable;
    match dependencies.iter().any(is_missing) {
        true => status(StatusCode::SERVICE_UNAVAILABLE, "not_ready", &dependencies),
        false => status(StatusCode::OK, "ready", &dependencies),
    }
}

impl Readiness {
    async fn dependencies(&self) -> Vec<Dependency> {
        let Some(probe) = &self.probe else {
            return Vec::new();
        };
        let look = {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.begun.elapsed() >= CACHE_TTL {
                *last = Look::begin();
            }
            last.clone()
        };
        let dependencies = look.dependencies.get_or_init(|| probe.probe());
        dependencies.await.clone()
    }
}

fn status(code: StatusCode, word: &str, dependencies: &[Dependency]) -> Response {
    let mut body = Map::from_iter([("status".to_owned(), json!(word))]);
    for dependency in dependencies {
        let state = match dependency.is_reachable {
            true => "reachable",
            false => "away",
        };
        body.insert(dependency.name.to_owned(), json!(state));
    }
    let mut response = (code, axum::Json(Value::Object(body))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
