//! What the operator set once for all calls.

use std::path::PathBuf;
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
