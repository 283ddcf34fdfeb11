//! Settings: what the operator configured once for all calls.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::saki::Clock;
use crate::write::media::fetch::FetchOptions;
use crate::write::policy::Policy;
use crate::write::shared_store::{InMemoryStore, RETENTION, SharedStore};

/// The time limit of every call: longer than the longest upload, since each request to Saki has a shorter timeout of its own.
pub const MAX_CALL_TIME: Duration = Duration::from_secs(20 * 60);

/// What the operator configured once for all calls.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The zone of times that are given without one. If it is not set, such a time is refused.
    pub timezone: Option<TimeZone>,
    /// Whether files of this machine may be uploaded, and from where.
    pub upload_paths: UploadPaths,
    /// How files are fetched from a URL.
    pub fetch: FetchOptions,
    /// The clock.
    pub clock: Clock,
    /// The pause before reconciliation looks again for posts whose answer was lost.
    pub reconcile_interval: Duration,
    /// The policy: what no call may do.
    pub policy: Policy,
    /// Whether an irreversible write needs a confirmation.
    pub confirm: Confirm,
    /// How long a confirmation is waited for, and how long it is valid.
    pub confirm_timeout: Duration,
    /// How long a call may take, from its begin or from the last progress that it reported.
    pub call_timeout: Duration,
    /// The store of everything that several replicas share.
    pub shared_store: Arc<dyn SharedStore>,
    /// Who calls, where callers are told apart: confirmations and an own rate window belong to one principal.
    pub principal: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timezone: None,
            upload_paths: UploadPaths::default(),
            fetch: FetchOptions::default(),
            clock: Clock::default(),
            reconcile_interval: Duration::from_secs(1),
            policy: Policy::default(),
            confirm: Confirm::default(),
            confirm_timeout: RETENTION.unsigned_abs(),
            call_timeout: MAX_CALL_TIME,
            shared_store: Arc::<InMemoryStore>::default(),
            principal: None,
        }
    }
}

/// Whether an irreversible write needs a confirmation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Confirm {
    /// A person is asked if the client can ask one. Otherwise a second call confirms the first, which an agent can do alone.
    #[default]
    Auto,
    /// Nobody is asked.
    Never,
    /// A person is asked. If the client cannot ask one, nothing is written.
    Always,
}

impl Confirm {
    /// The word that operators use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Never => "never",
            Self::Always => "always",
        }
    }

    /// The one of two that asks more.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, _) | (_, Self::Always) => Self::Always,
            (Self::Auto, _) | (_, Self::Auto) => Self::Auto,
            (Self::Never, Self::Never) => Self::Never,
        }
    }
}

impl FromStr for Confirm {
    type Err = &'static str;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        match given.trim().to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "never" => Ok(Self::Never),
            "always" => Ok(Self::Always),
            _ => Err("say auto, never or always"),
        }
    }
}

/// Whether files of this machine may be uploaded, and from where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum UploadPaths {
    /// No file may be uploaded. Over HTTP, a path of the caller belongs to another machine.
    #[default]
    Never,
    /// Files below these folders. Hidden folders are excluded, unless one of these lies inside one.
    Below(Vec<PathBuf>),
}
