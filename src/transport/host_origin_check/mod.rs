//! Host and Origin check: protects a server on the user's machine from web pages (DNS rebinding), and answers CORS preflights.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, StatusCode, Uri, header};

use super::json_error::json_error;

/// A host name that requests may use: `example.com` on any port, or `example.com:8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost {
    name: String,
    port: Option<u16>,
}

/// A web origin whose pages may call the server: `https://app.example.com`, with `:8443` for another port or `:*` for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedOrigin {
    scheme: String,
    name: String,
    port: Option<u16>,
    any_port: bool,
}

/// An allowed host or origin that cannot be parsed. The text says what is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot parse `{value}`: expected {expected}")]
pub struct InvalidAllowlistEntry {
    value: String,
    expected: &'static str,
}

impl FromStr for AllowedHost {
    type Err = InvalidAllowlistEntry;

    fn from_str(value: &str) -> Result<Self, InvalidAllowlistEntry> {
        let (name, port) = split_authority(value.trim()).ok_or_else(|| InvalidAllowlistEntry {
            value: value.to_owned(),
            expected: "a host name such as `example.com` or `example.com:8443`, without a scheme",
        })?;
        let name = name.to_owned();
        Ok(Self { name, port })
    }
}

impl FromStr for AllowedOrigin {
    type Err = InvalidAllowlistEntry;

    fn from_str(value: &str) -> Result<Self, InvalidAllowlistEntry> {
        let trimmed = value.trim();
        let without_port = trimmed.strip_suffix(":*");
        let (scheme, name, port) =
            split_origin(without_port.unwrap_or(trimmed)).ok_or_else(|| InvalidAllowlistEntry {
                value: value.to_owned(),
                expected: "an origin such as `https://app.example.com` or `http://localhost:*`, without a path",
            })?;
        Ok(Self {
            scheme: scheme.to_owned(),
            name: name.to_owned(),
            port,
            any_port: without_port.is_some(),
        })
    }
}

/// What is allowed in addition to loopback hosts and origins.
#[derive(Debug)]
pub(super) struct HostOriginCheck {
    pub(super) hosts: Vec<AllowedHost>,
    pub(super) origins: Vec<AllowedOrigin>,
}

impl HostOriginCheck {
    fn allows_host(&self, value: &str) -> bool {
        split_authority(value).is_some_and(|(name, port)| {
            is_loopback(name)
                || self.hosts.iter().any(|allowed| {
                    allowed.name.eq_ignore_ascii_case(name)
                        && (allowed.port.is_none() || allowed.port == port)
                })
        })
    }

    fn allows_origin(&self, value: &str) -> bool {
        let loopback = |(scheme, name, _): (&str, &str, _)| {
            matches!(scheme, "http" | "https") && is_loopback(name)
        };
        split_origin(value).is_some_and(loopback) || self.lists_origin(value)
    }

    /// Whether the operator listed the origin. A loopback origin alone does not count.
    fn lists_origin(&self, value: &str) -> bool {
        split_origin(value).is_some_and(|(scheme, name, port)| {
            self.origins.iter().any(|allowed| {
                allowed.scheme.eq_ignore_ascii_case(scheme)
                    && allowed.name.eq_ignore_ascii_case(name)
                    && (allowed.any_port
                        || port_or_default(allowed.port, scheme) == port_or_default(port, scheme))
            })
        })
    }

    /// The error text for a request that is not allowed.
    fn error_for(&self, uri: &Uri, headers: &HeaderMap) -> Option<String> {
        let mut hosts = headers.get_all(header::HOST).iter().peekable();
        if hosts.peek().is_none() && uri.authority().is_none() {
            return Some("Forbidden: the request has no Host header.".to_owned());
        }
        let in_uri = uri
            .authority()
            .map(|authority| authority.as_str().as_bytes());
        for host in hosts.map(http::HeaderValue::as_bytes).chain(in_uri) {
            let host = String::from_utf8_lossy(host);
            if !self.allows_host(&host) {
                return Some(format!(
                    "Forbidden: the Host `{host}` is not allowed. To allow it, start the server with --allowed-host {host}"
                ));
            }
        }
        for origin in headers.get_all(header::ORIGIN) {
            let origin = String::from_utf8_lossy(origin.as_bytes());
            if !self.allows_origin(&origin) {
                let text = format!("Forbidden: the Origin `{origin}` is not allowed.");
                // The flag does not accept `null` and the like, so the text must not suggest it.
                return Some(match origin.parse::<AllowedOrigin>() {
                    Ok(_) => format!(
                        "{text} To allow its pages, start the server with --allowed-origin {origin}"
                    ),
                    Err(_) => text,
                });
            }
        }
        None
    }
}

/// What a page may read of an answer beside its body: its session, how to log in, and when to try again.
const EXPOSED: http::HeaderValue =
    http::HeaderValue::from_static("mcp-session-id, www-authenticate, retry-after");

/// The middleware: answers 403 to a request that is not allowed, and lets pages of listed origins read the answers (CORS).
pub(super) async fn middleware(
    State(check): State<Arc<HostOriginCheck>>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(text) = check.error_for(request.uri(), request.headers()) {
        tracing::warn!("{text}");
        return json_error(StatusCode::FORBIDDEN, "forbidden", text);
    }
    let listed_origin = request.headers().get(header::ORIGIN).filter(|origin| {
        // A loopback origin may call but not read: another local page must not see the answers.
        origin
            .to_str()
            .is_ok_and(|origin| check.lists_origin(origin))
    });
    let Some(listed_origin) = listed_origin.cloned() else {
        return next.run(request).await;
    };
    let mut response = match preflight(&request) {
        Some(response) => response,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, listed_origin);
    headers.insert(header::VARY, http::HeaderValue::from_static("origin"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}

/// The answer to a CORS preflight, if the request is one.
fn preflight(request: &Request) -> Option<Response> {
    let requested = |name: HeaderName| request.headers().get(name).cloned();
    let method = requested(header::ACCESS_CONTROL_REQUEST_METHOD)
        .filter(|_| request.method() == http::Method::OPTIONS)?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method);
    if let Some(names) = requested(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
    }
    Some(response)
}

impl AllowedHost {
    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.name)
    }
}

fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]"
}

fn port_or_default(port: Option<u16>, scheme: &str) -> Option<u16> {
    port.or(match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    })
}

fn split_origin(value: &str) -> Option<(&str, &str, Option<u16>)> {
    let (scheme, rest) = value.split_once("://")?;
    let (name, port) = split_authority(rest)?;
    (!scheme.is_empty()).then_some((scheme, name, port))
}

/// Splits `name`, `name:port`, `[v6]` or `[v6]:port`; `None` for everything else.
fn split_authority(value: &str) -> Option<(&str, Option<u16>)> {
    let (name, port) = match value.rsplit_once(':') {
        Some((name, port)) if !value.ends_with(']') => (name, Some(port.parse().ok()?)),
        _ => (value, None),
    };
    let literal = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    let fits = match literal {
        Some(literal) => literal.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
    };
    (fits && !name.is_empty()).then_some((name, port))
}

#[cfg(test)]
mod tests;
