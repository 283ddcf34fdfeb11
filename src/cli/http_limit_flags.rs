//! Flags for the limits of the HTTP server.

use std::time::Duration;

use clap::Args;

use super::global_flags::duration;
use super::usage_error::wrong_usage;
use crate::transport::HttpLimits;

const MIB: usize = 1024 * 1024;

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits of the HTTP server")]
pub(super) struct HttpLimitFlags {
    /// Largest body of a request, e.g. "16MiB"
    ///
    /// A file that is sent as base64 takes a third more than its own size. A body of any size may hold 50,000 JSON values.
    #[arg(long, value_name = "SIZE", env = "SAKI_MAX_BODY", default_value = "16MiB", value_parser = size, hide_short_help = true)]
    max_body: usize,
    /// Memory for the bodies of all requests together, e.g. "64MiB"
    ///
    /// A request that finds none left is answered with 503.
    #[arg(long, value_name = "SIZE", env = "SAKI_MAX_BUFFERED", default_value = "64MiB", value_parser = size, hide_short_help = true)]
    max_buffered: usize,
    /// Time for a TLS handshake, and for the headers of a request
    #[arg(long, value_name = "TIME", env = "SAKI_HEADER_TIMEOUT", default_value = "10s", value_parser = time, hide_short_help = true)]
    header_timeout: Duration,
    /// Time for the body of a request, and for a client to take the next part of an answer
    #[arg(long, value_name = "TIME", env = "SAKI_BODY_TIMEOUT", default_value = "60s", value_parser = time, hide_short_help = true)]
    body_timeout: Duration,
    /// Time that a connection may stay open without a request
    #[arg(long, value_name = "TIME", env = "SAKI_IDLE_TIMEOUT", default_value = "120s", value_parser = time, hide_short_help = true)]
    idle_timeout: Duration,
    /// Connections at a time; a further one is answered with 503
    #[arg(long, value_name = "NUMBER", env = "SAKI_MAX_CONNECTIONS", default_value = "1024", value_parser = number, hide_short_help = true)]
    max_connections: usize,
    /// Streams of events at a time: sessions of HTTP+SSE, subscriptions, and those that a session of --sessions opens with GET
    #[arg(long, value_name = "NUMBER", env = "SAKI_MAX_STREAMS", default_value = "128", value_parser = number, hide_short_help = true)]
    max_streams: usize,
    /// Streams at a time of one principal; a further one is answered with 429
    ///
    /// Where nobody has to log in, callers are not told apart and only --max-streams counts.
    #[arg(long, value_name = "NUMBER", env = "SAKI_MAX_STREAMS_PER_PRINCIPAL", default_value = "16", value_parser = number, hide_short_help = true)]
    max_streams_per_principal: usize,
    /// Sessions at a time, with --sessions
    ///
    /// One more ends the session that has been idle the longest; when all are in use, it is answered with 503.
    #[arg(long, value_name = "NUMBER", env = "SAKI_MAX_SESSIONS", default_value = "128", value_parser = number, hide_short_help = true)]
    max_sessions: usize,
    /// Sessions at a time of one principal, with --sessions
    ///
    /// One more ends the principal's session that has been idle the longest; when all are in use, it is answered with 429.
    /// Where nobody has to log in, callers are not told apart and only --max-sessions counts.
    #[arg(long, value_name = "NUMBER", env = "SAKI_MAX_SESSIONS_PER_PRINCIPAL", default_value = "16", value_parser = number, hide_short_help = true)]
    max_sessions_per_principal: usize,
    /// Time after which a session of --sessions ends whose client neither sends nor waits for anything
    ///
    /// An open stream keeps it. A client whose session has ended begins a new one.
    #[arg(long, value_name = "TIME", env = "SAKI_SESSION_IDLE_TIMEOUT", default_value = "30m", value_parser = time, hide_short_help = true)]
    session_idle_timeout: Duration,
    /// Requests at a time that are being answered; a further one is answered with 503
    #[arg(long, value_name = "NUMBER", env = "SAKI_MAX_CALLS", default_value = "256", value_parser = number, hide_short_help = true)]
    max_calls: usize,
    /// Calls at a time of one principal, which is the holder of a token, an OAuth subject or a Saki key; a further one is answered with 429
    ///
    /// Where nobody has to log in, callers are not told apart and only --max-calls counts.
    #[arg(long, value_name = "NUMBER", env = "SAKI_MAX_CALLS_PER_PRINCIPAL", default_value = "16", value_parser = number, hide_short_help = true)]
    max_calls_per_principal: usize,
    /// Time for a call, from its begin or from the last progress that it reported
    ///
    /// Most clients give up after 60s. A call that takes longer is answered with an error that says what may have happened; a write that was sent is completed all the same. Waiting for a person does not count.
    #[arg(long, value_name = "TIME", env = "SAKI_CALL_TIMEOUT", default_value = "55s", value_parser = time, hide_short_help = true)]
    pub(super) call_timeout: Duration,
}

