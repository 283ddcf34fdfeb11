use super::*;
use crate::sandbox::{CreateReply, Forms, Kind, MediaTypes, Status, World};
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

#[tokio::test]
async fn each_form_can_be_switched_off_and_says_what_it_misses() {
    let overview =
        json!({"content": "Hello", "account_ids": [11], "scheduled_at": "2099-04-10T14:00:00Z"});
    let reference = plan(&[11], None, "Hello");
    let speaks = |forms| {
        Visit::to(SandboxOptions {
            forms,
            ..Default::default()
        })
    };
    let visit = speaks(Forms::ReferenceOnly).await;
    assert_eq!(visit.post(POSTS, reference.clone()).await.0, 201);
    let (status, body) = visit.post(POSTS, overview.clone()).await;
    assert_eq!(status, 422);
    assert_eq!(
        refused(&body),
        [
            ("space_id", "The space id field is required."),
            ("items", "The items field is required."),
        ]
    );
    let visit = speaks(Forms::OverviewOnly).await;
    assert_eq!(visit.post(POSTS, overview).await.0, 201);
    let (status, body) = visit.post(POSTS, reference).await;
    assert_eq!(status, 422);
    assert_eq!(
        refused(&body),
        [
            ("content", "The content field is required."),
            ("account_ids", "The account ids field is required."),
        ]
    );
}

#[rstest]
#[case::nothing(json!({}), &["space_id", "items"])]
#[case::another_space(json!({"space_id": 2}), &["space_id"])]
#[case::no_items(json!({"items": []}), &["items"])]
#[case::time_as_text(json!({"at": "2099-01-01"}), &["at"])]
#[case::draft_as_word(json!({"is_draft": "no"}), &["is_draft"])]
#[case::empty_text(json!({"items": [{"account_id": 11, "main": {"content": "  "}}]}), &["items.0.main.content"])]
#[case::no_main(json!({"items": [{"account_id": 11}]}), &["items.0.main.content"])]
#[case::empty_child(json!({"items": [{"account_id": 11, "main": {"content": "x"}, "children": [{}]}]}), &["items.0.children.0.content"])]
#[case::account_of_another_space(json!({"items": [{"account_id": 21, "main": {"content": "x"}}]}), &["items.0.account_id"])]
#[case::no_account(json!({"items": [{"main": {"content": "x"}}]}), &["items.0.account_id"])]
#[case::inactive_account(json!({"items": [{"account_id": 16, "main": {"content": "x"}}]}), &["items.0.account_id"])]
#[case::twice_the_account(json!({"items": [{"account_id": 11, "main": {"content": "x"}}, {"account_id": 11, "main": {"content": "x"}}]}), &["items.1.account_id"])]
#[case::another_network(json!({"items": [{"account_id": 11, "social": "x", "main": {"content": "x"}}]}), &["items.0.social"])]
#[case::unknown_media(json!({"items": [{"account_id": 11, "main": {"media": [{"id": 999, "type": "image"}]}}]}), &["items.0.main.media.0.id"])]
#[case::media_without_type(json!({"items": [{"account_id": 11, "main": {"media": [{"id": 501}]}}]}), &["items.0.main.media.0.type"])]
#[case::media_of_no_type(json!({"items": [{"account_id": 11, "main": {"media": [{"id": 501, "type": "photo"}]}}]}), &["items.0.main.media.0.type"])]
#[case::link(json!({"items": [{"account_id": 11, "main": {"content": "x"}, "metadata": {"link": "not a link"}}]}), &["items.0.metadata.link"])]
#[tokio::test]
async fn what_the_reference_does_not_allow_is_refused_by_its_dotted_key(
    #[case] other: Value,
    #[case] fields: &[&str],
) {
    let visit = Visit::seeded().await;
    let mut body = plan(&[11], None, "Hello");
    let before = visit.sandbox().state(|state| state.posts.len());
    match other.as_object().unwrap() {
        none if none.is_empty() => body = other,
        some => body.as_object_mut().unwrap().extend(some.clone()),
    }
    let (status, reply) = visit.post(POSTS, body).await;
    assert_eq!(status, 422, "{reply}");
    let said: Vec<&str> = refused(&reply)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(said, fields);
    assert_eq!(visit.sandbox().state(|state| state.posts.len()), before);
}

#[tokio::test]
async fn the_twin_of_every_refusal_is_taken() {
    let visit = Visit::seeded().await;
    let body = json!({"space_id": "1", "at": null, "is_draft": "1", "items": [
        {"account_id": "11", "social": "twitter", "main": {"content": null, "media": [{"id": 501, "type": "image"}]},
         "children": [{"content": "two"}], "metadata": {"link": "https://a.example", "allow_comments": true}},
        {"account_id": 12, "main": {"content": "x"}, "metadata": []},
    ]});
    let (status, reply) = visit.post(POSTS, body).await;
    assert_eq!(status, 201, "{reply}");
    assert_eq!(reply["data"][0]["media"][0]["id"], 501);
    assert_eq!(
        (&reply["data"][0]["content"], &reply["data"][1]["metadata"]),
        (&json!(""), &json!([]))
    );
}

