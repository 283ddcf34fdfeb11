//! The tool about the publishing queue.

use saki_mcp::sandbox::PostStatus;
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
