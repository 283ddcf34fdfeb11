//! Plan limits: the quota of the subscription and its usage, for a failure that may be about them.

use reqwest::Method;
use serde_json::Value;

use super::field_error_lines::MappedField;
use crate::saki::{Error, lenient_json};
use crate::tools::resource_path::{Collection, ResourcePath};
use crate::write::quote_text::{quote_truncated, single_line};

/// The limit of a plan that a failed request may have reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlanLimit {
    /// Posts of a month, and how many of them the request creates.
    Posts(u64),
    /// Spaces.
    Spaces,
    /// It is not known which.
    Unknown,
}

/// The limit that a failure may be about, so that the usage of the plan is worth reading.
///
/// Saki's messages are not read for that. A 402 is about the plan by its status. A 422 may be about a limit
/// where the request creates what plans count and Saki refused no single value.
pub(super) fn possible_limit(
    error: &Error,
    fields: &[MappedField],
    post_count: u64,
) -> Option<PlanLimit> {
    let answer = error.response()?;
    if answer.method.is_safe() {
        return None;
    }
    let creates = answer.method == Method::POST;
    let counted = match ResourcePath::from_answer(answer).collection() {
        Some(Collection::Subscription) => return None,
        Some(Collection::Posts) if creates => Some(PlanLimit::Posts(post_count)),
        Some(Collection::Clusters) => Some(PlanLimit::Posts(post_count)),
        Some(Collection::Spaces) if creates => Some(PlanLimit::Spaces),
        _ => None,
    };
    let counted = counted.filter(|limit| *limit != PlanLimit::Posts(0));
    let is_value = |field: &MappedField| {
        let given = field.given.as_ref();
        field.account.is_some() || given.is_some_and(|given| !given.is_array() && !given.is_null())
    };
    match answer.status {
        402 => Some(counted.unwrap_or(PlanLimit::Unknown)),
        422 if !fields.iter().any(is_value) => counted,
        _ => None,
    }
}

/// A plan as `get_subscription` reads it.
#[derive(Debug)]
pub(super) struct PlanUsage {
    limit: PlanLimit,
    subscription: Value,
}

impl PlanUsage {
    pub(super) fn new(limit: PlanLimit, subscription: Value) -> Self {
        Self {
            limit,
            subscription,
        }
    }

    /// Whether the request asks for more than the plan has left.
    pub(super) fn is_exceeded(&self) -> bool {
        let left = |name| lenient_json::integer(self.limits(), name);
        match self.limit {
            PlanLimit::Posts(count) => left("remaining_posts").is_some_and(|left| left < count),
            PlanLimit::Spaces => left("remaining_spaces") == Some(0),
            PlanLimit::Unknown => false,
        }
    }

    /// `The plan "team"`
    pub(super) fn name(&self) -> String {
        match lenient_json::text(&self.subscription, "plan") {
            Some(name) => format!("The plan {}", quote_truncated(&name)),
            None => "The plan".to_owned(),
        }
    }

    /// `500 of 500 posts of this month used, 0 left`; nothing where Saki gives no numbers.
    pub(super) fn usage(&self) -> Option<String> {
        let posts = self.posts().filter(|_| self.limit != PlanLimit::Spaces);
        let spaces = self.spaces();
        let spaces = spaces.filter(|_| !matches!(self.limit, PlanLimit::Posts(_)));
        let mut parts: Vec<String> = posts.into_iter().chain(spaces).collect();
        let subscription = &self.subscription;
        let trial = subscription.get("trial").unwrap_or(&Value::Null);
        for (state, flag, object) in [
            ("on trial", "on_trial", trial),
            ("cancelled", "cancelled", subscription),
        ] {
            if lenient_json::flag(object, flag) == Some(true) {
                let ends = lenient_json::text(object, "ends_at")
                    .map(|at| format!(", ends at {}", single_line(&at)));
                parts.push(format!("{state}{}", ends.unwrap_or_default()));
            }
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn posts(&self) -> Option<String> {
        let number = |name| lenient_json::integer(self.limits(), name);
        let used = number("posts_this_month");
        let usage = match (used, number("max_posts_per_month")) {
            (Some(used), Some(max)) => format!("{used} of {max} posts of this month used"),
            (Some(used), None) => format!("{used} posts made this month"),
            (None, Some(max)) => format!("{max} posts a month"),
            (None, None) => return self.left("remaining_posts", "posts"),
        };
        let left = number("remaining_posts").map(|left| format!(", {left} left"));
        Some(usage + &left.unwrap_or_default())
    }

    fn spaces(&self) -> Option<String> {
        match lenient_json::integer(self.limits(), "max_spaces") {
            Some(max) => Some(
                match lenient_json::integer(self.limits(), "remaining_spaces") {
                    Some(left) => format!("{left} of {max} spaces left"),
                    None => format!("{max} spaces at most"),
                },
            ),
            None => self.left("remaining_spaces", "spaces"),
        }
    }

    fn left(&self, name: &str, what: &str) -> Option<String> {
        lenient_json::integer(self.limits(), name).map(|left| format!("{left} {what} left"))
    }

    fn limits(&self) -> &Value {
        self.subscription.get("limits").unwrap_or(&Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"plan": "team", "limits": {"max_posts_per_month": 500, "posts_this_month": 43, "remaining_posts": 457,
        "max_spaces": 5, "remaining_spaces": 3}}),
        Some("43 of 500 posts of this month used, 457 left; 3 of 5 spaces left"))]
    #[case(json!({"limits": {"max_posts_per_month": null, "posts_this_month": "43", "remaining_posts": null}}),
        Some("43 posts made this month"))]
    #[case(json!({"limits": {"remaining_spaces": 0}, "trial": {"on_trial": "1", "ends_at": "2027-05-01"}}),
        Some("0 spaces left; on trial, ends at 2027-05-01"))]
    #[case(json!({"plan": "team", "cancelled": true, "ends_at": null}), Some("cancelled"))]
    #[case(json!({"plan": "team", "limits": [], "trial": null}), None)]
    #[case(json!("no"), None)]
    fn the_usage_is_what_the_subscription_gives(#[case] reply: Value, #[case] usage: Option<&str>) {
        assert_eq!(
            PlanUsage::new(PlanLimit::Unknown, reply).usage().as_deref(),
            usage
        );
    }

    #[rstest]
    #[case(PlanLimit::Posts(2), json!({"remaining_posts": 1}), true)]
    #[case(PlanLimit::Posts(1), json!({"remaining_posts": 1}), false)]
    #[case(PlanLimit::Posts(1), json!({"remaining_posts": null}), false)]
    #[case(PlanLimit::Spaces, json!({"remaining_spaces": "0"}), true)]
    #[case(PlanLimit::Spaces, json!({"remaining_spaces": 1, "remaining_posts": 0}), false)]
    fn a_limit_is_exceeded_where_less_is_left_than_asked_for(
        #[case] limit: PlanLimit,
        #[case] limits: Value,
        #[case] exceeded: bool,
    ) {
        assert_eq!(
            PlanUsage::new(limit, json!({"limits": limits})).is_exceeded(),
            exceeded
        );
    }
}