impl HttpLimitFlags {
    pub(super) fn limits(&self) -> anyhow::Result<HttpLimits> {
        if self.max_buffered < self.max_body {
            return Err(wrong_usage(
                "--max-buffered is smaller than --max-body, so no request of that size could be read. Give both the same size at least",
            ));
        }
        Ok(HttpLimits {
            max_body: self.max_body,
            max_buffered: self.max_buffered,
            header_timeout: self.header_timeout,
            body_timeout: self.body_timeout,
            idle_timeout: self.idle_timeout,
            max_connections: self.max_connections,
            max_streams: self.max_streams,
            max_streams_per_principal: self.max_streams_per_principal,
            max_sessions: self.max_sessions,
            max_sessions_per_principal: self.max_sessions_per_principal,
            session_idle_timeout: self.session_idle_timeout,
            max_calls: self.max_calls,
            max_calls_per_principal: self.max_calls_per_principal,
        })
    }
}

fn size(text: &str) -> Result<usize, &'static str> {
    let text = text.trim().to_ascii_lowercase();
    let unit_at = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor = match unit.trim() {
        "" | "b" => Some(1),
        "k" | "kib" => Some(1024),
        "m" | "mib" => Some(MIB),
        "g" | "gib" => Some(1024 * MIB),
        _ => None,
    };
    let number = number.parse::<usize>().ok();
    let size = number.zip(factor).and_then(|(n, by)| n.checked_mul(by));
    size.filter(|size| (1024..=2048 * MIB).contains(size))
        .ok_or("expected a size from 1KiB to 2GiB, e.g. \"16MiB\"")
}

fn time(text: &str) -> Result<Duration, &'static str> {
    let allowed = Duration::from_millis(100)..=Duration::from_secs(3600);
    duration(text)
        .filter(|time| allowed.contains(time))
        .ok_or("expected a time from 100ms to 1h, e.g. \"10s\" or \"2m\"")
}

fn number(text: &str) -> Result<usize, &'static str> {
    let number = text.trim().parse().ok();
    number
        .filter(|number| (1..=1_000_000).contains(number))
        .ok_or("expected a number from 1 to 1000000")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("16MiB", Some(16 * MIB))]
    #[case(" 64 mib ", Some(64 * MIB))]
    #[case("1024", Some(1024))]
    #[case("512k", Some(512 * 1024))]
    #[case("2GiB", Some(2048 * MIB))]
    #[case("3GiB", None)]
    #[case("0", None)]
    #[case("16MB", None)]
    #[case("-1", None)]
    #[case("99999999999999999999G", None)]
    fn a_size_has_a_binary_unit(#[case] text: &str, #[case] expected: Option<usize>) {
        assert_eq!(size(text).ok(), expected, "{text}");
    }
}
