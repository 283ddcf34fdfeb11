//! MCP transports: stdio, Streamable HTTP and the older HTTP+SSE. They carry bytes to an MCP handler and know nothing of Saki.

pub mod auth;
mod batch_answers;
mod body_limit;
mod capacity_refusal;
mod health_checks;
mod home_page;
mod host_origin_check;
pub mod http;
mod http_limits;
mod json_error;
mod json_rpc_error;
mod json_value_count;
mod listener;
mod malformed_message;
mod message_parser;
mod metrics_endpoint;
mod output_queue;
mod pending_requests;
mod principal_quota;
mod public_url;
mod reload_signal;
mod reloaded_file;
mod request_id;
mod session_service;
mod sessions;
pub mod shutdown;
mod sse;
pub mod stdio;
mod stdio_line_transport;
mod stream_slots;
mod streamable_http;

use std::time::Duration;

pub use health_checks::{Dependency, ReadinessProbe};
pub use home_page::HomePage;
pub use host_origin_check::{AllowedHost, AllowedOrigin, InvalidAllowlistEntry};
pub use http_limits::HttpLimits;
pub use listener::{InvalidTrustedProxy, TlsCertificate, TlsFileError, TrustedProxy};
pub use metrics_endpoint::{RenderMetrics, serve_metrics};
pub use public_url::{InvalidPublicUrl, PublicUrl};
pub use reload_signal::ReloadSignal;
pub use reloaded_file::ReloadedFile;
pub use shutdown::GRACE_PERIOD;

/// The body limit: the largest message that is read, in bytes. It has room for a base64 upload of 12 MB.
const MESSAGE_LIMIT: usize = 16 * 1024 * 1024;

/// The messages of one batch at most; each can be a call that runs beside the others.
const MAX_BATCH: usize = 100;

/// Between two comments on a stream of events: proxies close a silent one after about 30 s, and only a write finds out that
/// a client is gone.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);
