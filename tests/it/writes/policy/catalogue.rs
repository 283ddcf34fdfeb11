//! The operator's policy in the catalogue: which tools are there, what they ask for, and what a model is told at the start.

use std::collections::BTreeSet;

use rstest::rstest;
use saki_mcp::tools::Tools;
use saki_mcp::write::policy::{Limit, Mode};
use serde_json::{Value, json};

use crate::support::example_calls;
use crate::support::policy_limits::{accounts, instructions, lead, limited, quiet, spaces, tools};
use crate::support::server_under_test::World;

async fn listed(world: &World) -> Vec<String> {
    let tools = world.tools().await.into_iter();
    tools.map(|tool| tool.name.to_string()).collect()
}

#[rstest]
#[case::full("mode_full", Limit::Mode(Mode::Full))]
#[case::drafts_only("mode_drafts_only", Limit::Mode(Mode::DraftsOnly))]
#[case::read_only("mode_read_only", Limit::Mode(Mode::ReadOnly))]
#[case::a_pinned_space("pinned_space", spaces(&[1]))]
#[case::some_accounts("some_accounts", accounts(&[11]))]
#[case::chosen("chosen_tools", tools("--tools", &["list_posts", "create_post"]))]
#[case::left_out("left_out_tools", tools("--exclude-tools", &["delete_space", "delete_post"]))]
#[tokio::test]
async fn each_limit_leaves_exactly_these_tools(#[case] name: &str, #[case] limit: Limit) {
    let world = limited([limit]).await;
    insta::assert_snapshot!(name, listed(&world).await.join("\n"));
}

#[rstest]
#[case::nothing(Limit::Mode(Mode::Full), "")]
#[case::drafts_only(Limit::Mode(Mode::DraftsOnly), "--mode drafts-only")]
#[case::read_only(Limit::Mode(Mode::ReadOnly), "--mode read-only")]
#[case::a_pinned_space(spaces(&[1]), "--space 1")]
#[case::some_accounts(accounts(&[11]), "--accounts 11")]
#[case::chosen(tools("--tools", &["list_posts"]), "--tools list_posts")]
#[tokio::test]
async fn an_unlisted_tool_is_refused_when_called_and_sends_nothing(
    #[case] limit: Limit,
    #[case] flag: &str,
) {
    let world = limited([limit]).await;
    let there: BTreeSet<String> = listed(&world).await.into_iter().collect();
    for (tool, arguments) in example_calls::full() {
        if there.contains(tool) {
            continue;
        }
        let answer = world.call(tool, arguments).await;
        let said = format!("The operator's policy `{flag}` forbids this: {tool} ");
        assert!(
            answer.failed && answer.text.starts_with(&said),
            "{answer:?}"
        );
        assert_eq!(answer.meta["policy"], flag);
        assert_eq!(answer.meta["class"], "not_sent");
    }
    assert!(world.sandbox().log().is_empty());
    assert_eq!(
        there.len() == Tools::router().list_all().len(),
        flag.is_empty()
    );
}

#[tokio::test]
async fn several_tool_selections_leave_their_intersection() {
    let world = limited([
        tools("--toolsets", &["list_posts", "create_post", "get_post"]),
        tools("--tools", &["list_posts", "get_post", "list_spaces"]),
        tools("--exclude-tools", &["get_post"]),
    ])
    .await;
    assert_eq!(listed(&world).await, ["list_posts"]);
}

#[tokio::test]
async fn every_tool_is_in_one_toolset() {
    let all = Tools::toolsets().into_iter();
    let all: Vec<_> = all.flat_map(|(_, tools)| tools.list_all()).collect();
    let names: BTreeSet<_> = all.iter().map(|tool| &tool.name).collect();
    assert_eq!((all.len(), names.len()), (27, 27));
    assert_eq!(Tools::router().list_all().len(), 27);
}

#[tokio::test]
async fn no_tool_asks_for_a_pinned_space_but_several_are_asked_for() {
    let asks = |tool: &Value| tool["inputSchema"]["properties"].get("space_id").is_some();
    for (limit, expected) in [(spaces(&[1]), 0), (spaces(&[1, 2]), 21)] {
        let world = limited([limit]).await;
        let tools = world.tools().await.into_iter();
        let tools: Vec<Value> = tools
            .map(|tool| serde_json::to_value(tool).unwrap())
            .collect();
        let asking = tools.iter().filter(|tool| asks(tool)).count();
        assert_eq!(asking, expected);
        for tool in tools.iter().filter(|tool| !asks(tool)) {
            assert!(
                !tool["inputSchema"]["required"]
                    .to_string()
                    .contains("space_id")
            );
        }
    }
}

#[tokio::test]
async fn the_instructions_state_the_policy_in_one_line() {
    let world = limited([
        Limit::Mode(Mode::DraftsOnly),
        tools("--tools", &["list_posts", "create_post"]),
        spaces(&[1]),
        accounts(&[11, 12]),
        Limit::MaxLivePerHour(5),
        quiet("22:00-07:00"),
        lead(2),
    ])
    .await;
    let said = instructions(&world).await;
    let line = said.lines().find(|line| line.contains("policy")).unwrap();
    insta::assert_snapshot!(line, @"The operator's policy, which no call can change: --mode drafts-only, --tools list_posts,create_post, --space 1, --accounts 11,12, --max-live-per-hour 5, --quiet-hours 22:00-07:00 (Europe/Berlin), --min-lead 2h.");
    assert!(!instructions(&World::new().await).await.contains("policy"));
}

#[tokio::test]
async fn accounts_outside_the_limit_can_be_read_and_are_marked() {
    let world = limited([accounts(&[11, 12])]).await;
    let list = world.ok("list_accounts", json!({"space_id": 1})).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 6);
    assert!(
        list["note"]
            .as_str()
            .unwrap()
            .ends_with("written to: 11, 12.")
    );
    let open = World::new().await;
    let list = open.ok("list_accounts", json!({"space_id": 1})).await;
    assert!(list.get("note").is_none());
}
