//! What slots, their queue and refusals teach: the numbers of the days, the names and forms of the fields.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::variant::{QueueRows, SlotDay, SlotDayField, SlotTime, WebhookFields};
use saki_mcp::sandbox::{ActivateField, Fault, SandboxOptions, Variant};
use serde_json::{Value, json};

use crate::support::faults::{refuses, status};
use crate::support::sandbox_state::{bodies, column};
use crate::support::server_under_test::World;

const SLOTS: &str = "/spaces/{space_id}/slots";

async fn saki(variant: Variant) -> World {
    World::with(SandboxOptions::of_variant(variant), |_| {}).await
}

async fn numbered(slot_day: SlotDay, queue_rows: QueueRows) -> World {
    saki(Variant {
        slot_day,
        queue_rows,
        ..Variant::default()
    })
    .await
}

fn slot(weekday: &str) -> Value {
    json!({"space_id": 1, "weekday": weekday, "time": "12:00"})
}

fn days(world: &World) -> Vec<Value> {
    bodies(world)
        .iter()
        .map(|body| body["weekday"].clone())
        .collect()
}

fn last_day(world: &World) -> Value {
    world
        .sandbox()
        .state(|db| db.slots.values().last().unwrap().weekday.clone())
}

#[rstest]
#[case(SlotDay::SundayIs0, [1, 3, 5], 0)]
#[case(SlotDay::SundayIs1, [2, 4, 6], 1)]
#[case(SlotDay::SundayIs7, [1, 3, 5], 7)]
#[tokio::test]
async fn the_numbers_of_the_days_are_learned_from_the_slots_in_the_queue(
    #[case] slot_day: SlotDay,
    #[case] numbers: [u64; 3],
    #[case] sunday: u64,
) {
    let world = numbered(slot_day, QueueRows::WithFreeSlots).await;
    let list = world.ok("list_slots", json!({"space_id": 1})).await;
    let rows = list["data"].as_array().unwrap();
    assert_eq!(column(rows, "weekday"), json!(numbers));
    assert_eq!(
        column(rows, "weekday_name"),
        json!(["monday", "wednesday", "friday"])
    );
    assert_eq!(list.get("note"), None);

    let made = world.ok("create_slot", slot("Friday")).await;
    assert_eq!(
        (&made["weekday_name"], last_day(&world)),
        (&json!("friday"), json!("friday"))
    );
    let made = world.ok("create_slot", slot(&numbers[1].to_string())).await;
    assert_eq!(
        (&made["weekday_name"], last_day(&world)),
        (&json!("wednesday"), json!("wednesday"))
    );
    assert_eq!(days(&world), [json!(numbers[2]), json!(numbers[1])]);

    let contradiction = format!("{} sunday", numbers[0]);
    let said = world.refused("create_slot", slot(&contradiction)).await;
    assert!(said.contains("is not sunday"), "{said}");
    world.call("create_slot", slot("sunday")).await;
    let held = last_day(&world);
    // Sunday may be 0 or 7 as long as neither was seen; it is never another day.
    assert!(held == "sunday" || held == "wednesday", "{sunday}: {held}");

    let gone = world
        .ok("delete_slot", json!({"space_id": 1, "slot_id": 302}))
        .await;
    assert_eq!(gone["removed"][0]["weekday_name"], "wednesday");
}

