//! Names of tools with the name of a server before them.

use rmcp::model::CallToolRequestParams;
use rstest::rstest;
use saki_mcp::write::policy::{Limit, Mode};
use serde_json::json;

use crate::support::fixture_server::{call, json_of, modern, text};
use crate::support::policy_limits::limited;
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::World;

async fn unknown(world: &World, name: &str) -> String {
    let request = CallToolRequestParams::new(name.to_owned());
    let error = world.client.call_tool(request).await.unwrap_err();
    error.to_string()
}

#[rstest]
#[case("mcp__saki__list_spaces")]
#[case("saki-list_spaces")]
#[case("saki_list_spaces")]
#[case("saki.list_spaces")]
#[case("functions.list_spaces")]
#[case("default_api:list_spaces")]
#[case("saki/list_spaces")]
#[case("functions.mcp__saki__list_spaces")]
#[case("mcp__social__list_spaces")]
#[case("acme_list_spaces")]
#[case("mcp_saki-sandbox_list_spaces")]
#[tokio::test]
async fn a_prefixed_name_is_the_tool_and_the_answer_says_so(#[case] name: &str) {
    let world = World::new().await;
    let answer = world.call(name, json!({})).await;
    assert_eq!(answer.json["data"][0]["name"], "Acme Coffee");
    let said = format!("\"{name}\" as list_spaces");
    assert_eq!(answer.meta["understood"], json!([said]));
}

#[rstest]
#[case("saki2_create_post")]
#[case("saki_2_create_post")]
#[case("saki-sandbox-create_post")]
#[case("mcp__plugin_saki_saki__create_post")]
#[tokio::test]
async fn a_write_takes_the_prefix_of_a_numbered_server_too(#[case] name: &str) {
    let world = World::new().await;
    let answer = world.ok(name, new_post("A").draft()).await;
    assert_eq!(answer["outcome"], "done");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn a_prefix_works_over_http_in_both_eras() {
    let world = World::new().await;
    let server = world.over_http().await;
    for call in [
        call(1, "mcp__saki__list_spaces", json!({})),
        modern(call(2, "mcp__saki__list_spaces", json!({}))),
    ] {
        let (status, answer) = json_of(server.mcp(&call)).await;
        assert!(
            status == 200 && text(&answer).contains("Acme Coffee"),
            "{answer}"
        );
    }
}

#[rstest]
#[case("saki.listSpaces")]
#[case("mcp__saki__list-spaces")]
#[case("LIST_SPACES")]
#[case("list_spaces__saki")]
#[tokio::test]
async fn a_name_in_another_spelling_is_unknown_and_the_tool_is_suggested(#[case] name: &str) {
    let said = unknown(&World::new().await, name).await;
    assert!(said.contains("did you mean \"list_spaces\"?"), "{said}");
}

#[tokio::test]
async fn a_word_before_a_write_is_no_prefix_and_suggests_nothing() {
    let world = World::new().await;
    for name in [
        "undo_delete_post",
        "dry-run-delete_post",
        "mcp_saki_undo_delete_post",
        "undelete_post",
    ] {
        let said = unknown(&world, name).await;
        assert!(!said.contains("\"delete_post\""), "{said}");
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_tool_that_the_policy_hides_is_refused_with_a_prefix_too() {
    let world = limited([Limit::Mode(Mode::ReadOnly)]).await;
    let plain = world
        .refused("delete_post", json!({"space_id": 1, "post_id": 104}))
        .await;
    let prefixed = world
        .refused(
            "mcp__saki__delete_post",
            json!({"space_id": 1, "post_id": 104}),
        )
        .await;
    assert_eq!(prefixed, plain);
    assert!(world.writes().is_empty());
}
