//! Calls of every kind, in every combination and at any time.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use saki_mcp::sandbox::{Database, StoredPost};
use serde_json::{Map, Value, json};

use crate::support::example_calls::full;
use crate::support::policy_oracle::generated_posts::{narrowed, ours, space};

/// What happens next: some time passes, then something is called.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    pub(crate) seconds: i64,
    pub(crate) next: Next,
}

/// What is called.
#[derive(Debug, Clone)]
pub(crate) enum Next {
    /// Something of its own.
    Call(&'static str, Value),
    /// The same as before, with `allow_repeat` or without.
    Again(bool),
}

impl Next {
    /// The call as it is made after `last`; nothing where there is none to make again.
    pub(crate) fn after(
        self,
        last: Option<(&'static str, Value)>,
        state: &Database,
        now: Timestamp,
    ) -> Option<(&'static str, Value)> {
        match self {
            Self::Call(tool, arguments) => Some((tool, meant(&arguments, state, now))),
            Self::Again(allowed) => {
                let (tool, mut arguments) = last?;
                if tool == "create_post" {
                    arguments["allow_repeat"] = json!(allowed);
                }
                Some((tool, arguments))
            }
        }
    }
}

pub(crate) fn turn() -> impl Strategy<Value = Turn> {
    let seconds =
        prop_oneof![3 => Just(0), 2 => 1i64..120, 2 => 120i64..4000, 1 => 4000i64..100_000];
    let next = prop_oneof![
        5 => call().prop_map(|(tool, arguments)| Next::Call(tool, arguments)),
        1 => any::<bool>().prop_map(Next::Again),
    ];
    (seconds, next).prop_map(|(seconds, next)| Turn { seconds, next })
}

/// The same within hours, mostly about the post that changed last: planned, edited and planned anew.
pub(crate) fn turn_within_hours() -> impl Strategy<Value = Turn> {
    let tools = vec![
        "create_post",
        "update_post",
        "update_post",
        "update_cluster",
    ];
    let times = vec![Value::Null, json!(20), json!(50), json!(100), json!(700)];
    let said = (
        prop::sample::select(tools),
        ours(),
        prop::sample::select(times),
        prop::sample::select(vec![1, 1, 2, 3]),
        prop_oneof![2 => Just(json!("latest")), 1 => (101u64..119).prop_map(Value::from)],
    );
    let call = said.prop_map(|(tool, mut ours, at, few, post)| {
        let about =
            json!({"space_id": "own", "post_id": post, "cluster_id": post, "scheduled_at": at});
        for (name, value) in about.as_object().into_iter().flatten() {
            ours[name] = value.clone();
        }
        // Most edits change one thing, so that what it does is not hidden behind another.
        let gone = match few {
            1 => vec![
                "per_account",
                "thread",
                "media",
                "clear",
                "if_updated_at",
                "status",
            ],
            2 => vec![
                "per_account",
                "thread",
                "clear",
                "if_updated_at",
                "scheduled_at",
            ],
            _ => vec![],
        };
        for name in gone {
            ours[name] = Value::Null;
        }
        Next::Call(tool, narrowed(tool, ours))
    });
    let seconds = prop_oneof![1 => Just(0), 4 => 600i64..3000, 1 => 3000i64..20_000];
    (seconds, call).prop_map(|(seconds, next)| Turn { seconds, next })
}

/// A call that a policy may have to say no to.
pub(crate) fn call() -> impl Strategy<Value = (&'static str, Value)> {
    let tools = vec![
        "create_post",
        "update_post",
        "update_post",
        "update_cluster",
        "delete_post",
    ];
    let post = (prop::sample::select(tools), ours());
    let post = post.prop_map(|(tool, ours)| (tool, narrowed(tool, ours)));
    prop_oneof![3 => post, 1 => other()]
}

/// The tools that send on the fields that they do not know.
const PASS_ON: [&str; 6] = [
    "create_space",
    "update_space",
    "create_slot",
    "create_webhook",
    "set_account_active",
    "upload_media",
];

/// Any tool with all that it takes, about things of any space, and with fields that nobody asked for.
fn other() -> impl Strategy<Value = (&'static str, Value)> {
    let further = vec![
        json!({}),
        json!({"more": {"space_id": 2}}),
        json!({"more": [{"Space": "1"}]}),
        json!({"accountId": 21}),
        json!({"social_account": "13", "id": 11}),
        json!({"workspace": 2, "id": 2}),
        json!({"spaces": [1, 2]}),
        json!({"space": {"id": 2}}),
        json!({"is_draft": false, "status": 3, "post_id": 112}),
    ];
    let ids = prop::option::weighted(
        0.6,
        (
            101u64..136,
            11u64..27,
            301u64..306,
            701u64..704,
            501u64..508,
        ),
    );
    let about = full().into_iter();
    // Those that pass fields on are as many as all the others.
    let about =
        about.flat_map(|one| vec![one.clone(); if PASS_ON.contains(&one.0) { 3 } else { 1 }]);
    let about = prop::sample::select(about.collect::<Vec<_>>());
    let further = prop::sample::select(further);
    (about, further, ids, space()).prop_map(|((tool, mut call), further, ids, space)| {
        if call.get("space_id").is_some() {
            call["space_id"] = space;
        }
        let further = further.as_object().filter(|_| PASS_ON.contains(&tool));
        for (name, value) in further.into_iter().flatten() {
            call[name] = value.clone();
        }
        if let Some((post, account, slot, webhook, media)) = ids {
            let ids = [
                ("post_id", post),
                ("account_id", account),
                ("slot_id", slot),
                ("webhook_id", webhook),
                ("media_id", media),
            ];
            for (name, id) in ids {
                if call.get(name).is_some() {
                    call[name] = json!(id);
                }
            }
        }
        (tool, call)
    })
}

/// The space that the thing of a call is in.
fn home(said: &Map<String, Value>, state: &Database) -> u64 {
    let id = |name: &str| said.get(name).and_then(Value::as_u64);
    let cluster = said.get("cluster_id").and_then(Value::as_str);
    let account = said.get("account_ids").and_then(|ids| ids.get(0)?.as_u64());
    let spaces = [
        id("post_id").and_then(|id| Some(state.posts.get(id)?.space_id)),
        cluster.and_then(|id| Some(state.cluster(id).next()?.space_id)),
        id("slot_id").and_then(|id| Some(state.slots.get(id)?.space_id)),
        id("webhook_id").and_then(|id| Some(state.webhooks.get(id)?.space_id)),
        id("account_id")
            .or(account)
            .and_then(|id| Some(state.accounts.get(id)?.space_id)),
    ];
    spaces.into_iter().flatten().next().unwrap_or(1)
}

/// Arguments where what can only be known when they are used is written out: the post that changed last, a post's cluster or
/// version, the space of a thing, and times so many minutes ahead.
pub(crate) fn meant(arguments: &Value, state: &Database, now: Timestamp) -> Value {
    let posts = || state.posts.values();
    let latest = || posts().max_by_key(|post| (post.updated_at, post.id));
    let mut said: Map<String, Value> = arguments.as_object().cloned().unwrap();
    if said.get("post_id") == Some(&json!("latest")) {
        said["post_id"] = json!(latest().map(|post| post.id));
    }
    let post = |id: &Value| state.posts.get(id.as_u64()?);
    let cluster = said.get("cluster_id").cloned().unwrap_or_default();
    let of = |post: Option<&StoredPost>| json!(post.map_or("nobody", |post| &post.cluster_id));
    match &cluster {
        Value::Number(_) => said["cluster_id"] = of(post(&cluster)),
        Value::String(word) if word == "latest" => said["cluster_id"] = of(latest()),
        _ => {}
    }
    if said.get("if_updated_at") == Some(&json!("current")) {
        let seen = said.get("post_id").and_then(post);
        said["if_updated_at"] = json!(seen.map(|post| post.updated_at.to_string()));
    }
    if let Some(minutes) = said.get("scheduled_at").and_then(Value::as_i64) {
        let at = now + SignedDuration::from_mins(minutes);
        said["scheduled_at"] = json!(at.to_string());
    }
    if said.get("space_id") == Some(&json!("own")) {
        said["space_id"] = json!(home(&said, state));
    }
    Value::Object(said)
}
