//! What an edit of one post does: whether it goes public by it, or all the same.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::list::state::State;
use super::update::account_of;
use crate::saki::posts::{UpdatePost, status_word};
use crate::saki::view;
use crate::write::effects::{Edited, Effects, Live};
use crate::write::when::When;

/// The effects of an edit of the post that is now `before`.
pub(super) fn effects(
    request: &UpdatePost,
    before: &Value,
    when: Option<&When>,
    now: Timestamp,
) -> Effects {
    let account = account_of(before).planned(None);
    let live = goes_live(request, before, when, now);
    let due = match live {
        // What it says of the time itself stands in `live`.
        Some(_) => None,
        None if status(request) == Some(Some("draft")) => None,
        None => due(before, now),
    };
    let live = live.map(|at| Live {
        account: account.clone(),
        at,
    });
    Effects {
        live: live.into_iter().collect(),
        edits: vec![Edited {
            post_id: request.post_id.0,
            account,
            draft: State::of(before, now) == State::Draft,
            due,
        }],
        ..Effects::default()
    }
}

/// Whether an edit makes a post public or sets it to, and when; an inner none means at once.
fn goes_live(
    request: &UpdatePost,
    before: &Value,
    when: Option<&When>,
    now: Timestamp,
) -> Option<Option<Timestamp>> {
    let planned = when.map(When::at).or_else(|| {
        let at = view::text(before, "scheduled_at")?.parse().ok()?;
        (at > now && request.scheduled_at.is_none()).then_some(at)
    });
    match status(request) {
        // A status whose effect is unknown counts as going live.
        Some(Some("draft")) => None,
        Some(Some("scheduled")) => Some(planned),
        Some(_) => Some(None),
        // Whether a new time alone sends a draft is not known, so it counts; taking a time away does not.
        None if State::of(before, now) == State::Draft => {
            planned.filter(|_| when.is_some()).map(Some)
        }
        None => (request.scheduled_at.is_some()).then_some(planned),
    }
}

/// The word of the status that an edit sets; an inner none is a code that is not known.
fn status(request: &UpdatePost) -> Option<Option<&'static str>> {
    request.status.map(|code| status_word(&json!(code)))
}

/// When a post goes public if nobody does anything more.
fn due(post: &Value, now: Timestamp) -> Option<Timestamp> {
    match State::of(post, now) {
        State::Scheduled | State::Overdue => view::text(post, "scheduled_at")?.parse().ok(),
        // Neither a draft nor with a time: nothing says that it waits.
        State::Unscheduled => Some(now),
        State::Draft | State::Published | State::Failed => None,
    }
}
