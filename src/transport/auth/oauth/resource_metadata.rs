//! Protected resource metadata (RFC 9728), in the form with the path, which every client reads.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::{ProtectedResource, ResourceServer, resource_text};
use crate::transport::auth::scope::Scope;

#[derive(Serialize)]
struct ResourceMetadata {
    resource: String,
    authorization_servers: [Arc<str>; 1],
    scopes_supported: Vec<&'static str>,
    bearer_methods_supported: [&'static str; 1],
    resource_name: &'static str,
}

/// What every web page may read: it is public, and clients in a browser need it.
const PUBLIC: [(HeaderName, HeaderValue); 4] = [
    (
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    ),
    (
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, OPTIONS"),
    ),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("*"),
    ),
    (
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    ),
];

/// The route of the metadata of a resource, which needs no credentials.
pub(in crate::transport) fn routes(
    server: &ResourceServer,
    resource: ProtectedResource,
    widest: Scope,
) -> Router {
    let metadata = ResourceMetadata {
        resource: resource_text(server.address(resource)),
        authorization_servers: [server.issuer()],
        scopes_supported: widest.list(),
        bearer_methods_supported: ["header"],
        resource_name: "Saki",
    };
    let body = serde_json::to_vec(&metadata).unwrap_or_default();
    let answer = move || async move {
        let json = [(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )];
        public((json, body).into_response())
    };
    let preflight = || async { public(StatusCode::NO_CONTENT.into_response()) };
    Router::new().route(
        &server.metadata_path(resource),
        get(answer).options(preflight),
    )
}

fn public(mut response: Response) -> Response {
    response.headers_mut().extend(PUBLIC);
    response
}
