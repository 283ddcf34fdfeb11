//! Edits of one post: nobody's change is overwritten unseen, and nothing goes out by an emptied time.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::faults::losses;
use crate::support::server_under_test::World;

const READ: &str = "/spaces/{space_id}/posts/{post_id}";

#[tokio::test]
async fn an_edit_of_a_changed_post_is_refused_with_both_versions() {
    let world = World::new().await;
    let seen = world
        .ok("get_post", json!({"space_id": 1, "post_id": 112}))
        .await;
    let edit = |content: &str| json!({"space_id": 1, "post_id": 112, "content": content, "if_updated_at": seen["updated_at"]});
    world.clock.set("2027-04-09T10:05:00Z".parse().unwrap());
    let first = world.ok("update_post", edit("Mine")).await;
    assert_eq!(first["content"], "Mine");
    let said = world.refused("update_post", edit("Theirs")).await;
    assert!(
        said.contains("Nothing was sent")
            && said.contains("Mine")
            && said.contains(first["updated_at"].as_str().unwrap())
            && said.contains(seen["updated_at"].as_str().unwrap()),
        "{said}"
    );
    assert_eq!(world.writes().len(), 1);
    let again = json!({"space_id": 1, "post_id": 112, "content": "Theirs", "if_updated_at": first["updated_at"]});
    world.ok("update_post", again).await;
}

#[tokio::test]
async fn a_version_that_is_not_a_time_is_refused() {
    let world = World::new().await;
    let edit = json!({"space_id": 1, "post_id": 112, "content": "x", "if_updated_at": "yesterday"});
    let said = world.refused("update_post", edit).await;
    assert!(said.starts_with("`if_updated_at`: \"yesterday\""), "{said}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn versions_compare_in_any_notation_and_a_missing_one_is_refused() {
    let world = World::new().await;
    let others = "2026-11-30 10:00:00";
    let cases = [
        (json!(others), others, true),
        (json!(others), "2026-11-30T10:00:00Z", true),
        (json!(others), "2026-11-30T11:00:00+01:00", true),
        (json!(others), "2026-11-30T09:59:59Z", false),
        (json!("30.11.2026, 10 Uhr"), "30.11.2026, 10 Uhr", true),
        (json!("30.11.2026, 10 Uhr"), "2026-11-30T10:00:00Z", false),
        (Value::Null, "2026-11-30T10:00:00Z", false),
    ];
    for (is, seen, fits) in cases {
        let mut post = json!({"id": 112, "account_id": 15, "content": "Theirs", "status": 1, "updated_at": is});
        if is.is_null() {
            post.as_object_mut().unwrap().shift_remove("updated_at");
        }
        let read = json!({"data": post});
        world
            .sandbox()
            .fault(Fault::new(FaultKind::Json { body: read }).on(&Method::GET, READ));
        let edit = json!({"space_id": 1, "post_id": 112, "content": "Mine", "if_updated_at": seen});
        world.sandbox().clear_log();
        let answer = world.call("update_post", edit).await;
        assert_eq!(answer.failed, !fits, "{is} {seen}: {}", answer.text);
        assert_eq!(world.writes().len(), usize::from(fits), "{is} {seen}");
        if is.is_null() {
            assert!(
                answer.text.contains("does not show when"),
                "{}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn a_versioned_edit_is_not_resent_over_a_change_in_between() {
    let world = World::new().await;
    for kind in losses() {
        for (guards, tries) in [(false, 2), (true, 1)] {
            let seen = world
                .ok("get_post", json!({"space_id": 1, "post_id": 112}))
                .await;
            let mut edit = json!({"space_id": 1, "post_id": 112, "content": "Mine"});
            if guards {
                edit["if_updated_at"] = seen["updated_at"].clone();
            }
            world.sandbox().clear_log();
            world
                .sandbox()
                .fault(Fault::new(kind.clone()).on(&Method::PUT, READ));
            let answer = world.call("update_post", edit).await;
            assert_eq!(world.writes().len(), tries, "{kind:?} {}", answer.text);
            assert_eq!(answer.failed, guards, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn clearing_a_time_needs_a_status_unless_the_post_is_a_draft() {
    let world = World::new().await;
    let time = json!({"space_id": 1, "post_id": 117, "scheduled_at": "2027-04-20T09:00"});
    world.ok("update_post", time).await;
    let clear = |post: u64| json!({"space_id": 1, "post_id": post, "clear": ["scheduled_at"]});
    world.ok("update_post", clear(117)).await;
    let said = world.refused("update_post", clear(112)).await;
    assert!(said.contains("post 112 is scheduled"), "{said}");
    let mut with_status = clear(112);
    with_status["status"] = json!(0);
    world.ok("update_post", with_status).await;
}
