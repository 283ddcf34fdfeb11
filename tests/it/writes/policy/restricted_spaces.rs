//! A server that is kept to some spaces: what can be read, and what does not exist for it.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::Fault;
use serde_json::{Value, json};

use crate::support::example_calls;
use crate::support::policy_limits::{limited, spaces};
use crate::support::server_under_test::TRIES;

#[rstest]
#[case::pinned(&[1], &[1])]
#[case::several(&[1, 3], &[1])]
#[case::both(&[1, 2], &[1, 2])]
#[case::none_of_ours(&[7], &[])]
#[tokio::test]
async fn only_the_allowed_spaces_are_listed(#[case] allowed: &[u64], #[case] seen: &[u64]) {
    let world = limited([spaces(allowed)]).await;
    let list = world.ok("list_spaces", json!({})).await;
    let ids = list["data"].as_array().unwrap().iter();
    assert_eq!(
        ids.map(|row| row["id"].as_u64().unwrap())
            .collect::<Vec<_>>(),
        seen
    );
    assert!(!list.to_string().contains("total"), "{list}");
    let note = list["note"].as_str().unwrap_or_default();
    assert_eq!(note.contains("--space 7"), seen.is_empty(), "{list}");
}

#[rstest]
#[case::by_id("list_posts", json!({"space_id": 2}))]
#[case::by_its_digits("list_accounts", json!({"space_id": "2"}))]
#[case::by_another_word("get_queue", json!({"space": 2}))]
#[case::a_post("get_post", json!({"space_id": 2, "post_id": 119}))]
#[case::itself("get_space", json!({"space_id": 2}))]
#[case::its_boards("list_boards", json!({"space_id": 2, "account_id": 21}))]
#[tokio::test]
async fn another_space_cannot_be_read(#[case] tool: &str, #[case] arguments: Value) {
    for allowed in [&[1][..], &[1, 3]] {
        let world = limited([spaces(allowed)]).await;
        let said = world.refused(tool, arguments.clone()).await;
        assert!(
            said.contains("`--space 1") && said.contains("Allowed: the space 1"),
            "{said}"
        );
        assert!(world.sandbox().log().is_empty());
    }
}

#[tokio::test]
async fn the_pinned_space_has_a_name_and_another_has_none() {
    let world = limited([spaces(&[1])]).await;
    let said = world
        .refused("list_posts", json!({"space_id": "Studio North"}))
        .await;
    assert!(
        said.contains("by the operator's `--space 1` the spaces are: 1 \"Acme Coffee\"."),
        "{said}"
    );
    for space_id in [json!(1), json!("1"), json!("acme coffee"), Value::Null] {
        world.ok("get_space", json!({"space_id": space_id})).await;
    }
}

