//! Subscription in the sandbox: its limits are counted but not enforced.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::api_request::ApiRequest;
use super::api_response::{ApiResponse, HandlerResult};
use super::database::Database;
use super::route_table::RouteTable;
use crate::saki;

const MAX_SPACES: u64 = 5;
const MAX_POSTS_PER_MONTH: u64 = 500;

pub(super) fn mount(routes: &mut RouteTable) {
    routes.mount::<saki::subscription::GetSubscription>(get);
}

fn get(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let month = |at: Timestamp| {
        let date = at.to_zoned_datetime(TimeZone::UTC).date();
        (date.year(), date.month())
    };
    let posts = db
        .top_level_posts()
        .filter(|post| !post.imported && month(post.created_at) == month(request.now));
    let (posts, spaces) = (posts.count() as u64, db.spaces.len() as u64);
    Ok(ApiResponse::json(
        200,
        json!({
            "plan": "team",
            "is_gifted": false,
            "limits": {
                "max_spaces": MAX_SPACES,
                "max_posts_per_month": MAX_POSTS_PER_MONTH,
                "has_analytics": true,
                "remaining_spaces": MAX_SPACES.saturating_sub(spaces),
                "remaining_posts": MAX_POSTS_PER_MONTH.saturating_sub(posts),
                "posts_this_month": posts,
            },
            "trial": {"on_trial": false, "ends_at": null},
            "cancelled": false,
            "ends_at": null,
        }),
    ))
}
