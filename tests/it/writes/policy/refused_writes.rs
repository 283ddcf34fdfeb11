//! The operator's policy on writes: each refusal beside a call that is like it and passes.

use rstest::rstest;
use saki_mcp::write::policy::{Limit, Mode};
use serde_json::{Value, json};

use crate::support::example_calls::{CLUSTER, PIXEL};
use crate::support::policy_limits::{accounts, lead, limited, quiet, spaces};
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::World;

/// The drafts 116 and 117 of the accounts 11 and 12.
async fn drafts(world: &World) -> String {
    let cluster = world
        .sandbox()
        .state(|state| state.posts.get(116).map(|post| post.cluster_id.clone()));
    cluster.unwrap()
}

fn post(more: Value) -> Value {
    with(new_post("x").undecided(), more)
}

fn edit(post_id: u64, more: Value) -> Value {
    with(json!({"space_id": 1, "post_id": post_id}), more)
}

fn cluster(cluster_id: &str, more: Value) -> Value {
    with(json!({"space_id": 1, "cluster_id": cluster_id}), more)
}

fn with(mut call: Value, more: Value) -> Value {
    call.as_object_mut()
        .unwrap()
        .extend(more.as_object().cloned().unwrap());
    call
}

/// The first is refused, as is its dry run, and passes without the limit; the second passes.
async fn refused_and_twin(
    limit: Limit,
    flag: &str,
    tool: &str,
    forbidden: Value,
    twin: (&str, Value),
) {
    let world = limited([limit]).await;
    let said = world.refused(tool, forbidden.clone()).await;
    let start = format!("The operator's policy `{flag}` forbids this: ");
    assert!(
        said.starts_with(&start) && said.contains("Allowed: "),
        "{said}"
    );
    let dry = with(forbidden.clone(), json!({"dry_run": true}));
    let said = world.refused(tool, dry).await;
    assert!(said.starts_with(&start), "{said}");
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    let done = world.ok(twin.0, twin.1).await;
    assert_eq!(done["outcome"], "done");
    assert_eq!(world.writes().len(), 1);

    let open = World::new().await;
    open.ok(tool, forbidden).await;
    assert_eq!(open.writes().len(), 1);
}

#[rstest]
#[case::a_time("create_post", post(json!({"scheduled_at": "2027-04-12T09:00"})), "create_post", post(json!({"scheduled_at": "2027-04-12T09:00", "publish": "draft"})))]
#[case::now("create_post", post(json!({"publish": "now"})), "create_post", post(json!({"publish": "draft"})))]
#[case::a_scheduled_post("update_post", edit(112, json!({"content": "y"})), "update_post", edit(116, json!({"content": "y"})))]
#[case::a_published_post("update_post", edit(103, json!({"content": "y"})), "update_post", edit(118, json!({"content": "y"})))]
#[case::another_status("update_post", edit(116, json!({"status": 1, "scheduled_at": "2027-04-12T09:00"})), "update_post", edit(116, json!({"status": 0, "scheduled_at": "2027-04-12T09:00"})))]
#[case::an_unknown_status("update_post", edit(116, json!({"status": 3})), "update_post", edit(116, json!({"status": 0})))]
#[case::a_time_that_may_send("update_post", edit(116, json!({"scheduled_at": "2027-04-12T09:00"})), "update_post", edit(116, json!({"metadata": {"title": "t"}})))]
#[case::a_scheduled_post_made_a_draft("update_post", edit(112, json!({"status": 0})), "update_post", edit(117, json!({"status": 0})))]
#[case::a_failed_post_goes("delete_post", edit(105, json!({})), "delete_post", edit(116, json!({})))]
#[case::a_scheduled_post_goes("delete_post", edit(112, json!({})), "upload_media", json!({"data": PIXEL}))]
#[tokio::test]
async fn drafts_only(
    #[case] tool: &str,
    #[case] forbidden: Value,
    #[case] twin: &str,
    #[case] passes: Value,
) {
    let limit = Limit::Mode(Mode::DraftsOnly);
    refused_and_twin(limit, "--mode drafts-only", tool, forbidden, (twin, passes)).await;
}

