//! A Redis that goes away and comes back, with or without what it held.

use http::Method;
use jiff::SignedDuration;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use saki_mcp::tools::Confirm;
use serde_json::json;

use crate::support::post_arguments::new_post;
use crate::support::replicas::{Replicas, StoreKind};
use crate::support::sandbox_state::{fill_list, last_post, posts_after};

#[tokio::test]
async fn without_the_store_reads_go_on_and_writes_that_need_it_are_refused() {
    let mut replicas = Replicas::new(StoreKind::Redis, |settings| {
        settings.confirm = Confirm::Auto;
    })
    .await;
    let one = replicas.replica().await;
    one.ok("create_post", new_post("Before").draft()).await;
    replicas.redis.as_mut().unwrap().kill();
    let made = replicas.world.writes().len();
    one.ok("list_posts", json!({"space_id": 1})).await;
    for (tool, call) in [
        ("create_post", new_post("Away").draft()),
        ("delete_space", json!({"space_id": 2})),
    ] {
        let said = one.refused(tool, call).await;
        assert!(said.contains("Nothing was sent"), "{said}");
        assert!(said.contains("store cannot be reached"), "{said}");
    }
    assert_eq!(replicas.world.writes().len(), made);
    replicas.redis.as_mut().unwrap().start_again();
    replicas.settle(SignedDuration::from_secs(20)).await;
    let answer = one.ok("create_post", new_post("Away").draft()).await;
    assert_eq!(answer["outcome"], "done");
}

#[tokio::test]
async fn a_store_that_comes_back_empty_leads_to_a_look_and_to_no_second_post() {
    let mut replicas = Replicas::new(StoreKind::Redis, |_| {}).await;
    let last = last_post(&replicas.world);
    let (one, other) = (replicas.replica().await, replicas.replica().await);
    let create = new_post("Once").now();
    let first = one.ok("create_post", create.clone()).await;
    let redis = replicas.redis.as_mut().unwrap();
    redis.kill();
    redis.start_again();
    replicas.settle(SignedDuration::from_secs(20)).await;
    let answer = other.ok("create_post", create.clone()).await;
    assert_eq!(answer["outcome"], "replayed", "{answer}");
    assert_eq!(answer["post_ids"], first["post_ids"]);
    // Another text is no equal post.
    let others = other.ok("create_post", new_post("Another").now()).await;
    assert_eq!(others["outcome"], "done", "{others}");
    assert_eq!(posts_after(&replicas.world, last).len(), 2);
}

#[rstest]
#[tokio::test]
async fn pages_that_saki_does_not_show_after_a_lost_store_make_no_second_post(
    #[values(4, 5, 7, 9)] shown: u32,
) {
    let mut replicas = Replicas::new(StoreKind::Redis, |_| {}).await;
    fill_list(&replicas.world, 1, 60);
    let one = replicas.replica().await;
    let create = new_post("Once").now();
    one.ok("create_post", create.clone()).await;
    let redis = replicas.redis.as_mut().unwrap();
    redis.kill();
    redis.start_again();
    replicas.settle(SignedDuration::from_secs(20)).await;
    let down = Fault {
        skip: shown,
        ..Fault::status(500)
    };
    let down = down.on(&Method::GET, "/spaces/{space_id}/posts");
    replicas.world.sandbox().fault(down.times(99));
    one.call("create_post", create).await;
    assert_eq!(replicas.world.writes().len(), 1);
}

#[tokio::test]
async fn a_create_under_way_is_known_again_to_a_store_that_came_back_empty() {
    let mut replicas = Replicas::new(StoreKind::Redis, |_| {}).await;
    let (one, other) = (replicas.replica().await, replicas.replica().await);
    let slow = FaultKind::Delay {
        ms: 18_000,
        after_write: false,
    };
    let slow = Fault::new(slow).on(&Method::POST, "/spaces/{space_id}/posts");
    replicas.world.sandbox().fault(slow);
    let create = new_post("Once").now();
    let under_way = create.clone();
    let first = tokio::spawn(async move { one.ok("create_post", under_way).await });
    while replicas.world.writes().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let redis = replicas.redis.as_mut().unwrap();
    redis.kill();
    redis.start_again();
    let second = other.ok("create_post", create).await;
    assert_eq!(second["outcome"], "replayed", "{second}");
    assert_eq!(second["post_ids"], first.await.unwrap()["post_ids"]);
    assert_eq!(replicas.world.writes().len(), 1);
}

#[tokio::test]
async fn an_open_outcome_that_the_store_did_not_take_is_not_sent_again() {
    let replicas = Replicas::new(StoreKind::Redis, |_| {}).await;
    let (one, other) = (replicas.replica().await, replicas.replica().await);
    let slow = FaultKind::Delay {
        ms: 300,
        after_write: false,
    };
    for fault in [Fault::new(slow), Fault::status(500)] {
        let fault = fault.on(&Method::POST, "/spaces/{space_id}/posts");
        replicas.world.sandbox().fault(fault);
    }
    let create = new_post("Once").now();
    let under_way = create.clone();
    let first = tokio::spawn(async move { one.refused("create_post", under_way).await });
    while replicas.world.writes().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    // It is away when the outcome is stored, and back when the lease is given back.
    replicas.redis.as_ref().unwrap().hang(1_700);
    first.await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_700)).await;
    let said = other.refused("create_post", create).await;
    assert!(said.contains("sent nothing"), "{said}");
    assert_eq!(replicas.world.writes().len(), 1);
}

#[tokio::test]
async fn a_confirmation_from_before_a_failover_has_to_be_given_again() {
    let mut replicas = Replicas::new(StoreKind::Redis, |settings| {
        settings.confirm = Confirm::Auto;
    })
    .await;
    let one = replicas.replica().await;
    let mut call = json!({"space_id": 2});
    let asked = one.ok("delete_space", call.clone()).await;
    call["confirmation"] = asked["confirmation"].clone();
    let redis = replicas.redis.as_mut().unwrap();
    let held = redis.dump();
    redis.kill();
    redis.start_again();
    redis.restore(&held);
    let again = one.ok("delete_space", call.clone()).await;
    assert_eq!(again["outcome"], "confirmation_needed", "{again}");
    assert!(
        again["warnings"][0]
            .as_str()
            .unwrap()
            .contains("lost records")
    );
    assert_eq!(replicas.world.writes().len(), 0);
    call["confirmation"] = again["confirmation"].clone();
    assert_eq!(one.ok("delete_space", call).await["outcome"], "done");
}
