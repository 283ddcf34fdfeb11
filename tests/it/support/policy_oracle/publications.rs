//! What goes public by a call, and when.

use jiff::{SignedDuration, Timestamp};
use saki_mcp::sandbox::{PostStatus, StoredPost};

use crate::support::policy_oracle::Step;

/// Where a post is on its way to the public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Private,
    Waits(Option<Timestamp>),
    Public,
}

fn way(post: &StoredPost) -> Way {
    match post.status {
        PostStatus::Draft | PostStatus::Failed => Way::Private,
        PostStatus::Scheduled => Way::Waits(post.scheduled_at),
        PostStatus::Publishing | PostStatus::Published => Way::Public,
    }
}

/// Posts that are public or set to be, and were not, or not at that time; each with the time.
///
/// The parts of a thread go with the first one; a later one counts where it was there and goes alone.
pub(crate) fn newly_live(step: &Step) -> Vec<(&StoredPost, Timestamp)> {
    let is_new = |post: &StoredPost| {
        let before = step.before.posts.get(post.id).map(way);
        way(post) != Way::Private && before != Some(way(post))
    };
    let goes_along = |post: &StoredPost| {
        let first = post.parent_id.and_then(|id| step.after.posts.get(id));
        first.is_some_and(|first| is_new(first) || step.before.posts.get(post.id).is_none())
    };
    let posts = step.after.posts.values();
    let live = posts.filter(|post| is_new(post) && !goes_along(post));
    live.map(|post| (post, at(post, step.at))).collect()
}

/// Posts that wait for their time and became others than they were, each with the time.
pub(crate) fn changed_late(step: &Step) -> Vec<(&StoredPost, Timestamp)> {
    let is_other = |post: &&StoredPost| {
        let before = step.before.posts.get(post.id);
        before.is_none_or(|before| words(before) != words(post))
    };
    let posts = step.after.posts.values();
    let waits =
        posts.filter(|post| matches!(post.status, PostStatus::Scheduled | PostStatus::Publishing));
    let other = waits.filter(is_other);
    other.map(|post| (post, at(post, step.at))).collect()
}

/// Whether more than `most` posts went public, or were set to, within any 60 minutes.
pub(crate) fn too_many(steps: &[Step], most: usize) -> Option<String> {
    // A second for the way, within which the server counts.
    let hour = SignedDuration::from_mins(60) - SignedDuration::from_secs(1);
    let live: Vec<_> = steps
        .iter()
        .map(|step| (step.at, newly_live(step).len()))
        .collect();
    live.iter().enumerate().find_map(|(index, (from, _))| {
        let within = live[index..]
            .iter()
            .take_while(|(at, _)| at.duration_since(*from) < hour);
        let count: usize = within.map(|(_, count)| count).sum();
        (count > most).then(|| format!("{count} posts within the hour from {from} on: {live:?}"))
    })
}

/// What people read and see of a post.
fn words(post: &StoredPost) -> impl PartialEq {
    let StoredPost {
        content,
        media,
        metadata,
        children,
        ..
    } = post;
    (content, media, metadata, children)
}

fn at(post: &StoredPost, now: Timestamp) -> Timestamp {
    match way(post) {
        Way::Waits(at) => at.unwrap_or(now),
        Way::Private | Way::Public => now,
    }
}
