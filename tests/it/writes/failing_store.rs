//! A store that fails: what depends on it is refused, and nothing is sent.

use std::sync::Arc;

use rstest::rstest;
use saki_mcp::sandbox::SandboxOptions;
use saki_mcp::tools::Confirm;
use saki_mcp::write::policy::{Limit, Policy};
use serde_json::json;

use crate::support::failing_store::{FailingStore, StoreFault};
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::World;

async fn world(store: &FailingStore, policy: Policy, confirm: Confirm) -> World {
    World::with(SandboxOptions::default(), |settings| {
        settings.shared_store = Arc::new(store.clone());
        settings.policy = policy;
        settings.confirm = confirm;
    })
    .await
}

#[rstest]
#[case(StoreFault::Unreachable, "cannot be reached")]
#[case(StoreFault::Ignoring, "cannot be reached")]
#[case(StoreFault::Unreadable, "cannot be read")]
#[tokio::test]
async fn live_posts_that_cannot_be_counted_are_refused(
    #[case] fault: StoreFault,
    #[case] why: &str,
) {
    let store = FailingStore::default();
    let policy = Policy::default().limited(Limit::MaxLivePerHour(3));
    let world = world(&store, policy, Confirm::Never).await;
    let publish = json!({"space_id": 1, "post_id": 112, "scheduled_at": "2027-04-13T17:30"});
    store.set(Some(fault));
    let said = world.refused("update_post", publish.clone()).await;
    assert!(
        said.contains("`--max-live-per-hour 3`") && said.contains(why),
        "{said}"
    );
    assert!(said.contains("Allowed: drafts at any time."), "{said}");
    assert_eq!(world.writes().len(), 0);
    let content = json!({"space_id": 1, "post_id": 115, "content": "Still a draft"});
    world.ok("update_post", content).await;
    store.set(None);
    world.ok("update_post", publish).await;
}

#[rstest]
#[case(StoreFault::Unreachable, "cannot be reached")]
#[case(StoreFault::Unreadable, "cannot be read")]
#[tokio::test]
async fn a_create_is_refused_where_an_equal_one_cannot_be_ruled_out(
    #[case] fault: StoreFault,
    #[case] why: &str,
) {
    let store = FailingStore::default();
    let world = world(&store, Policy::default(), Confirm::Never).await;
    store.set(Some(fault));
    let said = world
        .refused("create_post", new_post("a").on([11]).now())
        .await;
    assert!(
        said.contains("Nothing was sent: an equal call may have done this before"),
        "{said}"
    );
    assert!(said.contains(why), "{said}");
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test]
async fn a_create_is_not_sent_where_a_new_store_cannot_say_which_posts_are_known() {
    let store = FailingStore::default();
    let world = world(&store, Policy::default(), Confirm::Never).await;
    let post = new_post("Once").on([11]).now();
    world.ok("create_post", post.clone()).await;
    let sent = world.writes().len();
    store.set(Some(StoreFault::Forgetful));
    let said = world.refused("create_post", post.clone()).await;
    assert!(said.contains("Nothing was sent"), "{said}");
    assert_eq!(world.writes().len(), sent);
    store.set(None);
    let again = world.ok("create_post", post).await;
    assert_eq!(again["outcome"], "replayed", "{again}");
    assert_eq!(world.writes().len(), sent);
}

#[rstest]
#[case(StoreFault::Unreachable)]
#[case(StoreFault::Ignoring)]
#[tokio::test]
async fn a_confirmation_that_may_have_been_used_confirms_nothing(#[case] fault: StoreFault) {
    let store = FailingStore::default();
    let world = world(&store, Policy::default(), Confirm::Auto).await;
    let mut call = json!({"space_id": 2});
    let asked = world.ok("delete_space", call.clone()).await;
    call["confirmation"] = asked["confirmation"].clone();
    store.set(Some(fault));
    let said = world.refused("delete_space", call.clone()).await;
    assert!(
        said.contains("may have been used before, and that cannot be checked"),
        "{said}"
    );
    assert_eq!(world.writes().len(), 0);
    store.set(None);
    assert_eq!(world.ok("delete_space", call).await["outcome"], "done");
}
