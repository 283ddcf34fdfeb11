//! Creates and updates a cluster: the posts of one create call, one per account.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cluster_request::{self, ReceivedCluster, RequestedPost};
use super::post_json::post_json;
use crate::sandbox::api_request::ApiRequest;
use crate::sandbox::api_response::{ApiResponse, HandlerResult, ResponseBody};
use crate::sandbox::database::Database;
use crate::sandbox::records::{PostStatus, StoredPost};
use crate::sandbox::variant::{CreateReply, PartRefusal};

const SAVED: &str = "The posts were saved.";

pub(super) fn create(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let requested = cluster_request::validate(db, request)?;
    let cluster_id = db.new_cluster_id();
    for post in &requested.posts {
        let base = new_post(request, &cluster_id, post.account_id);
        save(db, schedule(base, &requested, request.now), &[], post);
    }
    let reply = request.options.create_reply;
    let response = cluster_reply(db, &cluster_id, reply, 201);
    Ok(with_refused_accounts(
        request,
        &requested.refused_accounts,
        response,
    ))
}

/// Replaces the posts of a cluster: an account that stays keeps its post id, and a published post stays unchanged.
pub(super) fn update(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let cluster_id = request.path_param("cluster_id").to_owned();
    let present: Vec<StoredPost> = db
        .cluster(&cluster_id)
        .filter(|post| post.space_id == request.space_id())
        .cloned()
        .collect();
    if present.is_empty() {
        return Err(request.not_found("Cluster", "cluster_id"));
    }
    let requested = cluster_request::validate(db, request)?;
    for old in &present {
        let stays = |post: &RequestedPost| post.account_id == old.account_id;
        if !requested.posts.iter().any(stays) {
            db.remove_post(old.id);
        }
    }
    for post in &requested.posts {
        let old = present.iter().find(|old| old.account_id == post.account_id);
        let (base, ids) = match old {
            Some(old) if matches!(old.status, PostStatus::Published | PostStatus::Publishing) => {
                continue;
            }
            Some(old) => (old.clone(), [vec![old.id], old.children.clone()].concat()),
            None => {
                let base = new_post(request, &cluster_id, post.account_id);
                (base, Vec::new())
            }
        };
        save(db, schedule(base, &requested, request.now), &ids, post);
    }
    let reply = request.options.variant.create_reply;
    let response = cluster_reply(db, &cluster_id, reply, 200);
    Ok(with_refused_accounts(
        request,
        &requested.refused_accounts,
        response,
    ))
}

fn cluster_reply(db: &Database, cluster_id: &str, reply: CreateReply, status: u16) -> ApiResponse {
    let posts = || db.cluster(cluster_id).map(|post| post_json(db, post));
    let body = match reply {
        CreateReply::Posts => json!({"data": posts().collect::<Value>()}),
        CreateReply::Empty => json!({}),
        CreateReply::BareList => posts().collect(),
        CreateReply::NoBody => return ApiResponse::empty(status),
        CreateReply::Named => json!({"posts": posts().collect::<Value>()}),
        CreateReply::Cluster => {
            json!({"data": {"cluster_id": cluster_id, "posts": posts().collect::<Value>()}})
        }
        CreateReply::ByAccount => {
            let by_account = posts().map(|post| (post["account_id"].to_string(), post));
            json!({"data": by_account.collect::<Map<_, _>>()})
        }
        CreateReply::Ids => {
            json!({"data": posts().map(|post| post["id"].clone()).collect::<Value>()})
        }
        CreateReply::DataFirst => json!({"data": posts().next()}),
        CreateReply::BareFirst => json!(posts().next()),
        CreateReply::NamedFirst => json!({"post": posts().next()}),
        CreateReply::MessageAndId => {
            json!({"message": SAVED, "id": posts().next().map(|post| post["id"].clone())})
        }
        CreateReply::OnlyMessage => json!({ "message": SAVED }),
    };
    ApiResponse::json(status, body)
}

/// Tells beside the posts that were made which accounts got none.
fn with_refused_accounts(
    request: &ApiRequest,
    refused: &[(u64, String)],
    response: ApiResponse,
) -> ApiResponse {
    if refused.is_empty() {
        return response;
    }
    let mut posts = match response.body {
        ResponseBody::Json(Value::Object(mut body)) => {
            match body.get_mut("data").map(Value::take) {
                Some(Value::Array(posts)) => posts,
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    };
    let rows = |word: &str| -> Vec<Value> {
        let row = |(id, why): &(u64, String)| json!({"account_id": id, word: why});
        refused.iter().map(row).collect()
    };
    let mut body = json!({});
    match request.options.variant.part_refusal {
        PartRefusal::Never => {}
        PartRefusal::ErrorMap => {
            let by_account = refused
                .iter()
                .map(|(id, why)| (id.to_string(), json!([why])));
            body["errors"] = by_account.collect::<Map<_, _>>().into();
        }
        PartRefusal::ErrorList => body["errors"] = rows("message").into(),
        PartRefusal::ErrorRow => posts.extend(rows("error")),
    }
    body["data"] = posts.into();
    ApiResponse::json(response.status, body)
}

fn new_post(request: &ApiRequest, cluster_id: &str, account_id: u64) -> StoredPost {
    StoredPost::empty(request.space_id(), account_id, cluster_id, request.now)
}

/// Sets status and times: a post that is no draft and has no future time is published at once (reference: posts.store).
fn schedule(base: StoredPost, requested: &ReceivedCluster, now: Timestamp) -> StoredPost {
    let (status, scheduled_at, published_at) = match requested.at {
        at if requested.is_draft => (PostStatus::Draft, at, None),
        Some(at) if at > now => (PostStatus::Scheduled, Some(at), None),
        at => (PostStatus::Published, Some(at.unwrap_or(now)), Some(now)),
    };
    StoredPost {
        status,
        scheduled_at,
        published_at,
        updated_at: now,
        ..base
    }
}

/// Saves the parts of a thread over the records of `ids`, and inserts or removes records to fit their number.
fn save(db: &mut Database, base: StoredPost, ids: &[u64], requested: &RequestedPost) {
    let mut saved: Vec<u64> = Vec::new();
    for (index, part) in requested.parts.iter().enumerate() {
        let parent_id = saved.first().copied();
        let build = |id| StoredPost {
            id,
            parent_id,
            order: index as u64,
            children: Vec::new(),
            content: part.content.clone(),
            metadata: requested.metadata.clone(),
            media: part.media.clone(),
            ..base.clone()
        };
        let present = ids.get(index).and_then(|id| db.posts.get_mut(*id));
        saved.push(match present {
            Some(post) => {
                *post = build(post.id);
                post.id
            }
            None => db.posts.insert(build).id,
        });
    }
    for surplus in ids.iter().skip(requested.parts.len()) {
        db.posts.remove(*surplus);
    }
    let first = saved.first().copied().unwrap_or_default();
    if let Some(post) = db.posts.get_mut(first) {
        post.children = saved.split_off(1);
    }
    if let (PostStatus::Scheduled, Some(at)) = (base.status, base.scheduled_at) {
        db.wake_publisher_at(at);
    }
}
