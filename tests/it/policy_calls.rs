//! Calls and limits of every kind, in every combination.

use proptest::prelude::*;
use saki_mcp::write::policy::{Limit, Mode};
use serde_json::{Value, json};

use crate::calls::{CLUSTER, PIXEL, full};
use crate::policy::{accounts, lead, quiet, spaces};

/// One limit, and the flag that sets it.
pub(crate) fn limit() -> impl Strategy<Value = (Limit, &'static str, String)> {
    let modes = vec![Mode::Full, Mode::DraftsOnly, Mode::ReadOnly];
    let list = |ids: &[u64]| ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let spaces_of = prop::sample::select(vec![&[1][..], &[2], &[1, 2], &[1, 7]]);
    let accounts_of = prop::sample::select(vec![&[11][..], &[11, 12], &[12, 15, 21], &[13]]);
    let hours = vec!["11:00-13:00", "22:00-09:30", "12:00-11:59"];
    prop_oneof![
        3 => prop::sample::select(modes).prop_map(|mode| (Limit::Mode(mode), "--mode", mode.word().to_owned())),
        2 => spaces_of.prop_map(move |ids| (spaces(ids), "--space", list(ids))),
        2 => accounts_of.prop_map(move |ids| (accounts(ids), "--accounts", list(ids))),
        1 => (0usize..4).prop_map(|most| (Limit::MaxLivePerHour(most), "--max-live-per-hour", most.to_string())),
        1 => prop::sample::select(hours).prop_map(|hours| (quiet(hours), "--quiet-hours", hours.to_owned())),
        1 => (1i64..80).prop_map(|hours| (lead(hours), "--min-lead", format!("{hours}h"))),
    ]
}

/// A call that a policy may have to say no to.
pub(crate) fn call() -> impl Strategy<Value = (&'static str, Value)> {
    let tools = vec![
        "create_post",
        "update_post",
        "update_cluster",
        "delete_post",
    ];
    let about = prop_oneof![3 => prop::sample::select(tools).prop_map(Some), 1 => Just(None)];
    (about, ours(), any::<prop::sample::Index>()).prop_map(|(tool, ours, any)| match tool {
        Some(tool) => (tool, narrowed(tool, ours)),
        None => {
            let others = full();
            let (tool, mut call) = others[any.index(others.len())].clone();
            // The space of the one call is that of another, wherever it can be said.
            call["space_id"] = ours["space_id"].clone();
            call["more"] = ours["more"].clone();
            if tool == "upload_media" {
                call["data"] = json!(PIXEL);
            }
            (tool, call)
        }
    })
}

/// All that the tools about posts take, before each takes its own.
fn ours() -> impl Strategy<Value = Value> {
    let space = prop::sample::select(vec![
        json!(1),
        json!("1"),
        json!(2),
        json!("Studio North"),
        Value::Null,
    ]);
    let accounts = vec![
        json!([11]),
        json!(["@acmecoffee", 12]),
        json!([12, 13]),
        json!([21]),
        json!(["x"]),
        json!([15, 11, 12]),
        Value::Null,
    ];
    let publish = vec![json!("draft"), json!("now"), json!("schedule"), Value::Null];
    let times = vec![
        Value::Null,
        json!("2027-04-09T12:30"),
        json!("2027-04-10T10:00"),
        json!("2027-04-12T23:00"),
        json!("2027-04-13T15:00+02:00"),
    ];
    let posts = prop_oneof![101u64..128, Just(999)];
    let status = prop_oneof![2 => Just(Value::Null), 1 => (0i64..5).prop_map(Value::from)];
    let more = vec![json!({}), json!({"space_id": 2}), json!([{"Space": "1"}])];
    let said = (
        space,
        prop::sample::select(accounts),
        prop::sample::select(publish),
        prop::sample::select(times),
        posts,
        status,
        prop::sample::select(more),
        any::<[bool; 3]>(),
    );
    said.prop_map(|(space_id, account_ids, publish, at, post_id, status, more, [text, clear, other])| {
        json!({
            "space_id": space_id, "account_ids": account_ids, "publish": publish, "scheduled_at": at, "post_id": post_id,
            "status": status, "more": more, "content": text.then_some("New words."),
            "clear": (clear && at.is_null()).then_some(["scheduled_at"]),
            "cluster_id": if other { "nobody" } else { CLUSTER },
        })
    })
}

/// What one tool takes of it.
fn narrowed(tool: &str, ours: Value) -> Value {
    let takes: &[&str] = match tool {
        "create_post" => &["account_ids", "publish", "scheduled_at", "content"],
        "update_cluster" => &[
            "cluster_id",
            "account_ids",
            "publish",
            "scheduled_at",
            "content",
        ],
        "update_post" => &["post_id", "scheduled_at", "status", "content", "clear"],
        _ => &["post_id"],
    };
    let fields = takes.iter().chain(&["space_id"]);
    let mut call: Value = fields
        .map(|name| ((*name).to_owned(), ours[*name].clone()))
        .collect();
    if tool == "create_post" && call["content"].is_null() {
        call["content"] = json!("x");
    }
    call
}
