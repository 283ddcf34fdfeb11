//! REST client: a base URL, a key and a shared connection pool; a clone is cheap.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::dialect::{ApiDialect, BodyWording, negotiate};
use super::field_errors::FieldError;
use super::request_pace::Lane;
use super::retry::RetryableRequest;
use super::round_trip::round_trip;
use super::{
    BaseUrl, CallTrace, ClientOptions, Clock, ConnectionPool, Endpoint, Error, Key, Reply,
    RequestParts, Rewording, UpstreamRequest, request_parts,
};

/// How far ahead a time must be when it is sent: a time that has passed on arrival may be published at once.
const MIN_LEAD: SignedDuration = SignedDuration::from_secs(30);

/// Saki refuses a request as one too many.
const TOO_MANY_REQUESTS: u16 = 429;

/// What a request says about when and how often it may be sent.
#[derive(Debug, Clone, Copy)]
struct SendConditions {
    is_idempotent: bool,
    due: Option<Timestamp>,
}

impl SendConditions {
    fn of(request: &impl Endpoint) -> Self {
        Self {
            is_idempotent: request.is_idempotent(),
            due: request.due(),
        }
    }
}

/// Sees every reply to a request that succeeded.
pub trait ObserveReplies: Debug + Send + Sync {
    /// Sees a reply and the path, without query, that it answers.
    fn observe(&self, method: &Method, path: &str, reply: &Reply);
}

/// Sends request types to one Saki with one key.
#[derive(Debug, Clone)]
pub struct Client {
    http: ConnectionPool,
    base: Arc<BaseUrl>,
    key: Result<Key, Option<String>>,
    dialect: Arc<ApiDialect>,
    clock: Clock,
    observer: Option<Arc<dyn ObserveReplies>>,
    lane: Lane,
}

impl Client {
    /// A client without a key; every call fails with [`Error::NoKey`] until [`with_key`](Client::with_key).
    pub fn new(http: ConnectionPool, base: BaseUrl) -> Self {
        Self {
            http,
            base: Arc::new(base),
            key: Err(None),
            dialect: Arc::default(),
            clock: Clock::default(),
            observer: None,
            lane: Lane::default(),
        }
    }

    /// The same client, pool and dialect with another key.
    ///
    /// An unusable key is kept as its explanation, and every call fails with that.
    #[must_use]
    pub fn with_key(self, key: Result<Key, Error>) -> Self {
        let key = key.map_err(|error| match error {
            Error::Key(why) => Some(why),
            _ => None,
        });
        Self { key, ..self }
    }

