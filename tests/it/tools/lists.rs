//! What holds for every list: its pages, its envelopes, and the spaces it is about.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind, SandboxOptions};
use serde_json::{Value, json};

use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::{column, reads};
use crate::support::server_under_test::World;

async fn paginated(per_page: u64) -> World {
    let options = SandboxOptions {
        paginate_lists: Some(per_page),
        ..SandboxOptions::default()
    };
    World::with(options, |_| {}).await
}

#[tokio::test]
async fn a_list_that_saki_splits_into_pages_comes_back_whole() {
    let whole = World::new().await;
    let world = paginated(2).await;
    for tool in [
        "list_spaces",
        "list_accounts",
        "list_slots",
        "get_queue",
        "list_webhooks",
    ] {
        let expected = whole.ok(tool, json!({})).await;
        let list = world.ok(tool, json!({})).await;
        let rows = |list: &Value| list["data"].as_array().unwrap().clone();
        assert_eq!(
            column(&rows(&list), "id"),
            column(&rows(&expected), "id"),
            "{tool}"
        );
    }
    let list = world.ok("list_accounts", json!({"space_id": 1})).await;
    assert_eq!(list["meta"], json!({"total": 6}));
    let boards = world
        .ok("list_boards", json!({"space_id": 1, "account_id": 15}))
        .await;
    assert_eq!(boards["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn names_are_found_on_later_pages_too() {
    let world = paginated(1).await;
    let asked = new_post("x")
        .space("Studio North")
        .on(["studionorth.example"])
        .draft();
    let answer = world.ok("create_post", asked).await;
    assert_eq!(answer["accounts"][0]["id"], 25);
}

#[tokio::test]
async fn a_saki_that_ignores_the_page_does_not_repeat_its_rows() {
    let world = World::new().await;
    let body = json!({"data": [{"id": 1, "name": "A"}], "meta": {"current_page": 1, "last_page": 3, "per_page": 1, "total": 3}});
    world.sandbox().fault(
        Fault::new(FaultKind::Json { body })
            .on(&Method::GET, "/spaces")
            .times(9),
    );
    let list = world.ok("list_spaces", json!({})).await;
    assert_eq!(column(list["data"].as_array().unwrap(), "id"), json!([1]));
    assert_eq!(list["meta"]["total"], 3, "what is missing still shows");
}

#[tokio::test]
async fn a_list_whose_pages_are_not_counted_is_walked_to_its_end() {
    let world = World::new().await;
    for id in 1..=4 {
        let body = json!({"data": [{"id": id, "name": "A"}], "next_page_url": (id < 4).then_some("https://…")});
        let page = Fault::new(FaultKind::Json { body }).on(&Method::GET, "/spaces");
        world.sandbox().fault(page);
    }
    let list = world.ok("list_spaces", json!({})).await;
    let ids = column(list["data"].as_array().unwrap(), "id");
    assert_eq!(ids, json!([1, 2, 3, 4]), "{list}");
}

#[tokio::test]
async fn a_list_in_any_envelope_is_a_list() {
    let world = World::new().await;
    let rows = json!([{"id": 5, "time": "09:00"}]);
    let envelopes = [
        rows.clone(),
        json!({"data": rows}),
        json!({"slots": rows}),
        json!({"data": {"items": rows}}),
        json!({"data": {"0": rows[0]}}),
    ];
    for body in envelopes {
        world
            .sandbox()
            .fault(Fault::new(FaultKind::Json { body: body.clone() }).on(&Method::GET, "/slots"));
        let list = world.ok("list_slots", json!({"space_id": 1})).await;
        assert_eq!(list, json!({"data": rows}), "{body}");
    }
}

#[rstest]
#[case::numbers(json!({"810": "Brewing", "811": "Beans"}))]
#[case::slugs(json!({"brew-guides": "Brewing", "beans": "Beans"}))]
#[case::keys(json!({"data": {"x9": "Brewing", "beans": "Beans"}}))]
#[tokio::test]
async fn boards_in_a_map_of_id_to_name_are_rows(#[case] body: Value) {
    let world = World::new().await;
    let boards = Fault::new(FaultKind::Json { body: body.clone() });
    world.sandbox().fault(boards.on(
        &Method::GET,
        "/spaces/{space_id}/accounts/{account_id}/boards",
    ));
    let list = world
        .ok("list_boards", json!({"space_id": 1, "account_id": 15}))
        .await;
    let map = body.get("data").unwrap_or(&body).as_object().unwrap();
    let rows: Value = map
        .iter()
        .map(|(id, name)| json!({"id": id, "name": name}))
        .collect();
    assert_eq!(list, json!({ "data": rows }));
}

#[tokio::test]
async fn a_reply_that_is_not_a_list_is_still_returned() {
    let world = World::new().await;
    for body in [
        json!({"message": "Soon."}),
        json!({"data": "what"}),
        json!({"id": 4, "tags": []}),
    ] {
        world
            .sandbox()
            .fault(Fault::new(FaultKind::Json { body: body.clone() }).on(&Method::GET, "/slots"));
        assert_eq!(world.ok("list_slots", json!({"space_id": 1})).await, body);
    }
}

#[tokio::test]
async fn an_unreadable_space_is_not_silently_left_out() {
    let world = World::new().await;
    world
        .sandbox()
        .fault(Fault::status(403).on(&Method::GET, "/spaces/2/slots"));
    let said = world.refused("list_slots", json!({})).await;
    assert!(
        said.contains("403") && said.contains("/spaces/2/slots"),
        "{said}"
    );
    assert_eq!(reads(&world, "/spaces/1/slots"), 1);
    world.ok("list_slots", json!({})).await;
}

#[tokio::test]
async fn a_write_without_a_space_takes_the_only_one_and_never_guesses() {
    let world = World::new().await;
    let slot = json!({"weekday": "monday", "time": "09:00"});
    world.refused("create_slot", slot.clone()).await;
    assert!(world.writes().is_empty());
    world.ok("delete_space", json!({"space_id": 2})).await;
    world.ok("create_slot", slot).await;
    assert_eq!(world.writes()[1].path, "/spaces/1/slots");
}