#[tokio::test]
async fn a_day_that_is_not_known_is_said_to_be_so_and_never_guessed() {
    for slot_day in [SlotDay::SundayIs0, SlotDay::SundayIs1, SlotDay::SundayIs7] {
        let world = numbered(slot_day, QueueRows::Posts).await;
        let count = world.sandbox().state(|db| db.slots.len());
        let list = world.ok("list_slots", json!({"space_id": 1})).await;
        let note = list["note"].as_str().unwrap();
        assert!(note.contains("which day that is is not known"), "{note}");
        assert_eq!(list["data"][0].get("weekday_name"), None);
        let said = world.refused("create_slot", slot("friday")).await;
        assert!(
            said.contains("which number it has for friday is not known"),
            "{said}"
        );
        let said = world.refused("create_slot", slot("5")).await;
        assert!(said.contains("which day is 5?"), "{said}");
        assert_eq!(world.sandbox().state(|db| db.slots.len()), count);

        let number = ["5", "6", "5"][usize::from(slot_day == SlotDay::SundayIs1)];
        let made = world
            .ok("create_slot", slot(&format!("{number} friday")))
            .await;
        assert!(
            made["warnings"][0].as_str().unwrap().contains("not known"),
            "{made}"
        );
        assert_eq!(last_day(&world), "friday");
    }
}

#[tokio::test]
async fn a_created_slot_that_shows_its_word_as_a_number_teaches_it() {
    let world = World::new().await;
    let shown = json!({"data": {"id": 900, "weekday": 5, "time": "12:00"}});
    world
        .sandbox()
        .fault(Fault::new(status(201, shown)).on(&Method::POST, SLOTS));
    let made = world.ok("create_slot", slot("friday")).await;
    assert_eq!(made["weekday_name"], "friday");
    let mut again = slot("5");
    again["dry_run"] = json!(true);
    let preview = world.ok("create_slot", again).await;
    assert!(
        preview["what"].as_str().unwrap().contains("friday"),
        "{preview}"
    );
}

#[tokio::test]
async fn a_slot_that_is_taken_is_not_made_under_another_spelling_of_its_day() {
    let world = World::new().await;
    let count = world.sandbox().state(|db| db.slots.len());
    for message in [
        "The weekday has already been taken.",
        "validation.unique",
        "ist bereits vergeben",
    ] {
        let body = json!({"message": message, "errors": {"weekday": [message]}});
        world
            .sandbox()
            .fault(Fault::new(status(422, body)).on(&Method::POST, SLOTS));
        let said = world.refused("create_slot", slot("monday")).await;
        assert!(said.contains(message), "{said}");
    }
    assert_eq!(bodies(&world).len(), 3);
    assert_eq!(world.sandbox().state(|db| db.slots.len()), count);
}

#[tokio::test]
async fn what_a_list_shows_is_given_up_where_saki_refuses_it() {
    let world = World::new().await;
    let shown = json!({"data": [{"id": 301, "day": "Monday", "hour": 9, "minute": 0}]});
    world
        .sandbox()
        .fault(Fault::new(status(200, shown)).on(&Method::GET, SLOTS));
    world
        .sandbox()
        .fault(refuses(&["weekday", "time"]).on(&Method::POST, SLOTS));
    world
        .sandbox()
        .fault(refuses(&["weekday"]).on(&Method::POST, SLOTS));
    world.ok("list_slots", json!({"space_id": 1})).await;
    let list = json!({"data": []});
    world
        .sandbox()
        .fault(Fault::new(status(200, list)).on(&Method::GET, SLOTS));
    world.ok("create_slot", slot("monday")).await;
    assert_eq!(
        bodies(&world),
        [
            json!({"day": "Monday", "hour": 12, "minute": 0}),
            json!({"weekday": "Monday", "time": "12:00"}),
            json!({"weekday": "monday", "time": "12:00"})
        ]
    );
}

#[tokio::test]
async fn a_field_that_is_asked_for_explains_the_refusal_of_the_one_in_its_place() {
    let world = World::new().await;
    world
        .sandbox()
        .fault(refuses(&["weekday", "day"]).on(&Method::POST, SLOTS));
    world.call("create_slot", slot("monday")).await;
    assert_eq!(bodies(&world)[1], json!({"time": "12:00", "day": "monday"}));
}

#[tokio::test]
async fn an_hour_that_the_caller_gave_is_sent_as_it_is() {
    let world = World::new().await;
    world
        .sandbox()
        .fault(refuses(&["minute"]).on(&Method::POST, SLOTS));
    let mut asked = slot("monday");
    asked["hour"] = json!(9);
    world.refused("create_slot", asked).await;
    assert_eq!(
        bodies(&world),
        [json!({"weekday": "monday", "time": "12:00", "hour": 9})]
    );
}

