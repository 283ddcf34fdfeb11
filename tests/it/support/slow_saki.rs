//! A Saki whose clock moves on with every write.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use http::Method;
use jiff::SignedDuration;
use saki_mcp::saki::Clock;
use saki_mcp::sandbox::{CreateForms, Sandbox, SandboxOptions};
use saki_mcp::tools::{Confirm, Settings};
use saki_mcp::write::policy::Policy;
use serde_json::Value;

use crate::support::server_under_test::{Answer, NOW};
use crate::support::unresponsive_saki::{call, client_of, serve};

/// A Saki after whose answer to a write so many seconds have passed.
pub(crate) async fn slow_under(
    policy: Policy,
    forms: CreateForms,
    seconds: i64,
) -> (Sandbox, impl AsyncFn(&str, Value) -> Answer) {
    let clock = Clock::default();
    clock.set(NOW.parse().unwrap());
    let sandbox = Sandbox::new(SandboxOptions {
        clock: clock.clone(),
        create_forms: forms,
        ..SandboxOptions::default()
    });
    let passing = clock.clone();
    let router = sandbox
        .router()
        .layer(from_fn(move |request: Request, next: Next| {
            let (clock, is_write) = (passing.clone(), request.method() != Method::GET);
            async move {
                let response = next.run(request).await;
                if is_write {
                    let later = clock.now() + SignedDuration::from_secs(seconds);
                    clock.set(later);
                }
                response
            }
        }));
    let base = serve(router).await;
    let settings = Settings {
        clock,
        policy,
        confirm: Confirm::Never,
        ..Settings::default()
    };
    let client = client_of(&base, settings).await;
    let calls = async move |tool: &str, asked: Value| call(&client, tool, asked).await;
    (sandbox, calls)
}
