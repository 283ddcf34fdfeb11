//! A create or a cluster of which Saki refuses a part: what was made, what not, and that nothing is made twice.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind, PostStatus, StoredPost};
use serde_json::{Value, json};

use crate::support::example_calls::CLUSTER;
use crate::support::post_arguments::{cluster_change, new_post};
use crate::support::sandbox_state::{fill_list, last_post, posts_after};
use crate::support::server_under_test::{Answer, NOW, World, object};

const CREATE: &str = "/spaces/{space_id}/posts";
const WHY: &str = "Token expired";

/// A 201 that is answered in the place of the sandbox's own.
fn answers(world: &World, method: &Method, path: &str, body: &Value) {
    let kind = FaultKind::Status {
        status: 201,
        headers: Default::default(),
        body: Some(body.clone()),
        after_write: false,
    };
    world.sandbox().fault(Fault::new(kind).on(method, path));
}

/// Post 101, which an equal call finds, stands for the one that was made.
#[rstest]
#[case::rows(json!({"data": [{"id": 101, "account_id": 11}, {"account_id": 12, "error": WHY}]}))]
#[case::bare_rows(json!([{"id": 101, "account_id": 11}, {"account_id": 12, "success": false, "message": WHY}]))]
#[case::cluster_of_one(json!({"data": [{"id": 101, "account_id": 11, "cluster_id": "c-9"}, {"account": {"id": 12}, "error": {"message": WHY}}]}))]
#[case::errors_by_account(json!({"posts": [{"id": 101, "account_id": 11}], "errors": {"12": WHY}}))]
#[case::errors_beside_data(json!({"success": true, "data": [{"id": 101, "account_id": 11}], "errors": [{"account_id": 12, "message": WHY}]}))]
#[case::errors_in_data(json!({"data": {"posts": [{"id": 101, "account_id": 11}], "errors": [{"account_id": 12, "message": WHY}]}}))]
#[case::errors_by_field(json!({"data": [{"id": 101, "account_id": 11}], "errors": {"items.1.account_id": [WHY]}}))]
#[case::errors_in_words(json!({"data": [{"id": 101, "account_id": 11}], "errors": ["@acme.coffee: Token expired"]}))]
#[case::created_and_failed(json!({"created": [{"id": 101, "account_id": 11}], "failed": [{"account_id": 12, "error": WHY}]}))]
#[case::by_account(json!({"data": {"11": {"id": 101}, "12": {"error": WHY}}}))]
#[case::flag(json!({"success": false, "message": WHY, "data": [{"id": 101, "account_id": 11}]}))]
#[case::in_rows(json!({"results": [{"account_id": 11, "status": 201, "post": {"id": 101}}, {"account_id": 12, "status": 422, "message": WHY}]}))]
#[tokio::test]
async fn what_was_made_and_what_was_refused_stand_in_a_failure(#[case] body: Value) {
    let world = World::new().await;
    answers(&world, &Method::POST, CREATE, &body);
    let post = new_post("Hello").on([11, 12]).at("2027-04-20T07:00:00Z");
    let answer = world.call("create_post", post.clone()).await;
    assert!(answer.failed, "{}", answer.json);
    assert_eq!(answer.meta["class"], "partly", "{}", answer.text);
    assert_eq!(answer.meta["status"], 201);
    let made = &answer.meta["made"];
    assert_eq!(made[0]["account_id"], 11, "{made}");
    assert_eq!(made[0]["post_id"], 101, "{made}");
    let refused = &answer.meta["refused"];
    assert_eq!(refused[0]["account_id"], 12, "{refused}");
    assert_eq!((made[1].clone(), refused[1].clone()), Default::default());
    for said in [
        "account 11 @acmecoffee (twitter/X), post 101",
        "account 12 @acme.coffee (instagram)",
        WHY,
        "create_post with `account_ids: [12]`",
    ] {
        assert!(answer.text.contains(said), "{said}: {}", answer.text);
    }

    let again = world.call("create_post", post).await;
    assert_eq!(again.meta["class"], "partly", "{}", again.text);
    assert_eq!(again.meta["made"], *made);
    assert!(again.text.contains(WHY), "{}", again.text);
    assert_eq!(world.writes().len(), 1, "nothing is sent again");

    let rest = new_post("Hello").on([12]).at("2027-04-20T07:00:00Z");
    let answer = world.ok("create_post", rest).await;
    assert_eq!(answer["accounts"][0]["id"], 12);
    assert_eq!(world.writes().len(), 2, "the rest is sent");
}