#[tokio::test]
async fn drafts_only_lets_draft_clusters_stay_drafts() {
    let world = limited([Limit::Mode(Mode::DraftsOnly)]).await;
    let ours = drafts(&world).await;
    for forbidden in [
        cluster(CLUSTER, json!({"publish": "draft"})),
        cluster(CLUSTER, json!({"content": "y"})),
        cluster(&ours, json!({"scheduled_at": "2027-04-12T09:00"})),
        cluster(&ours, json!({"publish": "now"})),
    ] {
        let said = world.refused("update_cluster", forbidden).await;
        assert!(said.contains("`--mode drafts-only`"), "{said}");
    }
    assert!(world.writes().is_empty());
    let change = cluster(&ours, json!({"content": "y", "account_ids": [11, 13]}));
    let done = world.ok("update_cluster", change).await;
    assert_eq!(done["mode"], "draft");
}

#[rstest]
#[case::a_draft("create_post", post(json!({"account_ids": [13], "publish": "draft"})), "create_post", post(json!({"publish": "draft"})))]
#[case::by_its_handle("create_post", post(json!({"account_ids": ["@acmecoffeeberlin"], "publish": "now"})), "create_post", post(json!({"account_ids": ["@acmecoffee"], "publish": "now"})))]
#[case::one_of_two("create_post", post(json!({"account_ids": [11, 13], "publish": "draft"})), "create_post", post(json!({"account_ids": [11, 12], "publish": "draft"})))]
#[case::an_edit("update_post", edit(112, json!({"content": "y"})), "update_post", edit(106, json!({"content": "y"})))]
#[case::a_deletion("delete_post", edit(104, json!({})), "delete_post", edit(105, json!({})))]
#[case::a_cluster_with_it("update_cluster", cluster(CLUSTER, json!({"content": "y"})), "update_post", edit(107, json!({"content": "y"})))]
#[case::a_cluster_without_it("update_cluster", cluster(CLUSTER, json!({"account_ids": [11, 12]})), "delete_post", edit(106, json!({})))]
#[case::in_a_further_field("create_slot", json!({"space_id": 1, "weekday": "monday", "time": "09:30", "account_id": 12345}), "create_slot", json!({"space_id": 1, "weekday": "monday", "time": "09:30", "account_id": 12}))]
#[case::itself("disconnect_account", json!({"space_id": 1, "account_id": 14}), "disconnect_account", json!({"space_id": 1, "account_id": 12}))]
#[case::its_activity("set_account_active", json!({"space_id": 1, "account_id": 13, "is_active": false}), "set_account_active", json!({"space_id": 1, "account_id": 12, "is_active": false}))]
#[tokio::test]
async fn accounts_that_are_not_allowed(
    #[case] tool: &str,
    #[case] forbidden: Value,
    #[case] twin: &str,
    #[case] passes: Value,
) {
    refused_and_twin(
        accounts(&[11, 12]),
        "--accounts 11,12",
        tool,
        forbidden,
        (twin, passes),
    )
    .await;
}

