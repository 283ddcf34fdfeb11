//! Which `Host` and `Origin` a request may carry, so that a web page cannot reach a server on the user's machine.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, StatusCode, Uri, header};

/// A name under which the server may be reached: `example.com` on any port, or `example.com:8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost {
    name: String,
    port: Option<u16>,
}

/// A web origin whose pages may call the server: `https://app.example.com`, with `:8443` for a port or `:*` for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedOrigin {
    scheme: String,
    name: String,
    port: Option<u16>,
    any_port: bool,
}

/// A host or origin that was not understood; its text says what is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not understood: expected {expected}")]
pub struct NotUnderstood {
    value: String,
    expected: &'static str,
}

impl FromStr for AllowedHost {
    type Err = NotUnderstood;

    fn from_str(value: &str) -> Result<Self, NotUnderstood> {
        let (name, port) = authority(value.trim()).ok_or_else(|| NotUnderstood {
            value: value.to_owned(),
            expected: "a host name such as `example.com` or `example.com:8443`, without a scheme",
        })?;
        let name = name.to_owned();
        Ok(Self { name, port })
    }
}

impl FromStr for AllowedOrigin {
    type Err = NotUnderstood;

    fn from_str(value: &str) -> Result<Self, NotUnderstood> {
        let trimmed = value.trim();
        let exact = trimmed.strip_suffix(":*");
        let (scheme, name, port) =
            origin(exact.unwrap_or(trimmed)).ok_or_else(|| NotUnderstood {
                value: value.to_owned(),
                expected: "an origin such as `https://app.example.com` or `http://localhost:*`, without a path",
            })?;
        Ok(Self {
            scheme: scheme.to_owned(),
            name: name.to_owned(),
            port,
            any_port: exact.is_some(),
        })
    }
}

/// The rule: loopback names, and what was allowed beside them.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) hosts: Vec<AllowedHost>,
    pub(super) origins: Vec<AllowedOrigin>,
}

impl Guard {
    fn allows_host(&self, value: &str) -> bool {
        authority(value).is_some_and(|(name, port)| {
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
        origin(value).is_some_and(loopback) || self.names_origin(value)
    }

    /// Whether the origin was allowed by name, and not only because it is on this machine.
    fn names_origin(&self, value: &str) -> bool {
        origin(value).is_some_and(|(scheme, name, port)| {
            self.origins.iter().any(|allowed| {
                allowed.scheme.eq_ignore_ascii_case(scheme)
                    && allowed.name.eq_ignore_ascii_case(name)
                    && (allowed.any_port
                        || or_default(allowed.port, scheme) == or_default(port, scheme))
            })
        })
    }

    /// Why a request is refused, if it is.
    fn refusal(&self, uri: &Uri, headers: &HeaderMap) -> Option<String> {
        let mut hosts = headers.get_all(header::HOST).iter().peekable();
        if hosts.peek().is_none() && uri.authority().is_none() {
            return Some("Forbidden: the request has no Host header.".to_owned());
        }
        let named = uri
            .authority()
            .map(|authority| authority.as_str().as_bytes());
        for host in hosts.map(http::HeaderValue::as_bytes).chain(named) {
            let host = String::from_utf8_lossy(host);
            if !self.allows_host(&host) {
                return Some(format!(
                    "Forbidden: the Host `{host}` is not allowed. \
                     If this server is meant to be reached under that name, start it with --allowed-host {host}"
                ));
            }
        }
        for origin in headers.get_all(header::ORIGIN) {
            let origin = String::from_utf8_lossy(origin.as_bytes());
            if !self.allows_origin(&origin) {
                let said = format!("Forbidden: the Origin `{origin}` is not allowed.");
                // `null` and other oddities cannot be allowed, so the flag would be no help.
                return Some(match origin.parse::<AllowedOrigin>() {
                    Ok(_) => format!(
                        "{said} If pages from there are meant to call this server, start it with --allowed-origin {origin}"
                    ),
                    Err(_) => said,
                });
            }
        }
        None
    }
}

/// The layer: a refused request is answered with 403, and a page from an origin allowed by name may read its answers.
pub(super) async fn check(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(text) = guard.refusal(request.uri(), request.headers()) {
        tracing::warn!("{text}");
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let reader = request.headers().get(header::ORIGIN).filter(|origin| {
        // Loopback origins are let in but not listed here: another local page gets no leave to read.
        origin
            .to_str()
            .is_ok_and(|origin| guard.names_origin(origin))
    });
    let Some(reader) = reader.cloned() else {
        return next.run(request).await;
    };
    let mut response = match preflight(&request) {
        Some(response) => response,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, reader);
    headers.insert(header::VARY, http::HeaderValue::from_static("origin"));
    response
}

/// The answer to a browser that asks whether it may send a request, if this is such a question.
fn preflight(request: &Request) -> Option<Response> {
    let asked = |name: HeaderName| request.headers().get(name).cloned();
    let method = asked(header::ACCESS_CONTROL_REQUEST_METHOD)
        .filter(|_| request.method() == http::Method::OPTIONS)?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method);
    if let Some(names) = asked(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
    }
    Some(response)
}

fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]"
}

fn or_default(port: Option<u16>, scheme: &str) -> Option<u16> {
    port.or(match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    })
}

fn origin(value: &str) -> Option<(&str, &str, Option<u16>)> {
    let (scheme, rest) = value.split_once("://")?;
    let (name, port) = authority(rest)?;
    (!scheme.is_empty()).then_some((scheme, name, port))
}

/// Takes `name`, `name:port`, `[v6]` or `[v6]:port` apart; nothing else is understood.
fn authority(value: &str) -> Option<(&str, Option<u16>)> {
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
#[path = "guard_tests.rs"]
mod tests;
