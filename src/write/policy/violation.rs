//! What a policy says no to, and what it would allow.

use std::fmt::{self, Display};

/// That a policy forbids something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyViolation {
    /// The limit, as the operator gave it: `--mode drafts-only`.
    pub limit: String,
    /// What about the call it forbids.
    pub why: String,
    /// What it would allow instead.
    pub allowed: String,
}

impl PolicyViolation {
    /// That `limit` forbids something.
    pub fn new(
        limit: impl Into<String>,
        why: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Self {
        Self {
            limit: limit.into(),
            why: why.into(),
            allowed: allowed.into(),
        }
    }
}

impl Display for PolicyViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            limit,
            why,
            allowed,
        } = self;
        write!(
            f,
            "The operator's policy `{limit}` forbids this: {why}. Allowed: {allowed}. Nothing was sent, and no argument changes the policy."
        )
    }
}
