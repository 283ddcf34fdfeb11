//! `update_cluster`: a full replacement that loses nothing which was left out.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Database, Fault};
use saki_mcp::tools::Confirm;
use serde_json::{Value, json};

use crate::support::elicitation_client;
use crate::support::post_arguments::cluster_change;
use crate::support::sandbox_state::{bodies, cluster, cluster_of, column, fill_list, posts};
use crate::support::server_under_test::World;

#[tokio::test]
async fn a_failed_post_is_planned_again_without_its_old_error_and_says_why_it_failed() {
    let world = World::new().await;
    let id = cluster_of(&world, "Last call");
    let account = column(&cluster(&world, &id), "account_id")[0].clone();
    let change = cluster_change(&id)
        .on(json!([account]))
        .at("2027-05-01T10:00");
    let answer = world.ok("update_cluster", change).await;
    assert_eq!(bodies(&world)[0]["items"][0]["metadata"], Value::Null);
    let warnings = answer["warnings"].to_string();
    assert!(
        warnings.contains("failed with this text and may fail again"),
        "{warnings}"
    );
}

#[tokio::test]
async fn a_time_for_published_posts_is_asked_about_and_one_for_failed_posts_is_not() {
    let world = elicitation_client::world(Confirm::Auto).await;
    for (text, asks) in [
        ("We are looking for a head roaster", true),
        ("Last call", false),
    ] {
        let id = cluster_of(&world, text);
        let sent = world.writes().len();
        let accounts = column(&cluster(&world, &id), "account_id");
        let change = cluster_change(&id).on(accounts).at("2027-05-01T10:00");
        let answer = world.call("update_cluster", change).await;
        assert!(!answer.failed, "{}", answer.text);
        let is_asked = answer.json["outcome"] == "confirmation_needed";
        assert_eq!(is_asked, asks, "{text}: {}", answer.text);
        assert_eq!(world.writes().len(), sent + usize::from(!asks), "{text}");
        if asks {
            let question = answer.json["question"].as_str().unwrap();
            assert!(question.contains("It may go out twice."), "{question}");
        }
    }
    let edit = json!({"space_id": 1, "post_id": 104, "scheduled_at": "2027-05-01T10:00"});
    let answer = world.ok("update_post", edit).await;
    assert_eq!(answer["outcome"], "confirmation_needed", "{answer}");
}

