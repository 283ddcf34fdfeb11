//! Tools about spaces.

use rstest::rstest;
use serde_json::json;

use crate::support::server_under_test::World;
use crate::support::three_spaces::{THREE, is_of_space, three, understood};

#[tokio::test]
async fn list_spaces_shows_every_space_with_its_name() {
    let world = World::new().await;
    let list = world.ok("list_spaces", json!({})).await;
    let names: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|space| &space["name"])
        .collect();
    assert_eq!(names, ["Acme Coffee", "Studio North"]);
}

#[rstest]
#[case("2 \"Studio North\"")]
#[case("2 Studio North")]
#[case("space 2")]
#[case("the space 2 \"Studio North\"")]
#[case("“Studio North”")]
#[case("Studio\u{a0}North")]
#[case("STUDIO north")]
#[tokio::test]
async fn a_label_names_a_space(#[case] given: &str) {
    let world = World::new().await;
    let space = world.ok("get_space", json!({"space_id": given})).await;
    assert_eq!(space["id"], 2);
    assert!(space["understood"].to_string().contains("as 2 "), "{space}");
    for wrong in ["1 \"Studio North\"", "space 9 x", "\"\"", "Studio"] {
        let said = world.refused("get_space", json!({"space_id": wrong})).await;
        assert!(said.contains("2 \"Studio North\""), "{said}");
    }
}

#[tokio::test]
async fn a_space_is_found_by_its_exact_name_and_by_its_id() {
    let world = World::new().await;
    let mut by_name = world
        .ok("get_space", json!({"space_id": "Studio North"}))
        .await;
    let by_id = world
        .ok("get_space", json!({"space_id": by_name["id"]}))
        .await;
    let meant = by_name.as_object_mut().unwrap().remove("understood");
    assert_eq!(
        meant,
        Some(json!([
            "`space_id`: \"Studio North\" as 2 \"Studio North\""
        ]))
    );
    assert_eq!(by_name, by_id);
    assert_eq!(by_name["name"], "Studio North");
}

#[tokio::test]
async fn a_space_that_is_not_named_is_asked_for_with_the_list_of_spaces() {
    let world = World::new().await;
    let said = world
        .refused("create_slot", json!({"weekday": "monday", "time": "09:00"}))
        .await;
    assert!(
        said.contains("1 \"Acme Coffee\", 2 \"Studio North\""),
        "{said}"
    );
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn create_space_makes_one_and_update_space_renames_it() {
    let world = World::new().await;
    let made = world
        .ok(
            "create_space",
            json!({"name": "Lab", "timezone": "Asia/Tokyo"}),
        )
        .await;
    let renamed = world
        .ok(
            "update_space",
            json!({"space_id": "Lab", "name": "Lab Tokyo"}),
        )
        .await;
    assert_eq!(
        (&renamed["id"], &renamed["name"]),
        (&made["id"], &json!("Lab Tokyo"))
    );
    assert_eq!(
        world.writes()[1].body.clone().unwrap(),
        json!({"name": "Lab Tokyo"})
    );
}

#[tokio::test]
async fn delete_space_says_which_one_is_gone() {
    let world = World::new().await;
    let gone = world.ok("delete_space", json!({"space_id": 2})).await;
    assert_eq!(
        gone,
        json!({"outcome": "done", "deleted": true, "space_id": 2, "note": "The space 2 is deleted in Saki. No other call is needed."})
    );
    let left = world.ok("list_spaces", json!({})).await;
    assert_eq!(left["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_space_itself_is_the_only_one_or_asked_for() {
    let calls = [
        ("get_space", json!({})),
        (
            "update_space",
            json!({"name": "Lab", "account_id": "@acmebrews"}),
        ),
        ("delete_space", json!({})),
    ];
    let world = three().await;
    for (tool, arguments) in calls.clone() {
        let said = world.refused(tool, arguments).await;
        assert!(said.contains(THREE), "{tool}: {said}");
    }
    assert!(world.writes().is_empty());
    world.ok("delete_space", json!({"space_id": 2})).await;
    world.ok("delete_space", json!({"space_id": 3})).await;
    for (tool, arguments) in calls {
        world.ok(tool, arguments).await;
    }
    assert!(
        world
            .writes()
            .iter()
            .skip(2)
            .all(|logged| logged.path == "/spaces/1")
    );
}

#[rstest]
#[case("1 \"Acme Coffee\"")]
#[case("1 Acme Coffee")]
#[case("1: Acme Coffee")]
#[case("Acme Coffee (1)")]
#[case("\"Acme Coffee\"")]
#[case("the space 1 \"Acme Coffee\"")]
#[case("space 1")]
#[tokio::test]
async fn a_label_of_a_space_is_understood(#[case] label: &str) {
    let world = three().await;
    let space = world.ok("get_space", json!({"space_id": label})).await;
    assert_eq!(space["id"], 1);
    assert!(understood(&space).contains(" as 1 "), "{space}");
    world
        .ok(
            "create_webhook",
            json!({"space_id": label, "url": "https://a.example", "events": ["post.failed"]}),
        )
        .await;
    assert!(is_of_space(&world, 1));
}

#[rstest]
#[case("2 \"Acme Coffee\"")]
#[case("Acme Coffee (2)")]
#[case("1 Acme Tea")]
#[tokio::test]
async fn a_label_of_two_spaces_is_refused(#[case] label: &str) {
    let world = three().await;
    let said = world
        .refused("delete_space", json!({"space_id": label}))
        .await;
    assert!(
        said.contains("not of one space") && said.contains(THREE),
        "{said}"
    );
    assert!(world.writes().is_empty());
}
