//! The other resources of the sandbox.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{ActivateField, SeedData};
use serde_json::{Value, json};

use crate::support::sandbox_client::{TestClient, create_body, field_errors, send};

#[tokio::test]
async fn the_default_seed_data_is_two_spaces_with_a_week_of_posts() {
    let client = TestClient::seeded().await;
    let (_, spaces) = client.get("/spaces").await;
    let names: Vec<&Value> = spaces["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|space| &space["name"])
        .collect();
    assert_eq!(names, ["Acme Coffee", "Studio North"]);
    client.sandbox().state(|state| {
        let statuses = |space_id| {
            let mut found: Vec<i64> = state
                .posts
                .values()
                .filter(|post| post.space_id == space_id)
                .map(|post| post.status as i64)
                .collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        assert_eq!(
            (statuses(1), statuses(2)),
            (vec![0, 1, 3, 4], vec![0, 1, 3])
        );
        assert_eq!(
            state
                .accounts
                .values()
                .filter(|account| !account.is_active)
                .count(),
            1
        );
        assert!(state.posts.values().any(|post| post.children.len() == 2));
    });
    let empty = TestClient::with(|options| options.seed_data = SeedData::Empty).await;
    assert_eq!(empty.get("/spaces").await.1, json!({"data": []}));
}

#[tokio::test]
async fn a_space_is_created_updated_and_deleted_with_its_records() {
    let client = TestClient::seeded().await;
    let (status, created) = client
        .post(
            "/spaces",
            json!({"name": " Third ", "timezone": "Asia/Tokyo"}),
        )
        .await;
    assert_eq!(
        (status.as_u16(), &created["data"]["name"]),
        (201, &json!("Third"))
    );
    let path = format!("/spaces/{}", created["data"]["id"]);
    let (_, changed) = client.put(&path, json!({"name": "Other"})).await;
    assert_eq!(
        (&changed["data"]["name"], &changed["data"]["timezone"]),
        (&json!("Other"), &json!("Asia/Tokyo"))
    );
    for (body, field) in [
        (json!({"name": ""}), "name"),
        (json!({"timezone": "Mars/Base"}), "timezone"),
    ] {
        let (status, reply) = client.put(&path, body).await;
        assert_eq!((status.as_u16(), field_errors(&reply)[0].0), (422, field));
    }
    assert_eq!(client.delete("/spaces/1").await.0, 204);
    assert_eq!(client.get("/spaces/1").await.0, 404);
    assert!(
        client
            .sandbox()
            .state(|state| state.posts.values().all(|post| post.space_id != 1))
    );
}

#[rstest]
#[case(ActivateField::IsActive, json!({"is_active": true}), json!({"active": true}), "is_active")]
#[case(ActivateField::Active, json!({"active": "1"}), json!({"is_active": true}), "active")]
#[tokio::test]
async fn an_account_is_activated_by_the_field_of_the_option(
    #[case] activate_field: ActivateField,
    #[case] right: Value,
    #[case] wrong: Value,
    #[case] field: &str,
) {
    let client = TestClient::with(|options| options.activate_field = activate_field).await;
    let path = "/spaces/1/accounts/16/activate";
    let (status, reply) = client.call(Method::PATCH, path, wrong).await;
    assert_eq!((status.as_u16(), field_errors(&reply)[0].0), (422, field));
    let (status, reply) = client.call(Method::PATCH, path, right).await;
    assert_eq!(
        (status.as_u16(), &reply["data"]["is_active"]),
        (200, &json!(true))
    );
}

#[tokio::test]
async fn a_toggle_flips_the_flag_without_a_body() {
    let client = TestClient::with(|options| options.activate_field = ActivateField::Toggle).await;
    let path = "/spaces/1/accounts/16/activate";
    for expected in [true, false] {
        let (_, reply) = send(client.request(Method::PATCH, path)).await;
        assert_eq!(reply["data"]["is_active"], expected);
    }
}

#[tokio::test]
async fn only_a_pinterest_account_has_boards() {
    let client = TestClient::seeded().await;
    let (_, boards) = client.get("/spaces/1/accounts/15/boards").await;
    assert_eq!(
        boards["data"][0],
        json!({"id": "brew-guides", "name": "Brew guides"})
    );
    assert_eq!(client.get("/spaces/1/accounts/11/boards").await.0, 422);
}

#[tokio::test]
async fn disconnecting_an_account_deletes_its_unpublished_posts() {
    let client = TestClient::seeded().await;
    assert_eq!(client.delete("/spaces/1/accounts/11").await.0, 204);
    let left = client.sandbox().state(|state| {
        let posts = state.posts.values().filter(|post| post.account_id == 11);
        posts.map(|post| post.status as i64).collect::<Vec<_>>()
    });
    assert_eq!(left, [3]);
    let (status, list) = client.get("/spaces/1/posts?account_id=11").await;
    assert_eq!(
        (status.as_u16(), &list["data"][0]["account"]),
        (200, &json!(null))
    );
}

#[tokio::test]
async fn slots_are_created_with_a_weekday_and_a_time_and_deleted() {
    let client = TestClient::seeded().await;
    let (status, created) = client
        .post(
            "/spaces/1/slots",
            json!({"weekday": "Sunday", "time": "08:15"}),
        )
        .await;
    assert_eq!(status, 201, "{created}");
    assert_eq!(
        (&created["data"]["weekday"], &created["data"]["timezone"]),
        (&json!("sunday"), &json!("Europe/Berlin"))
    );
    assert_eq!(
        client
            .post("/spaces/1/slots", json!({"weekday": 6, "time": "08:15"}))
            .await
            .0,
        201
    );
    let (_, reply) = client
        .post(
            "/spaces/1/slots",
            json!({"weekday": "someday", "time": "8"}),
        )
        .await;
    assert_eq!(
        field_errors(&reply),
        [
            ("weekday", "The selected weekday is invalid."),
            ("time", "The time field must match the format H:i."),
        ]
    );
    let path = format!("/spaces/1/slots/{}", created["data"]["id"]);
    assert_eq!(client.delete(&path).await.0, 204);
    let (_, list) = client.get("/spaces/1/slots").await;
    assert_eq!(list["data"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn the_queue_lists_scheduled_posts_with_the_next_one_first() {
    let client = TestClient::seeded().await;
    client
        .post(
            "/spaces/1/posts",
            create_body(&[11], Some(client.unix_time_in(60)), "Next"),
        )
        .await;
    let (_, queue) = client.get("/spaces/1/queue").await;
    let rows = queue["data"].as_array().unwrap();
    assert_eq!(rows[0]["content"], "Next");
    let times: Vec<&str> = rows
        .iter()
        .map(|row| row["scheduled_at"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted() && rows.iter().all(|row| row["status"] == 1));
}

#[tokio::test]
async fn webhooks_accept_only_known_events() {
    let client = TestClient::seeded().await;
    let good = json!({"url": "https://a.example/hook", "events": ["post.failed"]});
    let (status, created) = client.post("/spaces/1/webhooks", good).await;
    assert_eq!(
        (status.as_u16(), &created["data"]["is_active"]),
        (201, &json!(true))
    );
    let bad = json!({"url": "ftp://a", "events": ["post.failed", "post.liked"]});
    let (_, reply) = client.post("/spaces/1/webhooks", bad).await;
    assert_eq!(
        field_errors(&reply),
        [
            ("url", "The url field must be a valid URL."),
            ("events.1", "The selected events.1 is invalid."),
        ]
    );
    let path = format!("/spaces/1/webhooks/{}", created["data"]["id"]);
    let (_, changed) = client.put(&path, json!({"is_active": false})).await;
    assert_eq!(
        (&changed["data"]["is_active"], &changed["data"]["url"]),
        (&json!(false), &created["data"]["url"])
    );
    assert_eq!(client.put(&path, json!({"events": []})).await.0, 422);
    assert_eq!(client.delete(&path).await.0, 204);
}

#[tokio::test]
async fn the_subscription_counts_posts_and_has_no_envelope() {
    let client = TestClient::seeded().await;
    let (_, before) = client.get("/subscription").await;
    assert_eq!(
        (&before["limits"]["remaining_spaces"], before.get("data")),
        (&json!(3), None)
    );
    client
        .post("/spaces/1/posts", create_body(&[11, 12], None, "x"))
        .await;
    let (_, after) = client.get("/subscription").await;
    let count = |body: &Value, name: &str| body["limits"][name].as_u64().unwrap();
    assert_eq!(
        count(&after, "posts_this_month"),
        count(&before, "posts_this_month") + 2
    );
    assert_eq!(
        count(&after, "remaining_posts"),
        count(&before, "remaining_posts") - 2
    );
}