#[rstest]
#[case::cluster("update_cluster")]
#[case::space("update_space")]
#[case::webhook("update_webhook")]
#[tokio::test]
async fn a_change_without_a_field_is_refused(#[case] tool: &str) {
    let world = World::new().await;
    let id = cluster_of(&world, "Last call");
    let arguments = match tool {
        "update_cluster" => json!({"cluster_id": id}),
        "update_webhook" => json!({"webhook_id": 701, "space_id": 1}),
        _ => json!({"space_id": 1}),
    };
    let answer = world.call(tool, arguments).await;
    assert!(answer.failed, "{}", answer.text);
    assert!(
        answer.text.contains("no field is to change. Pass `"),
        "{}",
        answer.text
    );
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn another_time_alone_keeps_text_media_thread_and_metadata() {
    let world = World::new().await;
    for (text, accounts) in [
        ("New on the shelf", json!([11, 12, 13])),
        ("How we roast", json!(["@acmecoffee"])),
        ("The pour-over we teach", json!(["acmebrews"])),
    ] {
        let id = cluster_of(&world, text);
        let before = cluster(&world, &id);
        let answer = world
            .ok(
                "update_cluster",
                cluster_change(&id).on(accounts).at("2027-05-01T10:00"),
            )
            .await;
        let after = cluster(&world, &id);
        for field in [
            "id",
            "content",
            "media",
            "children",
            "metadata",
            "account_id",
        ] {
            assert_eq!(
                column(&after, field),
                column(&before, field),
                "{text}: {field}"
            );
        }
        assert!(
            after
                .iter()
                .all(|post| post["scheduled_at"] == "2027-05-01T08:00:00Z")
        );
        assert_eq!(answer["mode"], "schedule");
        assert_eq!(answer["local"], "Sat 1 May 2027, 10:00 (Europe/Berlin)");
        assert_eq!(answer["cluster_id"], id);
        assert_eq!(answer["post_ids"], column(&after, "id"));
        assert_eq!(answer["verified"], true);
        assert!(answer.get("removed").is_none());
    }
    let thread = &bodies(&world)[1]["items"][0]["children"];
    assert_eq!(thread.as_array().unwrap().len(), 2);
    let call = &world.writes()[0];
    assert_eq!(
        (call.method.as_str(), call.endpoint.as_deref()),
        ("PUT", Some("/spaces/{space_id}/clusters/{cluster_id}"))
    );
    assert_eq!(bodies(&world)[0]["space_id"], 1);
}

#[tokio::test]
async fn passed_fields_replace_the_present_ones() {
    let world = World::new().await;
    let id = cluster_of(&world, "How we roast");
    let answer = world
        .ok(
            "update_cluster",
            json!({"space_id": 1, "cluster_id": id, "account_ids": [11], "publish": "draft",
                "content": "In short", "media": [{"media_id": 501}], "thread": [], "metadata": {"title": "t"}}),
        )
        .await;
    let after = &cluster(&world, &id)[0];
    assert_eq!(
        (
            &after["content"],
            &after["media"],
            &after["children"],
            &after["metadata"],
            &after["status"]
        ),
        (
            &json!("In short"),
            &json!([501]),
            &json!([]),
            &json!({"title": "t"}),
            &json!("Draft")
        )
    );
    assert_eq!(answer["mode"], "draft");
    assert_eq!(bodies(&world)[0]["is_draft"], true);
}

#[tokio::test]
async fn an_omitted_account_loses_its_post_and_is_named() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let before = cluster(&world, &id);
    let answer = world
        .ok(
            "update_cluster",
            cluster_change(&id)
                .on([11, 14])
                .with(json!({"content": "Changed"}))
                .at("2027-05-01T10:00"),
        )
        .await;
    let after = cluster(&world, &id);
    assert_eq!(column(&after, "account_id"), json!([11, 14]));
    assert_eq!(after[0]["id"], before[0]["id"]);
    assert_eq!(column(&after, "content"), json!(["Changed", "Changed"]));
    assert_eq!(
        after[0]["media"], before[0]["media"],
        "kept where the account had it"
    );
    let gone = |index: usize, account: &str| json!({"account_id": before[index]["account_id"], "account": account, "post_id": before[index]["id"]});
    let accounts = [
        "12 @acme.coffee (instagram)",
        "13 @acmecoffeeberlin (facebook)",
    ];
    assert_eq!(
        answer["removed"],
        json!([gone(1, accounts[0]), gone(2, accounts[1])])
    );
    assert_eq!(answer["post_ids"], column(&after, "id"));
}

#[tokio::test]
async fn an_account_that_is_new_to_the_cluster_needs_a_text_where_the_others_differ() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let mut asked = cluster_change(&id)
        .on([11, 12, 13, 14])
        .at("2027-05-01T10:00");
    let rewrite = |state: &mut Database| state.posts.get_mut(107).unwrap().content.push('!');
    world.sandbox().edit(rewrite);
    let before = posts(&world);
    let said = world.refused("update_cluster", asked.clone()).await;
    assert!(said.contains("14 @acme-coffee (linkedin)"), "{said}");
    assert!(world.writes().is_empty());
    assert_eq!(posts(&world), before);
    asked["per_account"] = json!([{"account_id": 14, "content": "For LinkedIn"}]);
    world.ok("update_cluster", asked).await;
    let after = cluster(&world, &id);
    assert_eq!(after[3]["content"], "For LinkedIn");
    assert_eq!(after[0]["content"], before_text(&before, &after[0]["id"]));
}

fn before_text(before: &[Value], id: &Value) -> Value {
    before.iter().find(|post| post["id"] == *id).unwrap()["content"].clone()
}

