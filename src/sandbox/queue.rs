//! The publishing queue in the sandbox.

use super::answer::{Answer, Refusal};
use super::call::Call;
use super::posts::{Post, Status, show};
use super::route::Routes;
use super::store::State;
use crate::saki;

pub(super) fn mount(routes: &mut Routes) {
    routes.mount::<saki::queue::GetQueue>(get);
}

/// What is scheduled, the next one first.
fn get(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let upcoming = |post: &&Post| {
        post.space_id == call.space_id()
            && post.parent_id.is_none()
            && post.status == Status::Scheduled
            && post.scheduled_at.is_some()
    };
    let mut posts: Vec<&Post> = state.posts.values().filter(upcoming).collect();
    posts.sort_by_key(|post| (post.scheduled_at, post.id));
    Ok(call.list(posts, |post| show(state, post)))
}
