//! Control API below `/_sandbox`: clock control, fault injection and the request log.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::fault_injection::Fault;
use super::request_log::LoggedRequest;
use super::shared_state::SharedState;

pub(super) fn routes() -> Router<Arc<SharedState>> {
    Router::new()
        .route("/_sandbox/clock", get(get_clock).put(set_clock))
        .route(
            "/_sandbox/faults",
            get(list_faults).post(add_faults).delete(clear_faults),
        )
        .route("/_sandbox/log", get(list_log).delete(clear_log))
}

async fn json_body(request: Request) -> Result<Value, Response> {
    let bytes = axum::body::to_bytes(request.into_body(), 1024 * 1024).await;
    let value = bytes
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    value.ok_or_else(|| unprocessable("the body is not JSON"))
}

fn unprocessable(message: impl std::fmt::Display) -> Response {
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        Json(json!({"message": message.to_string()})),
    )
        .into_response()
}

async fn get_clock(State(shared): State<Arc<SharedState>>) -> Json<Value> {
    Json(json!({"now": shared.options.clock.now().to_string()}))
}

/// Accepts `{"now": "2027-04-10T07:00:00Z"}` or `{"advance": "PT1H"}`; a day has 24 hours.
async fn set_clock(
    State(shared): State<Arc<SharedState>>,
    request: Request,
) -> Result<Json<Value>, Response> {
    let body = json_body(request).await?;
    let clock = &shared.options.clock;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let instant = match (text("now"), text("advance")) {
        (Some(now), None) => now.parse::<Timestamp>(),
        (None, Some(advance)) => advance.parse::<Span>().and_then(|span| {
            let now = clock.now().to_zoned_datetime(TimeZone::UTC);
            Ok(now.checked_add(span)?.timestamp())
        }),
        _ => {
            return Err(unprocessable(
                "give `now` (a time with offset) or `advance` (a duration such as PT1H)",
            ));
        }
    };
    clock.set(instant.map_err(unprocessable)?);
    Ok(get_clock(State(shared)).await)
}

async fn list_faults(State(shared): State<Arc<SharedState>>) -> Json<Vec<Fault>> {
    Json(shared.lock().faults.clone())
}

/// Accepts one fault or a list of faults.
async fn add_faults(
    State(shared): State<Arc<SharedState>>,
    request: Request,
) -> Result<(StatusCode, Json<Vec<Fault>>), Response> {
    let list = match json_body(request).await? {
        Value::Array(list) => Value::Array(list),
        one => json!([one]),
    };
    let added: Vec<Fault> = serde_json::from_value(list).map_err(unprocessable)?;
    let faults = &mut shared.lock().faults;
    faults.extend(added);
    Ok((StatusCode::CREATED, Json(faults.clone())))
}

async fn clear_faults(State(shared): State<Arc<SharedState>>) -> StatusCode {
    shared.lock().faults.clear();
    StatusCode::NO_CONTENT
}

async fn list_log(State(shared): State<Arc<SharedState>>) -> Json<Vec<LoggedRequest>> {
    Json(shared.lock().request_log.entries())
}

async fn clear_log(State(shared): State<Arc<SharedState>>) -> StatusCode {
    shared.lock().request_log.clear();
    StatusCode::NO_CONTENT
}
