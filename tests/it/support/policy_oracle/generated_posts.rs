//! What the tools about posts are told, in every combination.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::support::example_calls::{CLUSTER, PIXEL};

/// The space of what is called about, another one in each way to name it, or none.
pub(crate) fn space() -> impl Strategy<Value = Value> {
    let others = vec![
        json!(1),
        json!("1"),
        json!(2),
        json!("Studio North"),
        Value::Null,
    ];
    prop_oneof![4 => Just(json!("own")), 1 => select(others)]
}

/// What of the following is said, and otherwise nothing.
fn sometimes(one_in: u32, values: Vec<Value>) -> impl Strategy<Value = Value> {
    prop_oneof![one_in - 1 => Just(Value::Null), 1 => select(values)]
}

/// All that the tools about posts take, before each takes its own.
pub(crate) fn ours() -> impl Strategy<Value = Value> {
    (plan(), content(), edit()).prop_map(|(plan, content, edit)| {
        let parts = [plan, content, edit].into_iter();
        parts
            .flat_map(|part| part.as_object().cloned().unwrap())
            .collect()
    })
}

/// Which posts, of whom, and when they go out.
fn plan() -> impl Strategy<Value = Value> {
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
    let absolute = vec![
        json!("2027-04-09T12:30"),
        json!("2027-04-10T10:00"),
        json!("2027-04-12T23:00"),
        json!("2027-04-13T15:00+02:00"),
    ];
    // Minutes from the call on.
    let times = prop_oneof![
        1 => Just(Value::Null),
        2 => select(absolute),
        2 => select(vec![-30, 2, 5, 20, 50, 100, 700]).prop_map(Value::from),
    ];
    let posts = prop_oneof![3 => (101u64..136).prop_map(Value::from), 3 => Just(json!("latest")), 1 => Just(json!(999))];
    let clusters = prop_oneof![
        2 => Just(json!(CLUSTER)),
        2 => Just(json!("latest")),
        2 => (101u64..136).prop_map(Value::from),
        1 => Just(json!("nobody")),
    ];
    let said = (
        space(),
        select(accounts),
        select(publish),
        times,
        posts,
        clusters,
    );
    said.prop_map(
        |(space_id, account_ids, publish, scheduled_at, post_id, cluster_id)| {
            json!({
                "space_id": space_id, "account_ids": account_ids, "publish": publish,
                "scheduled_at": scheduled_at, "post_id": post_id, "cluster_id": cluster_id,
            })
        },
    )
}

/// What posts are made of.
fn content() -> impl Strategy<Value = Value> {
    let media = vec![
        json!([{"media_id": 501}]),
        json!([{"media_id": 505}, {"media_id": 502}]),
        json!([{"media_id": 999}]),
        json!([{"data": PIXEL}]),
        json!([{"data": PIXEL, "filename": "dot.png"}, {"media_id": 503}]),
    ];
    let thread = vec![
        json!([{"content": "More words."}]),
        json!([{"content": "More words.", "media": [{"data": PIXEL}]}, {"content": "The last words."}]),
    ];
    let metadata = vec![
        json!({"title": "A title"}),
        json!({"board_id": "brew-guides", "link": "https://acme-coffee.example/account/21"}),
        json!({"title": "Another title", "allow_comments": false}),
        json!({"error": "It failed."}),
        json!({"title": "A title", "account_id": 21}),
    ];
    let per_account = vec![
        json!([{"account_id": 11, "content": "For one of them."}]),
        json!([{"account_id": "12", "metadata": {"title": "For one"}, "media": [{"data": PIXEL}]}]),
        json!([{"account_id": 21, "content": "For somebody else."}]),
        json!([{"account_id": "@acmecoffee", "thread": [{"content": "For one of them."}]}]),
    ];
    let contents = select(vec![
        Value::Null,
        json!("New words."),
        json!("Other words."),
    ]);
    let parts = (
        contents,
        sometimes(4, media),
        sometimes(5, thread),
        sometimes(5, metadata),
        sometimes(5, per_account),
        sometimes(4, vec![json!(true), json!(false)]),
    );
    parts.prop_map(
        |(content, media, thread, metadata, per_account, allow_repeat)| {
            json!({
                "content": content, "media": media, "thread": thread, "metadata": metadata,
                "per_account": per_account, "allow_repeat": allow_repeat,
            })
        },
    )
}

