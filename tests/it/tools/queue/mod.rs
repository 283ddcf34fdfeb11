//! The tool about the publishing queue.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind, PostStatus, SandboxOptions};
use serde_json::{Value, json};

use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::column;
use crate::support::server_under_test::World;

fn scheduled(world: &World, space_id: u64) -> Vec<u64> {
    world.sandbox().state(|state| {
        let mut posts: Vec<_> = state
            .posts
            .values()
            .filter(|post| {
                post.space_id == space_id
                    && post.parent_id.is_none()
                    && post.status == PostStatus::Scheduled
            })
            .collect();
        posts.sort_by_key(|post| (post.scheduled_at, post.id));
        posts.iter().map(|post| post.id).collect()
    })
}

fn ids(list: &Value) -> Value {
    column(list["data"].as_array().unwrap(), "id")
}

#[tokio::test]
async fn get_queue_shows_what_goes_out_next_in_one_space_or_all() {
    let world = World::new().await;
    let one = world.ok("get_queue", json!({"space_id": 2})).await;
    assert_eq!(ids(&one), json!(scheduled(&world, 2)));
    let all = world.ok("get_queue", json!({})).await;
    assert_eq!(
        ids(&all),
        json!([
            106, 107, 108, 122, 109, 123, 124, 112, 113, 114, 115, 125, 126
        ]),
        "one queue of both spaces, in order of time"
    );
    let rows = all["data"].as_array().unwrap();
    assert!(
        rows.iter()
            .all(|row| row["space"].is_string() && row["space_id"].is_u64())
    );
}

#[tokio::test]
async fn a_new_post_enters_the_queue_and_a_published_one_leaves_it() {
    let world = World::new().await;
    let asked = new_post("Soon").at("2027-04-09T14:00");
    let id = world.ok("create_post", asked).await["post_ids"][0].clone();
    let queue = world.ok("get_queue", json!({"space_id": 1})).await;
    assert_eq!(queue["data"][0]["id"], id);
    world.clock.set("2027-04-09T12:00:01Z".parse().unwrap());
    let queue = world.ok("get_queue", json!({"space_id": 1})).await;
    assert_ne!(queue["data"][0]["id"], id);
    let post = world
        .ok("get_post", json!({"space_id": 1, "post_id": id}))
        .await;
    assert_eq!(post["published_at"], "2027-04-09T12:00:00.000000Z");
}

async fn queue_of(rows: Value, asked: Value) -> Value {
    let world = World::with(SandboxOptions::default(), |settings| {
        settings.timezone = None;
    })
    .await;
    let body = json!({"data": rows});
    let fault = Fault::new(FaultKind::Json { body }).on(&Method::GET, "/spaces/{space_id}/queue");
    world.sandbox().fault(fault.times(9));
    world.ok("get_queue", asked).await
}

#[tokio::test]
async fn rows_of_every_shape_stand_in_order_of_time_beside_free_slots() {
    let post = json!({"id": 9, "content": "Later", "status": 1, "account_id": 11, "scheduled_at": "2027-04-10T09:00:00Z"});
    let rows = json!([
        post,
        {"at": "2027-04-10T08:00:00Z", "slot_id": 3, "post": {"id": 8, "content": "Slot", "status": 1, "account_id": 12}},
        {"at": "2027-04-10T07:30:00Z", "slot_id": 4, "account_id": 11, "post": null},
        {"scheduled_at": "2027-04-10T07:00:00Z", "slot_id": 5, "post": {"id": 7}},
        {"publish_at": 1_807_336_800, "slot_id": 6},
    ]);
    let queue = queue_of(rows.clone(), json!({"space_id": 1})).await;
    let zone = queue["meta"]["timezone"].clone();
    assert_eq!(zone, "Europe/Berlin", "the space's own: {queue}");
    let rows_of = |queue: &Value, field: &str| column(queue["data"].as_array().unwrap(), field);
    assert_eq!(rows_of(&queue, "slot_id"), json!([6, 5, 4, 3, null]));
    assert_eq!(rows_of(&queue, "id"), json!([null, 7, null, 8, 9]));
    assert_eq!(
        rows_of(&queue, "free"),
        json!([true, null, true, null, null])
    );
    let local = json!([
        "Sat 10 Apr, 08:00",
        "Sat 10 Apr, 09:00",
        "Sat 10 Apr, 09:30",
        "Sat 10 Apr, 10:00",
        "Sat 10 Apr, 11:00"
    ]);
    assert_eq!(rows_of(&queue, "local"), local);
    assert_eq!(
        rows_of(&queue, "state"),
        json!([null, "scheduled", null, "scheduled", "scheduled"])
    );
    let accounts = json!([
        null,
        null,
        "11 @acmecoffee (twitter/X)",
        "12 @acme.coffee (instagram)",
        "11 @acmecoffee (twitter/X)"
    ]);
    assert_eq!(rows_of(&queue, "account"), accounts);
    assert_eq!(queue["data"][1]["in"], "20 h 59 min");
    let tokyo = json!({"space_id": 1, "timezone": "Asia/Tokyo", "detail": "full"});
    let full = queue_of(rows, tokyo).await;
    assert_eq!(
        full["data"][3]["local"],
        "Sat 10 Apr 2027, 17:00 (Asia/Tokyo)"
    );
    assert_eq!(full["data"][3]["post"]["content"], "Slot");
    assert_eq!(
        (&full["data"][2]["free"], &full["data"][3]["state"]),
        (&json!(true), &json!("scheduled"))
    );
}
