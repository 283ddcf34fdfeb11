//! A call without a space: the posts, clusters, slots, webhooks and boards that were seen decide the space.

use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::server_under_test::World;
use crate::support::three_spaces::{
    THREE, cluster_change, copy_account, is_of_space, new_post, seen, three, understood,
};

#[tokio::test]
async fn a_post_that_was_listed_is_read_changed_and_deleted_without_its_space() {
    let world = three().await;
    for space_id in [1, 2, 3] {
        let row = seen(&world, "list_posts", space_id).await;
        let post_id = &row["id"];
        let read = world.ok("get_post", json!({"post_id": post_id})).await;
        let said = format!("the space of post {post_id}");
        assert!(understood(&read).contains(&said), "{read}");
        let changed = world
            .ok(
                "update_post",
                json!({"post_id": post_id, "content": "Changed"}),
            )
            .await;
        assert!(understood(&changed).contains(&said), "{changed}");
        world.ok("delete_post", json!({"post_id": post_id})).await;
    }
    let paths: Vec<String> = world
        .writes()
        .into_iter()
        .map(|logged| logged.path)
        .collect();
    let spaces: Vec<&str> = paths.iter().map(|path| &path[..9]).collect();
    assert_eq!(
        spaces,
        [
            "/spaces/1",
            "/spaces/1",
            "/spaces/2",
            "/spaces/2",
            "/spaces/3",
            "/spaces/3"
        ]
    );
}

