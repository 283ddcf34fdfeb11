//! What the networks will say of a post: warnings in the preview and in the answer, and nothing is blocked.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::example_calls::PIXEL;
use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::{cluster, cluster_of, post, posts};
use crate::support::server_under_test::World;

/// The warnings of a dry run and of the call, which are the same; the call is done all the same.
async fn warnings(world: &World, tool: &str, asked: Value) -> Vec<String> {
    let mut dry = asked.clone();
    dry["dry_run"] = json!(true);
    let preview = world.ok(tool, dry).await;
    let answer = world.ok(tool, asked).await;
    assert_eq!(preview["outcome"], "preview");
    assert_eq!(answer["outcome"], "done");
    assert_eq!(preview.get("warnings"), answer.get("warnings"));
    let warnings = answer.get("warnings").and_then(Value::as_array);
    let warnings = warnings.into_iter().flatten();
    warnings
        .map(|warning| warning.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_create_warns_by_account_about_network_limits_and_still_posts() {
    let world = World::new().await;
    let asked = new_post("☕ ".repeat(104))
        .on([11, 12, 14, 15])
        .with(json!({"thread": [{"content": "more"}]}))
        .draft();
    let warnings = warnings(&world, "create_post", asked).await;
    assert_eq!(
        warnings,
        [
            "Account 11 @acmecoffee (twitter/X): `content` has 312 of 280 characters as X counts them (more with X Premium); shorten it, or give X its own text in `per_account`.",
            "Account 12 @acme.coffee (instagram): `media` has 0 files, but Instagram requires some (up to 10 images and videos); add some.",
            "Account 12 @acme.coffee (instagram): `thread` has 1 post, but Instagram has no threads, and how Saki handles that is unknown; leave it out, or give Instagram an empty `thread` in `per_account`.",
            "Account 14 @acme-coffee (linkedin): `thread` has 1 post, but LinkedIn has no threads, and how Saki handles that is unknown; leave it out, or give LinkedIn an empty `thread` in `per_account`.",
            "Account 15 @acmebrews (pinterest): `media` has 0 files, but Pinterest requires some (up to 5 images or 1 video); add some.",
            "Account 15 @acmebrews (pinterest): `metadata.board_id` is missing, but Pinterest requires it; pass it (list_boards shows the boards).",
            "Account 15 @acmebrews (pinterest): `thread` has 1 post, but Pinterest has no threads, and how Saki handles that is unknown; leave it out, or give Pinterest an empty `thread` in `per_account`.",
        ]
    );
    let made = posts(&world).into_iter().filter(|post| {
        let content = post["content"].as_str().unwrap();
        content.starts_with("☕ ☕")
    });
    assert_eq!(made.count(), 4, "none was blocked");
}

#[tokio::test]
async fn acceptable_posts_cause_no_warning() {
    let world = World::new().await;
    let asked = json!({
        "space_id": 1, "account_ids": [11, 12, 14, 15], "publish": "draft",
        "content": "☕ ".repeat(90), "media": [{"media_id": 501}],
        "thread": [], "metadata": {"board_id": "brew-guides"},
        "per_account": [{"account_id": 11, "thread": [{"content": "more"}]}],
    });
    let said = warnings(&world, "create_post", asked).await;
    assert!(said.is_empty(), "{said:?}");
    let own = json!({
        "space_id": 1, "account_ids": [11, 14], "publish": "draft", "content": "x".repeat(300),
        "per_account": [{"account_id": 11, "content": "short"}],
    });
    let said = warnings(&world, "create_post", own).await;
    assert!(said.is_empty(), "{said:?}");
}

#[tokio::test]
async fn one_warning_about_several_accounts_is_one_sentence() {
    let world = World::new().await;
    let list = json!({"data": [
        {"id": 11, "social": "twitter", "handler": "acmecoffee"},
        {"id": 12, "social": "X", "handler": "second"},
        {"id": 13, "social": "unheard-of", "handler": "third"},
    ]});
    let fault = Fault::new(FaultKind::Json { body: list });
    world
        .sandbox()
        .fault(fault.on(&Method::GET, "/spaces/{space_id}/accounts"));
    let asked = new_post("x".repeat(281))
        .on([11, 12, 13])
        .with(json!({"dry_run": true}))
        .draft();
    let warnings = &world.ok("create_post", asked).await["warnings"];
    let said = warnings[0].as_str().unwrap();
    let accounts = "Accounts 11 @acmecoffee (twitter/X) and 12 @second (X): ";
    assert!(said.starts_with(accounts), "{warnings}");
    assert_eq!(warnings.as_array().unwrap().len(), 1, "{warnings}");
}

#[tokio::test]
async fn the_type_of_a_file_counts_once_saki_has_stated_it() {
    let world = World::new().await;
    let film = |media: &Value| {
        json!({
            "space_id": 2, "account_ids": ["studionorthfilms"], "publish": "draft", "content": "x",
            "media": [{"media_id": media}], "metadata": {"title": "T"},
        })
    };
    let mut guess = film(&json!(504));
    guess["dry_run"] = json!(true);
    let said = world.ok("create_post", guess).await;
    assert!(said.get("warnings").is_none(), "nobody said what 504 is");
    let picture = json!({"data": "iVBORw0KGgpyZXN0"});
    let id = world.ok("upload_media", picture).await["id"].clone();
    assert_eq!(
        warnings(&world, "create_post", film(&id)).await,
        [
            "Account 24 @studionorthfilms (youtube): `media` has 1 image, but YouTube takes 1 video; pass a video instead."
        ]
    );
}

#[tokio::test]
async fn an_image_that_the_call_brings_along_counts_as_an_image() {
    let world = World::new().await;
    let picture = json!({
        "space_id": 2, "account_ids": ["studionorthfilms"], "publish": "draft", "content": "x",
        "media": [{"data": PIXEL}], "metadata": {"title": "T"},
    });
    assert_eq!(
        warnings(&world, "create_post", picture).await,
        [
            "Account 24 @studionorthfilms (youtube): `media` has 1 image, but YouTube takes 1 video; pass a video instead."
        ]
    );
}

#[tokio::test]
async fn inherited_content_of_a_cluster_is_checked_too() {
    let world = World::new().await;
    let id = cluster_of(&world, "The pour-over we teach");
    let keeps = json!({"space_id": 1, "cluster_id": id, "scheduled_at": "2027-05-01T10:00"});
    let said = warnings(&world, "update_cluster", keeps.clone()).await;
    assert!(said.is_empty(), "board and image are there: {said:?}");

    let mut longer = keeps.clone();
    longer["content"] = json!("x".repeat(801));
    assert_eq!(
        warnings(&world, "update_cluster", longer).await,
        [
            "Account 15 @acmebrews (pinterest): `content` has 801 of 800 characters as Pinterest counts them; shorten it."
        ]
    );
    let said = warnings(&world, "update_cluster", keeps.clone()).await;
    assert_eq!(said.len(), 1, "the text that is kept: {said:?}");

    let mut bare = keeps;
    bare["media"] = json!([]);
    bare["content"] = json!("x");
    let said = warnings(&world, "update_cluster", bare).await;
    assert!(
        said.len() == 1 && said[0].contains("`media` has 0 files"),
        "{said:?}"
    );
    assert_eq!(cluster(&world, &id)[0]["content"], "x");
}

#[tokio::test]
async fn an_edit_is_checked_against_the_network_of_its_post() {
    let world = World::new().await;
    let pin = posts(&world)
        .into_iter()
        .find(|post| post["account_id"] == 15)
        .unwrap()["id"]
        .clone();
    let edit = |change: Value| {
        let mut asked = change;
        asked["space_id"] = json!(1);
        asked["post_id"] = pin.clone();
        asked
    };
    let fine = edit(json!({"content": "x".repeat(800)}));
    let said = warnings(&world, "update_post", fine).await;
    assert!(said.is_empty(), "{said:?}");
    let account = "Account 15 @acmebrews (pinterest): ";
    for (change, finding) in [
        (
            json!({"content": "x".repeat(801)}),
            vec!["`content` has 801 of 800 characters as Pinterest counts them; shorten it."],
        ),
        (
            json!({"content": "x", "clear": ["media_ids"]}),
            vec![
                "`media_ids` has 0 files, but Pinterest requires some (up to 5 images or 1 video); add some.",
            ],
        ),
        (
            json!({"media_ids": [501], "metadata": {"title": "T"}}),
            vec![
                "`metadata.board_id` is missing, but Pinterest requires it; pass it (list_boards shows the boards).",
            ],
        ),
        (
            json!({"scheduled_at": "2027-05-01T10:00"}),
            vec![
                "`metadata.board_id` is missing, but Pinterest requires it; pass it (list_boards shows the boards).",
            ],
        ),
    ] {
        let said = warnings(&world, "update_post", edit(change.clone())).await;
        let expected: Vec<String> = finding
            .iter()
            .map(|text| format!("{account}{text}"))
            .collect();
        assert_eq!(said, expected, "{change}");
    }
    assert_eq!(post(&world, &pin)["media"], json!([501]));
}
