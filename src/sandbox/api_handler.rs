//! API handler of every request below `/api`: parse, match the route, inject faults, authenticate, dispatch, log.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::api_request::ApiRequest;
use super::api_response::{ApiError, ApiResponse, HandlerResult};
use super::authentication::{authenticate, expects_json};
use super::body_parser::{self, ParsedBody};
use super::fault_injection::{FaultKind, dropped_connection, take_matching};
use super::records::whole_seconds;
use super::request_log::LoggedRequest;
use super::route_table::RouteMatch;
use super::router;
use super::shared_state::SharedState;
use super::variant::UnknownFields;
use super::variant::stored_fields::store_and_show;

/// Limit in the rate-limit headers; the remaining requests count down, but no request is refused.
const RATE_LIMIT: u64 = 6000;

/// Handles every request outside of the control API.
pub(super) async fn handle(State(shared): State<Arc<SharedState>>, request: Request) -> Response {
    let method = request.method().clone();
    let uri = request.uri().clone();
    let headers = request.headers().clone();
    let api_path = uri
        .path()
        .strip_prefix("/api")
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let body = body_parser::parse(request).await;
    let route = api_path.map(|path| router::routes().find(&method, path));
    let template = match &route {
        Some(Ok((route, _))) => Some(route.path_template),
        _ => None,
    };
    let path = api_path.unwrap_or(uri.path());
    let (number, fault) = {
        let mut locked = shared.lock();
        let fault = take_matching(&mut locked.faults, method.as_str(), path, template);
        let header = |name| header_text(&headers, &name).map(str::to_owned);
        let number = locked.request_log.add(LoggedRequest {
            method: method.to_string(),
            path: path.to_owned(),
            endpoint: template.map(str::to_owned),
            query: uri.query().map(str::to_owned),
            body: body.raw.clone(),
            uploads: body.uploads.clone(),
            accept: header(ACCEPT),
            user_agent: header(USER_AGENT),
            content_type: header(CONTENT_TYPE),
            status: None,
            fault: fault.log_name(),
        });
        (number, fault)
    };
    delay(fault.delay_before).await;
    if fault.kind == Some(FaultKind::DropBefore) {
        return dropped_connection();
    }
    let response = match (fault.response_without_effect(), route) {
        (Some(response), _) => response,
        (None, None) if uri.path() == "/login" => ApiResponse::html(200, "Sign in to Saki"),
        (None, None) => ApiResponse::html(404, "Not Found"),
        (None, Some(route)) => {
            fault.apply(api_response(&shared, &method, &headers, &uri, route, body))
        }
    };
    delay(fault.delay_after).await;
    if fault.kind == Some(FaultKind::DropAfter) {
        return dropped_connection();
    }
    shared
        .lock()
        .request_log
        .set_status(number, response.status);
    let mut http_response = fault.http_response(&response);
    add_common_headers(&mut http_response, number, shared.options.clock.now());
    http_response
}

fn api_response(
    shared: &SharedState,
    method: &Method,
    headers: &HeaderMap,
    uri: &Uri,
    route: Result<RouteMatch<'_>, ApiError>,
    body: ParsedBody,
) -> ApiResponse {
    let host = header_text(headers, &HOST).unwrap_or("localhost");
    let origin = format!("http://{host}");
    let path_template = route.as_ref().map_or("", |(route, _)| route.path_template);
    if !expects_json(header_text(headers, &ACCEPT)) {
        return ApiResponse::redirect_to_login(&origin);
    }
    let dispatch = |route: Result<RouteMatch<'_>, ApiError>| -> HandlerResult {
        let (route, path_params) = route?;
        if body.is_too_large {
            return Err(ApiError::PayloadTooLarge);
        }
        let authorization = header_text(headers, &AUTHORIZATION);
        authenticate(authorization, shared.options.key.as_deref())?;
        // The clock is read under the lock, so that time never runs backwards from one request to the next.
        let mut locked = shared.lock();
        let now = shared.options.clock.now();
        locked.db.publish_due(now);
        let variant = &shared.options.variant;
        let mut query = body_parser::query_fields(uri.query().unwrap_or_default());
        let mut fields = body.fields();
        let unknown = variant.read_fields(method, route.path_template, &mut query, &mut fields)?;
        let request = ApiRequest {
            options: shared.options.clone(),
            now: whole_seconds(now),
            path_params,
            query,
            body: fields,
            uploads: body.uploads,
            url: format!("{origin}{}", uri.path()),
        };
        let mut response = router::dispatch(route, &mut locked.db, &request)?;
        if variant.unknown_fields == UnknownFields::Stored {
            store_and_show(&mut locked.db, route.path_template, unknown, &mut response);
        }
        Ok(response)
    };
    let response = dispatch(route).unwrap_or_else(ApiResponse::from);
    shared
        .options
        .variant
        .shape_reply(method, path_template, response)
}

fn header_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

async fn delay(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

/// Adds the rate-limit headers and the date, unless a fault has set them.
fn add_common_headers(response: &mut Response, number: usize, now: Timestamp) {
    let remaining = RATE_LIMIT - 1 - number as u64 % (RATE_LIMIT / 2);
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    let headers = [
        ("x-ratelimit-limit", Some(RATE_LIMIT.to_string())),
        ("x-ratelimit-remaining", Some(remaining.to_string())),
        ("date", date.ok()),
    ];
    for (name, value) in headers {
        if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
            response.headers_mut().entry(name).or_insert(value);
        }
    }
}
