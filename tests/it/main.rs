//! The integration tests, one binary: a module per topic, each talking to the server as an MCP client does.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod fixture;
mod harness;
mod readme;
mod spaces;
mod transport_guard;
mod transport_http;
mod transport_http_shutdown;
mod transport_sse;
mod transport_stdio;
mod transport_stdio_end;