#[rstest]
#[case::too_soon("create_post", post(json!({"scheduled_at": "2027-04-10T11:00"})), "create_post", post(json!({"scheduled_at": "2027-04-11T13:00"})))]
#[case::now("create_post", post(json!({"publish": "now"})), "create_post", post(json!({"publish": "draft"})))]
#[case::a_new_time("update_post", edit(112, json!({"scheduled_at": "2027-04-10T11:00"})), "update_post", edit(112, json!({"scheduled_at": "2027-04-12T11:00"})))]
#[case::a_text_that_goes_out_soon("update_post", edit(106, json!({"content": "y"})), "update_post", edit(112, json!({"content": "y"})))]
#[case::a_cluster_that_goes_out_soon("update_cluster", cluster(CLUSTER, json!({"content": "y"})), "update_cluster", cluster(CLUSTER, json!({"publish": "draft"})))]
#[case::a_status_that_may_publish("update_post", edit(112, json!({"status": 2})), "update_post", edit(112, json!({"status": 1})))]
#[case::a_post_that_goes_out_soon_held_back("update_post", edit(106, json!({"content": "y"})), "update_post", edit(106, json!({"content": "y", "status": 0})))]
#[tokio::test]
async fn a_lead_time_that_is_too_short(
    #[case] tool: &str,
    #[case] forbidden: Value,
    #[case] twin: &str,
    #[case] passes: Value,
) {
    refused_and_twin(lead(24), "--min-lead 24h", tool, forbidden, (twin, passes)).await;
}

/// It is noon in Berlin.
#[rstest]
#[case::a_time("create_post", post(json!({"scheduled_at": "2027-04-12T12:30"})), "create_post", post(json!({"scheduled_at": "2027-04-12T13:00"})))]
#[case::now("create_post", post(json!({"publish": "now"})), "create_post", post(json!({"publish": "draft"})))]
#[case::elsewhere("create_post", post(json!({"scheduled_at": "2027-04-12T06:30", "timezone": "America/New_York"})), "create_post", post(json!({"scheduled_at": "2027-04-12T12:30", "timezone": "America/New_York"})))]
#[case::a_new_time("update_post", edit(112, json!({"scheduled_at": "2027-04-12T12:30"})), "update_post", edit(112, json!({"content": "y"})))]
#[tokio::test]
async fn quiet_hours(
    #[case] tool: &str,
    #[case] forbidden: Value,
    #[case] twin: &str,
    #[case] passes: Value,
) {
    let limit = quiet("11:30-13:00");
    refused_and_twin(
        limit,
        "--quiet-hours 11:30-13:00",
        tool,
        forbidden,
        (twin, passes),
    )
    .await;
}

#[rstest]
#[case::another_space("update_space", json!({"space_id": 2, "name": "y"}), "update_space", json!({"space_id": 1, "name": "y"}))]
#[case::by_another_name("create_slot", json!({"space": 2, "weekday": "friday", "time": "12:00"}), "create_slot", json!({"weekday": "friday", "time": "12:00"}))]
#[case::in_a_further_field("create_slot", json!({"space_id": 1, "weekday": "friday", "time": "12:00", "workspace_id": 2}), "create_slot", json!({"weekday": "friday", "time": "12:00", "label": "x"}))]
#[case::deep_inside("create_webhook", json!({"space_id": 1, "url": "https://a.example", "events": ["post.failed"], "more": {"spaceId": "2"}}), "create_webhook", json!({"url": "https://a.example", "events": ["post.failed"], "more": {"spaceId": "1"}}))]
#[case::of_an_upload("upload_media", json!({"data": PIXEL, "space_id": 2}), "upload_media", json!({"data": PIXEL, "space_id": 1}))]
#[case::of_metadata("update_post", edit(112, json!({"metadata": {"space": "Studio North"}})), "update_post", json!({"post_id": 112, "metadata": {"title": "space 2"}}))]
#[case::a_post_elsewhere("delete_post", json!({"space_id": 2, "post_id": 127}), "delete_post", json!({"post_id": 105}))]
#[case::itself("delete_space", json!({"space_id": 1}), "delete_slot", json!({"slot_id": 301}))]
#[case::a_new_one("create_space", json!({"name": "y"}), "update_space", json!({"name": "y"}))]
#[tokio::test]
async fn spaces_that_are_not_allowed(
    #[case] tool: &str,
    #[case] forbidden: Value,
    #[case] twin: &str,
    #[case] passes: Value,
) {
    refused_and_twin(spaces(&[1]), "--space 1", tool, forbidden, (twin, passes)).await;
}
