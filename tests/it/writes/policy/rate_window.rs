//! How many posts may go live in an hour: counted as they are sent, for each account, and only if they were made.

use http::Method;
use jiff::{SignedDuration, Timestamp};
use saki_mcp::sandbox::{Fault, FaultKind};
use saki_mcp::write::policy::Limit;
use serde_json::{Value, json};

use crate::support::policy_limits::limited;
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::{NOW, World};

fn post(text: &str, accounts: &[u64], more: Value) -> Value {
    let mut call = new_post(text).on(accounts).now();
    call.as_object_mut()
        .unwrap()
        .extend(more.as_object().cloned().unwrap());
    call
}

async fn at_most(most: usize) -> World {
    limited([Limit::MaxLivePerHour(most)]).await
}

#[tokio::test]
async fn a_cluster_counts_per_account_and_leaves_the_window_after_an_hour() {
    let world = at_most(3).await;
    world
        .ok("create_post", post("a", &[11, 12], json!({})))
        .await;
    let said = world
        .refused("create_post", post("b", &[11, 12], json!({})))
        .await;
    assert!(
        said.starts_with(
            "The operator's policy `--max-live-per-hour 3` forbids this: 2 posts were"
        ),
        "{said}"
    );
    assert!(
        said.contains("Allowed: 1 now; for 2 again at 11:00:"),
        "{said}"
    );
    world.ok("create_post", post("c", &[13], json!({}))).await;
    let draft = json!({"publish": "draft"});
    world.ok("create_post", post("d", &[11, 12], draft)).await;
    assert_eq!(world.writes().len(), 3);

    let later: Timestamp = NOW.parse().unwrap();
    world.clock.set(later + SignedDuration::from_mins(62));
    world
        .ok("create_post", post("b", &[11, 12], json!({})))
        .await;
}

#[tokio::test]
async fn scheduled_posts_count_like_published_ones() {
    let world = at_most(1).await;
    let at = |at: &str| json!({"space_id": 1, "post_id": 112, "scheduled_at": at});
    world.ok("update_post", at("2027-04-13T17:30")).await;
    let said = world.refused("update_post", at("2027-04-13T18:30")).await;
    assert!(said.contains("--max-live-per-hour 1"), "{said}");
    let text = json!({"space_id": 1, "post_id": 112, "content": "y"});
    world.ok("update_post", text).await;
}

#[tokio::test]
async fn dry_runs_refusals_and_repeats_are_not_counted() {
    let world = at_most(2).await;
    for text in ["a", "b", "c"] {
        let dry = post(text, &[11], json!({"dry_run": true}));
        world.ok("create_post", dry).await;
        let strange = post(text, &[11], json!({"media": [{"media_id": 999}]}));
        world.refused("create_post", strange).await;
    }
    world.ok("create_post", post("a", &[11], json!({}))).await;
    let again = world.ok("create_post", post("a", &[11], json!({}))).await;
    assert_eq!(again["outcome"], "replayed");
    world.ok("create_post", post("b", &[11], json!({}))).await;
    world
        .refused("create_post", post("c", &[11], json!({})))
        .await;
}

#[tokio::test]
async fn at_the_limit_repeats_are_answered_and_lost_creates_looked_up() {
    let world = at_most(1).await;
    let call = || post("a", &[11], json!({}));
    let first = world.ok("create_post", call()).await;
    let again = world.ok("create_post", call()).await;
    assert_eq!(
        (&again["outcome"], &again["post_ids"]),
        (&json!("replayed"), &first["post_ids"])
    );
    let dry = world
        .ok("create_post", post("a", &[11], json!({"dry_run": true})))
        .await;
    assert!(
        dry["warnings"][0]
            .as_str()
            .unwrap()
            .contains("send nothing")
    );
    let said = world
        .refused(
            "create_post",
            post("a", &[11], json!({"allow_repeat": true})),
        )
        .await;
    assert!(said.contains("--max-live-per-hour 1"), "{said}");
    assert_eq!(world.writes().len(), 1);

    let world = at_most(1).await;
    let lost = Fault::new(FaultKind::DropBefore).on(&Method::POST, "/posts");
    world.sandbox().fault(lost);
    world.refused("create_post", call()).await;
    let said = world.refused("create_post", call()).await;
    assert!(said.contains("only looked for its posts"), "{said}");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn a_repeat_whose_posts_are_gone_counts_as_a_new_create() {
    let world = at_most(1).await;
    let call = || post("a", &[11], json!({}));
    let first = world.ok("create_post", call()).await;
    let post_id = first["post_ids"][0].as_u64().unwrap();
    world.sandbox().edit(|state| state.posts.remove(post_id));
    let said = world.refused("create_post", call()).await;
    assert!(said.contains("--max-live-per-hour 1"), "{said}");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn concurrent_calls_do_not_exceed_the_limit() {
    let world = at_most(2).await;
    let calls = ["a", "b", "c", "d", "e"]
        .map(|text| world.call("create_post", post(text, &[11], json!({}))));
    let answers = futures::future::join_all(calls).await;
    let made = answers.iter().filter(|answer| !answer.failed).count();
    assert_eq!((made, world.writes().len()), (2, 2));
}

#[tokio::test]
async fn a_limit_of_zero_leaves_drafts() {
    let world = at_most(0).await;
    let said = world
        .refused("create_post", post("a", &[11], json!({})))
        .await;
    assert!(
        said.contains("Allowed: 0 now; drafts at any time."),
        "{said}"
    );
    let draft = json!({"publish": "draft"});
    world.ok("create_post", post("a", &[11], draft)).await;
}
