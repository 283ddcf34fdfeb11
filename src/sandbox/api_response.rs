//! Response envelope: replies in `{"data": …}`, and errors in Laravel's words.

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Result of a route handler.
pub(super) type HandlerResult = Result<ApiResponse, ApiError>;

/// A reply before it becomes an HTTP response.
#[derive(Debug, Clone)]
pub(super) struct ApiResponse {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: ResponseBody,
}

#[derive(Debug, Clone)]
pub(super) enum ResponseBody {
    Empty,
    Json(Value),
    Html(String),
    /// Sent as JSON, but not JSON.
    InvalidJson(String),
}

impl ApiResponse {
    fn new(status: u16, body: ResponseBody) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    /// JSON without an envelope.
    pub(super) fn json(status: u16, body: Value) -> Self {
        Self::new(status, ResponseBody::Json(body))
    }

    /// 200 with `data` in the envelope.
    pub(super) fn data(data: Value) -> Self {
        Self::json(200, json!({ "data": data }))
    }

    /// 201 with `data` in the envelope.
    pub(super) fn created(data: Value) -> Self {
        Self::json(201, json!({ "data": data }))
    }

    /// A reply without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self::new(status, ResponseBody::Empty)
    }

    /// An HTML page with the title as its only text.
    pub(super) fn html(status: u16, title: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        );
        Self::new(status, ResponseBody::Html(page))
    }

    /// The redirect that Laravel sends to a browser without a session.
    pub(super) fn redirect_to_login(origin: &str) -> Self {
        let mut response = Self::html(302, "Redirecting to /login");
        response
            .headers
            .push(("location".into(), format!("{origin}/login")));
        response
    }

    /// The body as bytes.
    pub(super) fn body_bytes(&self) -> Vec<u8> {
        match &self.body {
            ResponseBody::Empty => Vec::new(),
            ResponseBody::Json(value) => value.to_string().into_bytes(),
            ResponseBody::Html(text) | ResponseBody::InvalidJson(text) => text.clone().into_bytes(),
        }
    }

    /// The HTTP response with this status, these headers and the given body.
    pub(super) fn with_body(&self, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        let content_type = match self.body {
            ResponseBody::Empty => None,
            ResponseBody::Json(_) | ResponseBody::InvalidJson(_) => Some("application/json"),
            ResponseBody::Html(_) => Some("text/html; charset=utf-8"),
        };
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(name.as_bytes()),
                HeaderValue::from_str(value),
            ) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// An error reply.
#[derive(Debug)]
pub(super) enum ApiError {
    /// 401.
    Unauthenticated,
    /// 403.
    Forbidden,
    /// 404: no such record.
    ModelNotFound { model: &'static str, id: String },
    /// 404: no such route.
    RouteNotFound { path: String },
    /// 405.
    MethodNotAllowed {
        method: String,
        path: String,
        supported: Vec<String>,
    },
    /// 413.
    PayloadTooLarge,
    /// 422: `errors` lists the messages of each field under its dotted key.
    Validation {
        message: String,
        errors: Map<String, Value>,
    },
}

impl ApiError {
    /// A validation error of one field.
    pub(super) fn validation(field: &str, message: String) -> Self {
        Self::Validation {
            errors: Map::from_iter([(field.to_owned(), json!([message]))]),
            message,
        }
    }
}

impl From<ApiError> for ApiResponse {
    fn from(error: ApiError) -> Self {
        let error_json =
            |status, message: String| Self::json(status, json!({ "message": message }));
        match error {
            ApiError::Unauthenticated => error_json(401, "Unauthenticated.".into()),
            ApiError::Forbidden => error_json(403, "This action is unauthorized.".into()),
            ApiError::ModelNotFound { model, id } => error_json(
                404,
                format!("No query results for model [App\\Models\\{model}] {id}"),
            ),
            ApiError::RouteNotFound { path } => {
                error_json(404, format!("The route {path} could not be found."))
            }
            ApiError::MethodNotAllowed {
                method,
                path,
                supported,
            } => {
                let supported = supported.join(", ");
                let mut response = error_json(
                    405,
                    format!(
                        "The {method} method is not supported for route {path}. Supported methods: {supported}."
                    ),
                );
                response.headers.push(("allow".into(), supported));
                response
            }
            ApiError::PayloadTooLarge => error_json(413, "The POST data is too large.".into()),
            ApiError::Validation { message, errors } => {
                Self::json(422, json!({ "message": message, "errors": errors }))
            }
        }
    }
}

/// A time in the format of Laravel's JSON.
pub(super) fn timestamp_json(at: Timestamp) -> Value {
    Value::String(at.strftime("%Y-%m-%dT%H:%M:%S.000000Z").to_string())
}

/// A time in the format of Laravel's JSON, or null.
pub(super) fn optional_timestamp_json(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, timestamp_json)
}
