//! `create_post`: for which accounts, named in which way.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::example_calls::CLUSTER;
use crate::support::post_arguments::{cluster_change, new_post};
use crate::support::sandbox_state::{bodies, column};
use crate::support::server_under_test::{World, object};

fn draft(accounts: Value) -> Value {
    new_post("x").on(accounts).draft()
}

#[tokio::test]
async fn an_account_is_named_by_id_handle_or_display_name() {
    let world = World::new().await;
    let named = [
        json!(14),
        json!("14"),
        json!(" 14 "),
        json!("acme-coffee"),
        json!("@acme-coffee"),
        json!("@ACME-Coffee"),
        json!("Acme Coffee GmbH"),
        json!("LinkedIn"),
    ];
    for name in &named {
        let answer = world.ok("create_post", draft(json!([name]))).await;
        assert_eq!(answer["accounts"][0]["id"], 14, "{name}");
    }
    for body in bodies(&world) {
        assert_eq!(
            column(body["items"].as_array().unwrap(), "account_id"),
            json!([14])
        );
        assert_eq!(body["items"][0]["social"], "linkedin");
    }
}

#[tokio::test]
async fn an_ambiguous_account_name_is_refused_with_the_candidates() {
    let world = World::new().await;
    let said = world
        .refused("create_post", draft(json!(["Acme Coffee"])))
        .await;
    for candidate in [
        "11 @acmecoffee (twitter/X)",
        "13 @acmecoffeeberlin (facebook)",
        "15 @acmebrews (pinterest)",
        "16 @acmecoffee.tok (tiktok)",
    ] {
        assert!(said.contains(candidate), "{said}");
    }
    assert!(!said.contains("linkedin"), "{said}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_unknown_account_name_is_refused_with_all_accounts() {
    let world = World::new().await;
    for name in [
        "acme",
        "ACMECOFFE",
        "Bluesky",
        "studionorth",
        "",
        "@",
        "11.5",
        "-11",
        "0",
    ] {
        let said = world.refused("create_post", draft(json!([name]))).await;
        assert!(said.starts_with("`account_ids`: "), "{name}: {said}");
        assert!(
            said.contains("14 @acme-coffee (linkedin)"),
            "{name}: {said}"
        );
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn the_same_account_is_not_posted_to_twice() {
    let world = World::new().await;
    for twice in [
        json!([11, 11]),
        json!([11, "@acmecoffee"]),
        json!(["14", "Acme Coffee GmbH"]),
    ] {
        let said = world.refused("create_post", draft(twice)).await;
        assert!(said.contains("named twice"), "{said}");
    }
    let said = world.refused("create_post", draft(json!([]))).await;
    assert!(said.contains("list_accounts"), "{said}");
    assert!(world.writes().is_empty());
    world.ok("create_post", draft(json!([11, 14]))).await;
}

#[tokio::test]
async fn an_account_that_the_space_does_not_have_is_refused_with_those_that_it_has() {
    let world = World::new().await;
    for (account, home) in [(21, Some("space 2 \"Studio North\"")), (99, None)] {
        let answer = world.call("create_post", draft(json!([11, account]))).await;
        assert!(answer.failed, "{}", answer.json);
        assert_eq!(answer.meta["class"], "not_sent");
        assert!(
            answer.text.contains("14 @acme-coffee (linkedin)"),
            "{}",
            answer.text
        );
        let names_home = answer.text.contains("it is in the space");
        assert_eq!(names_home, home.is_some(), "{}", answer.text);
        assert!(
            answer.text.contains(home.unwrap_or_default()),
            "{}",
            answer.text
        );
        let change = cluster_change(CLUSTER).on([11, account]).undecided();
        let said = world.refused("update_cluster", change).await;
        assert!(said.contains("14 @acme-coffee (linkedin)"), "{said}");
    }
    assert!(world.writes().is_empty());
    let named = new_post("x").space(2).on(["studio-north"]).draft();
    let answer = world.ok("create_post", named).await;
    assert_eq!(answer["accounts"][0]["id"], 22);
}

#[tokio::test]
async fn an_account_that_a_partial_list_leaves_out_is_only_warned_about() {
    for meta in [
        json!({"meta": {"current_page": 1, "last_page": 9, "total": 120}}),
        json!({"meta": {"total": 2}}),
        json!({"links": {"next": "https://saki.example/accounts?page=2"}}),
    ] {
        let world = World::new().await;
        let mut list =
            json!({"data": [{"id": 12, "social": "instagram", "handler": "acme.coffee"}]});
        list.as_object_mut().unwrap().extend(object(meta));
        let fault = Fault::new(FaultKind::Json { body: list });
        world.sandbox().fault(
            fault
                .on(&Method::GET, "/spaces/{space_id}/accounts")
                .times(20),
        );
        let answer = world.ok("create_post", draft(json!([11]))).await;
        assert!(
            answer["warnings"]
                .to_string()
                .contains("does not list the account 11"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn an_account_that_is_newer_than_the_cached_list_is_found() {
    for given in [json!(11), json!("@acmecoffee")] {
        let world = World::new().await;
        let older = json!({"data": [{"id": 12, "social": "instagram", "handler": "acme.coffee"}]});
        let fault = Fault::new(FaultKind::Json { body: older });
        world
            .sandbox()
            .fault(fault.on(&Method::GET, "/spaces/{space_id}/accounts"));
        world.ok("create_post", draft(json!([12]))).await;
        let answer = world.ok("create_post", draft(json!([given]))).await;
        assert_eq!(answer["accounts"][0]["id"], 11);
        assert_eq!(answer.get("warnings"), None);
    }
}

#[tokio::test]
async fn an_unlisted_account_that_has_a_post_in_the_cluster_keeps_it() {
    let world = World::new().await;
    let accounts = world.sandbox().state(|db| {
        let posts = db
            .posts
            .values()
            .filter(|post| post.cluster_id == CLUSTER && post.parent_id.is_none());
        posts.map(|post| post.account_id).collect::<Vec<_>>()
    });
    let list = json!({"data": [{"id": accounts[0], "social": "twitter", "handler": "acmecoffee"}]});
    let fault = Fault::new(FaultKind::Json { body: list });
    world.sandbox().fault(
        fault
            .on(&Method::GET, "/spaces/{space_id}/accounts")
            .times(20),
    );
    let change = cluster_change(CLUSTER)
        .on(accounts)
        .with(json!({"content": "New"}));
    world.ok("update_cluster", change.undecided()).await;
}

#[tokio::test]
async fn an_inactive_account_is_warned_about_and_refused_by_saki() {
    let world = World::new().await;
    let said = world.refused("create_post", draft(json!([16]))).await;
    assert!(said.contains("is not active"), "{said}");
    assert_eq!(world.writes().len(), 1, "Saki was asked");

    // Another Saki takes it.
    let list = json!({"data": [{"id": 11, "social": "twitter", "handler": "acmecoffee", "is_active": false}]});
    let fault = Fault::new(FaultKind::Json { body: list });
    world
        .ok("update_space", json!({"space_id": 1, "name": "Acme"}))
        .await;
    world
        .sandbox()
        .fault(fault.on(&Method::GET, "/spaces/{space_id}/accounts"));
    let answer = world.ok("create_post", draft(json!([11]))).await;
    let warning = answer["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("11 @acmecoffee (twitter/X)") && warning.contains("set_account_active"),
        "{warning}"
    );
    assert_eq!(
        answer["verified"], true,
        "a remark about the account is none about the posts"
    );
}

#[tokio::test]
async fn fields_for_one_account_go_only_to_that_account() {
    let world = World::new().await;
    let asked = json!({
        "space_id": 1, "account_ids": [11, 12, 15], "publish": "draft", "content": "For all",
        "media": [{"media_id": 501}], "metadata": {"title": "All", "allow_comments": true},
        "thread": [{"content": "more"}],
        "per_account": [
            {"account_id": "@acme.coffee", "content": "For Instagram", "media": [{"media_id": 502}, {"media_id": 503}]},
            {"account_id": "15", "thread": [], "metadata": {"title": "Pin", "board_id": "brew-guides"}},
        ],
    });
    let answer = world.ok("create_post", asked).await;
    let items = bodies(&world)[0]["items"].clone();
    let image = |id: u64| json!({"id": id, "type": "image"});
    let more = json!([{"content": "more", "media": []}]);
    assert_eq!(
        items[0],
        json!({"account_id": 11, "social": "twitter", "main": {"content": "For all", "media": [image(501)]},
            "children": more, "metadata": {"title": "All", "allow_comments": true}})
    );
    assert_eq!(
        items[1],
        json!({"account_id": 12, "social": "instagram",
            "main": {"content": "For Instagram", "media": [image(502), image(503)]},
            "children": more, "metadata": {"title": "All", "allow_comments": true}})
    );
    assert_eq!(
        items[2],
        json!({"account_id": 15, "social": "pinterest", "main": {"content": "For all", "media": [image(501)]},
            "children": [], "metadata": {"title": "Pin", "allow_comments": true, "board_id": "brew-guides"}})
    );
    let made = crate::support::sandbox_state::cluster(&world, &answer["cluster_id"]);
    assert_eq!(
        column(&made, "content"),
        json!(["For all", "For Instagram", "For all"])
    );
    assert_eq!(column(&made, "media"), json!([[501], [502, 503], [501]]));
    assert_eq!(answer["post_ids"], column(&made, "id"));
    assert_eq!(answer["verified"], true);
}

#[tokio::test]
async fn per_account_takes_each_account_of_the_call_once() {
    let world = World::new().await;
    let mut asked = draft(json!([11]));
    asked["per_account"] = json!([{"account_id": 12, "content": "y"}]);
    let said = world.refused("create_post", asked.clone()).await;
    assert!(said.starts_with("`per_account.0.account_id`"), "{said}");
    asked["per_account"] =
        json!([{"account_id": 11, "content": "y"}, {"account_id": "acmecoffee", "content": "z"}]);
    let said = world.refused("create_post", asked.clone()).await;
    assert!(said.starts_with("`per_account.1.account_id`"), "{said}");
    assert!(world.writes().is_empty());
    asked["per_account"] = json!([{"account_id": 11, "content": "y"}]);
    world.ok("create_post", asked).await;
    assert_eq!(bodies(&world)[0]["items"][0]["main"]["content"], "y");
}
