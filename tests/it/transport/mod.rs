//! The transports: stdio, Streamable HTTP and HTTP+SSE.

mod arbitrary_lines;
mod audit_log;
mod auth;
mod batches;
mod broken_messages;
mod empty_lists;
mod health;
mod home_page;
mod host_and_origin;
mod http_shutdown;
mod http_signals;
mod limits;
mod metrics;
mod prefixed_names;
mod refused_calls;
mod request_ids;
mod sessions;
mod sessions_end;
mod sse;
mod stdio;
mod stdio_shutdown;
mod streamable_http;
mod tls;
mod unreadable_requests;
