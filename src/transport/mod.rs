//! Bytes in, an MCP handler out: stdio, Streamable HTTP and the older HTTP+SSE pair. Nothing here knows Saki.
//!
//! Every transport ends the same way: no new calls, the calls in flight get up to [`GRACE`] to be answered, then it returns.
//! Work that goes on after its call was answered or cancelled is not seen from here; the binary waits for it by itself.

mod guard;
pub mod http;
mod in_flight;
mod lines;
mod malformed;
mod sse;
pub mod stdio;
mod streamable;
mod writer;

use std::time::Duration;

pub use guard::{AllowedHost, AllowedOrigin, NotUnderstood};

/// The longest that a transport waits for calls in flight once it was told to stop.
pub const GRACE: Duration = Duration::from_secs(10);

/// The end of [`GRACE`] in which calls have been cancelled and may still say so.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The largest message that is read, in bytes: room for a base64 upload of 12 MB.
const MESSAGE_LIMIT: usize = 16 * 1024 * 1024;