#[tokio::test]
async fn a_call_without_a_space_uses_the_pinned_one() {
    let world = limited([spaces(&[2])]).await;
    for (tool, mut arguments) in example_calls::full() {
        arguments.as_object_mut().unwrap().remove("space_id");
        world.call(tool, arguments).await;
    }
    let log = world.sandbox().log();
    let paths = log
        .iter()
        .filter(|logged| logged.path.starts_with("/spaces/"));
    let paths: Vec<&str> = paths.map(|logged| logged.path.as_str()).collect();
    assert!(paths.len() > 15, "{paths:?}");
    let strays = paths
        .iter()
        .filter(|path| !format!("{path}/").starts_with("/spaces/2/"));
    assert_eq!(strays.collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[tokio::test]
async fn ids_of_another_space_are_not_found() {
    let world = limited([spaces(&[1])]).await;
    let before = world.sandbox().state(|state| format!("{state:?}"));
    for (tool, arguments) in [
        ("get_post", json!({"post_id": 123})),
        ("delete_post", json!({"post_id": 123})),
        ("update_post", json!({"post_id": 123, "content": "x"})),
        (
            "create_post",
            json!({"account_ids": [21], "content": "x", "publish": "draft"}),
        ),
        (
            "update_webhook",
            json!({"webhook_id": 702, "is_active": false}),
        ),
        ("disconnect_account", json!({"account_id": 21})),
    ] {
        world.refused(tool, arguments).await;
    }
    assert_eq!(world.sandbox().state(|state| format!("{state:?}")), before);
    let said = world
        .refused(
            "create_post",
            json!({"account_ids": [21], "content": "x", "publish": "draft"}),
        )
        .await;
    assert!(
        said.contains("`--space 1`") && said.contains("account 21"),
        "{said}"
    );
}

/// The second space's things as a Saki would show them that does not hold an id against the space in the path.
#[tokio::test]
async fn ids_of_another_space_are_rejected_even_if_saki_accepts_them() {
    let world = limited([spaces(&[1])]).await;
    world.sandbox().edit(|state| {
        for post_id in [121, 122, 123] {
            state.posts.get_mut(post_id).unwrap().space_id = 1;
        }
    });
    for (tool, arguments) in [
        ("get_post", json!({"post_id": 121})),
        ("update_post", json!({"post_id": 123, "content": "x"})),
        ("delete_post", json!({"post_id": 122})),
        ("delete_slot", json!({"slot_id": 304})),
        ("delete_webhook", json!({"webhook_id": 702})),
        (
            "update_webhook",
            json!({"webhook_id": 702, "is_active": false}),
        ),
        (
            "set_account_active",
            json!({"account_id": 21, "is_active": false}),
        ),
        ("disconnect_account", json!({"account_id": 25})),
        ("list_boards", json!({"account_id": 25})),
    ] {
        let said = world.refused(tool, arguments).await;
        let start = "The operator's policy `--space 1` forbids this: Saki does not ";
        assert!(said.starts_with(start), "{tool}: {said}");
    }
    assert!(world.writes().is_empty());
    let asked = world.sandbox().log().into_iter();
    let boards = asked.filter(|logged| logged.path.ends_with("/boards"));
    assert_eq!(boards.count(), 0);
    for (tool, arguments) in [
        ("get_post", json!({"post_id": 104})),
        ("update_post", json!({"post_id": 112, "content": "x"})),
        ("delete_post", json!({"post_id": 104})),
        ("delete_slot", json!({"slot_id": 302})),
        (
            "update_webhook",
            json!({"webhook_id": 701, "is_active": false}),
        ),
        ("delete_webhook", json!({"webhook_id": 701})),
        (
            "set_account_active",
            json!({"account_id": 12, "is_active": false}),
        ),
        ("list_boards", json!({"account_id": 15})),
        ("disconnect_account", json!({"account_id": 14})),
    ] {
        world.ok(tool, arguments).await;
    }
}

#[tokio::test]
async fn an_unreadable_list_is_not_reported_as_policy() {
    for (path, tool, arguments) in [
        (
            "/accounts",
            "create_post",
            json!({"account_ids": [11], "content": "x", "publish": "draft"}),
        ),
        (
            "/accounts",
            "update_cluster",
            json!({"cluster_id": example_calls::CLUSTER, "content": "x"}),
        ),
        ("/slots", "delete_slot", json!({"slot_id": 302})),
        ("/webhooks", "delete_webhook", json!({"webhook_id": 701})),
    ] {
        let world = limited([spaces(&[1])]).await;
        world
            .sandbox()
            .fault(Fault::status(403).on(&Method::GET, path).times(9));
        let said = world.refused(tool, arguments).await;
        assert!(said.starts_with("Saki answered 403"), "{tool}: {said}");
        assert!(world.writes().is_empty());
    }
}

#[tokio::test]
async fn a_pinned_space_works_where_saki_does_not_list_its_spaces() {
    let world = limited([spaces(&[1])]).await;
    let fault = Fault::status(500).on(&Method::GET, "/spaces").times(TRIES);
    world.sandbox().fault(fault);
    world.ok("list_posts", json!({})).await;
    let paths = world.sandbox().log().into_iter().map(|logged| logged.path);
    let failed = paths.filter(|path| path == "/spaces").count();
    assert_eq!(failed, TRIES as usize);
}

#[tokio::test]
async fn an_invisible_allowed_space_is_no_reason_to_create_one() {
    let world = limited([spaces(&[7, 8])]).await;
    for tool in ["list_posts", "list_accounts", "create_slot"] {
        let said = world.refused(tool, json!({})).await;
        assert!(
            said.contains("none of the operator's `--space 7,8`"),
            "{said}"
        );
        assert!(!said.contains("create_space"), "{said}");
    }
}

#[tokio::test]
async fn several_allowed_spaces_need_a_choice_and_are_read_together() {
    let world = limited([spaces(&[1, 2])]).await;
    let said = world.refused("get_space", json!({})).await;
    assert!(
        said.contains("1 \"Acme Coffee\", 2 \"Studio North\""),
        "{said}"
    );
    let all = world.ok("list_accounts", json!({})).await;
    assert_eq!(all["data"].as_array().unwrap().len(), 11);
    let one = limited([spaces(&[2, 9])]).await;
    assert_eq!(
        one.ok("list_accounts", json!({})).await["data"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
}
