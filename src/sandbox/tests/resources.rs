use super::*;
use crate::sandbox::{Activate, World};
use rstest::rstest;

#[tokio::test]
async fn the_seeded_world_is_two_spaces_with_a_week_of_posts() {
    let visit = Visit::seeded().await;
    let (_, spaces) = visit.get("/spaces").await;
    let names: Vec<&Value> = spaces["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|space| &space["name"])
        .collect();
    assert_eq!(names, ["Acme Coffee", "Studio North"]);
    visit.sandbox().state(|state| {
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
    let empty = Visit::to(SandboxOptions {
        world: World::Empty,
        ..Default::default()
    })
    .await;
    assert_eq!(empty.get("/spaces").await.1, json!({"data": []}));
}

#[tokio::test]
async fn a_space_is_made_changed_and_deleted_with_all_that_is_in_it() {
    let visit = Visit::seeded().await;
    let (status, made) = visit
        .post(
            "/spaces",
            json!({"name": " Third ", "timezone": "Asia/Tokyo"}),
        )
        .await;
    assert_eq!(
        (status.as_u16(), &made["data"]["name"]),
        (201, &json!("Third"))
    );
    let path = format!("/spaces/{}", made["data"]["id"]);
    let (_, changed) = visit.put(&path, json!({"name": "Other"})).await;
    assert_eq!(
        (&changed["data"]["name"], &changed["data"]["timezone"]),
        (&json!("Other"), &json!("Asia/Tokyo"))
    );
    for (body, field) in [
        (json!({"name": ""}), "name"),
        (json!({"timezone": "Mars/Base"}), "timezone"),
    ] {
        let (status, reply) = visit.put(&path, body).await;
        assert_eq!((status.as_u16(), refused(&reply)[0].0), (422, field));
    }
    assert_eq!(visit.delete("/spaces/1").await.0, 204);
    assert_eq!(visit.get("/spaces/1").await.0, 404);
    assert!(
        visit
            .sandbox()
            .state(|state| state.posts.values().all(|post| post.space_id != 1))
    );
}

#[rstest]
#[case(Activate::IsActive, json!({"is_active": true}), json!({"active": true}), "is_active")]
#[case(Activate::Active, json!({"active": "1"}), json!({"is_active": true}), "active")]
#[tokio::test]
async fn an_account_is_activated_under_the_name_that_is_wanted(
    #[case] activate_field: Activate,
    #[case] right: Value,
    #[case] wrong: Value,
    #[case] field: &str,
) {
    let visit = Visit::to(SandboxOptions {
        activate_field,
        ..Default::default()
    })
    .await;
    let path = "/spaces/1/accounts/16/activate";
    let (status, reply) = visit.call(Method::PATCH, path, wrong).await;
    assert_eq!((status.as_u16(), refused(&reply)[0].0), (422, field));
    let (status, reply) = visit.call(Method::PATCH, path, right).await;
    assert_eq!(
        (status.as_u16(), &reply["data"]["is_active"]),
        (200, &json!(true))
    );
}

#[tokio::test]
async fn a_toggle_flips_without_a_body() {
    let visit = Visit::to(SandboxOptions {
        activate_field: Activate::Toggle,
        ..Default::default()
    })
    .await;
    let path = "/spaces/1/accounts/16/activate";
    for expected in [true, false] {
        let (_, reply) = answer(visit.request(Method::PATCH, path)).await;
        assert_eq!(reply["data"]["is_active"], expected);
    }
}

#[tokio::test]
async fn only_a_pinterest_account_has_boards() {
    let visit = Visit::seeded().await;
    let (_, boards) = visit.get("/spaces/1/accounts/15/boards").await;
    assert_eq!(
        boards["data"][0],
        json!({"id": "brew-guides", "name": "Brew guides"})
    );
    assert_eq!(visit.get("/spaces/1/accounts/11/boards").await.0, 422);
}

#[tokio::test]
async fn disconnecting_an_account_takes_along_what_was_still_to_go_out() {
    let visit = Visit::seeded().await;
    assert_eq!(visit.delete("/spaces/1/accounts/11").await.0, 204);
    let left = visit.sandbox().state(|state| {
        let posts = state.posts.values().filter(|post| post.account_id == 11);
        posts.map(|post| post.status as i64).collect::<Vec<_>>()
    });
    assert_eq!(left, [3]);
    let (status, list) = visit.get("/spaces/1/posts?account_id=11").await;
    assert_eq!(
        (status.as_u16(), &list["data"][0]["account"]),
        (200, &json!(null))
    );
}

#[tokio::test]
async fn slots_are_made_with_a_day_and_a_time_and_deleted() {
    let visit = Visit::seeded().await;
    let (status, made) = visit
        .post(
            "/spaces/1/slots",
            json!({"weekday": "Sunday", "time": "08:15"}),
        )
        .await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(
        (&made["data"]["weekday"], &made["data"]["timezone"]),
        (&json!("sunday"), &json!("Europe/Berlin"))
    );
    assert_eq!(
        visit
            .post("/spaces/1/slots", json!({"weekday": 6, "time": "08:15"}))
            .await
            .0,
        201
    );
    let (_, reply) = visit
        .post(
            "/spaces/1/slots",
            json!({"weekday": "someday", "time": "8"}),
        )
        .await;
    assert_eq!(
        refused(&reply),
        [
            ("weekday", "The selected weekday is invalid."),
            ("time", "The time field must match the format H:i."),
        ]
    );
    let path = format!("/spaces/1/slots/{}", made["data"]["id"]);
    assert_eq!(visit.delete(&path).await.0, 204);
    let (_, list) = visit.get("/spaces/1/slots").await;
    assert_eq!(list["data"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn the_queue_is_what_is_scheduled_with_the_next_one_first() {
    let visit = Visit::seeded().await;
    visit
        .post(
            "/spaces/1/posts",
            plan(&[11], Some(soon(&visit, 60)), "Next"),
        )
        .await;
    let (_, queue) = visit.get("/spaces/1/queue").await;
    let rows = queue["data"].as_array().unwrap();
    assert_eq!(rows[0]["content"], "Next");
    let times: Vec<&str> = rows
        .iter()
        .map(|row| row["scheduled_at"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted() && rows.iter().all(|row| row["status"] == 1));
}

#[tokio::test]
async fn webhooks_know_five_events() {
    let visit = Visit::seeded().await;
    let good = json!({"url": "https://a.example/hook", "events": ["post.failed"]});
    let (status, made) = visit.post("/spaces/1/webhooks", good).await;
    assert_eq!(
        (status.as_u16(), &made["data"]["is_active"]),
        (201, &json!(true))
    );
    let bad = json!({"url": "ftp://a", "events": ["post.failed", "post.liked"]});
    let (_, reply) = visit.post("/spaces/1/webhooks", bad).await;
    assert_eq!(
        refused(&reply),
        [
            ("url", "The url field must be a valid URL."),
            ("events.1", "The selected events.1 is invalid."),
        ]
    );
    let path = format!("/spaces/1/webhooks/{}", made["data"]["id"]);
    let (_, changed) = visit.put(&path, json!({"is_active": false})).await;
    assert_eq!(
        (&changed["data"]["is_active"], &changed["data"]["url"]),
        (&json!(false), &made["data"]["url"])
    );
    assert_eq!(visit.put(&path, json!({"events": []})).await.0, 422);
    assert_eq!(visit.delete(&path).await.0, 204);
}

#[tokio::test]
async fn the_subscription_counts_posts_and_has_no_envelope() {
    let visit = Visit::seeded().await;
    let (_, before) = visit.get("/subscription").await;
    assert_eq!(
        (&before["limits"]["remaining_spaces"], before.get("data")),
        (&json!(3), None)
    );
    visit
        .post("/spaces/1/posts", plan(&[11, 12], None, "x"))
        .await;
    let (_, after) = visit.get("/subscription").await;
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