#[rstest]
#[case::another_account(json!({"posts": [{"id": 200, "account_id": 11}], "errors": [{"account_id": 12, "message": WHY}]}))]
#[case::a_remark(json!({"success": true, "data": [{"id": 200, "account_id": 11}], "errors": [WHY]}))]
#[tokio::test]
async fn a_remark_about_no_account_of_the_call_is_a_warning_with_sakis_words(#[case] body: Value) {
    let world = World::new().await;
    answers(&world, &Method::POST, CREATE, &body);
    let answer = world.ok("create_post", new_post("Hello").draft()).await;
    assert_eq!(answer["post_ids"], json!([200]));
    assert!(answer["warnings"].to_string().contains(WHY), "{answer}");
}

#[rstest]
#[case::short_list(0)]
#[case::long_list(60)]
#[tokio::test]
async fn posts_that_the_refusal_of_others_does_not_show_are_looked_for(#[case] older: u64) {
    let world = World::new().await;
    fill_list(&world, 1, older);
    let both = new_post("Hello").on([11, 12]).at("2027-04-20T07:00:00Z");
    let kind = FaultKind::Status {
        status: 201,
        headers: Default::default(),
        body: Some(json!({"message": "Scheduled.", "errors": {"12": [WHY]}})),
        after_write: true,
    };
    let last = last_post(&world);
    world
        .sandbox()
        .fault(Fault::new(kind).on(&Method::POST, CREATE));
    let answer = world.call("create_post", both.clone()).await;
    assert_eq!(answer.meta["class"], "partly", "{}", answer.text);
    let made = &posts_after(&world, last)[0]["id"];
    assert_eq!(&answer.meta["made"][0]["post_id"], made, "{}", answer.text);
    let writes = world.writes().len();
    world.call("create_post", both).await;
    assert_eq!(world.writes().len(), writes, "nothing is sent again");
}

#[tokio::test]
async fn an_account_that_is_refused_and_one_that_is_not_shown_leave_the_outcome_unknown() {
    let world = World::new().await;
    let body = json!({"cluster_id": "c-9", "errors": {"12": WHY}});
    answers(&world, &Method::POST, CREATE, &body);
    let both = new_post("Hello").on([11, 12]).at("2027-04-20T07:00:00Z");
    let answer = world.call("create_post", both.clone()).await;
    assert_eq!(answer.meta["class"], "unknown_outcome", "{}", answer.text);
    assert!(answer.text.contains(WHY) && answer.text.contains("list_posts"));
    world.call("create_post", both).await;
    assert_eq!(world.writes().len(), 1, "nothing is sent again");
}

#[tokio::test]
async fn a_cluster_of_which_a_part_is_refused_leads_to_update_cluster() {
    let world = World::new().await;
    let posts = world.sandbox().state(|db| {
        db.posts
            .values()
            .filter(|post| post.cluster_id == CLUSTER)
            .map(|post| (post.account_id, post.id))
            .collect::<Vec<_>>()
    });
    let (first, second) = (posts[0], posts[1]);
    let body = json!({"data": [{"id": first.1, "account_id": first.0}, {"account_id": second.0, "error": WHY}]});
    answers(&world, &Method::PUT, "/clusters", &body);
    let change = cluster_change(CLUSTER).on([first.0, second.0]);
    let answer = world
        .call(
            "update_cluster",
            change.with(json!({"content": "New"})).undecided(),
        )
        .await;
    assert_eq!(answer.meta["class"], "partly", "{}", answer.text);
    assert_eq!(answer.meta["made"][0]["post_id"], first.1);
    assert_eq!(answer.meta["refused"][0]["account_id"], second.0);
    assert!(
        answer.text.contains("update_cluster again"),
        "{}",
        answer.text
    );
}

#[rstest]
#[case::user(json!({"success": false, "user": {"id": 5}, "message": WHY}))]
#[case::request_id(json!({"id": "req_9f", "error": {"message": WHY}}))]
#[case::all_failed(json!({"created": [], "failed": [{"account_id": 11, "error": WHY}]}))]
#[case::loaded_account(json!([{"account": {"id": 11}, "error": WHY}]))]
#[case::every_account(json!({"cluster_id": "c-9", "errors": {"11": WHY}}))]
#[tokio::test]
async fn a_refusal_of_every_account_is_rejected_and_can_be_sent_again(#[case] body: Value) {
    let world = World::new().await;
    answers(&world, &Method::POST, CREATE, &body);
    let answer = world.call("create_post", new_post("Hello").draft()).await;
    assert_eq!(
        answer.meta["class"], "rejected",
        "{}{}",
        answer.text, answer.json
    );
    assert!(answer.text.contains(WHY), "{}", answer.text);
    world.ok("create_post", new_post("Hello").draft()).await;
    assert_eq!(world.writes().len(), 2);
}

