//! Tools that list, read and delete posts.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind, PostStatus};
use serde_json::{Value, json};

use crate::support::sandbox_state::{column, last_post, post, posts, reads};
use crate::support::server_under_test::World;

#[tokio::test]
async fn list_posts_returns_the_requested_page_and_the_total() {
    let world = World::new().await;
    let first = world.ok("list_posts", json!({"space_id": 1})).await;
    let second = world
        .ok("list_posts", json!({"space_id": 1, "page": 2}))
        .await;
    let all = world.sandbox().state(|state| {
        let of_space = |post: &&saki_mcp::sandbox::StoredPost| post.space_id == 1;
        let posts = state.posts.values().filter(of_space);
        posts.filter(|post| post.parent_id.is_none()).count() as u64
    });
    let rows = |list: &Value| list["data"].as_array().unwrap().len() as u64;
    assert_eq!(rows(&first) + rows(&second), all);
    assert_eq!(
        first["meta"],
        json!({"count": all, "complete": true, "timezone": "Europe/Berlin", "now": "Fri 9 Apr 2027, 12:00 (Europe/Berlin)"})
    );
    assert_eq!(second["meta"], first["meta"], "the same keys on every page");
    assert!(first.get("links").is_none());
}

#[tokio::test]
async fn list_posts_passes_equivalent_filters_on_and_applies_the_rest() {
    let world = World::new().await;
    let mut asked = json!({"space_id": 1, "status": "1", "account_id": "@acmecoffee", "page": 1});
    world.ok("list_posts", asked.clone()).await;
    let has_query = |world: &World, query: &str| {
        let mut log = world.sandbox().log().into_iter();
        log.any(|call| call.query.as_deref() == Some(query))
    };
    assert!(has_query(&world, "status=1&account_id=11"));
    asked["from"] = json!("2027-04-09");
    asked["to"] = json!("2027-04-30");
    let list = world.ok("list_posts", asked).await;
    let days = "from=2027-04-07&to=2027-05-01";
    assert!(has_query(&world, &format!("status=1&account_id=11&{days}")));
    assert!(has_query(&world, "status=1"), "a look without the filters");
    let scheduled = world.sandbox().state(|state| {
        let wanted = |post: &&saki_mcp::sandbox::StoredPost| {
            post.account_id == 11
                && post.parent_id.is_none()
                && post.status == PostStatus::Scheduled
        };
        state.posts.values().filter(wanted).count()
    });
    let rows = list["data"].as_array().unwrap();
    assert!(scheduled > 0);
    assert_eq!(rows.len(), scheduled);
    assert_eq!(list["meta"]["count"], json!(scheduled));
    assert!(
        rows.iter()
            .all(|row| row["account"] == "11 @acmecoffee (twitter/X)")
    );
}