#[rstest]
#[case("get_post", json!({"post_id": 112}), "list_posts shows in which space the post 112 is")]
#[case("delete_post", json!({"post_id": 112}), "list_posts")]
#[case("update_post", json!({"post_id": 112, "content": "New"}), "list_posts")]
#[case("update_cluster", json!({"cluster_id": "c-1", "content": "New"}), "list_posts")]
#[case("delete_slot", json!({"slot_id": 1}), "list_slots")]
#[case("delete_webhook", json!({"webhook_id": 1}), "list_webhooks")]
#[case("update_webhook", json!({"webhook_id": 1, "is_active": false}), "list_webhooks")]
#[tokio::test]
async fn what_was_not_seen_is_refused_with_the_spaces_and_the_tool_that_finds_it(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] finder: &str,
) {
    let world = three().await;
    let said = world.refused(tool, arguments).await;
    assert!(said.contains(THREE) && said.contains(finder), "{said}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_post_that_was_just_made_and_its_cluster_are_known() {
    let world = three().await;
    let made = world
        .ok(
            "create_post",
            new_post("Good morning")
                .on(["31", "@harbourbooks.example"])
                .draft(),
        )
        .await;
    let post_id = &made["post_ids"][0];
    world
        .ok(
            "update_post",
            json!({"post_id": post_id, "content": "Good evening"}),
        )
        .await;
    let changed = cluster_change(&made["cluster_id"]).with(json!({"content": "Good night"}));
    let changed = world.ok("update_cluster", changed.undecided()).await;
    assert!(
        understood(&changed).contains("the space of cluster "),
        "{changed}"
    );
    assert!(is_of_space(&world, 3));
}

#[tokio::test]
async fn a_cluster_decides_between_the_spaces_of_a_network() {
    let world = three().await;
    let row = seen(&world, "list_posts", 2).await;
    let change = |accounts: Value| cluster_change(&row["cluster_id"]).on(accounts).undecided();
    let said = world
        .refused("update_cluster", change(json!(["@acmebrews"])))
        .await;
    let cluster = format!("cluster {} in 2", row["cluster_id"].as_str().unwrap());
    assert!(
        said.contains(&cluster) && said.contains("15 @acmebrews (pinterest) in 1"),
        "{said}"
    );
    let previewed = world.call("update_cluster", {
        let mut arguments = change(json!(["instagram"]));
        arguments["dry_run"] = json!(true);
        arguments
    });
    let previewed = previewed.await;
    assert!(
        understood(&previewed.json).contains("`space_id`: 2 "),
        "{previewed:?}"
    );
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn slots_and_webhooks_that_were_listed_decide_their_space() {
    let world = three().await;
    let slot = seen(&world, "list_slots", 3).await;
    let webhook = seen(&world, "list_webhooks", 2).await;
    let gone = world
        .ok("delete_slot", json!({"slot_id": slot["id"]}))
        .await;
    assert!(understood(&gone).contains("the space of slot"), "{gone}");
    let webhook_id = &webhook["id"];
    world
        .ok(
            "update_webhook",
            json!({"webhook_id": webhook_id, "is_active": false}),
        )
        .await;
    world
        .ok("delete_webhook", json!({"webhook_id": webhook_id}))
        .await;
    let paths: Vec<String> = world
        .writes()
        .into_iter()
        .map(|logged| logged.path)
        .collect();
    let webhook = format!("/spaces/2/webhooks/{webhook_id}");
    assert_eq!(
        paths,
        [
            format!("/spaces/3/slots/{}", slot["id"]),
            webhook.clone(),
            webhook
        ]
    );
}

#[tokio::test]
async fn the_posts_of_the_queue_are_seen_too() {
    let world = three().await;
    let queue = world.ok("get_queue", json!({})).await;
    let rows = queue["data"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["space_id"] == 2 && row["id"].is_u64())
        .unwrap();
    world.ok("delete_post", json!({"post_id": row["id"]})).await;
    assert!(is_of_space(&world, 2));
}

#[tokio::test]
async fn a_board_that_was_listed_contradicts_an_account_but_never_picks_one() {
    let world = three().await;
    copy_account(&world, 15, 2);
    world
        .ok("list_boards", json!({"space_id": 1, "account_id": 15}))
        .await;
    let pin = |account: &str| {
        let metadata = json!({"metadata": {"board_id": "brew-guides"}});
        new_post("A pin").on([account]).with(metadata).draft()
    };
    // The boards of the other account may have this one too.
    let said = world.refused("create_post", pin("pinterest")).await;
    assert!(
        said.contains("15 @acmebrews (pinterest) in 1") && said.contains("(pinterest) in 2"),
        "{said}"
    );
    let said = world.refused("create_post", pin("youtube")).await;
    assert!(
        said.contains("board brew-guides in 1") && said.contains("(youtube) in 2"),
        "{said}"
    );
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_board_decides_nothing_where_the_accounts_were_not_read() {
    let world = three().await;
    world
        .ok("list_boards", json!({"space_id": 1, "account_id": 15}))
        .await;
    let fault = Fault {
        count: 9,
        ..Fault::new(FaultKind::Json {
            body: json!({"message": "soon"}),
        })
    };
    world
        .sandbox()
        .fault(fault.on(&http::Method::GET, "/spaces/3/accounts"));
    let metadata = json!({"metadata": {"board_id": "brew-guides"}});
    let pin = new_post("A pin").on(["pinterest"]).with(metadata).draft();
    let said = world.refused("create_post", pin).await;
    assert!(
        said.contains(THREE) && said.contains("list_accounts"),
        "{said}"
    );
    assert!(world.writes().is_empty());
}

/// Lets Saki answer the next reads of a path with this.
fn answers(world: &World, path: &str, count: u32, body: Value) {
    let fault = Fault {
        count,
        ..Fault::new(FaultKind::Json { body })
    };
    world.sandbox().fault(fault.on(&http::Method::GET, path));
}

#[rstest]
#[case::slots("list_slots", "slots", "delete_slot", json!({"slot_id": 7}))]
#[case::webhooks("list_webhooks", "webhooks", "update_webhook", json!({"webhook_id": 7, "is_active": false}))]
#[tokio::test]
async fn a_slot_or_webhook_of_a_space_that_was_not_listed_yet_decides_nothing(
    #[case] list: &str,
    #[case] collection: &str,
    #[case] tool: &str,
    #[case] arguments: Value,
) {
    let world = three().await;
    for space_id in [1, 2] {
        let path = format!("/spaces/{space_id}/{collection}");
        answers(&world, &path, 2, json!({"data": [{"id": 7}]}));
    }
    world.ok(list, json!({"space_id": 1})).await;
    let said = world.refused(tool, arguments).await;
    assert!(
        said.contains(" 7 in 1 ") && said.contains(" 7 in 2 "),
        "{said}"
    );
    assert!(world.writes().is_empty());
}

#[rstest]
#[case::no_list(json!({"message": "soon"}))]
#[case::partial(json!({"data": [], "meta": {"total": 5}}))]
#[case::without_ids(json!({"data": [{"weekday": "monday"}]}))]
#[tokio::test]
async fn slots_and_webhooks_decide_nothing_where_a_list_was_not_read_whole(#[case] body: Value) {
    let world = three().await;
    let slot = seen(&world, "list_slots", 1).await;
    let webhook = seen(&world, "list_webhooks", 2).await;
    answers(&world, "/spaces/3/slots", 9, body.clone());
    answers(&world, "/spaces/3/webhooks", 9, body);
    for (tool, arguments) in [
        ("delete_slot", json!({"slot_id": slot["id"]})),
        ("delete_webhook", json!({"webhook_id": webhook["id"]})),
    ] {
        let said = world.refused(tool, arguments).await;
        assert!(said.contains(THREE), "{tool}: {said}");
    }
    assert!(world.writes().is_empty());
}

#[rstest]
#[case::its_id(json!({"id": 101, "space_id": 2}))]
#[case::its_id_as_text(json!({"id": 101, "space_id": "2"}))]
#[case::its_object(json!({"id": 101, "space": {"id": 2}}))]
#[tokio::test]
async fn a_row_that_says_another_space_than_its_path_decides_nothing(#[case] post: Value) {
    let world = three().await;
    answers(&world, "/spaces/1/posts/101", 1, post.clone());
    answers(&world, "/spaces/1/posts", 1, json!({"data": [post]}));
    answers(
        &world,
        "/spaces/1/queue",
        1,
        json!({"data": [post, {"space_id": 2, "post": {"id": 101}}, {"post": post}]}),
    );
    for (tool, arguments) in [
        ("get_post", json!({"space_id": 1, "post_id": 101})),
        ("list_posts", json!({"space_id": 1})),
        ("get_queue", json!({"space_id": 1})),
    ] {
        world.ok(tool, arguments).await;
    }
    let said = world
        .refused("update_post", json!({"post_id": 101, "content": "New"}))
        .await;
    assert!(said.contains(THREE), "{said}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_part_of_a_thread_is_no_post_of_its_space() {
    let world = three().await;
    let post = json!({"id": 101, "content": "1", "children": [{"id": 5, "content": "2"}]});
    answers(&world, "/spaces/1/posts/101", 1, post);
    world
        .ok("get_post", json!({"space_id": 1, "post_id": 101}))
        .await;
    let said = world.refused("delete_post", json!({"post_id": 5})).await;
    assert!(said.contains(THREE), "{said}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_id_that_was_seen_in_two_spaces_decides_nothing() {
    let world = three().await;
    for space_id in [1, 2] {
        let fault = Fault::new(FaultKind::Json {
            body: json!({"data": [{"id": 7, "weekday": "monday", "time": "09:00"}]}),
        });
        world
            .sandbox()
            .fault(fault.on(&http::Method::GET, &format!("/spaces/{space_id}/slots")));
        world.ok("list_slots", json!({"space_id": space_id})).await;
    }
    let said = world.refused("delete_slot", json!({"slot_id": 7})).await;
    assert!(
        said.contains("slot 7 in 1") && said.contains("slot 7 in 2"),
        "{said}"
    );
    assert!(world.writes().is_empty());
}
