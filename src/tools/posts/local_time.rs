//! Local time: the local time of a scheduled post, beside Saki's UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use crate::saki::posts::{Post, PostView};
use crate::tools::Tools;
use crate::tools::tool_result::WithSaki;
use crate::write::when::When;

/// A post of Saki's with its local time.
pub(crate) type PostWithTime = WithSaki<Post, LocalTime>;

/// The time of a post as a person reads it.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct LocalTime {
    /// The time in `scheduled_at` as a person reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<String>,
    /// How long until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#in: Option<String>,
}

impl LocalTime {
    /// The time of a post that has one.
    pub(crate) fn of(post: PostView<'_>, zone: &TimeZone, now: Timestamp) -> Self {
        Self::at(post.scheduled_at(), zone, now)
    }

    /// The time of what goes out then.
    pub(crate) fn at(at: Option<Timestamp>, zone: &TimeZone, now: Timestamp) -> Self {
        let Some(at) = at else {
            return Self::default();
        };
        let when = When::at_instant(at, zone.clone());
        Self {
            local: Some(when.local()),
            r#in: (at > now).then(|| when.ahead(now)),
        }
    }
}

impl Tools {
    /// The zone that times are shown in.
    pub(crate) fn zone(&self) -> TimeZone {
        self.settings.timezone.clone().unwrap_or(TimeZone::UTC)
    }
}