#[rstest]
#[case("create_slot", SLOTS, json!({"weekday": "monday", "time": "12:00"}), "time_zone", json!("Asia/Tokyo"))]
#[case("create_webhook", "/spaces/{space_id}/webhooks", json!({"url": "https://a.example", "events": ["post.failed"]}), "active", json!(true))]
#[case("create_webhook", "/spaces/{space_id}/webhooks", json!({"url": "https://a.example", "events": ["post.failed"]}), "enabled", json!(true))]
#[case("update_space", "/spaces/{space_id}", json!({"name": "Lab"}), "tz", json!("Asia/Tokyo"))]
#[tokio::test]
async fn a_field_that_saki_named_reaches_it_under_that_name(
    #[case] tool: &str,
    #[case] path: &str,
    #[case] arguments: Value,
    #[case] field: &str,
    #[case] value: Value,
) {
    let world = World::new().await;
    world.sandbox().fault(refuses(&[field]).on(
        if tool == "update_space" {
            &Method::PUT
        } else {
            &Method::POST
        },
        path,
    ));
    let mut arguments = arguments;
    arguments["space_id"] = json!(1);
    arguments[field] = value.clone();
    let first = world.call(tool, arguments.clone()).await;
    assert!(first.meta["understood"].is_array(), "an alias at first");
    assert_eq!(bodies(&world)[1][field], value, "renamed after the refusal");
    world.sandbox().clear_log();
    let second = world.call(tool, arguments).await;
    assert_eq!(second.meta["understood"], Value::Null);
    assert_eq!(bodies(&world)[0][field], value);
}

#[tokio::test]
async fn a_day_reaches_saki_under_its_own_name_however_it_is_given() {
    for (slot_day_field, theirs) in [
        (SlotDayField::Day, "day"),
        (SlotDayField::DayOfWeek, "day_of_week"),
    ] {
        let world = saki(Variant {
            slot_day_field,
            ..Variant::default()
        })
        .await;
        for given in ["weekday", "day", "day_of_week", "dayOfWeek"] {
            world
                .ok(
                    "create_slot",
                    json!({"space_id": 1, given: "friday", "time": "12:00"}),
                )
                .await;
        }
        let sent: Vec<Value> = bodies(&world)
            .iter()
            .map(|body| body[theirs].clone())
            .collect();
        assert_eq!(sent, vec![json!("friday"); 4]);
    }
}

#[tokio::test]
async fn a_dry_run_shows_the_body_that_is_sent() {
    let world = saki(Variant {
        slot_day: SlotDay::SundayIs1,
        slot_day_field: SlotDayField::DayOfWeek,
        slot_time: SlotTime::HourAndMinute,
        queue_rows: QueueRows::WithFreeSlots,
        webhook_fields: WebhookFields::Endpoint,
        activate_field: ActivateField::Active,
        ..Variant::default()
    })
    .await;
    let hook = json!({"space_id": 1, "url": "https://a.example", "events": ["post.failed"]});
    let flag = json!({"space_id": 1, "account_id": 16, "is_active": true});
    for (tool, arguments) in [
        ("create_webhook", hook.clone()),
        ("set_account_active", flag),
    ] {
        world.call(tool, arguments).await;
    }
    let flag = json!({"space_id": 1, "account_id": 11, "is_active": false});
    for (tool, arguments) in [
        ("create_slot", slot("friday")),
        ("create_webhook", hook),
        ("set_account_active", flag),
    ] {
        let mut dry_run = arguments.clone();
        dry_run["dry_run"] = json!(true);
        let preview = world.ok(tool, dry_run).await;
        world.sandbox().clear_log();
        world.ok(tool, arguments).await;
        assert_eq!(
            bodies(&world),
            [preview["request"]["body"].clone()],
            "{tool}"
        );
    }
}
