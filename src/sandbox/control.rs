//! The sandbox's own addresses below `/_sandbox`: clock, faults and log.

use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::Sandbox;
use super::faults::Fault;
use super::log::Logged;

pub(super) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/_sandbox/clock", get(clock).put(set_clock))
        .route(
            "/_sandbox/faults",
            get(faults).post(add_faults).delete(clear_faults),
        )
        .route("/_sandbox/log", get(log).delete(clear_log))
}

async fn body(request: Request) -> Result<Value, Response> {
    let bytes = axum::body::to_bytes(request.into_body(), 1024 * 1024).await;
    let value = bytes
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    value.ok_or_else(|| refuse("the body is not JSON"))
}

fn refuse(why: impl std::fmt::Display) -> Response {
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        Json(json!({"message": why.to_string()})),
    )
        .into_response()
}

async fn clock(Shared(sandbox): Shared<Sandbox>) -> Json<Value> {
    Json(json!({"now": sandbox.shared.options.clock.now().to_string()}))
}

/// Takes `{"now": "2027-04-10T07:00:00Z"}` or `{"advance": "PT1H"}`; a day counts as 24 hours.
async fn set_clock(Shared(sandbox): Shared<Sandbox>, request: Request) -> Response {
    let body = match body(request).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let clock = &sandbox.shared.options.clock;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let wanted = match (text("now"), text("advance")) {
        (Some(now), None) => now.parse::<Timestamp>(),
        (None, Some(advance)) => advance.parse::<Span>().and_then(|span| {
            let later = clock
                .now()
                .to_zoned_datetime(TimeZone::UTC)
                .checked_add(span)?;
            Ok(later.timestamp())
        }),
        _ => {
            return refuse(
                "give `now` (a time with offset) or `advance` (a duration such as PT1H)",
            );
        }
    };
    match wanted {
        Ok(instant) => {
            clock.set(instant);
            Json(json!({"now": clock.now().to_string()})).into_response()
        }
        Err(error) => refuse(error),
    }
}

async fn faults(Shared(sandbox): Shared<Sandbox>) -> Json<Vec<Fault>> {
    Json(sandbox.held().faults.clone())
}

/// Takes one fault or a list.
async fn add_faults(Shared(sandbox): Shared<Sandbox>, request: Request) -> Response {
    let body = match body(request).await {
        Ok(Value::Array(list)) => Value::Array(list),
        Ok(one) => json!([one]),
        Err(refusal) => return refusal,
    };
    match serde_json::from_value::<Vec<Fault>>(body) {
        Ok(faults) => {
            let mut held = sandbox.held();
            held.faults.extend(faults);
            (StatusCode::CREATED, Json(held.faults.clone())).into_response()
        }
        Err(error) => refuse(error),
    }
}

async fn clear_faults(Shared(sandbox): Shared<Sandbox>) -> StatusCode {
    sandbox.clear_faults();
    StatusCode::NO_CONTENT
}

async fn log(Shared(sandbox): Shared<Sandbox>) -> Json<Vec<Logged>> {
    Json(sandbox.log())
}

async fn clear_log(Shared(sandbox): Shared<Sandbox>) -> StatusCode {
    sandbox.clear_log();
    StatusCode::NO_CONTENT
}
