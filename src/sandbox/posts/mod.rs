//! Posts in the sandbox.

use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Refusal};
use super::call::{Call, Row, stamp, stamp_or_null};
use super::route::Routes;
use super::rules::{Check, Field};
use super::store::State;
use super::{accounts, media};
use crate::saki;

mod cluster;
mod plan;
mod update;

/// A post, or a later part of a thread.
#[derive(Debug, Clone)]
pub struct Post {
    /// Id of the post.
    pub id: u64,
    /// Space of the post.
    pub space_id: u64,
    /// Account that the post belongs to.
    pub account_id: u64,
    /// Cluster that the post was made in.
    pub cluster_id: String,
    /// First part of the thread, for a later one.
    pub parent_id: Option<u64>,
    /// Place in the thread, from 0.
    pub order: u64,
    /// Later parts of the thread, in their order.
    pub children: Vec<u64>,
    /// Text of the post.
    pub content: String,
    /// Where the post is on its way.
    pub status: Status,
    /// When the post is to go out.
    pub scheduled_at: Option<Timestamp>,
    /// When the post went out.
    pub published_at: Option<Timestamp>,
    /// Settings of the network; a failed post has its reason under `error`.
    pub metadata: Option<Map<String, Value>>,
    /// Files of the post, in their order.
    pub media: Vec<u64>,
    /// Whether the post was made outside Saki.
    pub imported: bool,
    /// Numbers from the network.
    pub analytics: Value,
    /// When the post was made.
    pub created_at: Timestamp,
    /// When the post was last changed.
    pub updated_at: Timestamp,
}

/// Where a post is on its way; the reference prints the numbers and not their meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Waits for its author.
    Draft = 0,
    /// Waits for its time.
    Scheduled = 1,
    /// Is on its way.
    Publishing = 2,
    /// Went out.
    Published = 3,
    /// Was refused by the network.
    Failed = 4,
}

impl Status {
    /// The status of a number.
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Draft),
            1 => Some(Self::Scheduled),
            2 => Some(Self::Publishing),
            3 => Some(Self::Published),
            4 => Some(Self::Failed),
            _ => None,
        }
    }
}

impl Row for Post {
    const MODEL: &'static str = "Post";
    fn space_id(&self) -> Option<u64> {
        Some(self.space_id)
    }
}

const PER_PAGE: u64 = 15;

pub(super) fn mount(routes: &mut Routes) {
    routes.mount::<saki::posts::ListPosts>(list);
    routes.mount::<saki::posts::CreatePosts>(cluster::create);
    routes.mount::<saki::posts::GetPost>(get);
    routes.mount::<saki::posts::UpdatePost>(update::update);
    routes.mount::<saki::posts::DeletePost>(delete);
    routes.mount::<saki::posts::UpdateCluster>(cluster::update);
}

/// A post with its relations (reference: posts.index).
pub(super) fn show(state: &State, post: &Post) -> Value {
    let mut shown = row(state, post);
    let children = post.children.iter().filter_map(|id| state.posts.get(*id));
    shown["children"] = children.map(|child| show(state, child)).collect();
    let files = post.media.iter().filter_map(|id| state.media.get(*id));
    let files = files
        .enumerate()
        .map(|(order, file)| media::show(file, order));
    shown["media"] = files.collect();
    shown
}

/// A post without media and children.
fn row(state: &State, post: &Post) -> Value {
    let metadata = match &post.metadata {
        None => Value::Null,
        // An empty PHP array says nothing of what it might have held.
        Some(map) if map.is_empty() => json!([]),
        Some(map) => json!(map),
    };
    json!({
        "id": post.id, "content": post.content, "status": post.status as i64, "order": post.order,
        "scheduled_at": stamp_or_null(post.scheduled_at),
        "published_at": stamp_or_null(post.published_at),
        "metadata": metadata, "imported": post.imported,
        "cluster_id": post.cluster_id, "parent_id": post.parent_id,
        "user_id": 1, "account_id": post.account_id,
        "created_at": stamp(post.created_at), "updated_at": stamp(post.updated_at),
        "analytics": post.analytics,
        "account": state.accounts.get(post.account_id).map(accounts::brief),
    })
}

/// The newest first; `from` and `to` are days or times in UTC, and a day counts to its end.
fn list(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let mut check = Check::default();
    let field = |name| Field::of(&call.query, name);
    let status = check.integer(&field("status"));
    if status.is_some_and(|status| Status::from_number(status).is_none()) {
        check.unknown(&field("status"));
    }
    let account_id = check.id(&field("account_id"));
    let from = check.date(&field("from"));
    let to = check.date(&field("to"));
    check.done()?;
    let is_day = call
        .query
        .get("to")
        .and_then(Value::as_str)
        .is_some_and(|to| to.len() == 10);
    let to = to.and_then(|to| {
        if is_day {
            to.checked_add(86_399.seconds()).ok()
        } else {
            Some(to)
        }
    });
    let wanted = |post: &&Post| {
        post.space_id == call.space_id()
            && post.parent_id.is_none()
            && status.is_none_or(|status| status == post.status as i64)
            && account_id.is_none_or(|id| id == post.account_id)
            && from.is_none_or(|from| post.date() >= from)
            && to.is_none_or(|to| post.date() <= to)
    };
    let mut posts: Vec<&Post> = state.posts.values().filter(wanted).collect();
    posts.sort_by_key(|post| std::cmp::Reverse((post.date(), post.id)));
    let show = if call.options.list_relations {
        show
    } else {
        row
    };
    Ok(call.page(posts, PER_PAGE, |post| show(state, post)))
}

impl Post {
    /// The time that a list goes by: when the post is or was to go out, else when it was made.
    fn date(&self) -> Timestamp {
        self.scheduled_at
            .or(self.published_at)
            .unwrap_or(self.created_at)
    }
}

fn get(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::one(show(
        state,
        call.find(&state.posts, "post_id")?,
    )))
}

fn delete(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let id = call.find(&state.posts, "post_id")?.id;
    remove(state, id);
    Ok(Answer::nothing(204))
}

/// Takes a post out, with the later parts of its thread.
fn remove(state: &mut State, id: u64) {
    let Some(post) = state.posts.remove(id) else {
        return;
    };
    for child in post.children {
        state.posts.remove(child);
    }
    if let Some(parent) = post.parent_id.and_then(|id| state.posts.get_mut(id)) {
        parent.children.retain(|child| *child != id);
    }
}
