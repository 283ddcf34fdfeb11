//! Console output: logs and errors go to stderr, results to stdout, which otherwise belongs to the MCP protocol.

use std::io::{self, Write};

use anyhow::Context;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging to stderr, panics included.
pub(super) fn init_logging(levels: Targets) {
    let to_stderr = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false)
        .without_time()
        .with_target(false);
    tracing_subscriber::registry()
        .with(to_stderr)
        .with(levels)
        .init();
    // The default hook prints a note about backtraces, which means nothing to people who run an assistant.
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location();
        let location = location.map(ToString::to_string).unwrap_or_default();
        tracing::error!(
            "a bug in saki-mcp at {location}: the call that triggered it is answered with an error"
        );
    }));
}

/// Prints an error with its causes to stderr.
pub(super) fn print_error(error: &anyhow::Error) {
    let mut stderr = io::stderr().lock();
    // There is nowhere else to report that stderr is closed.
    let _ = writeln!(stderr, "saki-mcp: {error:#}");
}

/// Prints a text and a line break to stdout.
///
/// # Errors
///
/// When writing fails for another reason than a reader that has gone away.
pub(super) fn print_result(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output"),
    }
}
