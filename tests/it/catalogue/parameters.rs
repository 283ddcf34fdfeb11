//! The parameters that this version has, and those that it refuses until they work.

use serde_json::{Value, json};

use crate::support::example_calls;
use crate::support::server_under_test::World;
use crate::support::tool_list::{listed, name, none};

/// Every tool with its parameters, required ones first.
const PARAMETERS: [(&str, &str); 27] = [
    (
        "create_post",
        "account_ids, publish, content, scheduled_at, timezone, media, thread, metadata, per_account, space_id, allow_repeat, dry_run, confirmation",
    ),
    (
        "create_slot",
        "space_id, weekday, time, timezone, account_id, dry_run",
    ),
    ("create_space", "name, timezone, dry_run"),
    (
        "create_webhook",
        "space_id, url, events, is_active, dry_run",
    ),
    ("delete_media", "media_id, dry_run"),
    ("delete_post", "post_id, space_id, dry_run, confirmation"),
    ("delete_slot", "slot_id, space_id, dry_run"),
    ("delete_space", "space_id, dry_run, confirmation"),
    ("delete_webhook", "webhook_id, space_id, dry_run"),
    (
        "disconnect_account",
        "account_id, space_id, dry_run, confirmation",
    ),
    ("get_overview", "space_id"),
    ("get_post", "post_id, space_id"),
    ("get_queue", "timezone, detail, space_id"),
    ("get_space", "space_id"),
    ("get_subscription", ""),
    ("list_accounts", "space_id"),
    ("list_boards", "account_id, space_id"),
    (
        "list_posts",
        "status, account_id, cluster_id, from, to, timezone, search, sort, page, detail, space_id",
    ),
    ("list_slots", "space_id"),
    ("list_spaces", ""),
    ("list_webhooks", "space_id"),
    (
        "set_account_active",
        "account_id, is_active, space_id, dry_run",
    ),
    (
        "update_cluster",
        "cluster_id, account_ids, publish, content, scheduled_at, timezone, media, thread, metadata, per_account, space_id, dry_run, confirmation",
    ),
    (
        "update_post",
        "post_id, content, scheduled_at, timezone, media, media_ids, status, metadata, clear, if_updated_at, space_id, dry_run, confirmation",
    ),
    ("update_space", "space_id, name, timezone, dry_run"),
    (
        "update_webhook",
        "webhook_id, space_id, url, events, is_active, dry_run",
    ),
    ("upload_media", "path, url, data, filename, dry_run"),
];

/// Words that change what a write does, so a tool that has no such parameter may not pass them on to Saki.
const MUST_ECHO: [&str; 4] = ["dry_run", "confirmation", "allow_repeat", "if_updated_at"];

#[tokio::test]
async fn the_parameters_are_those_that_are_implemented() {
    let tools = listed().await;
    let ours: Vec<(&str, String)> = tools
        .iter()
        .map(|tool| {
            let properties = tool["inputSchema"]["properties"].as_object().unwrap();
            let names: Vec<&str> = properties.keys().map(String::as_str).collect();
            (name(tool), names.join(", "))
        })
        .collect();
    let ours: Vec<(&str, &str)> = ours
        .iter()
        .map(|(tool, names)| (*tool, names.as_str()))
        .collect();
    assert_eq!(ours, PARAMETERS);
}

#[tokio::test]
async fn ids_are_integers_and_what_may_be_a_name_is_a_string() {
    let kind = |field: &str| match field {
        "space_id" | "account_id" | "cluster_id" => Some("string"),
        field if field.ends_with("_id") => Some("integer"),
        _ => None,
    };
    let mut breaches = Vec::new();
    for tool in listed().await {
        for (field, schema) in tool["inputSchema"]["properties"].as_object().unwrap() {
            if kind(field).is_some_and(|kind| schema["type"] != kind) {
                breaches.push(format!("{} {field}: {}", name(&tool), schema["type"]));
            }
        }
    }
    none(breaches);
}

#[tokio::test]
async fn a_parameter_that_changes_a_write_is_refused_where_it_is_unknown() {
    let world = World::new().await;
    let mut lacking = Vec::new();
    for (tool, arguments) in example_calls::full() {
        let has = listed_one(&world, tool).await["inputSchema"]["properties"].clone();
        for word in MUST_ECHO.iter().filter(|word| has.get(word).is_none()) {
            let mut arguments = arguments.clone();
            arguments[word] = json!(true);
            let answer = world.call(tool, arguments).await;
            lacking.push(*word);
            if reads(&world, tool).await {
                // A read changes nothing with or without it.
                let said = format!("`{word}` ignored: not a parameter");
                assert_eq!(answer.json["understood"][0], json!(said), "{tool}");
                world.sandbox().clear_log();
                continue;
            }
            let said = format!("`{word}` is not a parameter");
            assert!(
                answer.failed && answer.text.contains(&said),
                "{tool}: {answer:?}"
            );
            assert_eq!(answer.meta["class"], "not_sent", "{tool}");
        }
    }
    for word in MUST_ECHO {
        assert!(lacking.contains(&word), "every tool has {word}");
    }
    assert!(
        world.sandbox().log().is_empty(),
        "{:#?}",
        world.sandbox().log()
    );
}

#[tokio::test]
async fn an_unknown_parameter_of_a_write_is_refused_with_the_known_ones() {
    let world = World::new().await;
    for (tool, arguments) in example_calls::full() {
        let listed = listed_one(&world, tool).await;
        if listed["inputSchema"]["additionalProperties"] == true {
            continue;
        }
        if reads(&world, tool).await {
            continue;
        }
        let mut arguments = arguments.clone();
        arguments["colour"] = json!("blue");
        let said = world.refused(tool, arguments).await;
        assert!(
            said.contains("`colour` is not a parameter"),
            "{tool}: {said}"
        );
    }
    assert!(world.sandbox().log().is_empty());
}

async fn reads(world: &World, tool: &str) -> bool {
    listed_one(world, tool).await["annotations"]["readOnlyHint"] == true
}

async fn listed_one(world: &World, tool: &str) -> Value {
    let tools = world.tools().await;
    let found = tools.iter().find(|one| one.name == tool).unwrap();
    serde_json::to_value(found).unwrap()
}

#[tokio::test]
async fn a_parameter_deep_inside_is_checked_like_one_at_the_top() {
    let world = World::new().await;
    let post = |media: Value| {
        json!({
            "space_id": 1, "account_ids": [11, 12], "publish": "draft", "content": "A",
            "per_account": [{"account_id": 12, "thread": [{"content": "B", "media": [media]}]}],
        })
    };
    let said = world
        .refused("create_post", post(json!({"media_id": 501, "size": 7})))
        .await;
    assert!(
        said.contains("`per_account.0.thread.0.media.0.size` is not a parameter"),
        "{said}"
    );
    let said = world.refused("create_post", post(json!({}))).await;
    assert!(
        said.contains("`per_account.0.thread.0.media.0`: no file was given"),
        "{said}"
    );
    assert!(world.writes().is_empty());
    world
        .ok("create_post", post(json!({"media_id": "501"})))
        .await;
}
