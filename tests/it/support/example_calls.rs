//! One call of every tool with all that it takes, good in the seeded world and in this order.

use rmcp::model::Tool;
use serde_json::{Map, Value, json};

use crate::support::media_files::PNG;
use crate::support::post_arguments::{cluster_change, new_post};
use crate::support::sandbox_state;
use crate::support::server_under_test::World;

/// The scheduled cluster of the seeded world: posts 106, 107 and 108 of the accounts 11, 12 and 13.
pub(crate) const CLUSTER: &str = "1d776982-cc4c-4074-a1b3-896a67db664f";

/// A picture of one pixel, as base64.
pub(crate) const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// All 12 keys that the reference prints for `metadata`.
pub(crate) fn metadata() -> Value {
    json!({
        "topic_tag": "coffee", "post_type": "feed", "link": "https://acme-coffee.example/new",
        "privacy_level": "PUBLIC_TO_EVERYONE", "allow_comments": true, "allow_duet": false,
        "allow_stitch": false, "branded_content": false, "brand_organic": true,
        "board_id": "brew-guides", "title": "Huye Mountain",
        "cover_image_url": "https://acme-coffee.example/cover.jpg",
    })
}

/// What `create_post` and `update_cluster` share.
fn posts() -> Value {
    json!({
        "space_id": 1, "account_ids": ["@acmecoffee", 12], "publish": "schedule",
        "content": "New on the shelf.", "scheduled_at": "2027-04-12T09:00", "timezone": "Europe/Berlin",
        "media": [{"media_id": 501}],
        "thread": [{"content": "How we roast it.", "media": [{"media_id": 502}]}],
        "metadata": metadata(),
        "per_account": [{
            "account_id": "12", "content": "New on the shelf. ☕", "media": [{"media_id": 503}],
            "thread": [{"content": "Link in bio.", "media": [{"media_id": 501}]}],
            "metadata": {"title": "For Instagram", "allow_comments": false},
        }],
    })
}

/// Every tool once, those that take something away last.
pub(crate) fn full() -> Vec<(&'static str, Value)> {
    let mut update_cluster = posts();
    update_cluster["cluster_id"] = json!(CLUSTER);
    vec![
        ("list_spaces", json!({})),
        ("get_space", json!({"space_id": 1})),
        (
            "create_space",
            json!({"name": "Lab", "timezone": "Asia/Tokyo", "color": "blue"}),
        ),
        (
            "update_space",
            json!({"space_id": 2, "name": "Studio South", "timezone": "America/Lima", "color": "red"}),
        ),
        (
            "list_posts",
            json!({"space_id": 1, "status": "1", "account_id": "@acmecoffee", "from": "2027-04-01", "to": "2027-04-30", "page": 1}),
        ),
        ("get_post", json!({"space_id": 1, "post_id": 106})),
        ("create_post", posts()),
        (
            "update_post",
            json!({
                "space_id": 1, "post_id": 112, "content": "The pour-over we teach.", "scheduled_at": "2027-04-13T17:30",
                "timezone": "Europe/Berlin", "media_ids": [503, 501], "status": 1, "metadata": {"title": "Pour-over"}, "clear": [],
            }),
        ),
        ("update_cluster", update_cluster),
        ("list_accounts", json!({"space_id": 1})),
        (
            "set_account_active",
            json!({"space_id": 1, "account_id": "acmecoffee.tok", "is_active": true, "note": "back"}),
        ),
        ("list_boards", json!({"space_id": 1, "account_id": 15})),
        (
            "upload_media",
            json!({"data": PIXEL, "filename": "fête.png", "alt": "One pixel"}),
        ),
        ("list_slots", json!({"space_id": 1})),
        (
            "create_slot",
            json!({"space_id": 1, "weekday": "friday", "time": "12:00", "timezone": "Europe/Paris", "label": "lunch"}),
        ),
        ("get_overview", json!({"space_id": 1})),
        ("get_queue", json!({"space_id": 1, "detail": "full"})),
        ("list_webhooks", json!({"space_id": 1})),
        (
            "create_webhook",
            json!({"space_id": 1, "url": "https://acme-coffee.example/new", "events": ["post.failed"], "is_active": false, "secret": "s3"}),
        ),
        (
            "update_webhook",
            json!({"space_id": 1, "webhook_id": 701, "url": "https://acme-coffee.example/all", "events": ["post.published"], "is_active": true}),
        ),
        ("get_subscription", json!({})),
        ("delete_post", json!({"space_id": 1, "post_id": 105})),
        ("delete_media", json!({"media_id": 503})),
        ("delete_slot", json!({"space_id": 1, "slot_id": 302})),
        ("delete_webhook", json!({"space_id": 1, "webhook_id": 701})),
        (
            "disconnect_account",
            json!({"space_id": 1, "account_id": 14}),
        ),
        ("delete_space", json!({"space_id": 2})),
    ]
}

