//! What an edit of one post does: whether it goes public by it, or all the same.

use jiff::Timestamp;
use serde_json::json;

use crate::saki::posts::{PostState, PostView, UpdatePost, status_word};
use crate::write::account_ref::AccountRef;
use crate::write::effects::{EditedPost, Effects, LivePost};
use crate::write::when::{When, is_near};

/// The effects of an edit of the post of `account` that is now `before`; a later part of a thread goes out with its
/// `first` post too.
pub(in crate::tools::posts) fn effects(
    request: &UpdatePost,
    (before, first): (PostView<'_>, Option<PostView<'_>>),
    account: AccountRef,
    when: Option<&When>,
    now: Timestamp,
) -> Effects {
    let of_thread = first.and_then(|first| due(first, now));
    let live = goes_live(request, before, when, now);
    let due = match live {
        // What it says of the time itself stands in `live`.
        Some(_) => None,
        None if status(request) == Some(Some("draft")) => None,
        // A part without a time of its own has that of its thread.
        None if first.is_some() && before.state(now) == PostState::Unscheduled => None,
        None => due(before, now),
    };
    let posts = || std::iter::once(before).chain(first);
    let live = live.map(|at| LivePost {
        account: account.clone(),
        at,
    });
    let stays_private = status(request) == Some(Some("draft"));
    Effects {
        live: live.into_iter().collect(),
        drafts: stays_private.then(|| account.clone()).into_iter().collect(),
        edits: vec![EditedPost {
            post_id: request.post_id.0,
            account,
            draft: posts().all(|post| post.state(now) == PostState::Draft),
            public: posts().any(|post| post.may_be_public(now)),
            due: due.into_iter().chain(of_thread).min(),
        }],
        ..Effects::default()
    }
}

/// Whether an edit makes a post public or sets it to, and when; an inner none means at once.
fn goes_live(
    request: &UpdatePost,
    before: PostView<'_>,
    when: Option<&When>,
    now: Timestamp,
) -> Option<Option<Timestamp>> {
    let planned = when.map(When::at).or_else(|| {
        // So close to it nobody has time to look any more.
        let at = before.scheduled_at().filter(|at| !is_near(*at, now))?;
        request.scheduled_at.is_keep().then_some(at)
    });
    let state = before.state(now);
    // What waits for the same time as before is not set to go public by it.
    if before.waits(now)
        && matches!(status(request), None | Some(Some("scheduled")))
        && planned.is_some()
        && planned == before.scheduled_at()
    {
        return None;
    }
    match status(request) {
        // A status whose effect is unknown counts as going live.
        Some(Some("draft")) => None,
        Some(Some("scheduled")) => Some(planned),
        Some(_) => Some(None),
        // Whether a new time alone sends a draft is not known, so it counts; taking a time away does not.
        None if state == PostState::Draft => planned.filter(|_| when.is_some()).map(Some),
        None => (!request.scheduled_at.is_keep()).then_some(planned),
    }
}

/// The word of the status that an edit sets; an inner none is a code that is not known.
fn status(request: &UpdatePost) -> Option<Option<&'static str>> {
    request.status.map(|code| status_word(&json!(code)))
}

/// When a post goes public if nobody does anything more.
fn due(post: PostView<'_>, now: Timestamp) -> Option<Timestamp> {
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
