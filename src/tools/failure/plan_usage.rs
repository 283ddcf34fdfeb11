//! The numbers of the plan, beside a failure that is about them.

use serde_json::Value;

use super::field_mapper::MappedField;
use super::resource_path::ResourcePath;
use super::shown;
use crate::saki::{Error, lenient};

/// Which limit of a plan a failed request may have met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlanLimit {
    /// Posts of a month; the request makes so many.
    Posts(u64),
    /// Spaces.
    Spaces,
    /// Some limit that is not known.
    Any,
}

/// The limit that a failure may be about, so that its numbers are worth reading.
///
/// No words of Saki's are read for that: a 402 says it by its status. A refused content may be about
/// a limit where something is made that plans count and no single value was refused.
pub(super) fn limit(error: &Error, said: &[MappedField], makes: u64) -> Option<PlanLimit> {
    let answer = error.response()?;
    let place = ResourcePath::of_answer(answer);
    if answer.method.is_safe() || place.is_about("subscription") {
        return None;
    }
    let creates = answer.method == reqwest::Method::POST;
    let counted = if place.is_about("posts") && creates || place.is_about("clusters") {
        Some(PlanLimit::Posts(makes)).filter(|_| makes > 0)
    } else if place.is_about("spaces") && creates {
        Some(PlanLimit::Spaces)
    } else {
        None
    };
    let is_value = |named: &MappedField| {
        let given = named.given.as_ref();
        named.account.is_some() || given.is_some_and(|given| !given.is_array() && !given.is_null())
    };
    match answer.status {
        402 => Some(counted.unwrap_or(PlanLimit::Any)),
        422 if !said.iter().any(is_value) => counted,
        _ => None,
    }
}

/// A plan as `get_subscription` reads it.
#[derive(Debug)]
pub(crate) struct PlanUsage {
    pub(super) limit: PlanLimit,
    subscription: Value,
}

impl PlanUsage {
    pub(crate) fn new(limit: PlanLimit, subscription: Value) -> Self {
        Self {
            limit,
            subscription,
        }
    }

    /// Whether the numbers themselves say that the request asks for more than is left.
    pub(super) fn is_used_up(&self) -> bool {
        let left = |name| lenient::integer(self.limits(), name);
        match self.limit {
            PlanLimit::Posts(makes) => left("remaining_posts").is_some_and(|left| left < makes),
            PlanLimit::Spaces => left("remaining_spaces") == Some(0),
            PlanLimit::Any => false,
        }
    }

    /// `The plan "team"`
    pub(super) fn name(&self) -> String {
        match lenient::text(&self.subscription, "plan") {
            Some(name) => format!("The plan {}", shown(&name)),
            None => "The plan".to_owned(),
        }
    }

    /// `500 of 500 posts of this month used, 0 left`; nothing where Saki gives no numbers.
    pub(super) fn numbers(&self) -> Option<String> {
        let posts = self.posts().filter(|_| self.limit != PlanLimit::Spaces);
        let spaces = self.spaces();
        let spaces = spaces.filter(|_| !matches!(self.limit, PlanLimit::Posts(_)));
        let mut parts: Vec<String> = posts.into_iter().chain(spaces).collect();
        let whole = &self.subscription;
        let trial = whole.get("trial").unwrap_or(&Value::Null);
        for (word, is_so, of) in [
            ("on trial", lenient::flag(trial, "on_trial"), trial),
            ("cancelled", lenient::flag(whole, "cancelled"), whole),
        ] {
            if is_so == Some(true) {
                let ends = lenient::text(of, "ends_at").map(|at| format!(", ends at {at}"));
                parts.push(format!("{word}{}", ends.unwrap_or_default()));
            }
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn posts(&self) -> Option<String> {
        let number = |name| lenient::integer(self.limits(), name);
        let used = number("posts_this_month");
        let said = match (used, number("max_posts_per_month")) {
            (Some(used), Some(most)) => format!("{used} of {most} posts of this month used"),
            (Some(used), None) => format!("{used} posts made this month"),
            (None, Some(most)) => format!("{most} posts a month"),
            (None, None) => return self.left("remaining_posts", "posts"),
        };
        let left = number("remaining_posts").map(|left| format!(", {left} left"));
        Some(said + &left.unwrap_or_default())
    }

    fn spaces(&self) -> Option<String> {
        match lenient::integer(self.limits(), "max_spaces") {
            Some(most) => Some(match lenient::integer(self.limits(), "remaining_spaces") {
                Some(left) => format!("{left} of {most} spaces left"),
                None => format!("{most} spaces at most"),
            }),
            None => self.left("remaining_spaces", "spaces"),
        }
    }

    fn left(&self, name: &str, what: &str) -> Option<String> {
        lenient::integer(self.limits(), name).map(|left| format!("{left} {what} left"))
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
    fn only_what_the_subscription_gives_is_said(#[case] reply: Value, #[case] said: Option<&str>) {
        assert_eq!(
            PlanUsage::new(PlanLimit::Any, reply).numbers().as_deref(),
            said
        );
    }

    #[rstest]
    #[case(PlanLimit::Posts(2), json!({"remaining_posts": 1}), true)]
    #[case(PlanLimit::Posts(1), json!({"remaining_posts": 1}), false)]
    #[case(PlanLimit::Posts(1), json!({"remaining_posts": null}), false)]
    #[case(PlanLimit::Spaces, json!({"remaining_spaces": "0"}), true)]
    #[case(PlanLimit::Spaces, json!({"remaining_spaces": 1, "remaining_posts": 0}), false)]
    fn the_numbers_say_whether_a_limit_is_met(
        #[case] limit: PlanLimit,
        #[case] limits: Value,
        #[case] met: bool,
    ) {
        assert_eq!(
            PlanUsage::new(limit, json!({"limits": limits})).is_used_up(),
            met
        );
    }
}
