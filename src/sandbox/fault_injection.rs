//! Fault injection: ordered delays, error statuses, dropped connections and broken response bodies.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::stream;
use http::{HeaderValue, Method};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::api_response::{ApiResponse, ResponseBody};

/// A fault that waits for matching requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// HTTP method of a matching request; any method when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Path template such as `/spaces/{space_id}/posts`, or a part of the raw path below `/api`; any path when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Number of matching requests that pass first.
    #[serde(default)]
    pub skip: u32,
    /// Number of matching requests that the fault hits.
    #[serde(default = "one")]
    pub count: u32,
    /// Effect of the fault.
    #[serde(flatten)]
    pub kind: FaultKind,
}

fn one() -> u32 {
    1
}

/// Effect of a fault on a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The response is late.
    Delay {
        /// Delay in milliseconds.
        ms: u64,
        /// Whether the request takes effect before the delay; otherwise a client that gives up prevents the effect.
        #[serde(default)]
        after_write: bool,
    },
    /// Another response replaces the real one.
    Status {
        /// HTTP status.
        status: u16,
        /// Added headers, such as `Retry-After`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Body: a text is sent as HTML, anything else as JSON; a default body when left out.
        #[serde(default)]
        body: Option<Value>,
        /// Whether the request takes effect nevertheless.
        #[serde(default)]
        after_write: bool,
    },
    /// The connection is dropped before the request takes effect.
    DropBefore,
    /// The connection is dropped after the request took effect.
    DropAfter,
    /// The request takes effect; only half of the response body arrives.
    Truncate,
    /// The request takes effect; the response has no body.
    Empty,
    /// The request takes effect; the response is 200 with an HTML page.
    Html,
    /// The request takes effect; the response body is invalid JSON.
    Garbage,
    /// The request takes effect; the response has this JSON body.
    Json {
        /// The body.
        body: Value,
    },
}

impl Fault {
    /// A fault for the next request.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            method: None,
            path: None,
            skip: 0,
            count: 1,
            kind,
        }
    }

    /// A status instead of the response; the request has no effect.
    pub fn status(status: u16) -> Self {
        Self::new(FaultKind::Status {
            status,
            headers: BTreeMap::new(),
            body: None,
            after_write: false,
        })
    }

    /// Adds a header to a [`FaultKind::Status`].
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let FaultKind::Status { headers, .. } = &mut self.kind {
            headers.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// Limits the fault to one method and path.
    #[must_use]
    pub fn on(mut self, method: &Method, path: &str) -> Self {
        self.method = Some(method.to_string());
        self.path = Some(path.to_owned());
        self
    }

    /// Sets the number of requests that the fault hits.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self { count, ..self }
    }

    fn matches(&self, method: &str, path: &str, template: Option<&str>) -> bool {
        let wanted = self.path.as_deref();
        let by_path = wanted.is_none_or(|wanted| template == Some(wanted) || path.contains(wanted));
        let wanted = self.method.as_deref();
        by_path && wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
    }
}

/// Takes the faults for one request off the queue: all matching delays, and the first matching other fault.
pub(super) fn take_matching(
    faults: &mut Vec<Fault>,
    method: &str,
    path: &str,
    template: Option<&str>,
) -> InjectedFault {
    let mut injected = InjectedFault::default();
    for fault in faults.iter_mut() {
        let is_delay = matches!(fault.kind, FaultKind::Delay { .. });
        if !fault.matches(method, path, template) || (injected.kind.is_some() && !is_delay) {
            continue;
        }
        if fault.skip > 0 {
            fault.skip -= 1;
            continue;
        }
        if fault.count == 0 {
            continue;
        }
        fault.count -= 1;
        match &fault.kind {
            FaultKind::Delay {
                ms,
                after_write: false,
            } => injected.delay_before += ms,
            FaultKind::Delay { ms, .. } => injected.delay_after += ms,
            kind => injected.kind = Some(kind.clone()),
        }
    }
    faults.retain(|fault| fault.count > 0);
    injected
}

/// The faults of one request; delays are in milliseconds, before and after the request takes effect.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct InjectedFault {
    pub(super) delay_before: u64,
    pub(super) delay_after: u64,
    pub(super) kind: Option<FaultKind>,
}

impl InjectedFault {
    /// Name of the fault for the request log.
    pub(super) fn log_name(&self) -> Option<String> {
        match &self.kind {
            Some(kind) => json!(kind)["kind"].as_str().map(str::to_owned),
            None if self.delay_before + self.delay_after > 0 => Some("delay".to_owned()),
            None => None,
        }
    }

    /// The response of a fault that replaces the request and its effect.
    pub(super) fn response_without_effect(&self) -> Option<ApiResponse> {
        match &self.kind {
            Some(FaultKind::Status {
                after_write: false, ..
            }) => Some(self.apply(ApiResponse::empty(200))),
            _ => None,
        }
    }

