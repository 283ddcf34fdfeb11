//! Where nobody can be asked, a second call confirms the first; or, where only a person may, nothing does.

use rmcp::model::CallToolRequestParams;
use saki_mcp::tools::Confirm;
use serde_json::{Value, json};

use crate::support::elicitation_client::{ERAS, append, connect, rewrite, world};
use crate::support::example_calls;
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::{Answer, World, object};
use crate::support::unresponsive_saki::call;

pub(crate) fn with(arguments: &Value, token: &Value) -> Value {
    let mut arguments = arguments.clone();
    arguments["confirmation"] = token.clone();
    arguments
}

/// The token of a call that has to be confirmed.
pub(crate) fn token(answer: &Answer) -> Value {
    assert!(!answer.failed, "{}", answer.text);
    assert_eq!(answer.json["outcome"], "confirmation_needed", "{answer:?}");
    assert!(answer.json["confirmation"].is_string(), "{answer:?}");
    answer.json["confirmation"].clone()
}

/// The seeded world, and a deletion in it that is not confirmed yet.
async fn begun() -> (World, Value, Value) {
    let world = world(Confirm::Auto).await;
    let arguments = json!({"space_id": 1, "post_id": 104});
    let token = token(&world.call("delete_post", arguments.clone()).await);
    (world, arguments, token)
}

