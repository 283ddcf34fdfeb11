use super::*;
use crate::sandbox::{CreateReply, Fault, Kind, Status};
use rstest::rstest;

const POSTS: &str = "/spaces/1/posts";

#[tokio::test]
async fn a_create_call_makes_one_cluster_with_a_post_per_account() {
    let visit = Visit::seeded().await;
    let at = soon(&visit, 3600);
    let (status, body) = visit.post(POSTS, plan(&[11, 12], Some(at), "Hello")).await;
    assert_eq!(status, 201, "{body}");
    let posts = body["data"].as_array().unwrap();
    assert_eq!(posts.len(), 2);
    assert_eq!(posts[0]["cluster_id"], posts[1]["cluster_id"]);
    assert_eq!(
        (&posts[0]["status"], &posts[0]["account"]["handler"]),
        (&json!(1), &json!("acmecoffee"))
    );
    let kept = visit.sandbox().state(|state| {
        let cluster = state.cluster(posts[0]["cluster_id"].as_str().unwrap());
        cluster
            .map(|post| (post.account_id, post.scheduled_at.unwrap().as_second()))
            .collect::<Vec<_>>()
    });
    assert_eq!(kept, [(11, at), (12, at)]);
}

#[rstest]
#[case::no_time(None, false, 3)]
#[case::a_past_time(Some(-60), false, 3)]
#[case::a_time_ahead(Some(60), false, 1)]
#[case::a_draft(None, true, 0)]
#[case::a_draft_with_a_time(Some(60), true, 0)]
#[tokio::test]
async fn what_is_no_draft_and_has_no_time_ahead_goes_out_at_once(
    #[case] seconds: Option<i64>,
    #[case] is_draft: bool,
    #[case] status: i64,
) {
    let visit = Visit::seeded().await;
    let mut body = plan(&[11], seconds.map(|seconds| soon(&visit, seconds)), "Hello");
    body["is_draft"] = json!(is_draft);
    let (_, reply) = visit.post(POSTS, body).await;
    let post = &reply["data"][0];
    assert_eq!(post["status"], status, "{reply}");
    assert_eq!(post["published_at"].is_null(), status != 3);
}

#[tokio::test]
async fn a_scheduled_post_goes_out_when_its_time_has_come() {
    let visit = Visit::seeded().await;
    let at = soon(&visit, 3600);
    let (_, reply) = visit.post(POSTS, plan(&[11], Some(at), "Later")).await;
    let path = format!("{POSTS}/{}", reply["data"][0]["id"]);
    let clock = visit.sandbox().shared.options.clock.clone();
    clock.set(jiff::Timestamp::from_second(at - 5).unwrap());
    assert_eq!(visit.get(&path).await.1["data"]["status"], 1);
    clock.set(jiff::Timestamp::from_second(at + 1).unwrap());
    let (_, after) = visit.get(&path).await;
    assert_eq!(after["data"]["status"], 3);
    assert_eq!(
        after["data"]["published_at"],
        reply["data"][0]["scheduled_at"]
    );
}

#[tokio::test]
async fn a_post_of_an_account_that_was_deactivated_fails_and_says_why() {
    let visit = Visit::seeded().await;
    let at = soon(&visit, 3600);
    let (_, reply) = visit.post(POSTS, plan(&[11], Some(at), "Later")).await;
    let off = json!({"is_active": false});
    visit
        .call(Method::PATCH, "/spaces/1/accounts/11/activate", off)
        .await;
    let clock = &visit.sandbox().shared.options.clock;
    clock.set(jiff::Timestamp::from_second(at + 1).unwrap());
    let path = format!("{POSTS}/{}", reply["data"][0]["id"]);
    let (_, after) = visit.get(&path).await;
    assert_eq!(after["data"]["status"], 4);
    assert_eq!(
        after["data"]["metadata"]["error"],
        "@acmecoffee is not active."
    );
}

#[tokio::test]
async fn a_thread_hangs_below_its_first_post() {
    let visit = Visit::seeded().await;
    let mut body = plan(&[11], Some(soon(&visit, 60)), "One");
    body["items"][0]["children"] = json!([{"content": "Two"}, {"content": "Three", "media": []}]);
    let (_, reply) = visit.post(POSTS, body).await;
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
async fn the_form_of_the_overview_page_works_too() {
    let visit = Visit::seeded().await;
    let body = json!({"content": "Hello", "account_ids": [11, "12"], "scheduled_at": "2099-04-10T14:00:00Z"});
    let (status, reply) = visit.post(POSTS, body).await;
    assert_eq!(
        (status.as_u16(), reply["data"].as_array().unwrap().len()),
        (201, 2)
    );
    assert_eq!(
        reply["data"][0]["scheduled_at"],
        "2099-04-10T14:00:00.000000Z"
    );
    let (_, at_once) = visit
        .post(POSTS, json!({"content": "Now", "account_ids": [11]}))
        .await;
    assert_eq!(at_once["data"][0]["status"], 3);
}

#[tokio::test]
async fn a_time_with_an_offset_is_kept_by_its_wall_clock() {
    let visit = Visit::seeded().await;
    let body =
        json!({"content": "x", "account_ids": [11], "scheduled_at": "2099-04-10T14:00:00+09:00"});
    let (_, reply) = visit.post(POSTS, body).await;
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
async fn a_create_call_answers_as_it_is_told(
    #[case] replies: CreateReply,
    #[case] fits: fn(&Value) -> bool,
) {
    let visit = Visit::to(SandboxOptions {
        replies,
        ..Default::default()
    })
    .await;
    let (status, reply) = visit.post(POSTS, plan(&[11], None, "x")).await;
    assert!(status == 201 && fits(&reply), "{reply}");
}

#[tokio::test]
async fn a_create_call_whose_answer_is_lost_took_effect_once() {
    let visit = Visit::seeded().await;
    let before = visit.sandbox().state(|state| state.posts.len());
    visit.sandbox().fault(Fault::new(Kind::DropAfter));
    let sent = visit
        .request(Method::POST, POSTS)
        .json(&plan(&[11], None, "x"))
        .send()
        .await;
    assert!(sent.is_err());
    assert_eq!(visit.sandbox().state(|state| state.posts.len()), before + 1);
    let published = visit
        .sandbox()
        .state(|state| state.posts.values().last().unwrap().status);
    assert_eq!(published, Status::Published);
}