    /// The same client with another clock, which decides whether a time has come too close.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same client, whose replies `observer` sees.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn ObserveReplies>) -> Self {
        let observer = Some(observer);
        Self { observer, ..self }
    }

    /// A hash that identifies the key; all zeros without a key.
    pub fn key_fingerprint(&self) -> [u8; 32] {
        self.key.as_ref().map(Key::fingerprint).unwrap_or_default()
    }

    /// What refusals have shown so far about this Saki's wording.
    pub(crate) fn dialect(&self) -> &ApiDialect {
        &self.dialect
    }

    /// Sends one request and reads its whole reply; retries where that cannot double a write.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; a reply that is JSON is never a decoding error.
    pub async fn send<E: Endpoint>(&self, request: &E) -> Result<Reply, Error> {
        let parts = request_parts(request)?;
        let conditions = SendConditions::of(request);
        self.send_worded(parts, conditions, BodyWording::of::<E>())
            .await
    }

    /// Asks once and without the key, to see who answers at this address; Saki refuses with 401.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; a refusal is one, too.
    pub async fn probe(&self) -> Result<Reply, Error> {
        let url = self.base.join("/spaces", None);
        let builder = self
            .http
            .pool()?
            .get(url)
            .header(ACCEPT, "application/json");
        round_trip(builder, Method::GET, "/spaces".to_owned()).await
    }

    /// Sends a request, with a body in the wording that Saki wants.
    async fn send_worded(
        &self,
        parts: RequestParts,
        conditions: SendConditions,
        endpoint: BodyWording,
    ) -> Result<Reply, Error> {
        let Some(body) = parts.body.clone() else {
            return self.send_parts(parts, conditions).await;
        };
        let preferred = self.dialect.wording(endpoint.endpoint);
        let alternative = |errors: &[FieldError], wording: &Vec<Rewording>| {
            self.dialect.note_refused(endpoint.endpoint, errors);
            let (sent, mut other) = (endpoint.apply(&body, wording), wording.clone());
            let numbers = self.dialect.learned().weekday_numbers;
            (endpoint.renegotiate)(&sent, errors, numbers, &mut other);
            Ok((endpoint.apply(&body, &other) != sent).then_some(other))
        };
        let send = |wording: Vec<Rewording>| {
            let mut parts = parts.clone();
            parts.body = Some(endpoint.apply(&body, &wording));
            self.send_parts(parts, conditions)
        };
        let (accepted, reply) = negotiate(preferred.clone(), alternative, send).await?;
        if accepted != preferred {
            self.dialect.accept_wording(endpoint.endpoint, accepted);
        }
        Ok(reply)
    }

    /// The parts of a request in the wording in which it would be sent now.
    ///
    /// # Errors
    ///
    /// As [`request_parts`].
    pub fn planned<E: Endpoint>(&self, request: &E) -> Result<RequestParts, Error> {
        let mut parts = request_parts(request)?;
        let endpoint = BodyWording::of::<E>();
        let wording = self.dialect.wording(endpoint.endpoint);
        parts.body = parts.body.map(|body| endpoint.apply(&body, &wording));
        Ok(parts)
    }

    async fn send_parts(
        &self,
        parts: RequestParts,
        conditions: SendConditions,
    ) -> Result<Reply, Error> {
        let RequestParts {
            method,
            path,
            query,
            body,
        } = parts;
        let body = body.map(|body| Bytes::from(Value::Object(body).to_string()));
        let retryable = RetryableRequest {
            method: method.clone(),
            path,
            is_idempotent: conditions.is_idempotent,
        };
        let path = &retryable.path;
        let attempt = || async {
            self.turn().await;
            self.check_due(conditions.due)?;
            let mut builder = self.request(&method, path, query.as_deref())?;
            if let Some(body) = &body {
                builder = builder
                    .header(CONTENT_TYPE, "application/json")
                    .body(body.clone());
            }
            self.round_trip(builder, method.clone(), path.clone()).await
        };
        retryable.run(&self.http.options().retry, attempt).await
    }

    /// Checks before every attempt, since waits and refusals take time.
    fn check_due(&self, due: Option<Timestamp>) -> Result<(), Error> {
        match due {
            Some(at) if at.duration_since(self.clock.now()) < MIN_LEAD => {
                Err(Error::DueTooSoon { at })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn request(
        &self,
        method: &Method,
        path: &str,
        query: Option<&str>,
    ) -> Result<RequestBuilder, Error> {
        let key = self.key.as_ref().map_err(|why| match why {
            Some(why) => Error::Key(why.clone()),
            None => Error::NoKey,
        })?;
        let authorization = key.header().ok_or(Error::NoKey)?;
        Ok(self
            .http
            .pool()?
            .request(method.clone(), self.base.join(path, query))
            .header(AUTHORIZATION, authorization)
            .header(ACCEPT, "application/json"))
    }

    /// Waits while Saki refuses requests with this key as too many; other callers of the key wait likewise, in turns.
    pub(super) async fn turn(&self) {
        if let Ok(key) = &self.key {
            let retry = &self.options().retry;
            self.http
                .paces()
                .turn(&key.fingerprint(), &self.lane, retry)
                .await;
        }
    }

    /// Sends a request once; whatever Saki answers comes without the key, should it echo the request.
    pub(super) async fn round_trip(
        &self,
        builder: RequestBuilder,
        method: Method,
        path: String,
    ) -> Result<Reply, Error> {
        let (begun, timer) = (SystemTime::now(), Instant::now());
        let answer = round_trip(builder, method.clone(), path.clone()).await;
        let status = match &answer {
            Ok(reply) => Some(reply.status),
            Err(error) => error.status(),
        };
        CallTrace::note_request(UpstreamRequest {
            method: method.clone(),
            begun,
            duration: timer.elapsed(),
            status,
        });
        let Ok(key) = &self.key else {
            return answer;
        };
        let paces = self.http.paces();
        match &answer {
            Err(error) if error.status() == Some(TOO_MANY_REQUESTS) => {
                let retry = &self.options().retry;
                paces.note_refused(&key.fingerprint(), error.retry_after(), retry);
            }
            _ if status.is_some() => paces.note_answered(&key.fingerprint()),
            _ => {}
        }
        let redaction = key.redaction();
        match answer {
            Ok(mut reply) => {
                reply
                    .body
                    .iter_mut()
                    .for_each(|body| redaction.redact_json(body));
                if let Some(observer) = &self.observer {
                    observer.observe(&method, &path, &reply);
                }
                Ok(reply)
            }
            Err(error) => Err(error.map_response(|response| {
                response.body = redaction.redact_body(&response.body);
                response.key_origin = key.origin().cloned();
                let location = response.location.as_deref();
                response.location =
                    location.map(|location| redaction.redact(location).into_owned());
            })),
        }
    }

    /// Whether Saki answers, within `timeout`: one request without a key, which a Saki that works refuses.
    pub async fn is_reachable(&self, timeout: Duration) -> bool {
        match tokio::time::timeout(timeout, self.probe()).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => error.status().is_some_and(|status| status < 500),
            Err(_) => false,
        }
    }

    pub(super) fn options(&self) -> &ClientOptions {
        self.http.options()
    }
}
