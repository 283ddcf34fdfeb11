//! Answers in which Saki shows nothing: each says what is now true, and no more than is known.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::replies::output_schema::{Stage, scene};
use crate::support::server_under_test::World;

/// The names of tools in a sentence.
fn tools_named(said: &str) -> impl Iterator<Item = &str> {
    let words = said.split(|c: char| !(c.is_ascii_lowercase() || c == '_'));
    words.filter(|word| word.contains('_'))
}

#[tokio::test]
async fn every_write_with_an_empty_reply_says_what_is_now_true() {
    let unseen = "Saki accepted the call but returned no body; ";
    let told = [
        (
            "create_space",
            "Saki accepted the call but returned no body; list_spaces shows whether it is there."
                .to_owned(),
        ),
        (
            "update_space",
            format!("{unseen}get_space shows the present state."),
        ),
        (
            "delete_space",
            "The space 1 is deleted in Saki. No other call is needed.".to_owned(),
        ),
        (
            "update_post",
            format!("{unseen}get_post shows the present state."),
        ),
        (
            "delete_post",
            "The post 106 is deleted in Saki. No other call is needed.".to_owned(),
        ),
        (
            "disconnect_account",
            "The account 14 is disconnected in Saki. No other call is needed.".to_owned(),
        ),
        (
            "upload_media",
            "Saki accepted the file but returned no id, so it cannot be attached to a post."
                .to_owned(),
        ),
        (
            "delete_media",
            "The file 501 is deleted in Saki. No other call is needed.".to_owned(),
        ),
        (
            "create_slot",
            "Saki accepted the call but returned no body; list_slots shows whether it is there."
                .to_owned(),
        ),
        (
            "delete_slot",
            "The slot 301 is deleted in Saki. No other call is needed.".to_owned(),
        ),
        (
            "create_webhook",
            "Saki accepted the call but returned no body; list_webhooks shows whether it is there."
                .to_owned(),
        ),
        (
            "update_webhook",
            format!("{unseen}list_webhooks shows the present state."),
        ),
        (
            "delete_webhook",
            "The webhook 701 is deleted in Saki. No other call is needed.".to_owned(),
        ),
    ];
    let stage = Stage::new().await;
    let catalogue = stage.world.tools().await;
    for (tool, note) in told {
        stage.reset().await;
        let scene = scene(tool);
        let method = Method::from_bytes(scene.method.as_bytes()).unwrap();
        let nothing = Fault::new(FaultKind::Empty).on(&method, scene.endpoint);
        stage.world.sandbox().fault(nothing);
        let answer = stage.world.call(tool, scene.arguments.clone()).await;
        assert_eq!(stage.odd(tool, &answer), None, "{tool}");
        assert_eq!(answer.json["note"], note, "{tool}");
        for named in tools_named(&note) {
            assert!(catalogue.iter().any(|tool| tool.name == named), "{named}");
        }
    }
}

fn answers(status: u16, body: Value) -> Fault {
    Fault::new(FaultKind::Status {
        status,
        headers: Default::default(),
        body: Some(body),
        after_write: false,
    })
}

#[tokio::test]
async fn a_merely_accepted_write_is_not_claimed_as_done() {
    let world = World::new().await;
    let accepted =
        answers(202, json!("")).on(&Method::DELETE, "/spaces/{space_id}/posts/{post_id}");
    world.sandbox().fault(accepted);
    let asked = json!({"space_id": 1, "post_id": 105});
    let gone = world.ok("delete_post", asked).await;
    assert_eq!(
        gone["note"],
        "Saki accepted the call but returned no body; get_post shows the present state."
    );
}

#[tokio::test]
async fn the_reply_to_a_deletion_stands_alone() {
    let world = World::new().await;
    let said = answers(200, json!({"message": "Deletion planned."}));
    world
        .sandbox()
        .fault(said.on(&Method::DELETE, "/spaces/{space_id}/posts/{post_id}"));
    let asked = json!({"space_id": 1, "post_id": 105});
    let gone = world.ok("delete_post", asked).await;
    assert_eq!(
        (&gone["message"], gone.get("note")),
        (&json!("Deletion planned."), None)
    );
}

#[tokio::test]
async fn an_account_change_says_the_new_state() {
    let world = World::new().await;
    let asked = json!({"space_id": 1, "account_id": 16, "is_active": true});
    let first = world.ok("set_account_active", asked.clone()).await;
    assert_eq!(
        first["note"],
        "The account 16 @acmecoffee.tok (tiktok) is active now."
    );
    let second = world.ok("set_account_active", asked).await;
    assert_eq!(
        second["note"],
        "The account 16 @acmecoffee.tok (tiktok) was active already; nothing was sent."
    );
    let yes = answers(200, json!({})).on(&Method::PATCH, "/activate");
    world.sandbox().fault(yes);
    let asked = json!({"space_id": 1, "account_id": 16, "is_active": false});
    let unchanged = world.ok("set_account_active", asked).await;
    assert!(unchanged["warnings"].is_array() && unchanged.get("note").is_none());
}

/// A world without anything in its spaces.
async fn bare() -> World {
    let world = World::new().await;
    world.sandbox().edit(|state| {
        state.posts.retain(|_| false);
        state.accounts.retain(|_| false);
        state.slots.retain(|_| false);
        state.webhooks.retain(|_| false);
    });
    world
}

