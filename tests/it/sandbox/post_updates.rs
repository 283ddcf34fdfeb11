//! Updates of posts and clusters in the sandbox.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::sandbox_client::{POSTS, TestClient, create_body};

#[tokio::test]
async fn a_cluster_update_keeps_adds_and_removes_accounts() {
    let client = TestClient::seeded().await;
    let at = client.unix_time_in(3600);
    let (_, created) = client
        .post(POSTS, create_body(&[11, 12], Some(at), "Old"))
        .await;
    let (remaining, removed) = (&created["data"][0], &created["data"][1]);
    let path = format!(
        "/spaces/1/clusters/{}",
        remaining["cluster_id"].as_str().unwrap()
    );
    let (status, reply) = client
        .put(&path, create_body(&[11, 13], Some(at + 60), "New"))
        .await;
    assert_eq!(status, 200, "{reply}");
    let rows = reply["data"].as_array().unwrap();
    assert_eq!(
        (rows.len(), &rows[0]["id"], &rows[1]["account_id"]),
        (2, &remaining["id"], &json!(13))
    );
    assert!(
        rows.iter()
            .all(|row| row["content"] == "New" && row["scheduled_at"] != remaining["scheduled_at"])
    );
    assert_eq!(
        client.get(&format!("{POSTS}/{}", removed["id"])).await.0,
        404
    );
    assert_eq!(
        client
            .put("/spaces/1/clusters/nope", create_body(&[11], None, "x"))
            .await
            .0,
        404
    );
    let other_space = path.replace("/spaces/1/", "/spaces/2/");
    assert_eq!(
        client
            .put(&other_space, create_body(&[11], None, "x"))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn a_cluster_update_does_not_change_published_posts() {
    let client = TestClient::seeded().await;
    let (_, created) = client.post(POSTS, create_body(&[11], None, "Out")).await;
    let path = format!(
        "/spaces/1/clusters/{}",
        created["data"][0]["cluster_id"].as_str().unwrap()
    );
    let at = client.unix_time_in(3600);
    let (_, reply) = client
        .put(&path, create_body(&[11, 12], Some(at), "New"))
        .await;
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
async fn a_post_update_changes_sent_fields_and_null_clears() {
    let client = TestClient::seeded().await;
    let mut body = create_body(&[11], Some(client.unix_time_in(3600)), "Old");
    body["items"][0]["metadata"] = json!({"title": "T"});
    body["items"][0]["main"]["media"] = json!([{"id": 501, "type": "image"}]);
    let (_, created) = client.post(POSTS, body).await;
    let before = &created["data"][0];
    let path = format!("{POSTS}/{}", before["id"]);
    let (status, reply) = client
        .put(&path, json!({"content": "New", "account_id": 12}))
        .await;
    assert_eq!(status, 200, "{reply}");
    let after = &reply["data"];
    assert_eq!(after["content"], "New");
    for field in ["account_id", "scheduled_at", "metadata", "media", "status"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    let cleared = json!({"scheduled_at": null, "metadata": null, "media_ids": null});
    let (_, reply) = client.put(&path, cleared).await;
    let after = &reply["data"];
    assert_eq!(
        (&after["scheduled_at"], &after["metadata"], &after["media"]),
        (&json!(null), &json!(null), &json!([]))
    );
    assert_eq!(after["status"], 0);
}

#[tokio::test]
async fn deleting_a_post_keeps_the_others_of_its_cluster() {
    let client = TestClient::seeded().await;
    let (_, created) = client.post(POSTS, create_body(&[11, 12], None, "x")).await;
    let path = |index: usize| format!("{POSTS}/{}", created["data"][index]["id"]);
    assert_eq!(
        client.delete(&path(0)).await,
        (StatusCode::NO_CONTENT, json!(""))
    );
    assert_eq!(client.get(&path(0)).await.0, 404);
    assert_eq!(client.get(&path(1)).await.0, 200);
}
