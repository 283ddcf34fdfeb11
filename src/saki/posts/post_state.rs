//! State of a post: what agents read in the place of Saki's unprinted status codes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a post is at present, judged by its facts first and by Saki's unprinted status codes second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(with = "String")]
pub enum PostState {
    /// It is being written and does not go out.
    Draft,
    /// It goes out at a time that is yet to come.
    Scheduled,
    /// Its time has passed, and it did not go out.
    Overdue,
    /// It is no draft and has no time.
    Unscheduled,
    /// It went out.
    Published,
    /// It could not go out.
    Failed,
}

impl PostState {
    /// The word that agents read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Overdue => "overdue",
            Self::Unscheduled => "unscheduled",
            Self::Published => "published",
            Self::Failed => "failed",
        }
    }
}
