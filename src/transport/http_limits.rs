//! Limits of the HTTP server: sizes, times and numbers beyond which it refuses or ends something.

use std::time::Duration;

use super::MESSAGE_LIMIT;

/// What one server takes on.
#[derive(Clone, Debug)]
pub struct HttpLimits {
    /// The largest body of a request, in bytes.
    pub max_body: usize,
    /// The bodies of all requests together that are held in memory, in bytes.
    pub max_buffered: usize,
    /// Time for the TLS handshake, and for the head of a request from its first byte on.
    pub header_timeout: Duration,
    /// Time for the body of a request, and for a client to take the next part of an answer.
    pub body_timeout: Duration,
    /// Time that a connection may stay open without a request.
    pub idle_timeout: Duration,
    /// Connections at a time.
    pub max_connections: usize,
    /// Streams of events at a time: sessions of HTTP+SSE, subscriptions, and what a GET at `/mcp` opens.
    pub max_streams: usize,
    /// Streams of one principal at a time.
    pub max_streams_per_principal: usize,
    /// Sessions of Streamable HTTP at a time.
    pub max_sessions: usize,
    /// Sessions of one principal at a time.
    pub max_sessions_per_principal: usize,
    /// Time after which a session ends whose client neither sends nor waits for anything.
    pub session_idle_timeout: Duration,
    /// Requests at a time that are being answered.
    pub max_calls: usize,
    /// Calls of one principal at a time.
    pub max_calls_per_principal: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            max_body: MESSAGE_LIMIT,
            max_buffered: 4 * MESSAGE_LIMIT,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(120),
            max_connections: 1024,
            max_streams: 128,
            max_streams_per_principal: 16,
            max_sessions: 128,
            max_sessions_per_principal: 16,
            session_idle_timeout: Duration::from_secs(30 * 60),
            max_calls: 256,
            max_calls_per_principal: 16,
        }
    }
}
