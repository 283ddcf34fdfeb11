//! Edits of one post: nobody's change is overwritten unseen, and nothing goes out by an emptied time.

use serde_json::json;

use crate::harness::World;

#[tokio::test]
async fn an_edit_of_a_post_that_someone_changed_since_is_refused_with_both_versions() {
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
async fn a_version_that_is_no_time_is_refused() {
    let world = World::new().await;
    let edit = json!({"space_id": 1, "post_id": 112, "content": "x", "if_updated_at": "yesterday"});
    let said = world.refused("update_post", edit).await;
    assert!(said.starts_with("`if_updated_at`: \"yesterday\""), "{said}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn the_time_of_a_draft_may_be_emptied_and_that_of_any_other_post_only_with_a_status() {
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
