//! The tools as a client sees them: a snapshot of each, and what holds for all of them.

use std::collections::BTreeSet;

use saki_mcp::tools::Tools;
use serde_json::{Value, json};

use crate::support::fixture_server::{MODERN, call, initialize, modern, request};
use crate::support::line_client::Lines;
use crate::support::server_under_test::World;
use crate::support::tool_list::{listed, name, none};

/// The toolsets of the product, and the tools of each.
const TOOLSETS: [(&str, &[&str]); 7] = [
    (
        "spaces",
        &[
            "get_overview",
            "list_spaces",
            "get_space",
            "create_space",
            "update_space",
            "delete_space",
        ],
    ),
    (
        "posts",
        &[
            "list_posts",
            "get_post",
            "create_post",
            "update_post",
            "delete_post",
            "update_cluster",
        ],
    ),
    (
        "accounts",
        &[
            "list_accounts",
            "set_account_active",
            "list_boards",
            "disconnect_account",
        ],
    ),
    ("media", &["upload_media", "delete_media"]),
    (
        "schedule",
        &["list_slots", "create_slot", "delete_slot", "get_queue"],
    ),
    (
        "webhooks",
        &[
            "list_webhooks",
            "create_webhook",
            "update_webhook",
            "delete_webhook",
        ],
    ),
    ("subscription", &["get_subscription"]),
];

#[tokio::test]
async fn each_tool_is_what_its_snapshot_says() {
    for tool in listed().await {
        let name = name(&tool).to_owned();
        insta::assert_json_snapshot!(name, tool);
    }
}

#[tokio::test]
async fn the_tools_are_those_of_the_toolsets() {
    let tools = listed().await;
    let ours: BTreeSet<&str> = tools.iter().map(name).collect();
    let wanted: BTreeSet<&str> = TOOLSETS
        .iter()
        .flat_map(|(_, tools)| *tools)
        .copied()
        .collect();
    assert_eq!(ours, wanted);
    assert_eq!((tools.len(), ours.len()), (27, 27));
}

#[test]
fn no_router_hides_a_tool_of_another() {
    // A sum of routers keeps the last of two tools of one name without a word.
    let wanted: usize = TOOLSETS.iter().map(|(_, tools)| tools.len()).sum();
    assert_eq!(Tools::router().list_all().len(), wanted);
}

#[tokio::test]
async fn names_are_a_verb_and_a_noun() {
    let fits = |name: &str| {
        let letters = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let words: Vec<&str> = name.split('_').collect();
        letters && name.len() <= 40 && words.len() >= 2 && !words.contains(&"")
    };
    let odd = |tool: &Value| (!fits(name(tool))).then(|| name(tool).to_owned());
    none(listed().await.iter().filter_map(odd).collect());
}

#[tokio::test]
async fn every_tool_has_a_title_a_description_and_four_annotations() {
    let mut breaches = Vec::new();
    for tool in listed().await {
        for field in ["title", "description"] {
            if tool[field]
                .as_str()
                .is_none_or(|text| text.trim().is_empty())
            {
                breaches.push(format!("{}: no {field}", name(&tool)));
            }
        }
        for hint in [
            "readOnlyHint",
            "destructiveHint",
            "idempotentHint",
            "openWorldHint",
        ] {
            if !tool["annotations"][hint].is_boolean() {
                breaches.push(format!("{}: no {hint}", name(&tool)));
            }
        }
        let hint = |name: &str| tool["annotations"][name] == true;
        if hint("readOnlyHint") && (hint("destructiveHint") || !hint("idempotentHint")) {
            breaches.push(format!(
                "{}: a read that destroys or does not repeat",
                name(&tool)
            ));
        }
    }
    none(breaches);
}

#[tokio::test]
async fn a_tool_that_deletes_says_so_and_one_that_creates_is_not_repeatable() {
    for tool in listed().await {
        let hint = |name: &str| tool["annotations"][name] == true;
        let verb = name(&tool).split('_').next().unwrap();
        match verb {
            "list" | "get" => assert!(hint("readOnlyHint"), "{}", name(&tool)),
            "delete" | "disconnect" | "update" | "set" => {
                assert!(
                    hint("destructiveHint") && hint("idempotentHint"),
                    "{}",
                    name(&tool)
                );
            }
            "create" | "upload" => assert!(!hint("idempotentHint"), "{}", name(&tool)),
            other => panic!(
                "{}: the verb {other} is new here; decide what it promises",
                name(&tool)
            ),
        }
    }
}

#[tokio::test]
async fn both_eras_see_the_same_list() {
    let world = World::new().await;
    let mut older = Lines::initialized(world.handler.clone()).await;
    let older = older.ask(&request(1, "tools/list", json!({}))).await;
    let mut newer = Lines::to(world.handler.clone());
    let known = newer
        .ask(&modern(request(1, "server/discover", json!({}))))
        .await;
    let newer = newer
        .ask(&modern(request(2, "tools/list", json!({}))))
        .await;
    assert_eq!(older["result"]["tools"], newer["result"]["tools"]);
    assert_eq!(older["result"]["tools"].as_array().unwrap().len(), 27);
    let versions = known["result"]["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!(MODERN)), "{known}");
    assert_eq!(newer["result"]["cacheScope"], "private");
    assert!(
        newer["result"]["ttlMs"].as_u64().is_some_and(|ms| ms > 0),
        "{newer}"
    );
}

#[tokio::test]
async fn the_server_says_who_it_is_in_both_eras() {
    let world = World::new().await;
    let mut older = Lines::to(world.handler.clone());
    let older = older.ask(&initialize("2025-11-25")).await;
    let server = &older["result"]["serverInfo"];
    let mut newer = Lines::to(world.handler.clone());
    let newer = newer
        .ask(&modern(request(1, "server/discover", json!({}))))
        .await;
    assert_eq!(server["name"], "saki-sandbox");
    assert_eq!(server["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(server["title"], "Saki (sandbox)");
    assert_eq!(server["websiteUrl"], "https://usesaki.com");
    assert_eq!(
        newer["result"]["instructions"],
        older["result"]["instructions"]
    );
    assert!(
        newer["result"]["instructions"]
            .as_str()
            .is_some_and(|text| text.contains("cluster"))
    );
}

#[tokio::test]
async fn empty_arguments_are_answered_and_never_a_protocol_error() {
    let world = World::new().await;
    let mut lines = Lines::initialized(world.handler.clone()).await;
    for (id, tool) in (1..).zip(listed().await) {
        let answer = lines.ask(&call(id, name(&tool), json!({}))).await;
        let required = tool["inputSchema"]["required"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert!(answer["error"].is_null(), "{}: {answer}", name(&tool));
        let text = answer["result"]["content"][0]["text"]
            .as_str()
            .unwrap_or_default();
        if let Some(first) = required.first().and_then(Value::as_str) {
            assert_eq!(answer["result"]["isError"], true, "{}: {text}", name(&tool));
            assert!(
                text.contains(&format!("`{first}` is missing")),
                "{}: {text}",
                name(&tool)
            );
        }
    }
    let written = world.writes();
    let wrote: Vec<&str> = written.iter().map(|logged| logged.path.as_str()).collect();
    // Saki itself says what a space without a name lacks; everything else is refused before.
    assert_eq!(wrote, ["/spaces"]);
}
