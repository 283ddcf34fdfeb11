//! Request id: names each request in its answer and in the logs; and the headers about a client, made true.
//!
//! Behind this middleware `X-Request-Id` holds the id, `X-Forwarded-For` the one address of the client, and `traceparent`
//! stands only where a trusted proxy sent it.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::listener::RequestPeer;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The longest id that is taken from a proxy.
const MAX_LENGTH: usize = 128;

/// The middleware: takes the id of a trusted proxy, or makes one.
pub(super) async fn middleware(mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<RequestPeer>().copied();
    let headers = request.headers_mut();
    let given = match peer {
        Some(peer) if peer.is_proxied => given_id(headers),
        _ => {
            headers.remove(TRACE_PARENT);
            None
        }
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

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn;
    use rstest::rstest;
    use tower::ServiceExt;

    use super::*;

    #[rstest]
    #[case::of_a_trusted_proxy(true, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")]
    #[case::of_anybody(false, "")]
    #[tokio::test]
    async fn only_a_trusted_proxy_names_the_trace(#[case] is_proxied: bool, #[case] seen: &str) {
        let show = async |headers: HeaderMap| {
            let value = headers.get(TRACE_PARENT).cloned();
            value.map_or_else(Vec::new, |value| value.as_bytes().to_vec())
        };
        let routes = Router::new().fallback(show).layer(from_fn(middleware));
        let request = Request::builder()
            .header(
                TRACE_PARENT,
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            )
            .extension(RequestPeer {
                client: IpAddr::V4(Ipv4Addr::LOCALHOST),
                is_https: false,
                is_proxied,
            });
        let request = request.body(Body::empty()).unwrap();
        let answer = routes.oneshot(request).await.unwrap();
        let body = to_bytes(answer.into_body(), 1000).await.unwrap();
        assert_eq!(body, seen);
    }
}
