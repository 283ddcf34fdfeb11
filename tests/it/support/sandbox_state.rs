//! What the sandbox holds and what reached it, as plain JSON to hold against what an answer claims.

use jiff::{SignedDuration, Timestamp};
use saki_mcp::sandbox::{Database, LoggedRequest, StoredPost};
use serde_json::{Value, json};

use crate::support::server_under_test::World;

/// Every post, the later parts of threads among them, in the order of their ids.
pub(crate) fn posts(world: &World) -> Vec<Value> {
    world
        .sandbox()
        .state(|state| state.posts.values().map(shown).collect())
}

/// The posts with an id above `last`: what was made since.
pub(crate) fn posts_after(world: &World, last: u64) -> Vec<Value> {
    let is_new = |post: &Value| post["id"].as_u64() > Some(last);
    posts(world).into_iter().filter(is_new).collect()
}

/// The posts that stand for an account each in one cluster.
pub(crate) fn cluster(world: &World, cluster_id: &Value) -> Vec<Value> {
    let is_first =
        |post: &Value| post["cluster_id"] == *cluster_id && post["parent_id"] == Value::Null;
    posts(world).into_iter().filter(is_first).collect()
}

/// The highest id of a post.
pub(crate) fn last_post(world: &World) -> u64 {
    world
        .sandbox()
        .state(|state| state.posts.values().map(|post| post.id).max())
        .unwrap_or_default()
}

/// Fills the list of a space with older posts: as many that are planned as that are published.
pub(crate) fn fill_list(world: &World, space_id: u64, pairs: u64) {
    let now = world.clock.now();
    world.sandbox().edit(|state| {
        let is_model = |post: &&StoredPost| {
            post.space_id == space_id && post.parent_id.is_none() && post.children.is_empty()
        };
        let model = state.posts.values().find(is_model).cloned();
        for number in 1..=pairs {
            let distance = SignedDuration::from_hours(i64::try_from(number).unwrap());
            for at in [now + distance, now - distance] {
                state.posts.insert(|id| StoredPost {
                    id,
                    cluster_id: format!("filled-{id}"),
                    content: format!("Filled {id}"),
                    scheduled_at: (at > now).then_some(at),
                    published_at: (at < now).then_some(at),
                    created_at: now - SignedDuration::from_hours(1000),
                    ..model.clone().unwrap()
                });
            }
        }
    });
}

/// The post of an id.
pub(crate) fn post(world: &World, id: &Value) -> Value {
    let found = posts(world).into_iter().find(|post| post["id"] == *id);
    found.unwrap()
}

fn shown(post: &StoredPost) -> Value {
    let second = |at: Option<Timestamp>| at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    json!({
        "id": post.id, "account_id": post.account_id, "cluster_id": post.cluster_id,
        "parent_id": post.parent_id, "children": post.children, "content": post.content,
        "status": format!("{:?}", post.status), "scheduled_at": second(post.scheduled_at),
        "is_published": post.published_at.is_some(), "metadata": post.metadata, "media": post.media,
    })
}

/// Whether an account is active.
pub(crate) fn is_active(world: &World, account_id: u64) -> bool {
    let account = |state: &Database| state.accounts.get(account_id).unwrap().is_active;
    world.sandbox().state(account)
}

/// One field of every row.
pub(crate) fn column(rows: &[Value], field: &str) -> Value {
    rows.iter().map(|row| row[field].clone()).collect()
}

/// The bodies of the writes, in the order in which they arrived.
pub(crate) fn bodies(world: &World) -> Vec<Value> {
    let body = |logged: LoggedRequest| logged.body.unwrap_or_default();
    world.writes().into_iter().map(body).collect()
}

/// How often a path was read.
pub(crate) fn reads(world: &World, path: &str) -> usize {
    let log = world.sandbox().log();
    log.iter()
        .filter(|logged| logged.method == "GET" && logged.path == path)
        .count()
}

/// The cluster whose first post begins with `text`.
pub(crate) fn cluster_of(world: &World, text: &str) -> Value {
    let found = posts(world)
        .into_iter()
        .find(|post| post["content"].as_str().unwrap().starts_with(text));
    found.unwrap()["cluster_id"].clone()
}
