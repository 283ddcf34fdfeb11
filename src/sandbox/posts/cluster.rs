//! Making and changing a cluster of posts.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::answer::{Answer, Refusal};
use super::super::call::Call;
use super::super::options::CreateReply;
use super::super::store::State;
use super::plan::{self, Item, Part, Plan};
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
    for item in &plan.items {
        add(state, call, &cluster_id, item, fate);
    }
    let posts = shown(state, &cluster_id);
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
    let present: Vec<(u64, u64)> = state
        .cluster(&cluster_id)
        .filter(|post| post.space_id == call.space_id())
        .map(|post| (post.account_id, post.id))
        .collect();
    if present.is_empty() {
        return Err(call.missing("Cluster", "cluster_id"));
    }
    let plan = plan::read(state, call)?;
    let fate = Fate::of(&plan, call.now);
    for (account_id, post_id) in &present {
        if !plan.items.iter().any(|item| item.account_id == *account_id) {
            remove(state, *post_id);
        }
    }
    for item in &plan.items {
        match present
            .iter()
            .find(|(account_id, _)| *account_id == item.account_id)
        {
            None => add(state, call, &cluster_id, item, fate),
            Some((_, post_id)) => change(state, call, *post_id, item, fate),
        }
    }
    Ok(Answer::one(shown(state, &cluster_id)))
}

fn shown(state: &State, cluster_id: &str) -> Value {
    let posts = state.cluster(cluster_id);
    posts.map(|post| show(state, post)).collect()
}

fn add(state: &mut State, call: &Call, cluster_id: &str, item: &Item, fate: Fate) {
    let mut parts = item.parts.iter().zip(0..);
    let Some((main, _)) = parts.next() else {
        return;
    };
    let build = |part: &Part, order, parent_id| {
        let post = Post {
            id: 0,
            space_id: call.space_id(),
            account_id: item.account_id,
            cluster_id: cluster_id.to_owned(),
            parent_id,
            order,
            children: Vec::new(),
            content: part.content.clone(),
            status: fate.status,
            scheduled_at: fate.scheduled_at,
            published_at: fate.published_at,
            metadata: item.metadata.clone(),
            media: part.media.clone(),
            imported: false,
            analytics: Value::Null,
            created_at: call.now,
            updated_at: call.now,
        };
        move |id| Post { id, ..post }
    };
    let first = state.posts.add(build(main, 0, None));
    let children = parts
        .map(|(part, order)| state.posts.add(build(part, order, Some(first))))
        .collect();
    if let Some(post) = state.posts.get_mut(first) {
        post.children = children;
    }
    if let (Status::Scheduled, Some(at)) = (fate.status, fate.scheduled_at) {
        state.wake_at(at);
    }
}

/// Gives a post another content and time, keeping as many of its thread's ids as there are parts.
fn change(state: &mut State, call: &Call, post_id: u64, item: &Item, fate: Fate) {
    let Some(old) = state.posts.get(post_id).cloned() else {
        return;
    };
    if matches!(old.status, Status::Published | Status::Publishing) {
        return;
    }
    let ids = [vec![post_id], old.children.clone()].concat();
    let mut kept = Vec::new();
    for (index, part) in item.parts.iter().enumerate() {
        let fresh = |id| Post {
            id,
            parent_id: (index > 0).then_some(post_id),
            order: index as u64,
            children: Vec::new(),
            content: part.content.clone(),
            status: fate.status,
            scheduled_at: fate.scheduled_at,
            published_at: fate.published_at,
            metadata: item.metadata.clone(),
            media: part.media.clone(),
            updated_at: call.now,
            ..old.clone()
        };
        let id = match ids.get(index).copied() {
            Some(id) => {
                if let Some(post) = state.posts.get_mut(id) {
                    *post = fresh(id);
                }
                id
            }
            None => state.posts.add(fresh),
        };
        kept.push(id);
    }
    for gone in ids.iter().skip(kept.len()) {
        state.posts.remove(*gone);
    }
    if let Some(post) = state.posts.get_mut(post_id) {
        post.children = kept.split_off(1);
    }
    if let (Status::Scheduled, Some(at)) = (fate.status, fate.scheduled_at) {
        state.wake_at(at);
    }
}
