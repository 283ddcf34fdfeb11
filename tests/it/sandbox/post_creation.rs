//! Creating posts in the sandbox.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{CreateReply, Fault, FaultKind, PostStatus};
use serde_json::{Value, json};

use crate::support::sandbox_client::{POSTS, TestClient, create_body};

#[tokio::test]
async fn a_create_call_makes_one_cluster_with_a_post_per_account() {
    let client = TestClient::seeded().await;
    let at = client.unix_time_in(3600);
    let (status, body) = client
        .post(POSTS, create_body(&[11, 12], Some(at), "Hello"))
        .await;
    assert_eq!(status, 201, "{body}");
    let posts = body["data"].as_array().unwrap();
    assert_eq!(posts.len(), 2);
    assert_eq!(posts[0]["cluster_id"], posts[1]["cluster_id"]);
    assert_eq!(
        (&posts[0]["status"], &posts[0]["account"]["handler"]),
        (&json!(1), &json!("acmecoffee"))
    );
    let stored = client.sandbox().state(|state| {
        let cluster = state.cluster(posts[0]["cluster_id"].as_str().unwrap());
        cluster
            .map(|post| (post.account_id, post.scheduled_at.unwrap().as_second()))
            .collect::<Vec<_>>()
    });
    assert_eq!(stored, [(11, at), (12, at)]);
}

#[rstest]
#[case::no_time(None, false, 3)]
#[case::a_past_time(Some(-60), false, 3)]
#[case::a_time_ahead(Some(60), false, 1)]
#[case::a_draft(None, true, 0)]
#[case::a_draft_with_a_time(Some(60), true, 0)]
#[tokio::test]
async fn a_post_without_a_future_time_is_published_at_once_unless_a_draft(
    #[case] seconds: Option<i64>,
    #[case] is_draft: bool,
    #[case] status: i64,
) {
    let client = TestClient::seeded().await;
    let mut body = create_body(
        &[11],
        seconds.map(|seconds| client.unix_time_in(seconds)),
        "Hello",
    );
    body["is_draft"] = json!(is_draft);
    let (_, reply) = client.post(POSTS, body).await;
    let post = &reply["data"][0];
    assert_eq!(post["status"], status, "{reply}");
    assert_eq!(post["published_at"].is_null(), status != 3);
}

#[tokio::test]
async fn a_scheduled_post_is_published_when_it_is_due() {
    let client = TestClient::seeded().await;
    let at = client.unix_time_in(3600);
    let (_, reply) = client
        .post(POSTS, create_body(&[11], Some(at), "Later"))
        .await;
    let path = format!("{POSTS}/{}", reply["data"][0]["id"]);
    let clock = client.clock();
    clock.set(jiff::Timestamp::from_second(at - 5).unwrap());
    assert_eq!(client.get(&path).await.1["data"]["status"], 1);
    clock.set(jiff::Timestamp::from_second(at + 1).unwrap());
    let (_, after) = client.get(&path).await;
    assert_eq!(after["data"]["status"], 3);
    assert_eq!(
        after["data"]["published_at"],
        reply["data"][0]["scheduled_at"]
    );
}

#[tokio::test]
async fn a_due_post_of_an_inactive_account_fails_with_a_reason() {
    let client = TestClient::seeded().await;
    let at = client.unix_time_in(3600);
    let (_, reply) = client
        .post(POSTS, create_body(&[11], Some(at), "Later"))
        .await;
    let off = json!({"is_active": false});
    client
        .call(Method::PATCH, "/spaces/1/accounts/11/activate", off)
        .await;
    let clock = client.clock();
    clock.set(jiff::Timestamp::from_second(at + 1).unwrap());
    let path = format!("{POSTS}/{}", reply["data"][0]["id"]);
    let (_, after) = client.get(&path).await;
    assert_eq!(after["data"]["status"], 4);
    assert_eq!(
        after["data"]["metadata"]["error"],
        "@acmecoffee is not active."
    );
}

#[tokio::test]
async fn the_parts_of_a_thread_are_children_of_its_first_post() {
    let client = TestClient::seeded().await;
    let mut body = create_body(&[11], Some(client.unix_time_in(60)), "One");
    body["items"][0]["children"] = json!([{"content": "Two"}, {"content": "Three", "media": []}]);
    let (_, reply) = client.post(POSTS, body).await;
    let post = &reply["data"][0];
    let children = post["children"].as_array().unwrap();
    assert_eq!(
        (children.len(), &post["order"], &post["parent_id"]),
        (2, &json!(0), &Value::Null)
    );
    assert_eq!(
        (&children[1]["content"], &children[1]["order"]),
        (&json!("Three"), &json!(2))
    );
    assert_eq!(children[1]["parent_id"], post["id"]);
}

#[tokio::test]
async fn the_form_of_the_overview_page_is_accepted() {
    let client = TestClient::seeded().await;
    let body = json!({"content": "Hello", "account_ids": [11, "12"], "scheduled_at": "2099-04-10T14:00:00Z"});
    let (status, reply) = client.post(POSTS, body).await;
    assert_eq!(
        (status.as_u16(), reply["data"].as_array().unwrap().len()),
        (201, 2)
    );
    assert_eq!(
        reply["data"][0]["scheduled_at"],
        "2099-04-10T14:00:00.000000Z"
    );
    let (_, at_once) = client
        .post(POSTS, json!({"content": "Now", "account_ids": [11]}))
        .await;
    assert_eq!(at_once["data"][0]["status"], 3);
}

#[tokio::test]
async fn a_time_with_an_offset_is_stored_by_its_wall_clock() {
    let client = TestClient::seeded().await;
    let body =
        json!({"content": "x", "account_ids": [11], "scheduled_at": "2099-04-10T14:00:00+09:00"});
    let (_, reply) = client.post(POSTS, body).await;
    assert_eq!(
        reply["data"][0]["scheduled_at"],
        "2099-04-10T14:00:00.000000Z"
    );
}

#[rstest]
#[case(CreateReply::Posts, |reply: &Value| reply["data"].is_array())]
#[case(CreateReply::Empty, |reply: &Value| *reply == json!({}))]
#[case(CreateReply::BareList, |reply: &Value| reply.is_array())]
#[case(CreateReply::NoBody, |reply: &Value| *reply == json!(""))]
#[tokio::test]
async fn the_reply_to_a_create_call_follows_the_option(
    #[case] replies: CreateReply,
    #[case] fits: fn(&Value) -> bool,
) {
    let client = TestClient::with(|options| options.create_reply = replies).await;
    let (status, reply) = client.post(POSTS, create_body(&[11], None, "x")).await;
    assert!(status == 201 && fits(&reply), "{reply}");
}

#[tokio::test]
async fn a_create_call_with_a_lost_response_takes_effect_once() {
    let client = TestClient::seeded().await;
    let before = client.sandbox().state(|state| state.posts.len());
    client.sandbox().fault(Fault::new(FaultKind::DropAfter));
    let sent = client.create_request().send().await;
    assert!(sent.is_err());
    assert_eq!(
        client.sandbox().state(|state| state.posts.len()),
        before + 1
    );
    let published = client
        .sandbox()
        .state(|state| state.posts.values().last().unwrap().status);
    assert_eq!(published, PostStatus::Published);
}
