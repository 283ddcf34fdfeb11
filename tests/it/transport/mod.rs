//! The transports: stdio, Streamable HTTP and HTTP+SSE.

mod arbitrary_lines;
mod batches;
mod broken_messages;
mod empty_lists;
mod host_and_origin;
mod http_shutdown;
mod prefixed_names;
mod sse;
mod stdio;
mod stdio_shutdown;
mod streamable_http;