    /// The response after the fault changed or replaced it.
    pub(super) fn apply(&self, mut response: ApiResponse) -> ApiResponse {
        match &self.kind {
            Some(FaultKind::Status {
                status,
                headers,
                body,
                ..
            }) => {
                let mut error = match body {
                    Some(Value::String(page)) => ApiResponse {
                        body: ResponseBody::Html(page.clone()),
                        ..ApiResponse::empty(*status)
                    },
                    Some(body) => ApiResponse::json(*status, body.clone()),
                    None if *status >= 500 => ApiResponse::html(*status, default_message(*status)),
                    None => {
                        ApiResponse::json(*status, json!({"message": default_message(*status)}))
                    }
                };
                error.headers.extend(headers.clone());
                return error;
            }
            Some(FaultKind::Html) => return ApiResponse::html(200, "Saki"),
            Some(FaultKind::Empty) => response.body = ResponseBody::Empty,
            Some(FaultKind::Garbage) => {
                let text = "{\"data\": [{\"id\": 1, \"content\": ";
                response.body = ResponseBody::InvalidJson(text.to_owned());
            }
            Some(FaultKind::Json { body }) => response.body = ResponseBody::Json(body.clone()),
            _ => {}
        }
        response
    }

    /// The HTTP response, truncated where the fault asks for it.
    pub(super) fn http_response(&self, response: &ApiResponse) -> Response {
        let bytes = response.body_bytes();
        if self.kind != Some(FaultKind::Truncate) {
            return response.with_body(Body::from(bytes));
        }
        let length = bytes.len().max(2);
        let half = Bytes::copy_from_slice(&bytes[..bytes.len() / 2]);
        let chunks = stream::unfold(Some(half), |half| async move {
            match half {
                Some(half) => Some((Ok(half), None)),
                None => {
                    // hyper flushes its buffer when the body pauses, and drops it when the body fails.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    Some((Err(std::io::Error::other("truncated")), None))
                }
            }
        });
        let mut http_response = response.with_body(Body::from_stream(chunks));
        http_response
            .headers_mut()
            .insert("content-length", HeaderValue::from(length));
        http_response
    }
}

fn default_message(status: u16) -> &'static str {
    match status {
        401 => "Unauthenticated.",
        402 => "Payment required.",
        403 => "This action is unauthorized.",
        409 => "Conflict.",
        413 => "The POST data is too large.",
        429 => "Too Many Attempts.",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        500.. => "Server Error",
        _ => "Refused.",
    }
}

/// Extension of a response in whose place the server drops the connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct DropConnection;

/// A response that drops the connection; its body fails too, for a server that ignores [`DropConnection`].
pub(super) fn dropped_connection() -> Response {
    let failure = stream::once(async { Err::<Bytes, _>(std::io::Error::other("hung up")) });
    let mut response = Response::new(Body::from_stream(failure));
    response.extensions_mut().insert(DropConnection);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATE: Option<&str> = Some("/spaces/{space_id}/posts");

    #[test]
    fn a_fault_hits_matching_requests_and_is_used_up() {
        let mut faults = vec![
            Fault::status(503)
                .on(&Method::POST, CREATE.unwrap())
                .times(2),
        ];
        let mut call =
            |method, path, template| take_matching(&mut faults, method, path, template).kind;
        assert_eq!(call("GET", "/spaces/1/posts", CREATE), None);
        assert_eq!(call("POST", "/media", Some("/media")), None);
        assert!(call("POST", "/spaces/1/posts", CREATE).is_some());
        assert!(call("POST", "/spaces/2/posts", CREATE).is_some());
        assert_eq!(call("POST", "/spaces/2/posts", CREATE), None);
        assert!(faults.is_empty());
    }

    #[test]
    fn delays_add_up_and_other_faults_are_injected_one_by_one() {
        let delay = |ms, after_write| Fault::new(FaultKind::Delay { ms, after_write });
        let mut faults = vec![
            delay(5, false),
            Fault::status(500),
            Fault::new(FaultKind::Empty),
            delay(7, true),
        ];
        let first = take_matching(&mut faults, "GET", "/spaces", None);
        assert_eq!((first.delay_before, first.delay_after), (5, 7));
        assert!(matches!(first.kind, Some(FaultKind::Status { .. })));
        assert_eq!(
            take_matching(&mut faults, "GET", "/spaces", None).kind,
            Some(FaultKind::Empty)
        );
    }

    #[test]
    fn skipped_requests_pass_first() {
        let mut faults = vec![Fault {
            skip: 1,
            ..Fault::new(FaultKind::DropAfter)
        }];
        assert_eq!(take_matching(&mut faults, "GET", "/a", None).kind, None);
        assert_eq!(
            take_matching(&mut faults, "GET", "/a", None).kind,
            Some(FaultKind::DropAfter)
        );
    }

    #[test]
    fn a_fault_is_written_as_flat_json() {
        let given = json!({"method": "POST", "path": "/media", "kind": "status", "status": 429, "headers": {"Retry-After": "1"}});
        let fault: Fault = serde_json::from_value(given).unwrap();
        let built = Fault::status(429)
            .header("Retry-After", "1")
            .on(&Method::POST, "/media");
        assert_eq!(fault, built);
        let plain: Fault = serde_json::from_value(json!({"kind": "drop_before"})).unwrap();
        assert_eq!(plain, Fault::new(FaultKind::DropBefore));
    }
}
