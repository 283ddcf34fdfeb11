//! A write that is ready to go: everything was looked up, nothing was sent.

use super::when::When;

/// What a write is going to do, and the request that does it.
#[derive(Debug, Clone)]
pub struct Prepared<R> {
    /// What a person wants to know about it.
    pub planned: Planned,
    /// What is sent.
    pub request: R,
}

/// What becomes of posts, as a person would say it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Whether they stay drafts, are scheduled, or go out at once.
    pub mode: Mode,
    /// When they go out, where a time was given.
    pub when: Option<When>,
    /// The accounts they are for.
    pub accounts: Vec<PlannedAccount>,
    /// What is odd about it.
    pub warnings: Vec<String>,
}

/// What happens to posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They stay private.
    Draft,
    /// They go out at a time.
    Schedule,
    /// They go out at once.
    Now,
}

impl Mode {
    /// The word that agents use for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Schedule => "schedule",
            Self::Now => "now",
        }
    }
}

/// An account by the names a person knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAccount {
    /// Its id.
    pub id: u64,
    /// Its handle or name, where known.
    pub name: Option<String>,
    /// Its network, as Saki names it, where known.
    pub network: Option<String>,
    /// Its place in what was said of single accounts, where something was.
    pub single: Option<usize>,
}
