//! What a handler says: an answer, or a refusal in Laravel's words.

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

/// A whole reply, before it goes over the wire.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Content,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    None,
    Json(Value),
    Html(String),
    /// Any bytes that claim to be JSON.
    Claimed(String),
}

impl Answer {
    pub(super) fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Content::Json(body),
        }
    }

    /// One thing in its envelope.
    pub(super) fn one(thing: Value) -> Self {
        Self::json(200, json!({ "data": thing }))
    }

    /// One new thing in its envelope.
    pub(super) fn created(thing: Value) -> Self {
        Self::json(201, json!({ "data": thing }))
    }

    /// Success that has nothing to show.
    pub(super) fn nothing(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Content::None,
        }
    }

    pub(super) fn html(status: u16, title: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        );
        Self {
            status,
            headers: Vec::new(),
            body: Content::Html(page),
        }
    }

    /// Laravel's answer to a browser that is not signed in, which is what it takes a client without `Accept` for.
    pub(super) fn to_login(base: &str) -> Self {
        let mut answer = Self::html(302, "Redirecting to /login");
        answer
            .headers
            .push(("location".into(), format!("{base}/login")));
        answer
    }

    /// The body as bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match &self.body {
            Content::None => Vec::new(),
            Content::Json(value) => value.to_string().into_bytes(),
            Content::Html(text) | Content::Claimed(text) => text.clone().into_bytes(),
        }
    }

    /// The reply with its headers and the given body.
    pub(super) fn response(&self, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        let kind = match self.body {
            Content::None => None,
            Content::Json(_) | Content::Claimed(_) => Some("application/json"),
            Content::Html(_) => Some("text/html; charset=utf-8"),
        };
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
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

impl Refusal {
    /// The refusal of one field, in the given words.
    pub(super) fn of(field: &str, message: String) -> Self {
        Self::Invalid {
            errors: Map::from_iter([(field.to_owned(), json!([message]))]),
            message,
        }
    }
}

/// Why a call is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// 401.
    Unauthenticated,
    /// 403.
    Forbidden,
    /// 404 for a row.
    Missing { model: &'static str, id: String },
    /// 404 for an address.
    NoRoute { path: String },
    /// 405.
    Method {
        method: String,
        path: String,
        supported: Vec<String>,
    },
    /// 413.
    TooLarge,
    /// 422.
    Invalid {
        message: String,
        errors: Map<String, Value>,
    },
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let say = |status, message: String| Answer::json(status, json!({ "message": message }));
        match refusal {
            Refusal::Unauthenticated => say(401, "Unauthenticated.".into()),
            Refusal::Forbidden => say(403, "This action is unauthorized.".into()),
            Refusal::Missing { model, id } => say(
                404,
                format!("No query results for model [App\\Models\\{model}] {id}"),
            ),
            Refusal::NoRoute { path } => say(404, format!("The route {path} could not be found.")),
            Refusal::Method {
                method,
                path,
                supported,
            } => {
                let supported = supported.join(", ");
                let mut answer = say(
                    405,
                    format!(
                        "The {method} method is not supported for route {path}. Supported methods: {supported}."
                    ),
                );
                answer.headers.push(("allow".into(), supported));
                answer
            }
            Refusal::TooLarge => say(413, "The POST data is too large.".into()),
            Refusal::Invalid { message, errors } => {
                Answer::json(422, json!({ "message": message, "errors": errors }))
            }
        }
    }
}
