//! Usage error: a command line that its parser accepts and that cannot be carried out all the same. The exit code is 2.

use anyhow::anyhow;

/// A command line that cannot be carried out.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
pub(super) struct WrongUsage(pub(super) anyhow::Error);

/// The error of a command line that cannot be carried out.
pub(super) fn wrong_usage(text: impl Into<String>) -> anyhow::Error {
    WrongUsage(anyhow!(text.into())).into()
}
