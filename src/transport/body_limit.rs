//! Body limit: reads the bodies of requests whole, within a size, a number of values, a time, and a sum over all requests.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::BytesMut;
use futures::StreamExt;
use http::{HeaderMap, Method, StatusCode, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::http_limits::HttpLimits;
use super::json_error::retry_soon;
use super::json_rpc_error::error_response;
use super::json_value_count::JsonValueCount;

/// How much of a body is read and thrown away, and for how long, after it was refused.
///
/// A client that is still sending would otherwise see a broken connection instead of the answer.
const DISCARD_LIMIT: usize = 128 * 1024 * 1024;
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// More JSON values than any request needs: parsed, a body of 16 MiB of them would take 3 GB, and 5 s of a core.
const MAX_VALUES: usize = 50_000;
/// What a value takes in memory while its request is answered, beside its bytes.
const BYTES_OF_VALUE: usize = 512;

/// What the bodies of all requests share.
#[derive(Debug)]
pub(super) struct BodyBuffer {
    max_body: usize,
    timeout: Duration,
    /// One permit for each byte that may be buffered.
    budget: Arc<Semaphore>,
}

/// The bytes of the budget that a request holds, until nothing uses the request any longer.
#[derive(Clone, Debug)]
pub(super) struct HeldBytes {
    _permits: Arc<Option<OwnedSemaphorePermit>>,
}

/// Why a body was not read.
enum BodyRefusal {
    TooLarge,
    TooManyValues,
    OutOfBudget,
    TooSlow,
    Broken(axum::Error),
}

impl BodyBuffer {
    pub(super) fn new(limits: &HttpLimits) -> Self {
        Self {
            max_body: limits.max_body,
            timeout: limits.body_timeout,
            budget: Arc::new(Semaphore::new(limits.max_buffered)),
        }
    }

    async fn read(&self, body: &mut Body) -> Result<(Bytes, HeldBytes), BodyRefusal> {
        let mut stream = std::mem::take(body).into_data_stream();
        let (mut whole, mut held) = (BytesMut::new(), None::<OwnedSemaphorePermit>);
        let mut values = JsonValueCount::default();
        let outcome = async {
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(BodyRefusal::Broken)?;
                if whole.len() + chunk.len() > self.max_body {
                    return Err(BodyRefusal::TooLarge);
                }
                let more_values = values.add(&chunk);
                if values.total() > MAX_VALUES {
                    return Err(BodyRefusal::TooManyValues);
                }
                let bytes = chunk.len() + more_values * BYTES_OF_VALUE;
                let bytes = u32::try_from(bytes).map_err(|_| BodyRefusal::TooLarge)?;
                let permits = Arc::clone(&self.budget).try_acquire_many_owned(bytes);
                let permits = permits.map_err(|_| BodyRefusal::OutOfBudget)?;
                match &mut held {
                    Some(held) => held.merge(permits),
                    None => held = Some(permits),
                }
                whole.extend_from_slice(&chunk);
            }
            Ok(())
        };
        let outcome = timeout(self.timeout, outcome)
            .await
            .unwrap_or(Err(BodyRefusal::TooSlow));
        *body = Body::from_stream(stream);
        outcome?;
        let held = HeldBytes {
            _permits: Arc::new(held),
        };
        Ok((whole.freeze(), held))
    }

    fn response(&self, refusal: BodyRefusal) -> Response {
        match refusal {
            BodyRefusal::TooLarge => {
                let text = format!(
                    "the body is larger than {} bytes, the limit of this server",
                    self.max_body
                );
                error_response(StatusCode::PAYLOAD_TOO_LARGE, text, b"")
            }
            BodyRefusal::TooManyValues => {
                let text = format!(
                    "the body has more than {MAX_VALUES} JSON values, the limit of this server"
                );
                error_response(StatusCode::PAYLOAD_TOO_LARGE, text, b"")
            }
            BodyRefusal::OutOfBudget => {
                let text =
                    "the server holds as many bytes of requests as it may; try again in a second";
                let status = StatusCode::SERVICE_UNAVAILABLE;
                retry_soon(error_response(status, text.to_owned(), b""))
            }
            BodyRefusal::TooSlow => {
                let seconds = self.timeout.as_secs_f32();
                let text = format!("the body did not arrive within {seconds} seconds");
                error_response(StatusCode::REQUEST_TIMEOUT, text, b"")
            }
            BodyRefusal::Broken(error) => {
                let text = format!("the body could not be read: {error}");
                error_response(StatusCode::BAD_REQUEST, text, b"")
            }
        }
    }
}

/// The middleware: replaces the body by one that is whole already, or answers why that cannot be.
pub(super) async fn middleware(
    State(buffer): State<Arc<BodyBuffer>>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (mut parts, mut body) = request.into_parts();
    let refusal = match content_length(&parts.headers) {
        Some(length) if length > buffer.max_body => BodyRefusal::TooLarge,
        _ => match buffer.read(&mut body).await {
            Ok((bytes, held)) => {
                parts.extensions.insert(held);
                let request = Request::from_parts(parts, Body::from(bytes));
                return next.run(request).await;
            }
            Err(refusal) => refusal,
        },
    };
    let is_sending = !matches!(refusal, BodyRefusal::TooSlow | BodyRefusal::Broken(_));
    // A client that asks before it sends has sent nothing yet.
    if is_sending && !parts.headers.contains_key(header::EXPECT) {
        let _ = timeout(DISCARD_TIME, discard(body)).await;
    }
    let mut response = buffer.response(refusal);
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, http::HeaderValue::from_static("close"));
    response
}

async fn discard(body: Body) {
    let mut stream = body.into_data_stream();
    let mut discarded = 0;
    while let Some(Ok(chunk)) = stream.next().await {
        discarded += chunk.len();
        if discarded > DISCARD_LIMIT {
            return;
        }
    }
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}
