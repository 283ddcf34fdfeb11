//! What two replicas share, over a store in memory and over a Redis.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use saki_mcp::tools::Confirm;
use saki_mcp::write::policy::{Limit, Policy};
use serde_json::json;

use crate::support::post_arguments::new_post;
use crate::support::replicas::{Replicas, StoreKind};

#[rstest]
#[case(StoreKind::Memory)]
#[case(StoreKind::Redis)]
#[tokio::test]
async fn equal_creates_at_two_replicas_make_one_cluster(#[case] kind: StoreKind) {
    let replicas = Replicas::new(kind, |_| {}).await;
    let (one, other) = (replicas.replica().await, replicas.replica().await);
    let slow = FaultKind::Delay {
        ms: 300,
        after_write: false,
    };
    let slow = Fault::new(slow).on(&Method::POST, "/spaces/{space_id}/posts");
    replicas.world.sandbox().fault(slow.times(5));
    let create = new_post("Once").now();
    let answers = tokio::join!(
        one.ok("create_post", create.clone()),
        other.ok("create_post", create.clone()),
        one.ok("create_post", create.clone()),
        other.ok("create_post", create),
    );
    assert_eq!(replicas.world.writes().len(), 1);
    let answers = [answers.0, answers.1, answers.2, answers.3];
    let done = answers.iter().filter(|answer| answer["outcome"] == "done");
    assert_eq!(done.count(), 1, "{answers:#?}");
    for answer in &answers {
        assert_eq!(answer["post_ids"], answers[0]["post_ids"]);
    }
}

#[rstest]
#[case(StoreKind::Memory)]
#[case(StoreKind::Redis)]
#[tokio::test]
async fn a_refused_create_is_free_at_the_other_replica_at_once(#[case] kind: StoreKind) {
    let replicas = Replicas::new(kind, |_| {}).await;
    let (one, other) = (replicas.replica().await, replicas.replica().await);
    let refusal = Fault::status(403).on(&Method::POST, "/spaces/{space_id}/posts");
    replicas.world.sandbox().fault(refusal);
    let create = new_post("At the second").now();
    one.refused("create_post", create.clone()).await;
    let answer = other.ok("create_post", create).await;
    assert_eq!(answer["outcome"], "done");
    assert_eq!(replicas.world.writes().len(), 2);
}

#[rstest]
// The keys of two servers without a common store differ, so a store in memory is no case here.
#[case(StoreKind::Redis)]
#[tokio::test]
async fn a_confirmation_of_one_replica_is_good_at_the_other_once(#[case] kind: StoreKind) {
    let replicas = Replicas::new(kind, |settings| settings.confirm = Confirm::Auto).await;
    let (one, other) = (replicas.replica().await, replicas.replica().await);
    let mut call = json!({"space_id": 2});
    let asked = one.ok("delete_space", call.clone()).await;
    call["confirmation"] = asked["confirmation"].clone();
    assert_eq!(
        other.ok("delete_space", call.clone()).await["outcome"],
        "done"
    );
    for replica in [one, other] {
        let said = replica.refused("delete_space", call.clone()).await;
        assert!(said.contains("was used before"), "{said}");
    }
    assert_eq!(replicas.world.writes().len(), 1);
}

#[rstest]
#[case(StoreKind::Memory)]
#[case(StoreKind::Redis)]
#[tokio::test]
async fn the_hourly_limit_holds_over_all_replicas(#[case] kind: StoreKind) {
    let policy = Policy::default().limited(Limit::MaxLivePerHour(5));
    let replicas = Replicas::new(kind, |settings| settings.policy = policy).await;
    let (one, other) = (replicas.replica().await, replicas.replica().await);
    let posts = (0..12).map(|number| {
        let replica = if number % 2 == 0 { &one } else { &other };
        let create = new_post(format!("Number {number}")).now();
        replica.call("create_post", create)
    });
    let answers = futures::future::join_all(posts).await;
    let (refused, made): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.failed);
    assert_eq!(made.len(), 5, "{answers:#?}");
    for answer in refused {
        assert!(
            answer.text.contains("--max-live-per-hour 5"),
            "{}",
            answer.text
        );
    }
    assert_eq!(replicas.world.writes().len(), 5);
}
