//! Lists of posts in the sandbox: pages, filters, order.

use saki_mcp::sandbox::SeedData;
use serde_json::json;

use crate::support::sandbox_client::{POSTS, TestClient};

#[tokio::test]
async fn posts_are_paginated_with_laravels_links_and_meta() {
    let client = TestClient::with(|options| options.seed_data = SeedData::Large).await;
    let (_, first) = client.get("/spaces/3/posts").await;
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
        format!("{}/spaces/3/posts?page=2", client.running.base_url)
    );
    let mut seen = std::collections::BTreeSet::new();
    for page in 1..=last {
        let (_, body) = client
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
    let (status, beyond) = client
        .get(&format!("/spaces/3/posts?page={}", last + 1))
        .await;
    assert_eq!(
        (status.as_u16(), &beyond["data"], &beyond["meta"]["from"]),
        (200, &json!([]), &json!(null))
    );
    let total: usize = client.sandbox().state(|state| {
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
    let client = TestClient::seeded().await;
    let (_, failed) = client.get(&format!("{POSTS}?status=4")).await;
    assert_eq!(failed["data"].as_array().unwrap().len(), 1);
    assert!(
        failed["data"][0]["metadata"]["error"]
            .as_str()
            .unwrap()
            .contains("403")
    );
    let (_, by_account) = client.get(&format!("{POSTS}?account_id=14")).await;
    assert!(
        by_account["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|post| post["account_id"] == 14)
    );
    let body = json!({"content": "x", "account_ids": [11], "scheduled_at": "2099-04-10T23:30:00Z"});
    client.post(POSTS, body).await;
    let (_, by_day) = client
        .get(&format!("{POSTS}?from=2099-04-10&to=2099-04-10"))
        .await;
    assert_eq!(by_day["data"].as_array().unwrap().len(), 1);
    let (_, by_next_day) = client.get(&format!("{POSTS}?from=2099-04-11")).await;
    assert_eq!(by_next_day["data"], json!([]));
    assert_eq!(client.get(&format!("{POSTS}?status=failed")).await.0, 422);
    assert_eq!(client.get(&format!("{POSTS}?from=someday")).await.0, 422);
}

#[tokio::test]
async fn lists_can_omit_relations_and_single_posts_include_them() {
    let client = TestClient::with(|options| options.list_relations = false).await;
    let (_, list) = client.get(POSTS).await;
    let row = &list["data"][0];
    assert!(
        row.get("media").is_none() && row.get("children").is_none() && row["account"].is_object()
    );
    let (_, one) = client.get(&format!("{POSTS}/{}", row["id"])).await;
    assert!(one["data"]["media"].is_array() && one["data"]["children"].is_array());
}