#[tokio::test]
async fn the_type_of_a_file_can_be_made_to_matter() {
    let media_types = MediaTypes {
        must_match: true,
        ..Default::default()
    };
    let visit = Visit::to(SandboxOptions {
        media_types,
        ..Default::default()
    })
    .await;
    let with = |kind: &str| {
        let mut body = plan(&[11], None, "x");
        body["items"][0]["main"]["media"] = json!([{"id": 501, "type": kind}]);
        body
    };
    assert_eq!(visit.post(POSTS, with("video")).await.0, 422);
    assert_eq!(visit.post(POSTS, with("image")).await.0, 201);
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
async fn a_cluster_update_keeps_adds_and_removes_accounts() {
    let visit = Visit::seeded().await;
    let at = soon(&visit, 3600);
    let (_, made) = visit.post(POSTS, plan(&[11, 12], Some(at), "Old")).await;
    let (kept, gone) = (&made["data"][0], &made["data"][1]);
    let path = format!(
        "/spaces/1/clusters/{}",
        kept["cluster_id"].as_str().unwrap()
    );
    let (status, reply) = visit
        .put(&path, plan(&[11, 13], Some(at + 60), "New"))
        .await;
    assert_eq!(status, 200, "{reply}");
    let rows = reply["data"].as_array().unwrap();
    assert_eq!(
        (rows.len(), &rows[0]["id"], &rows[1]["account_id"]),
        (2, &kept["id"], &json!(13))
    );
    assert!(
        rows.iter()
            .all(|row| row["content"] == "New" && row["scheduled_at"] != kept["scheduled_at"])
    );
    assert_eq!(visit.get(&format!("{POSTS}/{}", gone["id"])).await.0, 404);
    assert_eq!(
        visit
            .put("/spaces/1/clusters/nope", plan(&[11], None, "x"))
            .await
            .0,
        404
    );
    let elsewhere = path.replace("/spaces/1/", "/spaces/2/");
    assert_eq!(visit.put(&elsewhere, plan(&[11], None, "x")).await.0, 404);
}

#[tokio::test]
async fn a_cluster_update_leaves_alone_what_went_out() {
    let visit = Visit::seeded().await;
    let (_, made) = visit.post(POSTS, plan(&[11], None, "Out")).await;
    let path = format!(
        "/spaces/1/clusters/{}",
        made["data"][0]["cluster_id"].as_str().unwrap()
    );
    let at = soon(&visit, 3600);
    let (_, reply) = visit.put(&path, plan(&[11, 12], Some(at), "New")).await;
    let row = |index: usize| {
        (
            &reply["data"][index]["content"],
            &reply["data"][index]["status"],
        )
    };
    assert_eq!(row(0), (&json!("Out"), &json!(3)));
    assert_eq!(row(1), (&json!("New"), &json!(1)));
}

#[tokio::test]
async fn a_post_update_changes_what_is_sent_and_null_clears() {
    let visit = Visit::seeded().await;
    let mut body = plan(&[11], Some(soon(&visit, 3600)), "Old");
    body["items"][0]["metadata"] = json!({"title": "T"});
    body["items"][0]["main"]["media"] = json!([{"id": 501, "type": "image"}]);
    let (_, made) = visit.post(POSTS, body).await;
    let before = &made["data"][0];
    let path = format!("{POSTS}/{}", before["id"]);
    let (status, reply) = visit
        .put(&path, json!({"content": "New", "account_id": 12}))
        .await;
    assert_eq!(status, 200, "{reply}");
    let after = &reply["data"];
    assert_eq!(after["content"], "New");
    for field in ["account_id", "scheduled_at", "metadata", "media", "status"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    let cleared = json!({"scheduled_at": null, "metadata": null, "media_ids": null});
    let (_, reply) = visit.put(&path, cleared).await;
    let after = &reply["data"];
    assert_eq!(
        (&after["scheduled_at"], &after["metadata"], &after["media"]),
        (&json!(null), &json!(null), &json!([]))
    );
    assert_eq!(after["status"], 0);
}

#[rstest]
#[case(json!({"content": null}), "content")]
#[case(json!({"content": ""}), "content")]
#[case(json!({"status": 5}), "status")]
#[case(json!({"status": "published"}), "status")]
#[case(json!({"scheduled_at": "whenever"}), "scheduled_at")]
#[case(json!({"media_ids": [999]}), "media_ids.0")]
#[case(json!({"media_ids": 501}), "media_ids")]
#[case(json!({"metadata": "title"}), "metadata")]
#[tokio::test]
async fn a_post_update_that_the_reference_does_not_allow_is_refused(
    #[case] body: Value,
    #[case] field: &str,
) {
    let visit = Visit::seeded().await;
    let (status, reply) = visit.put(&format!("{POSTS}/101"), body).await;
    assert_eq!((status.as_u16(), refused(&reply)[0].0), (422, field));
}

#[tokio::test]
async fn deleting_a_post_leaves_the_others_of_its_cluster() {
    let visit = Visit::seeded().await;
    let (_, made) = visit.post(POSTS, plan(&[11, 12], None, "x")).await;
    let path = |index: usize| format!("{POSTS}/{}", made["data"][index]["id"]);
    assert_eq!(
        visit.delete(&path(0)).await,
        (StatusCode::NO_CONTENT, json!(""))
    );
    assert_eq!(visit.get(&path(0)).await.0, 404);
    assert_eq!(visit.get(&path(1)).await.0, 200);
}

#[tokio::test]
async fn posts_are_listed_in_pages_with_laravels_links_and_meta() {
    let visit = Visit::to(SandboxOptions {
        world: World::Large,
        ..Default::default()
    })
    .await;
    let (_, first) = visit.get("/spaces/3/posts").await;
    let meta = &first["meta"];
    let last = meta["last_page"].as_u64().unwrap();
    assert_eq!(
        (
            meta["per_page"].as_u64(),
            first["data"].as_array().unwrap().len()
        ),
        (Some(15), 15)
    );
    assert!(last > 20 && meta["links"].is_array() && first["links"]["prev"].is_null());
    let next = first["links"]["next"].as_str().unwrap();
    assert_eq!(
        next,
        format!("{}/spaces/3/posts?page=2", visit.running.base_url)
    );
    let mut seen = std::collections::BTreeSet::new();
    for page in 1..=last {
        let (_, body) = visit
            .get(&format!("/spaces/3/posts?page={page}&per_page=100"))
            .await;
        seen.extend(
            body["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|post| post["id"].as_u64().unwrap()),
        );
    }
    assert_eq!(seen.len() as u64, meta["total"].as_u64().unwrap());
    let (status, beyond) = visit
        .get(&format!("/spaces/3/posts?page={}", last + 1))
        .await;
    assert_eq!(
        (status.as_u16(), &beyond["data"], &beyond["meta"]["from"]),
        (200, &json!([]), &json!(null))
    );
    let total: usize = visit.sandbox().state(|state| {
        state
            .posts
            .values()
            .filter(|post| post.parent_id.is_none())
            .count()
    });
    assert_eq!(total, 400);
}

#[tokio::test]
async fn posts_are_filtered_by_status_account_and_day() {
    let visit = Visit::seeded().await;
    let (_, failed) = visit.get(&format!("{POSTS}?status=4")).await;
    assert_eq!(failed["data"].as_array().unwrap().len(), 1);
    assert!(
        failed["data"][0]["metadata"]["error"]
            .as_str()
            .unwrap()
            .contains("403")
    );
    let (_, of_one) = visit.get(&format!("{POSTS}?account_id=14")).await;
    assert!(
        of_one["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|post| post["account_id"] == 14)
    );
    let body = json!({"content": "x", "account_ids": [11], "scheduled_at": "2099-04-10T23:30:00Z"});
    visit.post(POSTS, body).await;
    let (_, of_day) = visit
        .get(&format!("{POSTS}?from=2099-04-10&to=2099-04-10"))
        .await;
    assert_eq!(of_day["data"].as_array().unwrap().len(), 1);
    let (_, of_next) = visit.get(&format!("{POSTS}?from=2099-04-11")).await;
    assert_eq!(of_next["data"], json!([]));
    assert_eq!(visit.get(&format!("{POSTS}?status=failed")).await.0, 422);
    assert_eq!(visit.get(&format!("{POSTS}?from=someday")).await.0, 422);
}

#[tokio::test]
async fn lists_can_go_without_relations_and_single_posts_have_them() {
    let visit = Visit::to(SandboxOptions {
        list_relations: false,
        ..Default::default()
    })
    .await;
    let (_, list) = visit.get(POSTS).await;
    let row = &list["data"][0];
    assert!(
        row.get("media").is_none() && row.get("children").is_none() && row["account"].is_object()
    );
    let (_, one) = visit.get(&format!("{POSTS}/{}", row["id"])).await;
    assert!(one["data"]["media"].is_array() && one["data"]["children"].is_array());
}

#[tokio::test]
async fn a_create_call_whose_answer_is_lost_took_effect_once() {
    let visit = Visit::seeded().await;
    let before = visit.sandbox().state(|state| state.posts.len());
    visit
        .sandbox()
        .fault(crate::sandbox::Fault::new(Kind::DropAfter));
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
