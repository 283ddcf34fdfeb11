//! Edit effects: what an edit publishes, by itself or because the post was due anyway.

use jiff::Timestamp;
use serde_json::json;

use crate::saki::posts::{PostState, PostView, UpdatePost, status_word};
use crate::write::account_ref::AccountRef;
use crate::write::effects::{EditedPost, Effects, LivePost};
use crate::write::when::{When, is_near};

/// Whether an edit publishes a post, and when.
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
pub(crate) fn effects(
    request: &UpdatePost,
    (before, first): (PostView<'_>, Option<PostView<'_>>),
    account: AccountRef,
    when: Option<&When>,
    now: Timestamp,
) -> Effects {
    let of_thread = first.and_then(|first| publishes_at(first, now));
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
        GoesLive::No if first.is_some() && before.state(now) == PostState::Unscheduled => {
            (None, None)
        }
        GoesLive::No => (None, publishes_at(before, now)),
    };
    let posts = || std::iter::once(before).chain(first);
    Effects {
        live: live.into_iter().collect(),
        drafts: stays_private.then(|| account.clone()).into_iter().collect(),
        edits: vec![EditedPost {
            post_id: request.post_id.0,
            account,
            draft: posts().all(|post| post.state(now) == PostState::Draft),
            public: posts().any(|post| post.may_be_public(now)),
            published: posts().any(|post| post.was_published(now)),
            due: due.into_iter().chain(of_thread).min(),
        }],
        ..Effects::default()
    }
}

fn goes_live(
    request: &UpdatePost,
    before: PostView<'_>,
    when: Option<&When>,
    now: Timestamp,
) -> GoesLive {
    let planned = when.map(When::at).or_else(|| {
        // So close to it nobody has time to look any more.
        let at = before.scheduled_at().filter(|at| !is_near(*at, now))?;
        request.scheduled_at.is_keep().then_some(at)
    });
    let planned_or_at_once = planned.map_or(GoesLive::AtOnce, GoesLive::At);
    let status = NewStatus::of(request);
    // What waits for the same time as before is not set to go public by it, unless a part of its thread waited otherwise.
    if before.waits(now)
        && matches!(status, NewStatus::Unchanged | NewStatus::Scheduled)
        && planned.is_some()
        && planned == before.scheduled_at()
    {
        return match has_part_of_its_own(before, now) {
            true => planned_or_at_once,
            false => GoesLive::No,
        };
    }
    match status {
        NewStatus::Draft => GoesLive::No,
        NewStatus::Scheduled => planned_or_at_once,
        // A status whose effect is unknown counts as going live.
        NewStatus::Other => GoesLive::AtOnce,
        // Whether a new time alone sends a draft is not known, so it counts; taking a time away does not.
        NewStatus::Unchanged if before.state(now) == PostState::Draft => {
            when.map_or(GoesLive::No, |when| GoesLive::At(when.at()))
        }
        NewStatus::Unchanged if request.scheduled_at.is_keep() => GoesLive::No,
        NewStatus::Unchanged => planned_or_at_once,
    }
}

/// Whether a later part of a thread is a draft or waits for another time; an edit of the first post may set it to the
/// time of the thread.
fn has_part_of_its_own(first: PostView<'_>, now: Timestamp) -> bool {
    let is_of_its_own = |part: PostView<'_>| {
        let at = part.scheduled_at();
        part.state(now) == PostState::Draft || at.is_some() && at != first.scheduled_at()
    };
    first
        .children()
        .is_some_and(|parts| parts.into_iter().any(is_of_its_own))
}

/// When a post is published if left alone.
pub(crate) fn publishes_at(post: PostView<'_>, now: Timestamp) -> Option<Timestamp> {
    match post.state(now) {
        PostState::Scheduled | PostState::Overdue => post.scheduled_at(),
        // Neither a draft nor with a time: nothing says that it waits.
        PostState::Unscheduled => Some(now),
        // Its settings alone may say that it failed, and whoever can edit it can write them.
        // What was public already may be set to go public again.
        PostState::Failed | PostState::Published => post.scheduled_at().filter(|at| *at > now),
        PostState::Draft => None,
    }
}