/// What only an edit of one post takes.
fn edit() -> impl Strategy<Value = Value> {
    let status = prop_oneof![
        6 => Just(Value::Null),
        3 => (0i64..5).prop_map(Value::from),
        2 => (0i64..5).prop_map(|code| json!(code.to_string())),
        1 => select(vec![json!(" 3 "), json!(1.0), json!(2.5), json!(-1), json!(5), json!(true)]),
        1 => select(vec![json!("draft"), json!("scheduled"), json!("Published"), json!("failed")]),
    ];
    let settings = vec![
        json!({}),
        json!({"title": "A title"}),
        json!({"error": "It failed."}),
        json!({"error_message": {"message": "It failed."}}),
        json!({"failure_reason": null, "status": 0, "published_at": "2027-04-01T00:00:00Z"}),
        json!({"account_id": 21}),
        json!({"account_id": 11, "account": {"id": 12}}),
        json!({"space_id": 2}),
        json!({"deep": [{"Space-Id": "1"}]}),
    ];
    let media = vec![
        json!([]),
        json!([501]),
        json!(["503", 501]),
        json!([505]),
        json!([999]),
    ];
    let clear = vec![
        json!(["scheduled_at"]),
        json!(["metadata", "media_ids"]),
        json!([]),
    ];
    let seen = vec![
        json!("current"),
        json!("2027-04-01T00:00:00Z"),
        json!("yesterday"),
    ];
    let said = (
        status,
        sometimes(3, settings),
        sometimes(5, media),
        sometimes(4, clear),
        sometimes(6, seen),
    );
    said.prop_map(|(status, settings, media_ids, clear, if_updated_at)| {
        json!({
            "status": status, "settings": settings, "media_ids": media_ids, "clear": clear,
            "if_updated_at": if_updated_at,
        })
    })
}

/// What one tool takes of it.
pub(crate) fn narrowed(tool: &str, ours: Value) -> Value {
    const POSTS: [&str; 8] = [
        "account_ids",
        "publish",
        "scheduled_at",
        "content",
        "media",
        "thread",
        "metadata",
        "per_account",
    ];
    let takes = match tool {
        "create_post" => [&POSTS[..], &["allow_repeat"]].concat(),
        "update_cluster" => [&POSTS[..], &["cluster_id"]].concat(),
        "update_post" => vec![
            "post_id",
            "scheduled_at",
            "status",
            "content",
            "clear",
            "media_ids",
            "if_updated_at",
        ],
        _ => vec!["post_id"],
    };
    let fields = takes.iter().chain(&["space_id"]);
    let mut call: Value = fields
        .map(|name| ((*name).to_owned(), ours[*name].clone()))
        .collect();
    // What contradicts itself is refused before any policy, and says nothing of it.
    match ours["publish"].as_str().filter(|_| tool != "delete_post") {
        Some("now") => call["scheduled_at"] = Value::Null,
        Some("schedule") if ours["scheduled_at"].is_null() => call["scheduled_at"] = json!(100),
        _ => {}
    }
    match tool {
        "create_post" => {
            for (name, value) in [("content", json!("x")), ("account_ids", json!([11]))] {
                if call[name].is_null() {
                    call[name] = value;
                }
            }
        }
        // Free here, where those of a new post are twelve.
        "update_post" => {
            call["scheduled_at"] = ours["scheduled_at"].clone();
            call["metadata"] = ours["settings"].clone();
            for name in ours["clear"].as_array().into_iter().flatten() {
                call[name.as_str().unwrap()] = Value::Null;
            }
        }
        _ => {}
    }
    call
}
