//! A call without a space: the accounts that it names decide the space, and nothing is sent where they do not.

use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind, SandboxOptions, SeedData};
use saki_mcp::tools::Confirm;
use saki_mcp::write::policy::Policy;
use serde_json::{Value, json};

use crate::support::policy_limits::{accounts, spaces};
use crate::support::sandbox_state::{bodies, last_post, reads};
use crate::support::server_under_test::World;
use crate::support::three_spaces::{
    THREE, copy_account, is_of_space, limited, new_post, three, understood,
};

#[rstest]
#[case::handle("@studionorth.example", 2, "25 @studionorth.example (bluesky)")]
#[case::id("31", 3, "31 @harbourbooks (twitter/X)")]
#[case::network("pinterest", 1, "15 @acmebrews (pinterest)")]
#[case::display_name("studio north films", 2, "24 @studionorthfilms (youtube)")]
#[case::address("https://www.threads.net/@studionorth", 2, "23 @studionorth (threads)")]
#[case::label(
    "31 @harbourbooks (twitter/X) in 3 \"Harbour Books\"",
    3,
    "31 @harbourbooks (twitter/X)"
)]
#[case::label_with_space("@acmecoffee in 1 \"Acme Coffee\"", 1, "11 @acmecoffee (twitter/X)")]
#[tokio::test]
async fn an_account_that_is_in_one_space_decides_the_space(
    #[case] account: &str,
    #[case] space_id: u64,
    #[case] label: &str,
) {
    let world = three().await;
    let made = world
        .ok(
            "create_post",
            new_post("Good morning").on([account]).draft(),
        )
        .await;
    let said = understood(&made).replace('\\', "");
    assert!(
        said.contains(&format!("`space_id`: {space_id} \"")),
        "{said}"
    );
    assert!(said.contains(&format!("the space of {label}")), "{said}");
    assert!(is_of_space(&world, space_id));
}

#[tokio::test]
async fn accounts_of_one_space_decide_it_together_and_each_space_is_read_once() {
    let world = three().await;
    world
        .ok(
            "create_post",
            new_post("Good morning")
                .on(["twitter", "@acme.coffee"])
                .draft(),
        )
        .await;
    assert!(is_of_space(&world, 1));
    assert!((1..=3).all(|id| reads(&world, &format!("/spaces/{id}/accounts")) == 1));
}

