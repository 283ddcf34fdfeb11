use super::*;
use crate::sandbox::World;

const POSTS: &str = "/spaces/1/posts";

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
