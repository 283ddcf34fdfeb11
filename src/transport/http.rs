//! HTTP server: Streamable HTTP at `/mcp`, the older HTTP+SSE at `/sse` and `/message`, `/key/mcp` and the metadata of OAuth, the home page, and the health checks.

use std::fmt::Debug;
use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use http::{Method, StatusCode, Uri};
use rmcp::ServerHandler;
use tokio_util::sync::CancellationToken;

use super::auth::oauth::ProtectedResource;
use super::auth::{self, AuthMethods, AuthState, Authenticator, Handlers, McpEndpoint};
use super::body_limit::{self, BodyBuffer};
use super::health_checks::{self, ReadinessProbe};
use super::home_page::{self, HomePage};
use super::host_origin_check::{self, AllowedHost, AllowedOrigin, HostOriginCheck};
use super::http_limits::HttpLimits;
use super::json_error::json_error;
use super::listener::{self, ListenerOptions, TlsCertificate, TrustedProxy};
use super::pending_requests::PendingRequests;
use super::public_url::PublicUrl;
use super::sessions::Sessions;
use super::shutdown::http_deadline;
use super::stream_slots::StreamSlots;
use super::{request_id, sse, streamable_http};

/// How an HTTP server is set up.
#[derive(Clone, Debug, Default)]
pub struct HttpOptions {
    /// Names that the `Host` header may carry, in addition to the loopback ones.
    pub allowed_hosts: Vec<AllowedHost>,
    /// Web origins whose pages may call, in addition to the loopback ones. Only these may read the answers (CORS).
    pub allowed_origins: Vec<AllowedOrigin>,
    /// What `/readyz` looks at.
    pub readiness: Option<Arc<dyn ReadinessProbe>>,
    /// What the server takes on at most.
    pub limits: HttpLimits,
    /// Whether a client that begins with `initialize` gets a session at `/mcp`.
    pub sessions: bool,
    /// The certificate for TLS; without one, the server speaks plain HTTP.
    pub tls: Option<TlsCertificate>,
    /// Proxies whose forwarded headers count.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// The address under which clients reach the server, if it is not the one it listens on.
    pub public_url: Option<PublicUrl>,
    /// The page at `/`.
    pub home_page: Option<HomePage>,
    /// How requests authenticate.
    pub auth_methods: AuthMethods,
}

/// Every route of the server.
///
/// Cancelling `shutdown` ends open streams and requests at once; [`serve`] lets requests finish first.
pub fn router<H>(
    handlers: impl Into<Handlers<H>>,
    options: HttpOptions,
    shutdown: CancellationToken,
) -> Router
where
    H: ServerHandler + Debug,
{
    let pending = PendingRequests::limited(&options.limits);
    routes(handlers.into(), options, &pending, &shutdown, &shutdown)
}

fn routes<H>(
    handlers: Handlers<H>,
    options: HttpOptions,
    pending: &PendingRequests,
    shutdown: &CancellationToken,
    abort: &CancellationToken,
) -> Router
where
    H: ServerHandler + Debug,
{
    let mut hosts = options.allowed_hosts;
    hosts.extend(options.public_url.as_ref().map(|url| url.host().clone()));
    let home = match options.home_page {
        Some(page) => home_page::routes(page, options.public_url),
        None => Router::new(),
    };
    let check = Arc::new(HostOriginCheck {
        hosts,
        origins: options.allowed_origins,
    });
    let streams = StreamSlots::limited(&options.limits);
    let buffer = Arc::new(BodyBuffer::new(&options.limits));
    let widest_scope = handlers.widest_scope();
    let authenticator = Authenticator::new(options.auth_methods, handlers);
    // Authentication comes first: the body of somebody who is not authenticated is not read.
    let authenticated = |endpoint, routes: Router| {
        let state = AuthState(Arc::clone(&authenticator), endpoint);
        let routes = routes.layer(from_fn_with_state(
            Arc::clone(&buffer),
            body_limit::middleware,
        ));
        routes.layer(from_fn_with_state(state, auth::middleware::<H>))
    };
    let sessions = options.sessions.then(|| {
        let (pending, streams, abort) = (pending.clone(), streams.clone(), abort.clone());
        Sessions::new(&options.limits, pending, streams, abort)
    });
    let streamable =
        streamable_http::routes::<H>(pending.clone(), streams.clone(), sessions, abort.clone());
    let sse = match authenticator.methods().serve_sse() {
        true => sse::routes::<H>(pending.clone(), streams, abort.clone()),
        false => Router::new(),
    };
    let without_oauth = match authenticator.has_endpoint_without_oauth() {
        true => Router::new().nest(
            "/key",
            authenticated(McpEndpoint::WithoutOauth, streamable.clone()),
        ),
        false => Router::new(),
    };
    let metadata = authenticator.methods().oauth.as_ref().map(|oauth| {
        let of = |resource| auth::oauth::routes(oauth, resource, widest_scope);
        match authenticator.methods().serve_sse() {
            true => of(ProtectedResource::Mcp).merge(of(ProtectedResource::Sse)),
            false => of(ProtectedResource::Mcp),
        }
    });
    Router::new()
        .merge(authenticated(
            McpEndpoint::Main(ProtectedResource::Mcp),
            streamable,
        ))
        .merge(authenticated(
            McpEndpoint::Main(ProtectedResource::Sse),
            sse,
        ))
        .merge(without_oauth)
        .merge(home)
        .fallback(unknown_path)
        .method_not_allowed_fallback(other_method)
        .layer(from_fn_with_state(check, host_origin_check::middleware))
        .merge(metadata.unwrap_or_default())
        .merge(health_checks::routes(options.readiness, shutdown.clone()))
        .method_not_allowed_fallback(other_method)
        .layer(from_fn(request_id::middleware))
}

async fn unknown_path(uri: Uri) -> Response {
    let text = format!(
        "There is nothing at {}. MCP clients connect to /mcp.",
        uri.path()
    );
    json_error(StatusCode::NOT_FOUND, "not_found", text)
}

pub(super) async fn other_method(method: Method, uri: Uri) -> Response {
    let text = format!("{} does not take {method} requests.", uri.path());
    json_error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text)
}

/// Serves `handlers` on `listener` until `shutdown` is cancelled.
///
/// Pending requests are then answered within [`HTTP_GRACE_PERIOD`](super::shutdown::HTTP_GRACE_PERIOD). Without any, it
/// returns at once. A listener that cannot accept tries again.
pub async fn serve<H>(
    listener: tokio::net::TcpListener,
    handlers: impl Into<Handlers<H>>,
    options: HttpOptions,
    shutdown: CancellationToken,
) where
    H: ServerHandler + Debug,
{
    let pending = PendingRequests::limited(&options.limits);
    let abort = CancellationToken::new();
    let listener_options = ListenerOptions {
        limits: options.limits.clone(),
        tls: options.tls.clone(),
        trusted_proxies: options.trusted_proxies.clone(),
    };
    let routes = routes(handlers.into(), options, &pending, &shutdown, &abort);
    let server = listener::serve(listener, routes, listener_options, shutdown.clone());
    tokio::select! {
        () = server => {}
        () = http_deadline(&shutdown, &pending, &abort) => {}
    }
}
