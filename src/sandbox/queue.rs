//! Publishing queue of a space in the sandbox: its scheduled posts, the next one first.

use super::api_request::ApiRequest;
use super::api_response::HandlerResult;
use super::database::Database;
use super::paginator;
use super::posts::post_json::post_json;
use super::records::{PostStatus, StoredPost};
use super::route_table::RouteTable;
use crate::saki;

pub(super) fn mount(routes: &mut RouteTable) {
    routes.mount::<saki::queue::GetQueue>(get);
}

fn get(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let is_upcoming = |post: &&StoredPost| {
        post.space_id == request.space_id()
            && post.status == PostStatus::Scheduled
            && post.scheduled_at.is_some()
    };
    let mut posts: Vec<&StoredPost> = db.top_level_posts().filter(is_upcoming).collect();
    posts.sort_by_key(|post| (post.scheduled_at, post.id));
    Ok(paginator::list(request, posts, |post| post_json(db, post)))
}