#[rstest]
#[case::network(json!(["instagram"]), "12 @acme.coffee (instagram) in 1 \"Acme Coffee\", 21 @studionorth (instagram) in 2 \"Studio North\"")]
#[case::two_networks(json!(["x", "facebook"]), "31 @harbourbooks (twitter/X) in 3 \"Harbour Books\"")]
#[tokio::test]
async fn an_account_of_two_spaces_is_refused_with_both(#[case] named: Value, #[case] both: &str) {
    let world = three().await;
    let said = world
        .refused("create_post", new_post("Good morning").on(named).draft())
        .await;
    assert!(
        said.contains("which space is meant?") && said.contains(both),
        "{said}"
    );
    assert!(said.contains("Pass the id of the space"), "{said}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_handle_that_a_second_space_has_too_decides_nothing() {
    let world = three().await;
    copy_account(&world, 15, 2);
    for (tool, arguments) in [
        (
            "create_post",
            new_post("Good morning").on(["@acmebrews"]).draft(),
        ),
        ("list_boards", json!({"account_id": "@acmebrews"})),
        ("disconnect_account", json!({"account_id": "@acmebrews"})),
        (
            "set_account_active",
            json!({"account_id": "pinterest", "is_active": false}),
        ),
        (
            "create_slot",
            json!({"weekday": "monday", "time": "09:00", "account_id": "@acmebrews"}),
        ),
    ] {
        let said = world.refused(tool, arguments).await;
        assert!(
            said.contains("15 @acmebrews (pinterest) in 1") && said.contains("(pinterest) in 2"),
            "{tool}: {said}"
        );
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn accounts_of_different_spaces_are_refused_with_both() {
    let world = three().await;
    let said = world
        .refused(
            "create_post",
            new_post("Good morning").on(["@acmebrews", "youtube"]).now(),
        )
        .await;
    for both in [
        "15 @acmebrews (pinterest) in 1 \"Acme Coffee\"",
        "24 @studionorthfilms (youtube) in 2 \"Studio North\"",
    ] {
        assert!(said.contains(both), "{said}");
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_account_that_is_nowhere_is_refused_with_the_spaces() {
    let world = three().await;
    for account in ["@nobody", "999", "11 @acmecoffee in 2 \"Studio North\""] {
        let said = world
            .refused("create_post", new_post("Hi").on([account]).draft())
            .await;
        assert!(
            said.contains(THREE) && said.contains("list_accounts"),
            "{said}"
        );
    }
    let said = world
        .refused("create_post", new_post("Hi").on(["11 @acmebrews"]).draft())
        .await;
    assert!(said.contains("its id is of 11 @acmecoffee"), "{said}");
    assert!(world.writes().is_empty());
}

#[rstest]
#[case::like_a_label("Best Coffee in 2 Towns")]
#[case::like_a_whole_label("Best Coffee in 2")]
#[case::like_a_label_with_an_id("21 Best Coffee")]
#[tokio::test]
async fn a_name_comes_before_a_label_of_another_space(#[case] name: &str) {
    let world = three().await;
    world.sandbox().edit(|state| {
        for (id, name) in [(13, name), (23, "Best Coffee")] {
            let account = state.accounts.get_mut(id).unwrap();
            account.display_name = name.to_owned();
        }
    });
    world
        .ok("create_post", new_post("Hi").on([name]).draft())
        .await;
    assert!(is_of_space(&world, 1));
    // Where no account has the name, it is none of another space either.
    let said = world
        .refused(
            "create_post",
            new_post("Hi").on(["Best Coffee in 2 Villages"]).draft(),
        )
        .await;
    assert!(said.contains(THREE), "{said}");
    assert_eq!(world.writes().len(), 1);
}

#[rstest]
#[case::network("(instagram) in 1 \"Acme Coffee\"")]
#[case::network_and_id_of_the_space("(instagram) in 1")]
#[case::account("21 @studionorth (instagram) in 1 \"Acme Coffee\"")]
#[case::space_named_like_a_label("(instagram) in 1 \"Made in 2\"")]
#[tokio::test]
async fn a_label_of_another_space_than_the_calls_is_refused(#[case] label: &str) {
    for (world, given) in [
        (three().await, json!("2")),
        (three().await, json!("Studio North")),
        (
            limited(Policy::default().limited(spaces(&[2]))).await,
            Value::Null,
        ),
    ] {
        for (tool, arguments) in [
            (
                "create_post",
                new_post("Hi").on([label]).space(given.clone()).draft(),
            ),
            (
                "list_boards",
                json!({"space_id": given, "account_id": label}),
            ),
            (
                "disconnect_account",
                json!({"space_id": given, "account_id": label}),
            ),
        ] {
            let said = world.refused(tool, arguments).await;
            assert!(
                said.contains("names the space 1, while the call is for the space 2"),
                "{tool}: {said}"
            );
        }
        assert!(world.writes().is_empty());
    }
}

#[tokio::test]
async fn a_pinned_space_stays_and_a_hidden_one_is_never_named() {
    let world = limited(Policy::default().limited(spaces(&[1, 2]))).await;
    // An X account is in the hidden space too.
    world
        .ok("create_post", new_post("Hi").on(["twitter"]).draft())
        .await;
    assert!(is_of_space(&world, 1));
    for arguments in [
        new_post("Hi").on(["@harbourbooks"]).draft(),
        new_post("Hi").on(["facebook", "bluesky"]).draft(),
        new_post("Hi").on(["31"]).draft(),
        new_post("Hi")
            .on(["@acmecoffee"])
            .space("3 \"Harbour Books\"")
            .draft(),
    ] {
        let said = world.refused("create_post", arguments).await;
        assert!(
            !said.replace("harbourbooks", "").contains("Harbour") || said.contains("3 \\\"Harbour"),
            "{said}"
        );
        assert!(!said.contains("31 @"), "{said}");
    }
    let pinned = limited(Policy::default().limited(spaces(&[2]))).await;
    let said = pinned
        .refused("create_post", new_post("Hi").on(["@acmebrews"]).draft())
        .await;
    assert!(!said.contains("Acme Coffee"), "{said}");
    assert!(pinned.writes().is_empty());
}

#[tokio::test]
async fn the_limit_of_accounts_holds_where_the_account_decides_the_space() {
    let world = limited(Policy::default().limited(accounts(&[11]))).await;
    let said = world
        .refused("create_post", new_post("Hi").on(["youtube"]).draft())
        .await;
    assert!(said.contains("--accounts"), "{said}");
    assert!(world.writes().is_empty());
}

#[rstest]
#[case::failed(1, FaultKind::Status { status: 403, headers: Default::default(), body: None, after_write: false })]
#[case::partial(2, FaultKind::Json { body: json!({"data": [], "meta": {"total": 5}}) })]
#[case::no_list(3, FaultKind::Json { body: json!({"message": "soon"}) })]
#[case::without_ids(3, FaultKind::Json { body: json!({"data": [{"handler": "acmebrews"}]}) })]
#[tokio::test]
async fn accounts_that_were_not_read_whole_decide_nothing(
    #[case] space_id: u64,
    #[case] kind: FaultKind,
) {
    let world = three().await;
    let fault = Fault {
        count: 9,
        ..Fault::new(kind)
    };
    world
        .sandbox()
        .fault(fault.on(&http::Method::GET, &format!("/spaces/{space_id}/accounts")));
    for account in ["@acmebrews", "youtube", "31"] {
        let said = world
            .refused("create_post", new_post("Hi").on([account]).now())
            .await;
        assert!(
            said.contains(THREE) && said.contains("list_accounts"),
            "{said}"
        );
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn spaces_that_were_not_read_whole_let_no_account_decide() {
    let world = three().await;
    let fault = Fault::new(FaultKind::Json {
        body: json!({"data": [{"id": 1, "name": "Acme Coffee"}, {"id": 2, "name": "Studio North"}], "meta": {"total": 3}}),
    });
    world
        .sandbox()
        .fault(fault.on(&http::Method::GET, "/spaces"));
    let said = world
        .refused("create_post", new_post("Hi").on(["twitter"]).draft())
        .await;
    assert!(said.contains("which space is meant?"), "{said}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn the_question_names_the_space_that_was_decided() {
    let options = SandboxOptions {
        seed_data: SeedData::Large,
        ..SandboxOptions::default()
    };
    let world = World::with(options, |settings| settings.confirm = Confirm::Auto).await;
    let last = last_post(&world);
    let mut arguments = new_post("Hello").on(["youtube"]).now();
    let asked = world.ok("create_post", arguments.clone()).await;
    assert_eq!(asked["outcome"], "confirmation_needed", "{asked}");
    assert!(
        asked["question"]
            .as_str()
            .unwrap()
            .contains("Space: \"Studio North\""),
        "{asked}"
    );
    arguments["confirmation"] = asked["confirmation"].clone();
    world.ok("create_post", arguments).await;
    assert_eq!(bodies(&world).len(), 1);
    assert!(is_of_space(&world, 2) && last_post(&world) > last);
}