#[rstest]
#[case("list_accounts", json!({"space_id": "acme coffee"}), "No accounts in the space 1 \"Acme Coffee\"; a person connects them in Saki's web app.")]
#[case("list_accounts", json!({}), "No accounts in any of the 2 spaces; a person connects them in Saki's web app.")]
#[case("list_slots", json!({"space_id": 1}), "No slots in the space 1.")]
#[case("list_webhooks", json!({"space_id": 2}), "No webhooks in the space 2.")]
#[case("list_webhooks", json!({}), "No webhooks in any of the 2 spaces.")]
#[case("get_queue", json!({"space_id": 1}), "Nothing is in the queue of the space 1; list_posts shows drafts and published posts.")]
#[case("list_posts", json!({"space_id": 1}), "No posts in the space 1 \"Acme Coffee\". The search was complete.")]
#[case("list_posts", json!({}), "No posts in any of the 2 spaces. The search was complete.")]
#[tokio::test]
async fn an_empty_list_says_where_it_is_empty(
    #[case] tool: &str,
    #[case] asked: Value,
    #[case] note: &str,
) {
    let list = bare().await.ok(tool, asked.clone()).await;
    assert_eq!((&list["data"], &list["note"]), (&json!([]), &json!(note)));
    let full = World::new().await.ok(tool, asked).await;
    assert_eq!(full.get("note"), None, "where there is something");
}

#[tokio::test]
async fn a_cached_space_is_named_without_another_request() {
    let world = bare().await;
    world
        .ok("list_slots", json!({"space_id": "Acme Coffee"}))
        .await;
    world.sandbox().clear_log();
    let list = world.ok("list_slots", json!({"space_id": 1})).await;
    assert_eq!(list["note"], "No slots in the space 1 \"Acme Coffee\".");
    assert_eq!(world.sandbox().log().len(), 1);
}

#[tokio::test]
async fn every_list_says_when_the_key_sees_no_space() {
    let world = World::new().await;
    world.sandbox().edit(|state| state.spaces.retain(|_| false));
    for tool in ["list_spaces", "list_accounts", "list_posts", "get_queue"] {
        let list = world.ok(tool, json!({})).await;
        assert_eq!(
            list["note"], "This key has access to no space; create_space creates one.",
            "{tool}"
        );
    }
}

#[tokio::test]
async fn an_account_without_boards_is_named_in_the_answer() {
    let world = World::new().await;
    let none = Fault::new(FaultKind::Json {
        body: json!({"data": []}),
    });
    world.sandbox().fault(none.on(&Method::GET, "/boards"));
    let list = world
        .ok("list_boards", json!({"space_id": 1, "account_id": 15}))
        .await;
    assert_eq!(
        list["note"],
        "The account 15 @acmebrews (pinterest) has no boards."
    );
}

#[tokio::test]
async fn a_list_that_is_counted_but_not_shown_is_not_called_empty() {
    let world = World::new().await;
    let body = json!({"data": [], "meta": {"total": 3}});
    world
        .sandbox()
        .fault(Fault::new(FaultKind::Json { body }).on(&Method::GET, "/webhooks"));
    let list = world.ok("list_webhooks", json!({"space_id": 1})).await;
    assert_eq!(list.get("note"), None);
}

#[rstest]
#[case(json!({"space_id": 1, "status": "failed", "search": "nowhere \u{200b}"}), "No post in the space 1 \"Acme Coffee\" fits status failed, search \"nowhere \\u{200b}\". The search was complete.")]
#[case(json!({"account_id": "insta", "from": "2031-01-01", "to": "2031-01-02"}), "No post in any of the 2 spaces fits network instagram, from 2031-01-01, to 2031-01-02. The search was complete.")]
#[case(json!({"account_id": "@acme.coffee", "status": "unscheduled"}), "No post in the space 1 \"Acme Coffee\" fits status unscheduled, account 12. The search was complete.")]
#[case(json!({"space_id": 1, "account_id": 999}), "No post in the space 1 \"Acme Coffee\" fits account 999. The search was complete.")]
#[case(json!({"space_id": 1, "page": 99}), "Page 99 is past the last one: earlier pages hold all 16 posts.")]
#[case(json!({"status": "draft", "page": 99}), "Page 99 is past the last one: earlier pages hold all 4 posts.")]
#[tokio::test]
async fn a_search_without_a_match_says_what_it_covered(#[case] asked: Value, #[case] note: &str) {
    let world = World::new().await;
    let list = world.ok("list_posts", asked).await;
    assert_eq!(
        (&list["data"], &list["note"]),
        (&json!([]), &json!(note)),
        "{list}"
    );
}

#[tokio::test]
async fn a_search_that_stopped_early_does_not_claim_no_match() {
    let world = World::new().await;
    let slow = Fault {
        skip: 1,
        ..Fault::status(429)
            .on(&Method::GET, "/spaces/{space_id}/posts")
            .times(50)
    };
    world.sandbox().fault(slow);
    let list = world.ok("list_posts", json!({"search": "nowhere"})).await;
    assert_eq!(list["meta"]["complete"], false, "{list}");
    let note = list["note"].as_str().unwrap();
    assert!(
        note.ends_with("The search is incomplete: see `meta.looked`."),
        "{note}"
    );
    assert!(list["meta"]["looked"].is_string());
}
