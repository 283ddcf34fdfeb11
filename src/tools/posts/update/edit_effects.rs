//! What an edit of one post does: whether it goes public by it, or all the same.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::saki::lenient;
use crate::saki::posts::{UpdatePost, status_word};
use crate::tools::directory::KnownAccount;
use crate::tools::posts::post_state::{State, may_be_public, waits};
use crate::write::effects::{EditedPost, Effects, LivePost};
use crate::write::when::{When, is_near};

/// Whether an edit makes a post public or sets it to, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GoesLive {
    No,
    AtOnce,
    At(Timestamp),
}

/// The status that an edit sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NewStatus {
    Unchanged,
    Draft,
    Scheduled,
    /// One that publishes, or whose effect is not known.
    Other,
}

impl NewStatus {
    fn of(request: &UpdatePost) -> Self {
        let Some(code) = request.status else {
            return Self::Unchanged;
        };
        match status_word(&json!(code)) {
            Some("draft") => Self::Draft,
            Some("scheduled") => Self::Scheduled,
            _ => Self::Other,
        }
    }
}

/// The effects of an edit of the post of `account` that is now `before`; a later part of a thread goes out with its
/// `first` post too.
pub(in crate::tools::posts) fn effects(
    request: &UpdatePost,
    (before, first): (&Value, Option<&Value>),
    account: &KnownAccount,
    when: Option<&When>,
    now: Timestamp,
) -> Effects {
    let account = account.planned(None);
    let of_thread = first.and_then(|first| due(first, now));
    let stays_private = NewStatus::of(request) == NewStatus::Draft;
    let live_at = |at| LivePost {
        account: account.clone(),
        at,
    };
    // What an edit says of the time itself stands in `live`.
    let (live, due) = match goes_live(request, before, when, now) {
        GoesLive::AtOnce => (Some(live_at(None)), None),
        GoesLive::At(at) => (Some(live_at(Some(at))), None),
        GoesLive::No if stays_private => (None, None),
        // A part without a time of its own has that of its thread.
        GoesLive::No if first.is_some() && State::of(before, now) == State::Unscheduled => {
            (None, None)
        }
        GoesLive::No => (None, due(before, now)),
    };
    let posts = || std::iter::once(before).chain(first);
    Effects {
        live: live.into_iter().collect(),
        drafts: stays_private.then(|| account.clone()).into_iter().collect(),
        edits: vec![EditedPost {
            post_id: request.post_id.0,
            account,
            draft: posts().all(|post| State::of(post, now) == State::Draft),
            public: posts().any(|post| may_be_public(post, now)),
            due: due.into_iter().chain(of_thread).min(),
        }],
        ..Effects::default()
    }
}

fn goes_live(
    request: &UpdatePost,
    before: &Value,
    when: Option<&When>,
    now: Timestamp,
) -> GoesLive {
    let planned = when.map(When::at).or_else(|| {
        // So close to it nobody has time to look any more.
        let at = time(before).filter(|at| !is_near(*at, now))?;
        request.scheduled_at.is_keep().then_some(at)
    });
    let planned_or_at_once = planned.map_or(GoesLive::AtOnce, GoesLive::At);
    let status = NewStatus::of(request);
    // What waits for the same time as before is not set to go public by it.
    if waits(before, now)
        && matches!(status, NewStatus::Unchanged | NewStatus::Scheduled)
        && planned.is_some()
        && planned == time(before)
    {
        return GoesLive::No;
    }
    match status {
        NewStatus::Draft => GoesLive::No,
        NewStatus::Scheduled => planned_or_at_once,
        // A status whose effect is unknown counts as going live.
        NewStatus::Other => GoesLive::AtOnce,
        // Whether a new time alone sends a draft is not known, so it counts; taking a time away does not.
        NewStatus::Unchanged if State::of(before, now) == State::Draft => {
            when.map_or(GoesLive::No, |when| GoesLive::At(when.at()))
        }
        NewStatus::Unchanged if request.scheduled_at.is_keep() => GoesLive::No,
        NewStatus::Unchanged => planned_or_at_once,
    }
}

/// When a post goes public if nobody does anything more.
fn due(post: &Value, now: Timestamp) -> Option<Timestamp> {
    match State::of(post, now) {
        State::Scheduled | State::Overdue => time(post),
        // Neither a draft nor with a time: nothing says that it waits.
        State::Unscheduled => Some(now),
        // Its settings alone may say that it failed, and whoever can edit it can write them.
        // What was public already may be set to go public again.
        State::Failed | State::Published => time(post).filter(|at| *at > now),
        State::Draft => None,
    }
}

fn time(post: &Value) -> Option<Timestamp> {
    lenient::text(post, "scheduled_at")?.parse().ok()
}