#[tokio::test]
async fn omitted_fields_stay_time_and_accounts_included() {
    let world = World::new().await;
    for (text, draft) in [("New on the shelf", false), ("Holiday opening", true)] {
        let id = cluster_of(&world, text);
        let before = cluster(&world, &id);
        let asked = json!({"space_id": 1, "cluster_id": id, "content": "Other words"});
        let answer = world.ok("update_cluster", asked).await;
        let after = cluster(&world, &id);
        for field in ["id", "account_id", "scheduled_at", "status"] {
            assert_eq!(column(&after, field), column(&before, field), "{text}");
        }
        assert!(after.iter().all(|post| post["content"] == "Other words"));
        assert_eq!(answer["mode"], if draft { "draft" } else { "schedule" });
    }
    assert_eq!(world.writes().len(), 2);
}

#[tokio::test]
async fn a_cluster_that_becomes_a_draft_keeps_its_time() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let before = cluster(&world, &id);
    let asked = json!({"space_id": 1, "cluster_id": id, "publish": "draft"});
    let answer = world.ok("update_cluster", asked).await;
    let after = cluster(&world, &id);
    assert_eq!(
        column(&after, "scheduled_at"),
        column(&before, "scheduled_at")
    );
    assert!(after.iter().all(|post| post["status"] == "Draft"));
    assert_eq!(answer["local"], "Sat 10 Apr 2027, 09:00 (Europe/Berlin)");
}

#[tokio::test]
async fn whether_to_republish_a_failed_post_is_never_guessed() {
    let world = World::new().await;
    let id = cluster_of(&world, "Last call");
    let asked = json!({"space_id": 1, "cluster_id": id, "content": "x"});
    let said = world.refused("update_cluster", asked.clone()).await;
    assert!(
        said.contains("post 105 is failed") && said.contains("`scheduled_at`"),
        "{said}"
    );
    assert!(world.writes().is_empty());
    let mut better = asked;
    better["scheduled_at"] = json!("2027-04-12T10:00");
    world.ok("update_cluster", better).await;
}

#[tokio::test]
async fn a_cluster_that_is_not_there_is_refused_by_name() {
    let world = World::new().await;
    let before = posts(&world);
    let other_space = cluster_of(&world, "North Sans");
    for id in [
        json!("nope"),
        other_space,
        json!(""),
        json!("../1"),
        json!(17),
    ] {
        let said = world
            .refused(
                "update_cluster",
                cluster_change(&id).with(json!({"content": "x"})).draft(),
            )
            .await;
        assert!(said.starts_with("`cluster_id`: "), "{said}");
        assert!(said.contains("list_posts"), "{said}");
    }
    assert!(world.writes().is_empty());
    assert_eq!(posts(&world), before);
}

#[tokio::test]
async fn a_cluster_is_found_whole_in_a_space_of_many_pages() {
    let world = World::new().await;
    fill_list(&world, 1, 600);
    let id = cluster_of(&world, "New on the shelf");
    let change = cluster_change(&id).on([11, 12, 13]).at("2027-05-01T10:00");
    let answer = world.ok("update_cluster", change).await;
    assert_eq!(answer["post_ids"], json!([106, 107, 108]), "{answer}");
    assert_eq!(answer["verified"], true, "{answer}");
}

#[tokio::test]
async fn a_cluster_that_is_not_found_whole_is_not_changed() {
    let world = World::new().await;
    fill_list(&world, 1, 60);
    let id = cluster_of(&world, "New on the shelf");
    let slow_down = Fault::status(429).on(&Method::GET, "/spaces/{space_id}/posts");
    let slow_down = Fault {
        skip: 3,
        ..slow_down.times(99)
    };
    world.sandbox().fault(slow_down);
    let change = cluster_change(&id).on([11, 12, 13]).at("2027-05-01T10:00");
    let said = world.refused("update_cluster", change.clone()).await;
    assert!(
        said.contains("Saki asked to slow down. Call again"),
        "{said}"
    );
    assert!(world.writes().is_empty());
    world.sandbox().clear_faults();
    world.ok("update_cluster", change).await;
    assert_eq!(world.writes().len(), 1);
}
