//! Tools about posting time slots.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::sandbox_state::{bodies, column};
use crate::support::server_under_test::World;

#[tokio::test]
async fn list_slots_covers_one_space_or_all_and_names_the_space() {
    let world = World::new().await;
    let one = world
        .ok("list_slots", json!({"space_id": "Studio North"}))
        .await;
    assert_eq!(
        column(one["data"].as_array().unwrap(), "weekday"),
        json!(["tuesday", "thursday"])
    );
    let all = world.ok("list_slots", json!({})).await;
    let all = all["data"].as_array().unwrap();
    assert_eq!(column(all, "space_id"), json!([1, 1, 1, 2, 2]));
    assert_eq!(all[4]["space"], "Studio North");
}

#[tokio::test]
async fn create_slot_sends_a_word_as_a_word_and_a_number_that_is_explained_as_a_number() {
    let world = World::new().await;
    let days = [
        (json!("monday"), json!("monday")),
        (json!("3 wednesday"), json!(3)),
        (json!("Friday (5)"), json!(5)),
    ];
    for (given, sent) in days {
        let made = world
            .ok(
                "create_slot",
                json!({"space_id": 1, "weekday": given, "time": "07:45", "timezone": "Asia/Tokyo"}),
            )
            .await;
        assert_eq!(
            *bodies(&world).last().unwrap(),
            json!({"weekday": sent, "time": "07:45", "timezone": "Asia/Tokyo"})
        );
        let held = world
            .sandbox()
            .state(|state| state.slots.get(made["id"].as_u64().unwrap()).cloned());
        let held = held.unwrap();
        assert_eq!(
            (held.weekday, held.time.as_str(), held.timezone.as_str()),
            (sent, "07:45", "Asia/Tokyo")
        );
    }
}

#[tokio::test]
async fn a_number_whose_day_is_not_known_is_asked_about_and_nothing_is_sent() {
    let world = World::new().await;
    for given in [json!("3"), json!(5), json!(7.0)] {
        let said = world
            .refused(
                "create_slot",
                json!({"space_id": 1, "weekday": given, "time": "07:45"}),
            )
            .await;
        assert!(said.contains("which day is "), "{said}");
        assert!(said.contains("as a word"), "{said}");
    }
    assert_eq!(bodies(&world), [json!(null); 0]);
}

#[rstest]
#[case("mon", "9:00")]
#[case("Mondays", "9 am")]
#[case("MONDAY", "09:00:00")]
#[case("Mon.", "9.00")]
#[tokio::test]
async fn a_slot_in_another_spelling_is_known_to_be_there_already(
    #[case] weekday: &str,
    #[case] time: &str,
) {
    let world = World::new().await;
    let slot = json!({"space_id": 1, "weekday": weekday, "time": time, "dry_run": true});
    let preview = world.ok("create_slot", slot).await;
    let warning = json!(["The space has a slot at this time already: 301."]);
    assert_eq!(preview["warnings"], warning);
    for time in ["9 pm", "21:00", "900", "13 am"] {
        let slot = json!({"space_id": 1, "weekday": "monday", "time": time, "dry_run": true});
        let preview = world.ok("create_slot", slot).await;
        assert_eq!(preview["warnings"], json!(null), "{time}: {preview}");
    }
}

#[tokio::test]
async fn a_slot_that_is_there_already_is_said_before_and_after() {
    let world = World::new().await;
    let mut slot = json!({"space_id": 1, "weekday": "Monday", "time": "9:00"});
    slot["time"] = json!("09:00");
    slot["dry_run"] = json!(true);
    let preview = world.ok("create_slot", slot.clone()).await;
    let warning = json!(["The space has a slot at this time already: 301."]);
    assert_eq!(preview["warnings"], warning);
    assert!(
        preview["what"].as_str().unwrap().contains("monday 09:00"),
        "{preview}"
    );
    slot.as_object_mut().unwrap().remove("dry_run");
    assert_eq!(
        world.ok("create_slot", slot.clone()).await["warnings"],
        warning
    );
    for (field, other) in [
        ("weekday", "tuesday"),
        ("time", "09:01"),
        ("timezone", "Asia/Tokyo"),
    ] {
        let mut slot = slot.clone();
        slot[field] = json!(other);
        assert_eq!(
            world.ok("create_slot", slot).await.get("warnings"),
            None,
            "{field}"
        );
    }
}

#[tokio::test]
async fn the_account_of_a_slot_is_named_by_id_or_handle() {
    let world = World::new().await;
    for given in [json!(11), json!("11"), json!("@acmecoffee")] {
        let slot =
            json!({"space_id": 1, "weekday": "sunday", "time": "10:00", "account_id": given});
        world.ok("create_slot", slot).await;
        assert_eq!(bodies(&world).last().unwrap()["account_id"], 11);
    }
}

#[tokio::test]
async fn create_slot_passes_further_fields_on() {
    let world = World::new().await;
    let said = world
        .refused("create_slot", json!({"space_id": 1, "when": 3}))
        .await;
    assert!(
        said.contains("- `weekday`: The weekday field is required."),
        "{said}"
    );
    assert!(
        said.contains("- `time`: The time field is required."),
        "{said}"
    );
    let asked = json!({"space_id": 1, "weekday": "friday", "time": "10:00", "account_id": 11, "label": {"a": [1]}});
    world.ok("create_slot", asked).await;
    assert_eq!(
        bodies(&world)[1],
        json!({"weekday": "friday", "time": "10:00", "account_id": 11, "label": {"a": [1]}})
    );
}

#[tokio::test]
async fn delete_slot_takes_one_slot_and_says_which() {
    let world = World::new().await;
    let count = || world.sandbox().state(|state| state.slots.len());
    let before = count();
    let gone = world
        .ok("delete_slot", json!({"space_id": 1, "slot_id": "301"}))
        .await;
    let slot =
        json!({"id": 301, "weekday": "monday", "time": "09:00", "timezone": "Europe/Berlin"});
    assert_eq!(
        gone,
        json!({"outcome": "done", "deleted": true, "slot_id": 301, "note": "The slot 301 is deleted in Saki. No other call is needed.", "removed": [slot]})
    );
    assert_eq!(count(), before - 1);
    let answer = world
        .call("delete_slot", json!({"space_id": 1, "slot_id": 305}))
        .await;
    assert_eq!(
        (answer.failed, &answer.meta["status"]),
        (true, &json!(404)),
        "a slot of the other space"
    );
    assert_eq!(count(), before - 1);
    assert_eq!(answer.json, Value::Null);
}
