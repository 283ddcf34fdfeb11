//! Plan: what the subscription counts, and what is left.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::saki::lenient_json;

/// What the plan counts, and what it has left; a number is absent where Saki shows none.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Plan {
    /// Name of the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Posts made this month.
    #[serde(skip_serializing_if = "Option::is_none")]
    posts_this_month: Option<u64>,
    /// Posts a month that the plan allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_posts_per_month: Option<u64>,
    /// Posts left this month.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_posts: Option<u64>,
    /// Spaces that the plan allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_spaces: Option<u64>,
    /// Spaces left.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_spaces: Option<u64>,
    /// When it ends, where it was cancelled or is a trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<String>,
}

impl Plan {
    pub(super) fn read(subscription: &Value) -> Self {
        let limits = subscription.get("limits").unwrap_or(subscription);
        let limit = |name: &str| lenient_json::integer(limits, name);
        let trial = subscription.get("trial").unwrap_or(&Value::Null);
        Self {
            name: lenient_json::text(subscription, "plan"),
            posts_this_month: limit("posts_this_month"),
            max_posts_per_month: limit("max_posts_per_month"),
            remaining_posts: limit("remaining_posts"),
            max_spaces: limit("max_spaces"),
            remaining_spaces: limit("remaining_spaces"),
            ends_at: lenient_json::text(subscription, "ends_at")
                .or_else(|| lenient_json::text(trial, "ends_at")),
        }
    }

    /// A warning for each limit that is used to 90 % or more.
    pub(super) fn warnings(&self) -> Vec<String> {
        let limits = [
            (
                "posts of this month",
                self.max_posts_per_month,
                self.remaining_posts,
            ),
            ("spaces", self.max_spaces, self.remaining_spaces),
        ];
        let nearly_used = limits.into_iter().filter_map(|(what, max, left)| {
            let (max, left) = (max?, left?);
            (left.saturating_mul(10) <= max)
                .then(|| format!("The plan has {left} of {max} {what} left."))
        });
        nearly_used.collect()
    }
}
