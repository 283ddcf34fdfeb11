//! Console output: errors go to stderr, results to stdout, which otherwise belongs to the MCP protocol.

use std::io::{self, Write};

use anyhow::Context;

/// Prints an error with its causes to stderr.
pub(super) fn print_error(error: &anyhow::Error) {
    let mut stderr = io::stderr().lock();
    // There is nowhere else to report that stderr is closed.
    let _ = writeln!(stderr, "saki-mcp: {error:#}");
}

/// Prints a notice for a person to stderr.
pub(super) fn print_notice(text: &str) {
    let mut stderr = io::stderr().lock();
    // There is nowhere else to report that stderr is closed.
    let _ = writeln!(stderr, "{text}");
}

/// Prints a text and a line break to stdout.
/// A reader that has gone away is no error.
pub(super) fn print_result(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output"),
    }
}
