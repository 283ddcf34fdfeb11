//! What the operator set once for all calls.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::saki::Clock;
use crate::write::media::fetch::FetchOptions;
use crate::write::policy::Policy;

/// What the operator set once for all calls.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Zone in which a time without one is read; none refuses such a time.
    pub timezone: Option<TimeZone>,
    /// Whether files of this machine may be uploaded, and from where.
    pub upload_paths: UploadPaths,
    /// How files are fetched that are named by their address.
    pub fetch: FetchOptions,
    /// The present time.
    pub clock: Clock,
    /// How long to wait before looking once more for posts whose answer was lost.
    pub patience: Duration,
    /// What no call may do.
    pub policy: Policy,
    /// Whether what cannot be taken back is asked about before.
    pub confirm: Confirm,
    /// How long an answer to such a question is waited for, and good for.
    pub answer_within: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timezone: None,
            upload_paths: UploadPaths::default(),
            fetch: FetchOptions::default(),
            clock: Clock::default(),
            patience: Duration::from_secs(1),
            policy: Policy::default(),
            confirm: Confirm::default(),
            answer_within: Duration::from_secs(10 * 60),
        }
    }
}

/// Whether what cannot be taken back is asked about before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Confirm {
    /// A person is asked where the client can do that; elsewhere a second call confirms the first, which no person need see.
    #[default]
    Auto,
    /// Nobody is asked.
    Never,
    /// A person is asked, and where that cannot be done nothing happens.
    Always,
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
    /// Over HTTP the caller sits at another machine, so a path means nothing.
    #[default]
    Never,
    /// Files below these folders; hidden folders are left out unless one of these lies inside it.
    Below(Vec<PathBuf>),
}
