//! Posts in the sandbox: list, read, update, delete; clusters are saved in `save_cluster.rs`.

use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::api_request::ApiRequest;
use super::api_response::{ApiResponse, HandlerResult};
use super::database::Database;
use super::paginator::paginate;
use super::records::{Model, PostStatus, StoredPost};
use super::route_table::RouteTable;
use super::validation::{Field, FieldValidator};
use super::variant::{ListOrder, PageSize};
use crate::saki;

mod cluster_request;
pub(super) mod post_json;
mod save_cluster;

use post_json::{post_json, post_json_without_relations};

pub(super) fn mount(routes: &mut RouteTable) {
    routes.mount::<saki::posts::ListPosts>(list);
    routes.mount::<saki::posts::CreatePosts>(save_cluster::create);
    routes.mount::<saki::posts::GetPost>(get);
    routes.mount::<saki::posts::UpdatePost>(update);
    routes.mount::<saki::posts::DeletePost>(delete);
    routes.mount::<saki::posts::UpdateCluster>(save_cluster::update);
}

/// Lists the newest posts first; `from` and `to` are days or times in UTC, and a day counts to its end.
fn list(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let mut validator = FieldValidator::default();
    let field = |name| Field::new(&request.query, name);
    let status = validator.integer(&field("status"));
    if status.is_some_and(|status| PostStatus::from_number(status).is_none()) {
        validator.add_invalid_selection(&field("status"));
    }
    let account_id = validator.id(&field("account_id"));
    let from = validator.date(&field("from"));
    let to = validator.date(&field("to"));
    validator.finish()?;
    let to_text = request.query.get("to").and_then(Value::as_str);
    let to_is_day = to_text.is_some_and(|to| to.len() == 10);
    let to = to.and_then(|to| {
        if to_is_day {
            to.checked_add(86_399.seconds()).ok()
        } else {
            Some(to)
        }
    });
    let matches = |post: &&StoredPost| {
        post.space_id == request.space_id()
            && status.is_none_or(|status| status == post.status as i64)
            && account_id.is_none_or(|id| id == post.account_id)
            && from.is_none_or(|from| list_time(post) >= from)
            && to.is_none_or(|to| list_time(post) <= to)
    };
    let mut posts: Vec<&StoredPost> = db.top_level_posts().filter(matches).collect();
    posts.sort_by_key(|post| std::cmp::Reverse((list_time(post), post.id)));
    if request.options.variant.list_order == ListOrder::Reversed {
        posts.reverse();
    }
    let to_json = if request.options.list_relations {
        post_json
    } else {
        post_json_without_relations
    };
    let per_page = match request.options.variant.page_size {
        PageSize::Fifteen => 15,
        PageSize::Three => 3,
        PageSize::Fifty => 50,
    };
    Ok(paginate(request, posts, per_page, |post| to_json(db, post)))
}

/// The time by which lists sort and filter: scheduled, else published, else created.
fn list_time(post: &StoredPost) -> Timestamp {
    post.scheduled_at
        .or(post.published_at)
        .unwrap_or(post.created_at)
}

fn get(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let post = request.find(&db.posts, "post_id")?;
    Ok(ApiResponse::data(post_json(db, post)))
}

/// Updates one post: every field is optional, and a null clears it (reference: posts.update).
///
/// A scheduled post without a time becomes a draft.
/// Later parts of a thread get the times and the status of the first part.
fn update(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let id = request.find(&db.posts, "post_id")?.id;
    let mut validator = FieldValidator::default();
    let field = |name| Field::new(&request.body, name);
    let content = validator.string(&field("content"));
    // The reference does not call these two nullable.
    validator.required_if_sent(&field("content"));
    validator.required_if_sent(&field("status"));
    let status_number = validator.integer(&field("status"));
    let status = status_number.and_then(PostStatus::from_number);
    if status_number.is_some() && status.is_none() {
        validator.add_invalid_selection(&field("status"));
    }
    let scheduled_at = validator.date(&field("scheduled_at"));
    let metadata = validator.map(&field("metadata"));
    let mut media = Vec::new();
    for item in validator.items(&field("media_ids")) {
        match validator.id(&item) {
            Some(id) if db.media.get(id).is_some() => media.push(id),
            Some(_) => validator.add_invalid_selection(&item),
            None => validator.add_required(&item),
        }
    }
    validator.finish()?;
    let Some(post) = db.posts.get_mut(id) else {
        return Err(request.not_found(StoredPost::NAME, "post_id"));
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
        if post.scheduled_at.is_none() && post.status == PostStatus::Scheduled {
            post.status = PostStatus::Draft;
        }
    }
    if let Some(status) = status {
        post.status = status;
        if status == PostStatus::Published {
            post.published_at = post.published_at.or(Some(request.now));
        }
    }
    post.updated_at = request.now;
    let (status, at, published_at) = (post.status, post.scheduled_at, post.published_at);
    for child in post.children.clone() {
        if let Some(child) = db.posts.get_mut(child) {
            (child.status, child.scheduled_at, child.published_at) = (status, at, published_at);
        }
    }
    if let Some(at) = at {
        db.wake_publisher_at(at);
        db.publish_due(request.now);
    }
    get(db, request)
}

fn delete(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let id = request.find(&db.posts, "post_id")?.id;
    db.remove_post(id);
    Ok(ApiResponse::empty(204))
}
