//! Logging: log level and format of the lines on stderr, panics included.

use std::io;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::prometheus_metrics::PANICS;

/// The form of the lines of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object each, with its time.
    Json,
}

/// Starts logging to stderr.
pub(super) fn init_logging(levels: Targets, format: LogFormat) {
    let to_stderr = fmt::layer().with_writer(io::stderr).with_ansi(false);
    let to_stderr = match format {
        LogFormat::Text => to_stderr.without_time().with_target(false).boxed(),
        LogFormat::Json => to_stderr
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
    };
    tracing_subscriber::registry()
        .with(to_stderr)
        .with(levels)
        .init();
    // The default hook prints a note about backtraces, which means nothing to people who run an assistant.
    std::panic::set_hook(Box::new(|panic| {
        PANICS.inc();
        let location = panic.location();
        let location = location.map(ToString::to_string).unwrap_or_default();
        tracing::error!(
            "a bug in saki-mcp at {location}: the call that triggered it is answered with an error"
        );
    }));
}
