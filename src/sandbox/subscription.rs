//! The subscription in the sandbox: limits are counted, and never enforced.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::answer::{Answer, Refusal};
use super::call::Call;
use super::route::Routes;
use super::store::State;
use crate::saki;

const MOST_SPACES: u64 = 5;
const MOST_POSTS: u64 = 500;

pub(super) fn mount(routes: &mut Routes) {
    routes.mount::<saki::subscription::GetSubscription>(get);
}

fn get(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let month = |at: Timestamp| {
        let date = at.to_zoned_datetime(TimeZone::UTC).date();
        (date.year(), date.month())
    };
    let posts = state.posts.values().filter(|post| {
        post.parent_id.is_none() && !post.imported && month(post.created_at) == month(call.now)
    });
    let (posts, spaces) = (posts.count() as u64, state.spaces.len() as u64);
    Ok(Answer::json(
        200,
        json!({
            "plan": "team",
            "is_gifted": false,
            "limits": {
                "max_spaces": MOST_SPACES,
                "max_posts_per_month": MOST_POSTS,
                "has_analytics": true,
                "remaining_spaces": MOST_SPACES.saturating_sub(spaces),
                "remaining_posts": MOST_POSTS.saturating_sub(posts),
                "posts_this_month": posts,
            },
            "trial": {"on_trial": false, "ends_at": null},
            "cancelled": false,
            "ends_at": null,
        }),
    ))
}