#[rstest]
#[case::ids(json!({"data": [106, 107], "errors": [{"account_id": 13, "message": WHY}]}))]
#[case::not_shown(json!({"data": [], "errors": {"13": [WHY]}}))]
#[case::row(json!({"data": [{"account_id": 13, "error": WHY}]}))]
#[tokio::test]
async fn a_cluster_that_was_changed_in_part_is_read_back_before_it_is_called_refused(
    #[case] body: Value,
) {
    let changes = async |is_done: bool| {
        let world = World::new().await;
        let kind = FaultKind::Status {
            status: 200,
            headers: Default::default(),
            body: Some(body.clone()),
            after_write: is_done,
        };
        world
            .sandbox()
            .fault(Fault::new(kind).on(&Method::PUT, "/clusters"));
        let change = cluster_change(CLUSTER).on([11, 12, 13]);
        let change = change.with(json!({"content": "New"})).undecided();
        world.call("update_cluster", change).await
    };
    let answer = changes(true).await;
    assert_eq!(answer.meta["class"], "partly", "{}", answer.text);
    let made = json!([
        answer.meta["made"][0]["post_id"],
        answer.meta["made"][1]["post_id"]
    ]);
    assert_eq!(made, json!([106, 107]), "{}", answer.text);
    assert_eq!(answer.meta["refused"][0]["account_id"], 13);
    assert_eq!(answer.meta["refused"][0]["message"], WHY);
    let answer = changes(false).await;
    assert_eq!(answer.meta["class"], "rejected", "{}", answer.text);
    assert!(answer.text.contains(WHY), "{}", answer.text);
}

/// The refusal of account 11 of the call, and no word of the others.
fn refuses_first(world: &World, method: &Method, path: &str) {
    let kind = FaultKind::Status {
        status: 200,
        headers: Default::default(),
        body: Some(json!({"data": [{"account_id": 11, "error": WHY}]})),
        after_write: false,
    };
    world.sandbox().fault(Fault::new(kind).on(method, path));
}

/// Account 12 gets a post at the time of the call.
fn stores(world: &World, content: &str, at: &str) -> u64 {
    world.sandbox().edit(|db| {
        let like = db.posts.values().find(|post| post.account_id == 12);
        let like = like.unwrap().clone();
        let stored = db.posts.insert(|id| StoredPost {
            id,
            cluster_id: "c-12".to_owned(),
            parent_id: None,
            children: Vec::new(),
            content: content.to_owned(),
            status: PostStatus::Scheduled,
            scheduled_at: Some(at.parse().unwrap()),
            published_at: None,
            created_at: NOW.parse().unwrap(),
            ..like
        });
        stored.id
    })
}

#[rstest]
#[case::later("Hello", "2027-04-20T07:05:00Z")]
#[case::with_more_text("Hello #ad", "2027-04-20T07:00:00Z")]
#[tokio::test]
async fn a_post_of_the_rest_that_is_otherwise_than_asked_for_is_not_made_twice(
    #[case] content: &str,
    #[case] at: &str,
) {
    let world = World::new().await;
    refuses_first(&world, &Method::POST, CREATE);
    let stored = stores(&world, content, at).to_string();
    let both = new_post("Hello").on([11, 12]).at("2027-04-20T07:00:00Z");
    let answer = world.call("create_post", both.clone()).await;
    assert_eq!(answer.meta["class"], "unknown_outcome", "{}", answer.text);
    assert!(answer.text.contains(&stored), "{}", answer.text);
    assert!(answer.text.contains(WHY), "{}", answer.text);
    let again = world.call("create_post", both).await;
    assert_eq!(again.meta["class"], "unknown_outcome", "{}", again.text);
    assert!(again.text.contains(&stored), "{}", again.text);
    assert_eq!(world.writes().len(), 1, "nothing is sent again");
}