/// Those that change something.
pub(crate) fn writes() -> Vec<(&'static str, Value)> {
    let reads = |tool: &str| tool.starts_with("list_") || tool.starts_with("get_");
    let mut all = full();
    all.retain(|(tool, _)| !reads(tool));
    all
}

/// Those that a person is asked about, one of each tool that may ask.
pub(crate) fn asking() -> Vec<(&'static str, Value)> {
    vec![
        ("create_post", new_post("Open until ten tonight.").now()),
        (
            "update_post",
            json!({"space_id": 1, "post_id": 112, "status": 2}),
        ),
        (
            "update_cluster",
            cluster_change(CLUSTER).on([11, 12]).undecided(),
        ),
        ("delete_post", json!({"space_id": 1, "post_id": 104})),
        (
            "disconnect_account",
            json!({"space_id": 1, "account_id": 14}),
        ),
        ("delete_space", json!({"space_id": 2})),
    ]
}

/// A webhook, whose creation sends nothing but itself.
pub(crate) fn webhook() -> Value {
    json!({"space_id": 1, "url": "https://acme-coffee.example/new", "events": ["post.failed"]})
}

pub(crate) fn slot() -> Value {
    json!({"space_id": 1, "weekday": "monday", "time": "09:00"})
}

/// Arguments that a tool takes, for those of its parameters that must be there.
pub(crate) fn plain(world: &World, tool: &Tool) -> Value {
    let cluster = sandbox_state::posts(world).last().unwrap()["cluster_id"].clone();
    let known = json!({
        "space_id": 2, "post_id": 130, "cluster_id": cluster, "account_id": 24, "media_id": 504, "slot_id": 304,
        "webhook_id": 702, "account_ids": [22], "is_active": true,
    });
    let schema = &tool.input_schema;
    let names = schema
        .get("required")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut arguments: Map<String, Value> = names
        .iter()
        .filter_map(Value::as_str)
        .map(|name| (name.to_owned(), known[name].clone()))
        .collect();
    if parameters(tool).any(|name| name == "space_id") {
        arguments.insert("space_id".to_owned(), json!(2));
    }
    match &*tool.name {
        "create_post" | "update_cluster" => {
            arguments.insert("content".to_owned(), json!("x"));
            arguments.insert("publish".to_owned(), json!("draft"));
        }
        "upload_media" => drop(arguments.insert("data".to_owned(), json!(PNG))),
        "update_post" => drop(arguments.insert("content".to_owned(), json!("x"))),
        _ => {}
    }
    Value::Object(arguments)
}

pub(crate) fn parameters(tool: &Tool) -> impl Iterator<Item = String> {
    let properties = tool
        .input_schema
        .get("properties")
        .and_then(Value::as_object);
    properties
        .unwrap()
        .keys()
        .cloned()
        .collect::<Vec<_>>()
        .into_iter()
}
