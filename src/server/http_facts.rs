//! HTTP facts of a call: the id of its request, the address of its client and the trace it belongs to, for logs.

use http::request::Parts;
use rmcp::RoleServer;
use rmcp::service::RequestContext;

/// Where the HTTP server puts the id of a request, the address of its client, and the trace that a trusted proxy named.
const REQUEST_ID: &str = "x-request-id";
const CLIENT: &str = "x-forwarded-for";
const TRACE_PARENT: &str = "traceparent";

/// What is known of the HTTP request of a call.
#[derive(Debug, Clone, Default)]
pub struct HttpFacts {
    /// The id of the request.
    pub request_id: Option<String>,
    /// The address of the client.
    pub client: Option<String>,
    /// The span of the caller, as W3C Trace Context writes it.
    pub trace_parent: Option<String>,
}

impl HttpFacts {
    pub(super) fn of(context: &RequestContext<RoleServer>) -> Self {
        let request = context.extensions.get::<Parts>();
        request.map(Self::of_request).unwrap_or_default()
    }

    pub(super) fn of_request(request: &Parts) -> Self {
        let header = |name| {
            let value = request.headers.get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        Self {
            request_id: header(REQUEST_ID),
            client: header(CLIENT),
            trace_parent: header(TRACE_PARENT),
        }
    }
}
