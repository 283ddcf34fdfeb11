//! Changing one post.

use super::super::answer::{Answer, Refusal};
use super::super::call::Call;
use super::super::rules::{Check, Field};
use super::super::store::State;
use super::{Status, show};

/// Every field is optional, and a null clears (reference: posts.update).
///
/// A scheduled post that loses its time becomes a draft; the parts of a thread follow the first one.
pub(super) fn update(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let id = call.find(&state.posts, "post_id")?.id;
    let mut check = Check::default();
    let field = |name| Field::of(&call.body, name);
    let content = check.text(&field("content"));
    // Only what the reference calls nullable may be null.
    for name in ["content", "status"] {
        if field(name).is_sent() {
            check.required(&field(name));
        }
    }
    let status = check.integer(&field("status")).map(Status::from_number);
    if status == Some(None) {
        check.unknown(&field("status"));
    }
    let scheduled_at = check.date(&field("scheduled_at"));
    let metadata = check.object(&field("metadata"));
    let mut media = Vec::new();
    for row in check.rows(&field("media_ids")) {
        match check.id(&row) {
            Some(id) if state.media.get(id).is_some() => media.push(id),
            Some(_) => check.unknown(&row),
            None => check.absent(&row),
        }
    }
    check.done()?;
    let Some(post) = state.posts.get_mut(id) else {
        return Err(call.missing("Post", "post_id"));
    };
    if let Some(content) = content {
        post.content = content.to_owned();
    }
    if field("metadata").is_sent() {
        post.metadata = metadata;
    }
    if field("media_ids").is_sent() {
        post.media = media;
    }
    if field("scheduled_at").is_sent() {
        post.scheduled_at = scheduled_at;
        if post.scheduled_at.is_none() && post.status == Status::Scheduled {
            post.status = Status::Draft;
        }
    }
    if let Some(Some(status)) = status {
        post.status = status;
        if status == Status::Published {
            post.published_at = post.published_at.or(Some(call.now));
        }
    }
    post.updated_at = call.now;
    let (status, at, published_at) = (post.status, post.scheduled_at, post.published_at);
    for child in post.children.clone() {
        if let Some(child) = state.posts.get_mut(child) {
            (child.status, child.scheduled_at, child.published_at) = (status, at, published_at);
        }
    }
    if let Some(at) = at {
        state.wake_at(at);
        state.publish_due(call.now);
    }
    let post = call.find(&state.posts, "post_id")?;
    Ok(Answer::one(show(state, post)))
}
