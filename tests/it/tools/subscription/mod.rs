//! The tool about the subscription.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::server_under_test::World;

#[tokio::test]
async fn get_subscription_shows_the_plan_as_saki_counts_it() {
    let world = World::new().await;
    let plan = world.ok("get_subscription", json!({})).await;
    assert_eq!(
        (&plan["plan"], &plan["limits"]["remaining_spaces"]),
        (&json!("team"), &json!(3))
    );
    world.ok("create_space", json!({"name": "Third"})).await;
    let plan = world.ok("get_subscription", json!({})).await;
    assert_eq!(plan["limits"]["remaining_spaces"], 2);
}

#[tokio::test]
async fn null_means_unlimited_and_other_spellings_stay_as_they_are() {
    let world = World::new().await;
    let said = json!({"plan": "gift", "is_gifted": "1", "limits": {"max_spaces": null, "remaining_posts": "7"}, "new": [1]});
    world.sandbox().fault(
        Fault::new(FaultKind::Json { body: said.clone() }).on(&Method::GET, "/subscription"),
    );
    assert_eq!(world.ok("get_subscription", json!({})).await, said);
}

#[rstest]
#[case(json!({"data": {"plan": "team", "limits": {"max_spaces": 3}}}))]
#[case(json!({"subscription": {"plan": "team", "limits": {"max_spaces": 3}}}))]
#[case(json!({"success": true, "data": {"subscription": {"plan": "team", "limits": {"max_spaces": 3}}}}))]
#[tokio::test]
async fn the_plan_is_found_in_any_envelope(#[case] body: Value) {
    let world = World::new().await;
    let fault = Fault::new(FaultKind::Json { body }).on(&Method::GET, "/subscription");
    world.sandbox().fault(fault);
    let plan = json!({"plan": "team", "limits": {"max_spaces": 3}});
    assert_eq!(world.ok("get_subscription", json!({})).await, plan);
}
