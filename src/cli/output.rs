//! What people see: the log and field_errors on standard error, results on standard output.

use std::io::{self, Write};

use anyhow::Context;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Sends the log to standard error; standard output belongs to the protocol.
pub(super) fn log(levels: Targets) {
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false)
        .without_time()
        .with_target(false);
    tracing_subscriber::registry()
        .with(lines)
        .with(levels)
        .init();
    // The default hook prints a backtrace note to people who run an assistant, not a debugger.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(
            "a bug in saki-mcp, at {place}; the call that met it is answered with an error"
        );
    }));
}

/// Prints an error with its causes.
pub(super) fn complain(error: &anyhow::Error) {
    let mut stderr = io::stderr().lock();
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(stderr, "saki-mcp: {error:#}");
}

/// Prints a text and a line break.
///
/// # Errors
///
/// When standard output fails; a reader that went away is none.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output"),
    }
}
