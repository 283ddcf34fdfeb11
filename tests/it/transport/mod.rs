//! The transports: stdio, Streamable HTTP and HTTP+SSE.

mod arbitrary_lines;
mod host_and_origin;
mod http_shutdown;
mod sse;
mod stdio;
mod stdio_shutdown;
mod streamable_http;
