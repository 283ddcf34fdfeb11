//! What a post is, by its facts first and by Saki's unprinted codes second.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::saki::lenient;
use crate::saki::posts::status_word;

/// What a post is at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Draft,
    Scheduled,
    Overdue,
    Unscheduled,
    Published,
    Failed,
}

impl State {
    /// The word that agents read.
    pub(in crate::tools::posts) fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Overdue => "overdue",
            Self::Unscheduled => "unscheduled",
            Self::Published => "published",
            Self::Failed => "failed",
        }
    }

    /// Facts win over codes, whose meanings are only likely.
    pub(crate) fn of(post: &Value, now: Timestamp) -> Self {
        if lenient::text(post, "published_at").is_some() {
            return Self::Published;
        }
        match code(post) {
            Some("failed") => return Self::Failed,
            Some("draft") => return Self::Draft,
            _ if failure(post).is_some() => return Self::Failed,
            _ => {}
        }
        match time(post, "scheduled_at") {
            Some(at) if at > now => Self::Scheduled,
            Some(_) => Self::Overdue,
            None => Self::Unscheduled,
        }
    }
}

/// Whether a post surely waits for its time; one with an unknown code may wait for something else.
pub(in crate::tools::posts) fn waits(post: &Value, now: Timestamp) -> bool {
    State::of(post, now) == State::Scheduled && code(post) == Some("scheduled")
}

/// Whether people may see a post: it was published, or its code says nothing for sure.
pub(in crate::tools::posts) fn may_be_public(post: &Value, now: Timestamp) -> bool {
    match (State::of(post, now), code(post)) {
        (State::Published, _) => true,
        (_, Some("draft" | "failed")) => false,
        _ => !waits(post, now),
    }
}

fn code(post: &Value) -> Option<&'static str> {
    status_word(post.get("status").unwrap_or(&Value::Null))
}

/// When a post went out, or is to go out.
pub(in crate::tools::posts) fn at(post: &Value) -> Option<Timestamp> {
    time(post, "published_at").or_else(|| time(post, "scheduled_at"))
}

fn time(post: &Value, field: &str) -> Option<Timestamp> {
    post.get(field)?.as_str()?.parse().ok()
}

/// Why a post failed, wherever Saki puts that.
pub(in crate::tools::posts) fn failure(post: &Value) -> Option<String> {
    const NAMES: [&str; 6] = [
        "error",
        "error_message",
        "failure_reason",
        "failed_reason",
        "failure",
        "last_error",
    ];
    let places = [Some(post), post.get("metadata")];
    places.into_iter().flatten().find_map(|place| {
        NAMES.iter().find_map(|name| {
            lenient::text(place, name).or_else(|| lenient::text(place.get(*name)?, "message"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"status": 0, "published_at": "2027-04-01T00:00:00Z"}), State::Published)]
    #[case(json!({"status": 4, "published_at": "2027-04-01T00:00:00Z"}), State::Published)]
    #[case(json!({"status": 4, "scheduled_at": "2027-05-01T00:00:00Z"}), State::Failed)]
    #[case(json!({"status": "failed"}), State::Failed)]
    #[case(json!({"status": 1, "metadata": {"error": "no"}}), State::Failed)]
    #[case(json!({"status": 0, "metadata": {"error": "no"}}), State::Draft)]
    #[case(json!({"status": "0", "scheduled_at": "2027-05-01T00:00:00Z"}), State::Draft)]
    #[case(json!({"status": 1, "scheduled_at": "2027-05-01T00:00:00.000000Z"}), State::Scheduled)]
    #[case(json!({"status": 2, "scheduled_at": "2027-05-01T00:00:00Z"}), State::Scheduled)]
    #[case(json!({"status": 1, "scheduled_at": "2027-04-01T00:00:00Z"}), State::Overdue)]
    #[case(json!({"status": 1, "scheduled_at": null}), State::Unscheduled)]
    #[case(json!({}), State::Unscheduled)]
    fn facts_win_over_codes(#[case] post: Value, #[case] state: State) {
        let now = "2027-04-09T10:00:00Z".parse().unwrap();
        assert_eq!(State::of(&post, now), state);
    }
}
