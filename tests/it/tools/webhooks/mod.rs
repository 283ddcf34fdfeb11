//! Tools about webhooks.

use serde_json::json;

use crate::support::sandbox_state::{bodies, column};
use crate::support::server_under_test::World;

const URL: &str = "https://hooks.example/new";

#[tokio::test]
async fn list_webhooks_covers_one_space_or_all_and_names_the_space() {
    let world = World::new().await;
    let one = world.ok("list_webhooks", json!({"space_id": 2})).await;
    assert_eq!(column(one["data"].as_array().unwrap(), "id"), json!([702]));
    let all = world.ok("list_webhooks", json!({})).await;
    assert_eq!(
        column(all["data"].as_array().unwrap(), "space"),
        json!(["Acme Coffee", "Studio North"])
    );
}

#[tokio::test]
async fn create_webhook_sends_what_was_given_and_returns_the_webhook() {
    let world = World::new().await;
    let events = json!(["post.published", "account.disconnected"]);
    let made = world
        .ok(
            "create_webhook",
            json!({"space_id": 1, "url": URL, "events": events, "is_active": false, "secret": "s"}),
        )
        .await;
    assert_eq!(
        bodies(&world),
        [json!({"url": URL, "events": events, "is_active": false, "secret": "s"})]
    );
    assert_eq!(
        (&made["url"], &made["events"], &made["is_active"]),
        (&json!(URL), &events, &json!(false))
    );
    let held = world
        .sandbox()
        .state(|state| state.webhooks.get(made["id"].as_u64().unwrap()).cloned())
        .unwrap();
    assert_eq!(
        (held.space_id, held.url.as_str(), held.is_active),
        (1, URL, false)
    );
}

#[tokio::test]
async fn an_unknown_event_is_refused_by_saki_with_its_position() {
    let world = World::new().await;
    let asked = json!({"space_id": 1, "url": URL, "events": ["post.published", "post.exploded"]});
    let answer = world.call("create_webhook", asked).await;
    assert!(answer.failed);
    assert_eq!(
        answer.meta["errors"]["events.1"],
        json!(["The selected events.1 is invalid."])
    );
    assert_eq!(world.sandbox().state(|state| state.webhooks.len()), 2);
}

#[tokio::test]
async fn update_webhook_changes_only_what_is_given_and_takes_nothing_else() {
    let world = World::new().await;
    let said = world
        .refused(
            "update_webhook",
            json!({"space_id": 1, "webhook_id": 701, "is_activ": false}),
        )
        .await;
    assert!(
        said.contains("`is_activ` is not a parameter. Did you mean `is_active`?"),
        "{said}"
    );
    assert!(world.writes().is_empty());
    let paused = world
        .ok(
            "update_webhook",
            json!({"space_id": 1, "webhook_id": 701, "active": "no"}),
        )
        .await;
    assert_eq!(bodies(&world), [json!({"is_active": false})]);
    assert_eq!(paused["events"], json!(["post.published", "post.failed"]));
    let moved = world
        .ok(
            "update_webhook",
            json!({"space_id": 1, "webhook_id": 701, "url": URL, "events": ["post.scheduled"]}),
        )
        .await;
    assert_eq!(
        (&moved["url"], &moved["is_active"], &moved["events"]),
        (&json!(URL), &json!(false), &json!(["post.scheduled"]))
    );
}

#[tokio::test]
async fn delete_webhook_takes_one_and_says_which() {
    let world = World::new().await;
    let hooks = world.ok("list_webhooks", json!({"space_id": 1})).await;
    let gone = world
        .ok("delete_webhook", json!({"space_id": 1, "webhook_id": 701}))
        .await;
    assert_eq!(
        gone,
        json!({"outcome": "done", "deleted": true, "webhook_id": 701, "note": "The webhook 701 is deleted in Saki. No other call is needed.", "removed": hooks["data"]})
    );
    let left = world.sandbox().state(|state| {
        state
            .webhooks
            .values()
            .map(|webhook| webhook.id)
            .collect::<Vec<_>>()
    });
    assert_eq!(left, [702]);
}

#[tokio::test]
async fn the_secret_in_a_url_is_in_the_request_and_in_no_text() {
    let world = World::new().await;
    let url = "https://hooks.test/saki?key=S3CRET";
    let asked = json!({"space_id": 1, "url": url, "events": ["post.published"]});
    let mut dry = asked.clone();
    dry["dry_run"] = json!(true);
    let preview = world.ok("create_webhook", dry).await;
    let what = preview["what"].as_str().unwrap();
    assert!(what.contains("https://hooks.test/saki"), "{what}");
    assert!(!what.contains("S3CRET"), "{what}");
    assert_eq!(preview["request"]["body"]["url"], url);
    world
        .sandbox()
        .fault(crate::support::faults::refuses(&["url"]).on(&http::Method::POST, "/"));
    let said = world.refused("create_webhook", asked).await;
    assert!(said.contains("https://hooks.test/saki"), "{said}");
    assert!(!said.contains("S3CRET"), "{said}");
}
