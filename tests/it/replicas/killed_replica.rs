//! A replica that is killed in the middle of a create: another one takes over, and looks at Saki before it sends.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};

use crate::support::fixture_server::within;
use crate::support::post_arguments::new_post;
use crate::support::replicas::{Replicas, StoreKind};
use crate::support::sandbox_state::{fill_list, last_post, posts_after};

/// Begins a create at a replica, and kills the replica when Saki has the request and keeps its answer back.
async fn killed_create(replicas: &Replicas, after_write: bool) {
    let stalled = FaultKind::Delay {
        ms: 600_000,
        after_write,
    };
    let stalled = Fault::new(stalled).on(&Method::POST, "/spaces/{space_id}/posts");
    let world = &replicas.world;
    world.sandbox().fault(stalled);
    let last = last_post(world);
    let (runtime, doomed) = replicas.killable().await;
    runtime.spawn(async move { doomed.call("create_post", new_post("Once").now()).await });
    let has_arrived = || match after_write {
        true => !posts_after(world, last).is_empty(),
        false => !world.writes().is_empty(),
    };
    within(async {
        while !has_arrived() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await;
    runtime.shutdown_background();
}

#[rstest]
#[case(StoreKind::Memory)]
#[case(StoreKind::Redis)]
#[tokio::test]
async fn posts_of_a_killed_replica_are_found_and_not_sent_again(#[case] kind: StoreKind) {
    let replicas = Replicas::new(kind, |_| {}).await;
    let last = last_post(&replicas.world);
    killed_create(&replicas, true).await;
    let other = replicas.replica().await;
    replicas.let_leases_lapse();
    let create = new_post("Once").now();
    let answer = within(other.ok("create_post", create.clone())).await;
    assert_eq!(answer["outcome"], "replayed", "{answer}");
    assert!(
        answer["note"]
            .as_str()
            .unwrap()
            .contains("looked for its posts")
    );
    let again = other.ok("create_post", create).await;
    assert_eq!(again["post_ids"], answer["post_ids"]);
    assert_eq!(posts_after(&replicas.world, last).len(), 1);
    assert_eq!(replicas.world.writes().len(), 1);
}

#[rstest]
#[case(true, 60, "replayed")]
#[case(false, 60, "done")]
#[case(false, 200, "done")]
#[tokio::test]
async fn a_list_of_many_pages_is_looked_through_before_a_create_is_sent(
    #[case] after_write: bool,
    #[case] older: u64,
    #[case] outcome: &str,
) {
    let replicas = Replicas::new(StoreKind::Memory, |_| {}).await;
    fill_list(&replicas.world, 1, older);
    let last = last_post(&replicas.world);
    killed_create(&replicas, after_write).await;
    let other = replicas.replica().await;
    replicas.let_leases_lapse();
    let answer = within(other.ok("create_post", new_post("Once").now())).await;
    assert_eq!(answer["outcome"], outcome, "{answer}");
    assert_eq!(posts_after(&replicas.world, last).len(), 1);
}

#[rstest]
#[case(StoreKind::Memory)]
#[case(StoreKind::Redis)]
#[tokio::test]
async fn what_a_killed_replica_did_not_get_done_is_sent(#[case] kind: StoreKind) {
    let replicas = Replicas::new(kind, |_| {}).await;
    let last = last_post(&replicas.world);
    killed_create(&replicas, false).await;
    let other = replicas.replica().await;
    replicas.let_leases_lapse();
    let answer = within(other.ok("create_post", new_post("Once").now())).await;
    assert_eq!(answer["outcome"], "done", "{answer}");
    assert_eq!(posts_after(&replicas.world, last).len(), 1);
}

#[rstest]
#[case(StoreKind::Memory)]
#[case(StoreKind::Redis)]
#[tokio::test]
async fn nobody_takes_over_while_the_lease_lasts(#[case] kind: StoreKind) {
    let replicas = Replicas::new(kind, |_| {}).await;
    killed_create(&replicas, false).await;
    let other = replicas.replica().await;
    let waiting = other.call("create_post", new_post("Once").now());
    let waited = tokio::time::timeout(std::time::Duration::from_secs(2), waiting).await;
    assert!(waited.is_err(), "{waited:?}");
    assert_eq!(replicas.world.writes().len(), 1);
}
