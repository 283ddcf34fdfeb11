//! Failures that are about the plan carry its numbers, and no others ask for them.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::example_calls::slot;
use crate::support::faults::{refuses, status};
use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::reads;
use crate::support::server_under_test::{TRIES, World};

fn post(accounts: Value) -> Value {
    new_post("Fresh beans").on(accounts).draft()
}

fn on_create(fault: Fault) -> Fault {
    fault.on(&Method::POST, "/spaces/{space_id}/posts")
}

/// From now on the plan is as `limits` says.
fn plan(world: &World, limits: Value) {
    let body = json!({"plan": "solo", "limits": limits});
    let fault = Fault::new(FaultKind::Json { body }).on(&Method::GET, "/subscription");
    world.sandbox().fault(fault);
}

#[tokio::test]
async fn a_write_beyond_the_plan_quotes_the_plan_and_reads_it_once() {
    let world = World::new().await;
    let now = world.ok("get_subscription", json!({})).await["limits"].clone();
    let before = reads(&world, "/subscription");
    for (fault, tool, arguments) in [
        (
            on_create(Fault::status(402)),
            "create_post",
            post(json!([11])),
        ),
        (
            Fault::status(402).on(&Method::POST, "/slots"),
            "create_slot",
            slot(),
        ),
        (
            Fault::status(402).on(&Method::POST, "/media"),
            "upload_media",
            json!({"data": "iVBORw0KGgo="}),
        ),
    ] {
        world.sandbox().fault(fault);
        let answer = world.call(tool, arguments).await;
        let numbers = format!(
            "The plan \"team\" does not cover this: {} of {} posts of this month used, {} left",
            now["posts_this_month"], now["max_posts_per_month"], now["remaining_posts"]
        );
        assert!(answer.text.contains(&numbers), "{tool}: {}", answer.text);
        assert_eq!(
            answer.text.contains("spaces left"),
            tool != "create_post",
            "{}",
            answer.text
        );
        assert_eq!(answer.meta["class"], "rejected");
    }
    assert_eq!(reads(&world, "/subscription"), before + 3);
}

#[tokio::test]
async fn an_unreadable_or_empty_plan_leaves_only_the_pointer_to_it() {
    for fault in [
        Fault::status(500),
        Fault::status(402),
        Fault::new(FaultKind::DropBefore),
        Fault::new(FaultKind::Json {
            body: json!({"limits": [], "plan": null}),
        }),
        Fault::new(FaultKind::Json { body: json!(["?"]) }),
    ] {
        let world = World::new().await;
        world.sandbox().fault(on_create(Fault::status(402)));
        world
            .sandbox()
            .fault(fault.clone().on(&Method::GET, "/subscription").times(TRIES));
        let answer = world.call("create_post", post(json!([11]))).await;
        assert!(
            answer.text.contains("get_subscription shows"),
            "{fault:?}: {}",
            answer.text
        );
        assert_eq!(answer.meta["status"], 402);
        assert!(
            reads(&world, "/subscription") <= TRIES as usize,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn an_unspecific_refusal_is_about_the_plan_only_if_its_numbers_agree() {
    let silent = || Fault::new(status(422, json!({"message": "Das geht nicht."})));
    for (fault, left, accounts, is_limit) in [
        (silent(), json!(0), json!([11]), true),
        (silent(), json!(1), json!([11, 12]), true),
        (silent(), json!(2), json!([11, 12]), false),
        (silent(), json!(null), json!([11]), false),
        (refuses(&["limit"]), json!(0), json!([11]), true),
        (refuses(&["limit"]), json!(1), json!([11]), false),
    ] {
        let world = World::new().await;
        world.sandbox().fault(on_create(fault));
        plan(
            &world,
            json!({"max_posts_per_month": 30, "remaining_posts": left}),
        );
        let said = world.refused("create_post", post(accounts)).await;
        assert_eq!(
            said.contains("does not have enough left"),
            is_limit,
            "{left}: {said}"
        );
        assert_eq!(
            said.contains("30 posts a month"),
            is_limit,
            "{left}: {said}"
        );
        assert_eq!(reads(&world, "/subscription"), 1);
    }
}

#[tokio::test]
async fn other_refusals_and_failures_never_read_the_plan() {
    let world = World::new().await;
    let silent = || Fault::new(status(422, json!({"message": "No."})));
    for (fault, tool, arguments) in [
        (
            on_create(refuses(&["items.0.main.content"])),
            "create_post",
            post(json!([11])),
        ),
        (
            on_create(refuses(&["items.0.account_id"])),
            "create_post",
            post(json!([11])),
        ),
        (
            on_create(Fault::status(500)),
            "create_post",
            post(json!([11])),
        ),
        (
            on_create(Fault::status(429)),
            "create_post",
            post(json!([11])),
        ),
        (silent().on(&Method::POST, "/slots"), "create_slot", slot()),
        (
            silent().on(&Method::DELETE, "/media"),
            "delete_media",
            json!({"media_id": 501}),
        ),
        (
            Fault::status(402).on(&Method::GET, "/slots"),
            "list_slots",
            json!({"space_id": 1}),
        ),
    ] {
        world.sandbox().fault(fault);
        world.refused(tool, arguments).await;
    }
    assert_eq!(reads(&world, "/subscription"), 0);
}

#[tokio::test]
async fn a_space_too_many_is_explained_with_the_plans_spaces() {
    let world = World::new().await;
    let silent = Fault::new(status(422, json!({"message": "No."})));
    world.sandbox().fault(silent.on(&Method::POST, "/spaces"));
    plan(
        &world,
        json!({"max_spaces": "2", "remaining_spaces": "0", "remaining_posts": 0}),
    );
    let said = world
        .refused("create_space", json!({"name": "North"}))
        .await;
    assert!(
        said.contains("The plan \"solo\" does not have enough left: 0 of 2 spaces left."),
        "{said}"
    );
    world.ok("create_space", json!({"name": "North"})).await;
}
