//! The way of one request: body, route, faults, key, handler, reply.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use futures::stream;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Map, Value};

use super::Sandbox;
use super::answer::{Answer, Refusal};
use super::call::Call;
use super::faults::{Kind, Trouble, take};
use super::intake::{self, Intake, tidy};
use super::log::Logged;
use super::route::{self, Matched, Routes};

/// Marks a reply that is no reply: the connection is to end instead.
#[derive(Debug, Clone, Copy)]
pub(super) struct HangUp;

/// Calls are counted down in the headers, and never refused for it.
const RATE_LIMIT: u64 = 6000;

/// Answers whatever is not the sandbox's own.
pub(super) async fn enter(Shared(sandbox): Shared<Sandbox>, request: Request) -> Response {
    let method = request.method().clone();
    let uri = request.uri().clone();
    let headers = request.headers().clone();
    let whole = uri.path();
    let below = whole
        .strip_prefix("/api")
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let intake = intake::read(request).await;
    let found = below.map(|path| Routes::all().find(&method, path));
    let template = match &found {
        Some(Ok((route, _))) => Some(route.template),
        _ => None,
    };
    let path = below.unwrap_or(whole);
    let (number, trouble) = {
        let mut held = sandbox.held();
        let trouble = take(&mut held.faults, method.as_str(), path, template);
        let text = |name: HeaderName| text(&headers, &name).map(str::to_owned);
        let number = held.log.arrived(Logged {
            method: method.to_string(),
            path: path.to_owned(),
            endpoint: template.map(str::to_owned),
            query: uri.query().map(str::to_owned),
            body: intake.sent.clone(),
            uploads: intake.uploads.clone(),
            accept: text(ACCEPT),
            user_agent: text(USER_AGENT),
            content_type: text(CONTENT_TYPE),
            status: None,
            fault: trouble.name(),
        });
        (number, trouble)
    };
    wait(trouble.wait_before).await;
    if trouble.kind == Some(Kind::DropBefore) {
        return hang_up();
    }
    let answer = match (trouble.instead(), found) {
        (Some(answer), _) => answer,
        (None, None) if whole == "/login" => Answer::html(200, "Sign in to Saki"),
        (None, None) => Answer::html(404, "Not Found"),
        (None, Some(found)) => {
            let asked = Asked {
                sandbox: &sandbox,
                headers: &headers,
                path: whole,
                query: uri.query().unwrap_or_default(),
            };
            trouble.spoil(asked.answer(found, intake))
        }
    };
    wait(trouble.wait_after).await;
    if trouble.kind == Some(Kind::DropAfter) {
        return hang_up();
    }
    sandbox.held().log.answered(number, Some(answer.status));
    dress(&sandbox, number, send(&answer, &trouble))
}

/// A call to the API, and what its answer depends on.
struct Asked<'a> {
    sandbox: &'a Sandbox,
    headers: &'a HeaderMap,
    path: &'a str,
    query: &'a str,
}

impl Asked<'_> {
    fn answer(&self, found: Result<Matched<'_>, Refusal>, intake: Intake) -> Answer {
        let base = format!(
            "http://{}",
            text(self.headers, &HOST).unwrap_or("localhost")
        );
        if !wants_json(self.headers) {
            return Answer::to_login(&base);
        }
        self.judge(found, intake, &base)
            .unwrap_or_else(Answer::from)
    }

    fn judge(
        &self,
        found: Result<Matched<'_>, Refusal>,
        intake: Intake,
        base: &str,
    ) -> Result<Answer, Refusal> {
        let (route, fields) = found?;
        if intake.is_too_large {
            return Err(Refusal::TooLarge);
        }
        self.check_key()?;
        let options = &self.sandbox.shared.options;
        let mut body = Value::Object(intake.fields());
        tidy(&mut body);
        // The present is read under the lock, so that a later call never sees an earlier one.
        let mut held = self.sandbox.held();
        let now = options.clock.now();
        held.state.publish_due(now);
        let call = Call {
            options: options.clone(),
            now: second(now),
            path: fields,
            query: query(self.query),
            body: match body {
                Value::Object(fields) => fields,
                _ => Map::new(),
            },
            uploads: intake.uploads,
            address: format!("{base}{}", self.path),
        };
        route::answer(route, &mut held.state, &call)
    }

    fn check_key(&self) -> Result<(), Refusal> {
        let given = text(self.headers, &AUTHORIZATION).and_then(|text| text.split_once(' '));
        let key = match given {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
            _ => "",
        };
        let is_right = match &self.sandbox.shared.options.key {
            Some(wanted) => wanted == key,
            None => true,
        };
        match is_right && !key.is_empty() {
            true => Ok(()),
            false => Err(Refusal::Unauthenticated),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Laravel looks at the first kind that is accepted.
fn wants_json(headers: &HeaderMap) -> bool {
    let first = text(headers, &ACCEPT).and_then(|kinds| kinds.split([',', ';']).next());
    first.is_some_and(|kind| kind.contains("/json") || kind.contains("+json"))
}

fn query(text: &str) -> Map<String, Value> {
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    let pairs = pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())));
    let mut query = Value::Object(pairs.collect());
    tidy(&mut query);
    match query {
        Value::Object(query) => query,
        _ => Map::new(),
    }
}

/// Whole seconds, as a database column holds them.
pub(super) fn second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

async fn wait(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

/// Whoever serves the router and does not know the mark still breaks the connection, by the body.
fn hang_up() -> Response {
    let broken = stream::once(async { Err::<Bytes, _>(std::io::Error::other("hung up")) });
    let mut response = Response::new(Body::from_stream(broken));
    response.extensions_mut().insert(HangUp);
    response
}

fn send(answer: &Answer, trouble: &Trouble) -> Response {
    let bytes = answer.bytes();
    if trouble.kind != Some(Kind::Truncate) {
        return answer.response(Body::from(bytes));
    }
    let length = bytes.len().max(2);
    let half = Bytes::copy_from_slice(&bytes[..bytes.len() / 2]);
    let parts = stream::unfold(Some(half), |half| async move {
        match half {
            Some(half) => Some((Ok(half), None)),
            None => {
                // hyper sends what it holds when the body pauses, and forgets it when the body fails.
                tokio::time::sleep(Duration::from_millis(5)).await;
                Some((Err(std::io::Error::other("truncated")), None))
            }
        }
    });
    let mut response = answer.response(Body::from_stream(parts));
    response
        .headers_mut()
        .insert("content-length", HeaderValue::from(length));
    response
}

fn dress(sandbox: &Sandbox, number: usize, mut response: Response) -> Response {
    let now = sandbox.shared.options.clock.now();
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    let remaining = RATE_LIMIT - 1 - number as u64 % (RATE_LIMIT / 2);
    let mut headers = vec![
        (
            HeaderName::from_static("x-ratelimit-limit"),
            RATE_LIMIT.into(),
        ),
        (
            HeaderName::from_static("x-ratelimit-remaining"),
            remaining.into(),
        ),
    ];
    if let Some(date) = date.ok().and_then(|date| HeaderValue::from_str(&date).ok()) {
        headers.push((DATE, date));
    }
    for (name, value) in headers {
        // A fault may have named its own.
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