#[rstest]
#[case::short_list(0)]
#[case::long_list(60)]
#[tokio::test]
async fn a_create_refused_in_part_that_made_nothing_can_be_sent_again(#[case] older: u64) {
    let world = World::new().await;
    fill_list(&world, 1, older);
    refuses_first(&world, &Method::POST, CREATE);
    let both = new_post("Hello").on([11, 12]).at("2027-04-20T07:00:00Z");
    let answer = world.call("create_post", both.clone()).await;
    assert_eq!(answer.meta["class"], "rejected", "{}", answer.text);
    world.ok("create_post", both).await;
    assert_eq!(world.writes().len(), 2);
}

#[tokio::test]
async fn a_create_refused_in_part_whose_posts_cannot_be_looked_for_is_unknown() {
    let world = World::new().await;
    refuses_first(&world, &Method::POST, CREATE);
    let list = Fault::status(500).on(&Method::GET, CREATE).times(1000);
    world.sandbox().fault(list);
    let both = new_post("Hello").on([11, 12]).at("2027-04-20T07:00:00Z");
    let answer = world.call("create_post", both.clone()).await;
    assert_eq!(answer.meta["class"], "unknown_outcome", "{}", answer.text);
    world.call("create_post", both).await;
    assert_eq!(world.writes().len(), 1, "nothing is sent again");
}

/// Changes the cluster of the accounts 11, 12 and 13 while Saki refuses 11 and shows post 107 of 12 with `after` from then on.
async fn change_with_first_refused(change: Value, after: Value) -> Answer {
    const POST: &str = "/spaces/{space_id}/posts/{post_id}";
    let world = World::new().await;
    refuses_first(&world, &Method::PUT, "/clusters");
    let shown = world.ok("get_post", json!({"space_id": 1, "post_id": 107}));
    let mut shown = shown.await;
    shown.as_object_mut().unwrap().extend(object(after));
    // Each post is read once before the change; then comes 106, and 107.
    let kind = FaultKind::Json {
        body: json!({"data": shown}),
    };
    let mut fault = Fault::new(kind).on(&Method::GET, POST);
    fault.skip = 4;
    world.sandbox().fault(fault);
    let cluster = cluster_change(CLUSTER).on([11, 12, 13]).with(change);
    world.call("update_cluster", cluster.undecided()).await
}

#[rstest]
#[case::later(json!({"content": "Bye", "scheduled_at": "2027-04-20T07:00:30Z"}), "07:00:30")]
#[case::with_more_text(json!({"content": "Bye!!"}), "Bye!!")]
#[tokio::test]
async fn a_post_of_a_cluster_that_changed_otherwise_than_asked_for_was_changed(
    #[case] after: Value,
    #[case] warning: &str,
) {
    let answer = change_with_first_refused(json!({"content": "Bye"}), after).await;
    assert_eq!(answer.meta["class"], "partly", "{}", answer.text);
    assert_eq!(answer.meta["made"][0]["post_id"], 107, "{}", answer.text);
    assert_eq!(answer.meta["made"][1], Value::Null, "{}", answer.text);
    assert_eq!(answer.meta["refused"][1]["account_id"], 11);
    assert_eq!(answer.meta["refused"][0]["account_id"], 13);
    assert!(answer.text.contains("108 as it was"), "{}", answer.text);
    assert!(answer.text.contains(warning), "{}", answer.text);
}

#[rstest]
#[case::media(json!({"media": [{"media_id": 502}]}), "rejected")]
#[case::metadata(json!({"metadata": {"title": "New"}}), "rejected")]
#[case::nothing_to_see(json!({}), "unknown_outcome")]
#[tokio::test]
async fn posts_of_a_cluster_that_did_not_change_are_not_called_done(
    #[case] change: Value,
    #[case] class: &str,
) {
    let answer = change_with_first_refused(change, json!({})).await;
    assert_eq!(answer.meta["class"], class, "{}", answer.text);
    assert_eq!(answer.meta["made"], Value::Null, "{}", answer.text);
    assert!(answer.text.contains(WHY), "{}", answer.text);
    let is_unknown = class == "unknown_outcome";
    assert_eq!(
        answer.text.contains("get_post"),
        is_unknown,
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_cluster_refused_in_part_of_which_a_post_cannot_be_read_again_is_unknown() {
    let answer = change_with_first_refused(json!({"content": "Bye"}), json!({"content": 5})).await;
    assert_eq!(answer.meta["class"], "unknown_outcome", "{}", answer.text);
    assert_eq!(answer.meta["made"], Value::Null, "{}", answer.text);
    assert!(answer.text.contains("Whether post 107"), "{}", answer.text);
}
