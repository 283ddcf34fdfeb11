//! A Saki that answers one request with bytes of the test's own, and every other as the sandbox does.

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use rmcp::RoleClient;
use rmcp::model::{CallToolRequestParams, Tool};
use rmcp::service::RunningService;
use saki_mcp::saki::Clock;
use saki_mcp::sandbox::{Database, Sandbox, SandboxOptions};
use saki_mcp::tools::{Confirm, Settings};
use serde_json::Value;

use crate::support::reference_replies::Scene;
use crate::support::server_under_test::{Answer, NOW, object};
use crate::support::unresponsive_saki::{client_of, serve};

/// An answer that waits for its request.
struct Script {
    method: &'static str,
    path: &'static str,
    skip: u32,
    status: u16,
    body: Bytes,
}

/// A server over such a Saki, seen by a client.
pub(crate) struct ScriptedSaki {
    pub(crate) sandbox: Sandbox,
    client: RunningService<RoleClient, ()>,
    script: Arc<Mutex<Option<Script>>>,
    fresh: Database,
}

impl ScriptedSaki {
    pub(crate) async fn start() -> Self {
        let clock = Clock::default();
        clock.set(NOW.parse().unwrap());
        let sandbox = Sandbox::new(SandboxOptions {
            clock: clock.clone(),
            ..SandboxOptions::default()
        });
        let script: Arc<Mutex<Option<Script>>> = Arc::default();
        let scripted = Arc::clone(&script);
        let router = sandbox
            .router()
            .layer(from_fn(move |request: Request, next: Next| {
                let answer = take_answer(&scripted, &request);
                async move {
                    match answer {
                        Some(answer) => answer,
                        None => next.run(request).await,
                    }
                }
            }));
        let base = serve(router).await;
        let settings = Settings {
            clock,
            confirm: Confirm::Never,
            reconcile_interval: std::time::Duration::from_millis(1),
            ..Settings::default()
        };
        let fresh = sandbox.state(Clone::clone);
        Self {
            client: client_of(&base, settings).await,
            sandbox,
            script,
            fresh,
        }
    }

    pub(crate) async fn tools(&self) -> Vec<Tool> {
        self.client.list_all_tools().await.unwrap()
    }

    /// Calls the tool of a scene on a fresh sandbox and answers its request with these bytes.
    ///
    /// # Errors
    ///
    /// A protocol error, where a result should be.
    pub(crate) async fn answered(
        &self,
        scene: &Scene,
        arguments: Value,
        status: u16,
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        self.sandbox.edit(|state| *state = self.fresh.clone());
        *self.script.lock().unwrap() = Some(Script {
            method: scene.method,
            path: scene.endpoint,
            skip: scene.skip,
            status,
            body: body.into(),
        });
        let request = CallToolRequestParams::new(scene.tool).with_arguments(object(arguments));
        let answer = self.client.call_tool(request).await;
        *self.script.lock().unwrap() = None;
        answer.map(Answer::from).map_err(|error| error.to_string())
    }
}

/// The scripted answer, from its first matching request on.
fn take_answer(script: &Mutex<Option<Script>>, request: &Request) -> Option<Response> {
    let mut script = script.lock().unwrap();
    let script = script.as_mut()?;
    let path = request.uri().path().strip_prefix("/api")?;
    if request.method() != script.method || !fits(script.path, path) {
        return None;
    }
    if script.skip > 0 {
        script.skip -= 1;
        return None;
    }
    let response = Response::builder()
        .status(script.status)
        .header("content-type", "application/json");
    response.body(Body::from(script.body.clone())).ok()
}

/// Whether a path is one of a template such as `/spaces/{space_id}`.
fn fits(template: &str, path: &str) -> bool {
    let mut steps = path.split('/');
    let matches = template.split('/').all(|step| {
        steps
            .next()
            .is_some_and(|given| step.starts_with('{') || step == given)
    });
    matches && steps.next().is_none()
}
