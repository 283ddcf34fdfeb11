//! Making and changing a cluster of posts.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::answer::{Answer, Refusal};
use super::super::call::Call;
use super::super::options::CreateReply;
use super::super::store::State;
use super::plan::{self, Item, Plan};
use super::{Post, Status, remove, show};

/// When a post goes out, and what that makes of it.
#[derive(Clone, Copy)]
struct Fate {
    status: Status,
    scheduled_at: Option<Timestamp>,
    published_at: Option<Timestamp>,
}

impl Fate {
    /// A post that is no draft and has no time ahead goes out at once (reference: posts.store).
    fn of(plan: &Plan, now: Timestamp) -> Self {
        let (status, scheduled_at, published_at) = match plan.at {
            at if plan.is_draft => (Status::Draft, at, None),
            Some(at) if at > now => (Status::Scheduled, Some(at), None),
            at => (Status::Published, Some(at.unwrap_or(now)), Some(now)),
        };
        Self {
            status,
            scheduled_at,
            published_at,
        }
    }
}

pub(super) fn create(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let plan = plan::read(state, call)?;
    let fate = Fate::of(&plan, call.now);
    let cluster_id = state.next_cluster();
    let mut ids = Vec::new();
    for item in &plan.items {
        let blank = blank(call, &cluster_id, item.account_id);
        ids.push(write(state, call, &blank, &[], item, fate));
    }
    let posts = ids.iter().filter_map(|id| state.posts.get(*id));
    let posts: Value = posts.map(|post| show(state, post)).collect();
    Ok(match call.options.replies {
        CreateReply::Posts => Answer::created(posts),
        CreateReply::Empty => Answer::json(201, json!({})),
        CreateReply::BareList => Answer::json(201, posts),
        CreateReply::NoBody => Answer::nothing(201),
    })
}

/// Accounts that stay keep their posts' ids, and what went out already stays as it was.
pub(super) fn update(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let cluster_id = call.text("cluster_id").to_owned();
    let present: Vec<Post> = state
        .cluster(&cluster_id)
        .filter(|post| post.space_id == call.space_id())
        .cloned()
        .collect();
    if present.is_empty() {
        return Err(call.missing("Cluster", "cluster_id"));
    }
    let plan = plan::read(state, call)?;
    let fate = Fate::of(&plan, call.now);
    for post in &present {
        let stays = |item: &Item| item.account_id == post.account_id;
        if !plan.items.iter().any(stays) {
            remove(state, post.id);
        }
    }
    for item in &plan.items {
        let old = present
            .iter()
            .find(|post| post.account_id == item.account_id);
        match old {
            Some(post) if matches!(post.status, Status::Published | Status::Publishing) => {}
            Some(post) => {
                let ids = [vec![post.id], post.children.clone()].concat();
                write(state, call, post, &ids, item, fate);
            }
            None => {
                let blank = blank(call, &cluster_id, item.account_id);
                write(state, call, &blank, &[], item, fate);
            }
        }
    }
    let posts = state.cluster(&cluster_id);
    Ok(Answer::one(posts.map(|post| show(state, post)).collect()))
}

/// A post that says nothing yet.
fn blank(call: &Call, cluster_id: &str, account_id: u64) -> Post {
    Post {
        id: 0,
        space_id: call.space_id(),
        account_id,
        cluster_id: cluster_id.to_owned(),
        parent_id: None,
        order: 0,
        children: Vec::new(),
        content: String::new(),
        status: Status::Draft,
        scheduled_at: None,
        published_at: None,
        metadata: None,
        media: Vec::new(),
        imported: false,
        analytics: Value::Null,
        created_at: call.now,
        updated_at: call.now,
    }
}

/// Writes the parts of an item over the rows of `ids`, and adds or removes rows until there is one for each.
fn write(state: &mut State, call: &Call, base: &Post, ids: &[u64], item: &Item, fate: Fate) -> u64 {
    let mut kept: Vec<u64> = Vec::new();
    for (index, part) in item.parts.iter().enumerate() {
        let parent_id = kept.first().copied();
        let fresh = |id| Post {
            id,
            parent_id,
            order: index as u64,
            children: Vec::new(),
            content: part.content.clone(),
            status: fate.status,
            scheduled_at: fate.scheduled_at,
            published_at: fate.published_at,
            metadata: item.metadata.clone(),
            media: part.media.clone(),
            updated_at: call.now,
            ..base.clone()
        };
        let row = ids.get(index).and_then(|id| state.posts.get_mut(*id));
        kept.push(match row {
            Some(row) => {
                *row = fresh(row.id);
                row.id
            }
            None => state.posts.add(fresh),
        });
    }
    for gone in ids.iter().skip(item.parts.len()) {
        state.posts.remove(*gone);
    }
    let first = kept.first().copied().unwrap_or_default();
    if let Some(post) = state.posts.get_mut(first) {
        post.children = kept.split_off(1);
    }
    if let (Status::Scheduled, Some(at)) = (fate.status, fate.scheduled_at) {
        state.wake_at(at);
    }
    first
}
