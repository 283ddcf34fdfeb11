//! Request id: names each request in its answer and in the logs; and the headers about a client, made true.
//!
//! Behind this middleware `X-Request-Id` holds the id, and `X-Forwarded-For` the one address of the client.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::listener::RequestPeer;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The longest id that is taken from a proxy.
const MAX_LENGTH: usize = 128;

/// The middleware: takes the id of a trusted proxy, or makes one.
pub(super) async fn middleware(mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<RequestPeer>().copied();
    let headers = request.headers_mut();
    let given = match peer {
        Some(peer) if peer.is_proxied => given_id(headers),
        _ => None,
    };
    let id = given.unwrap_or_else(new_id);
    headers.insert(REQUEST_ID, id.clone());
    headers.remove(FORWARDED_FOR);
    let client = peer.and_then(|peer| HeaderValue::from_str(&peer.client.to_string()).ok());
    headers.extend(client.map(|client| (FORWARDED_FOR, client)));
    let mut response = next.run(request).await;
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// An id that is safe to write into logs and headers.
fn given_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(byte);
    let fits = (1..=MAX_LENGTH).contains(&id.len()) && id.as_bytes().iter().all(is_plain);
    fits.then(|| id.clone())
}

fn new_id() -> HeaderValue {
    let id = format!("{:032x}", fastrand::u128(..));
    // 32 hexadecimal digits are a header value.
    HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("none"))
}