/// Refused with a reason, a new token, and nothing sent; the new token then does.
async fn refused_and_renewed(world: &World, tool: &str, arguments: &Value, bad: &Value, why: &str) {
    let answer = world.call(tool, with(arguments, bad)).await;
    let fresh = token(&answer);
    let warning = answer.json["warnings"][0].as_str().unwrap();
    assert!(warning.contains(why), "{warning}");
    assert!(world.writes().is_empty());
    assert_ne!(fresh, *bad);
    let done = world.ok(tool, with(arguments, &fresh)).await;
    assert_eq!(done["outcome"], "done");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn the_first_call_previews_and_the_second_executes() {
    for era in ERAS {
        for (tool, arguments) in example_calls::asking() {
            let world = world(Confirm::Auto).await;
            let client = connect((), world.handler.clone(), era).await;
            let mut dry = arguments.clone();
            dry["dry_run"] = json!(true);
            let preview = call(&client, tool, dry).await.json;

            let first = call(&client, tool, arguments.clone()).await;
            let token = token(&first);
            assert!(world.writes().is_empty(), "{era:?} {tool}");
            for shown in ["what", "request", "removed", "accounts"] {
                assert_eq!(first.json[shown], preview[shown], "{era:?} {tool} {shown}");
            }
            let note = first.json["note"].as_str().unwrap();
            assert!(
                note.starts_with("Nothing was sent. If the person's own words in this conversation already asked for exactly this"),
                "{note}"
            );

            let second = call(&client, tool, with(&arguments, &token)).await;
            assert_eq!(second.json["outcome"], "done", "{era:?} {tool}: {second:?}");
            assert_eq!(world.writes().len(), 1, "{era:?} {tool}");
            let sent = &world.writes()[0];
            assert_eq!(first.json["request"]["path"], sent.path, "{tool}");
            assert_eq!(
                first.json["request"].get("body"),
                sent.body.as_ref(),
                "{tool}"
            );
        }
    }
}

#[tokio::test]
async fn where_a_person_must_confirm_a_client_without_elicitation_is_refused() {
    for era in ERAS {
        for (tool, arguments) in example_calls::asking() {
            let asking = world(Confirm::Auto).await;
            let client = connect((), asking.handler.clone(), era).await;
            let token = token(&call(&client, tool, arguments.clone()).await);

            let world = world(Confirm::Always).await;
            let client = connect((), world.handler.clone(), era).await;
            for arguments in [arguments.clone(), with(&arguments, &token)] {
                let answer = call(&client, tool, arguments).await;
                assert!(answer.failed, "{era:?} {tool}: {}", answer.json);
                assert_eq!(answer.meta["class"], "not_sent");
                assert!(
                    answer.text.contains("`--confirm always`"),
                    "{}",
                    answer.text
                );
                assert!(!answer.text.contains("`confirmation`"), "{}", answer.text);
            }
            assert!(world.writes().is_empty(), "{era:?} {tool}");
        }
    }
}

#[tokio::test]
async fn a_token_is_valid_once() {
    let (world, arguments, token) = begun().await;
    world.ok("delete_post", with(&arguments, &token)).await;
    // The post is put back, so that only the token can be in the way.
    let other = crate::support::elicitation_client::world(Confirm::Auto).await;
    let fresh = other.sandbox().state(Clone::clone);
    world.sandbox().edit(|state| *state = fresh);
    let said = world.refused("delete_post", with(&arguments, &token)).await;
    assert!(said.contains("used before"), "{said}");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn a_used_token_is_said_to_be_used_where_what_it_was_for_is_gone() {
    for (tool, arguments) in [
        ("disconnect_account", json!({"account_id": "@acmebrews"})),
        ("delete_post", json!({"space_id": 1, "post_id": 104})),
    ] {
        let world = world(Confirm::Auto).await;
        let token = token(&world.call(tool, arguments.clone()).await);
        world.ok(tool, with(&arguments, &token)).await;
        let said = world.refused(tool, with(&arguments, &token)).await;
        assert!(said.contains("used before"), "{tool}: {said}");
        assert_eq!(world.writes().len(), 1);
        // Another call learns nothing of the token.
        let other = json!({"account_id": "nobody"});
        let said = world
            .refused("disconnect_account", with(&other, &token))
            .await;
        assert!(!said.contains("used before"), "{said}");
    }
}

#[tokio::test]
async fn equal_second_calls_at_the_same_time_send_one_request() {
    let (tool, arguments) = example_calls::asking().remove(0);
    let world = world(Confirm::Auto).await;
    let mut arguments = arguments;
    arguments["allow_repeat"] = json!(true);
    let token = token(&world.call(tool, arguments.clone()).await);
    let calls = (0..8).map(|_| world.call(tool, with(&arguments, &token)));
    let answers = futures::future::join_all(calls).await;
    let done = answers.iter().filter(|answer| !answer.failed);
    assert_eq!(done.count(), 1);
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn an_altered_or_invented_token_confirms_nothing() {
    for change in [
        |token: &str| token.chars().rev().collect(),
        |token: &str| format!("{token}a"),
        |token: &str| token[..token.len() - 1].to_owned(),
        |_: &str| "yes0-real-0000".to_owned(),
    ] {
        let (world, arguments, token) = begun().await;
        let bad = json!(change(token.as_str().unwrap()));
        assert_ne!(bad, token);
        let why = "was not issued by this server";
        refused_and_renewed(&world, "delete_post", &arguments, &bad, why).await;
    }
    let (world, arguments, token) = begun().await;
    for made_up in ["yes", "true", "rs1.a.b", &"A".repeat(1000)] {
        let said = world.refused("delete_post", with(&arguments, &json!(made_up)));
        let said = said.await;
        assert!(said.contains("`confirmation`: \""), "{said}");
        assert!(
            said.contains("Nothing was sent") && said.len() < 500,
            "{said}"
        );
    }
    assert!(world.writes().is_empty());
    let spaced = json!(format!(" {} ", token.as_str().unwrap().to_uppercase()));
    world.ok("delete_post", with(&arguments, &spaced)).await;
}

#[tokio::test]
async fn a_token_of_another_server_confirms_nothing() {
    let (_, _, foreign) = begun().await;
    let (world, arguments, _) = begun().await;
    let why = "was not issued by this server";
    refused_and_renewed(&world, "delete_post", &arguments, &foreign, why).await;
}

#[tokio::test]
async fn a_token_is_valid_for_ten_minutes() {
    let (world, arguments, token) = begun().await;
    world.clock.set("2027-04-09T10:10:01Z".parse().unwrap());
    let why = "older than ten minutes";
    refused_and_renewed(&world, "delete_post", &arguments, &token, why).await;

    let (world, arguments, token) = begun().await;
    world.clock.set("2027-04-09T10:09:50Z".parse().unwrap());
    world.ok("delete_post", with(&arguments, &token)).await;
}

#[tokio::test]
async fn a_token_confirms_only_the_same_arguments() {
    let world = world(Confirm::Auto).await;
    let post = |content: &str| new_post(content).now();
    let token = token(&world.call("create_post", post("One")).await);
    let why = "for this call with these arguments";
    refused_and_renewed(&world, "create_post", &post("Two"), &token, why).await;
    // In another order they are the same.
    let again = json!({"confirmation": token, "publish": "now", "content": "One", "account_ids": [11], "space_id": 1});
    assert_eq!(world.ok("create_post", again).await["outcome"], "done");
}

#[tokio::test]
async fn a_changed_preview_is_shown_again_and_the_old_token_is_used_up() {
    let (world, arguments, old) = begun().await;
    rewrite(world.sandbox(), 104);
    let answer = world.call("delete_post", with(&arguments, &old)).await;
    let shown = answer.json["removed"][0]["content"].to_string();
    assert!(shown.contains("And more."), "{shown}");
    let warning = answer.json["warnings"][0].as_str().unwrap();
    assert!(warning.contains("has changed since"), "{warning}");
    let said = world.refused("delete_post", with(&arguments, &old)).await;
    assert!(said.contains("used before"), "{said}");
    assert!(world.writes().is_empty());
    let done = world.ok("delete_post", with(&arguments, &token(&answer)));
    assert_eq!(done.await["outcome"], "done");
}

#[tokio::test]
async fn a_change_beyond_the_shown_excerpt_is_noticed_too() {
    let edit = json!({"space_id": 1, "post_id": 112, "status": 2});
    let delete = json!({"space_id": 1, "post_id": 104});
    for (tool, post_id, arguments) in [("delete_post", 104, delete), ("update_post", 112, edit)] {
        let world = world(Confirm::Auto).await;
        append(world.sandbox(), post_id, &" and so on".repeat(40));
        let token = token(&world.call(tool, arguments.clone()).await);
        append(world.sandbox(), post_id, " And more.");
        let why = "has changed since";
        refused_and_renewed(&world, tool, &arguments, &token, why).await;
    }
}

#[tokio::test]
async fn an_unneeded_token_is_harmless_and_an_invented_one_is_refused() {
    let (asking, _, token) = begun().await;
    let draft = |token: &Value| json!({"space_id": 1, "post_id": 112, "confirmation": token});
    let never = world(Confirm::Never).await;
    for world in [asking, never] {
        world.refused("delete_post", draft(&json!("sure"))).await;
        assert!(world.writes().is_empty());
        world.ok("delete_post", draft(&token)).await;
        assert_eq!(world.writes().len(), 1);
    }
    // Some clients fill in every parameter that there is.
    let world = world(Confirm::Auto).await;
    let empty = json!({"space_id": 1, "post_id": 104, "confirmation": ""});
    let answer = world.call("delete_post", empty).await;
    assert!(!answer.json["warnings"].to_string().contains("confirmation"));
    assert_eq!(answer.json["outcome"], "confirmation_needed");
}

#[tokio::test]
async fn a_failed_write_needs_a_new_confirmation() {
    let (world, arguments, token) = begun().await;
    let fault = saki_mcp::sandbox::Fault::status(403);
    let path = "/spaces/{space_id}/posts/{post_id}";
    world.sandbox().fault(fault.on(&http::Method::DELETE, path));
    world.refused("delete_post", with(&arguments, &token)).await;
    let said = world.refused("delete_post", with(&arguments, &token)).await;
    assert!(said.contains("used before"), "{said}");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn a_client_with_url_elicitation_only_cannot_be_asked() {
    let world = world(Confirm::Auto).await;
    let mut lines = crate::support::line_client::Lines::to(world.handler.clone());
    let mut hello = crate::support::fixture_server::initialize("2025-11-25");
    hello["params"]["capabilities"] = json!({"elicitation": {"url": {}}});
    lines.ask(&hello).await;
    let (tool, arguments) = example_calls::asking().remove(3);
    let answer = lines
        .ask(&crate::support::fixture_server::call(1, tool, arguments))
        .await;
    let outcome = &answer["result"]["structuredContent"]["outcome"];
    assert_eq!(outcome, "confirmation_needed", "{answer}");
}

#[tokio::test]
async fn every_request_for_confirmation_fits_the_output_schema() {
    let world = world(Confirm::Auto).await;
    let tools = world.tools().await;
    for (tool, arguments) in example_calls::asking() {
        let request = CallToolRequestParams::new(tool).with_arguments(object(arguments));
        let result = world.client.call_tool(request).await.unwrap();
        let schema = tools.iter().find(|one| one.name == tool).unwrap();
        let schema = serde_json::to_value(schema.output_schema.as_ref().unwrap()).unwrap();
        let shown = result.structured_content.unwrap();
        assert!(jsonschema::is_valid(&schema, &shown), "{tool}: {shown}");
    }
}
