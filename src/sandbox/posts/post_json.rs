//! JSON of a post, with and without its relations (reference: posts.index).

use serde_json::{Value, json};

use crate::sandbox::accounts::account_summary;
use crate::sandbox::api_response::{optional_timestamp_json, timestamp_json};
use crate::sandbox::database::Database;
use crate::sandbox::media::media_json;
use crate::sandbox::records::StoredPost;

/// A post with its media and children.
pub(in crate::sandbox) fn post_json(db: &Database, post: &StoredPost) -> Value {
    let mut json = post_json_without_relations(db, post);
    let children = post.children.iter().filter_map(|id| db.posts.get(*id));
    json["children"] = children.map(|child| post_json(db, child)).collect();
    let media = post.media.iter().filter_map(|id| db.media.get(*id));
    json["media"] = media
        .enumerate()
        .map(|(order, file)| media_json(file, order))
        .collect();
    json
}

/// A post without its media and children.
pub(super) fn post_json_without_relations(db: &Database, post: &StoredPost) -> Value {
    let metadata = match &post.metadata {
        None => Value::Null,
        // PHP encodes an empty array as a list, even where it could hold named fields.
        Some(map) if map.is_empty() => json!([]),
        Some(map) => json!(map),
    };
    json!({
        "id": post.id, "content": post.content, "status": post.status as i64, "order": post.order,
        "scheduled_at": optional_timestamp_json(post.scheduled_at),
        "published_at": optional_timestamp_json(post.published_at),
        "metadata": metadata, "imported": post.imported,
        "cluster_id": post.cluster_id, "parent_id": post.parent_id,
        "user_id": 1, "account_id": post.account_id,
        "created_at": timestamp_json(post.created_at), "updated_at": timestamp_json(post.updated_at),
        "analytics": post.analytics,
        "account": db.accounts.get(post.account_id).map(account_summary),
    })
}