#[tokio::test]
async fn list_posts_takes_the_only_space_when_there_is_one() {
    let world = World::new().await;
    world.ok("delete_space", json!({"space_id": 1})).await;
    let list = world.ok("list_posts", json!({})).await;
    assert_eq!(reads(&world, "/spaces/2/posts"), 1);
    assert!(!list["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn get_post_reads_a_post_whole_with_its_thread_and_media() {
    let world = World::new().await;
    let thread = posts(&world)
        .into_iter()
        .find(|post| post["children"].as_array().unwrap().len() == 2);
    let thread = thread.unwrap();
    let read = world
        .ok("get_post", json!({"space_id": 1, "post_id": thread["id"]}))
        .await;
    assert_eq!(
        (&read["id"], &read["content"], &read["cluster_id"]),
        (&thread["id"], &thread["content"], &thread["cluster_id"])
    );
    assert_eq!(
        column(read["children"].as_array().unwrap(), "id"),
        thread["children"]
    );
    let again = json!({"space_id": "Acme Coffee", "post_id": thread["id"].to_string()});
    let mut again = world.ok("get_post", again).await;
    let meant = again.as_object_mut().unwrap().remove("understood");
    assert_eq!(
        meant,
        Some(json!(["`space_id`: \"Acme Coffee\" as 1 \"Acme Coffee\""]))
    );
    assert_eq!(again, read);
}

#[tokio::test]
async fn a_post_is_not_found_in_another_space() {
    let world = World::new().await;
    let id = posts(&world)[0]["id"].clone();
    let answer = world
        .call("get_post", json!({"space_id": 2, "post_id": id}))
        .await;
    assert!(answer.failed);
    assert!(answer.text.contains("404"), "{}", answer.text);
    assert!(answer.text.contains("list_posts"), "{}", answer.text);
    assert_eq!(answer.meta["status"], 404);
    world
        .ok("get_post", json!({"space_id": 1, "post_id": id}))
        .await;
}

#[tokio::test]
async fn delete_post_takes_one_post_and_says_which() {
    let world = World::new().await;
    let before = posts(&world).len();
    let id = last_post(&world);
    let siblings = post(&world, &json!(id))["cluster_id"].clone();
    let gone = world
        .ok("delete_post", json!({"space_id": 2, "post_id": id}))
        .await;
    let note = format!("The post {id} is deleted in Saki. No other call is needed.");
    assert_eq!(
        gone,
        json!({"outcome": "done", "deleted": true, "post_id": id, "note": note, "removed": [{
            "id": id, "state": "draft", "status": 0, "account": "22 @studio-north (linkedin)",
            "content": "We are hiring a motion designer. (Draft: salary range still missing.)",
            "cluster_id": siblings,
        }]})
    );
    let left = posts(&world);
    assert_eq!(left.len(), before - 1, "cluster {siblings}");
    assert!(left.iter().all(|post| post["id"] != id));
    let again = world
        .refused("delete_post", json!({"space_id": 2, "post_id": id}))
        .await;
    assert!(again.contains("404"), "{again}");
    assert_eq!(posts(&world).len(), before - 1);
}

#[tokio::test]
async fn delete_post_says_which_posts_of_the_cluster_stay() {
    let world = World::new().await;
    let one = json!({"space_id": 1, "post_id": 106});
    let mut dry = one.clone();
    dry["dry_run"] = json!(true);
    let stay =
        "Of its cluster stay: post 107 on 12 @acme.coffee (instagram), scheduled; post 108 on 13";
    for asked in [dry, one] {
        let answer = world.ok("delete_post", asked).await;
        let warnings = answer["warnings"].to_string();
        assert!(warnings.contains(stay), "{answer}");
        assert!(!warnings.contains("106"), "{answer}");
    }
    let kept = posts(&world);
    let is_kept = |id: u64| kept.iter().any(|post| post["id"] == id);
    assert!(is_kept(107) && is_kept(108) && !is_kept(106));
    world
        .ok("delete_post", json!({"space_id": 1, "post_id": 107}))
        .await;
    let last = world
        .ok("delete_post", json!({"space_id": 1, "post_id": 108}))
        .await;
    assert!(last.get("warnings").is_none(), "{last}");
}

#[tokio::test]
async fn a_part_of_a_thread_is_no_other_post_of_its_cluster() {
    let world = World::new().await;
    let all = posts(&world);
    let part = all
        .iter()
        .find(|post| !post["parent_id"].is_null())
        .unwrap();
    let asked = json!({"space_id": 1, "post_id": part["id"], "dry_run": true});
    let answer = world.ok("delete_post", asked).await;
    let first = part["parent_id"].to_string();
    let warnings = answer["warnings"].to_string();
    assert!(!warnings.contains(&format!("post {first}")), "{answer}");
}

#[tokio::test]
async fn what_stays_of_a_cluster_is_not_denied_where_it_cannot_be_read() {
    let world = World::new().await;
    let list = "/spaces/{space_id}/posts";
    let down = Fault::status(500).on(&Method::GET, list).times(9);
    world.sandbox().fault(Fault { skip: 1, ..down });
    let answer = world
        .ok("delete_post", json!({"space_id": 1, "post_id": 106}))
        .await;
    assert_eq!(answer["deleted"], true, "{answer}");
    let warnings = answer["warnings"].to_string();
    assert!(warnings.contains("is not known; list_posts"), "{warnings}");
}

#[tokio::test]
async fn a_list_that_shows_no_clusters_denies_nothing_of_one() {
    let world = World::new().await;
    let rows = json!({"data": [{"id": 106, "account_id": 11}, {"id": 107, "account_id": 12}]});
    let list = Fault::new(FaultKind::Json { body: rows }).times(9);
    world
        .sandbox()
        .fault(list.on(&Method::GET, "/spaces/{space_id}/posts"));
    let asked = json!({"space_id": 1, "post_id": 106, "dry_run": true});
    let answer = world.ok("delete_post", asked).await;
    let warnings = answer["warnings"].to_string();
    assert!(warnings.contains("is not known; list_posts"), "{warnings}");
}
