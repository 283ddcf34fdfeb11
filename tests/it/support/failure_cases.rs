//! Chapters of the text that a person reads aloud: refused arguments, and refusals of a Saki that knows its posts.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::faults::{refuses, status};
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::{Answer, KEY, World};

/// What a post is to be, with some of it changed.
fn post(change: Value) -> Value {
    let mut post = new_post("Fresh beans").draft();
    for (field, value) in change.as_object().unwrap() {
        post[field] = value.clone();
    }
    post
}

/// What is said about arguments that cannot be meant.
pub(crate) async fn arguments() -> String {
    let world = World::new().await;
    let refused = [
        (
            "an unknown parameter",
            "delete_post",
            json!({"post_id": 101, "colour": "red"}),
        ),
        ("a missing parameter", "get_post", json!({"space_id": 1})),
        (
            "another kind of value",
            "list_posts",
            json!({"page": "first"}),
        ),
        (
            "no such choice",
            "create_post",
            post(json!({"publish": "later"})),
        ),
        (
            "which space",
            "create_slot",
            json!({"weekday": "monday", "time": "09:00"}),
        ),
        (
            "no such space",
            "get_queue",
            json!({"space_id": "Acme Tea"}),
        ),
        (
            "no such account",
            "create_post",
            post(json!({"account_ids": ["@nobody"]})),
        ),
        (
            "which account",
            "create_post",
            post(json!({"account_ids": ["Acme Coffee"]})),
        ),
        (
            "an account twice",
            "create_post",
            post(json!({"account_ids": [11, "@acmecoffee"]})),
        ),
        (
            "no account",
            "create_post",
            post(json!({"account_ids": []})),
        ),
        (
            "an account that is not posted to",
            "create_post",
            post(json!({"per_account": [{"account_id": 12, "content": "x"}]})),
        ),
        ("no text", "create_post", post(json!({"content": null}))),
        (
            "no word on publishing",
            "create_post",
            post(json!({"publish": null})),
        ),
        (
            "now and later",
            "create_post",
            post(json!({"publish": "now", "scheduled_at": "2027-05-01T09:00"})),
        ),
        (
            "later without a time",
            "create_post",
            post(json!({"publish": "schedule"})),
        ),
        (
            "a time that has passed",
            "create_post",
            post(json!({"scheduled_at": "2027-04-01T09:00"})),
        ),
        (
            "no time at all",
            "create_post",
            post(json!({"scheduled_at": "soon"})),
        ),
        (
            "no such zone",
            "create_post",
            post(json!({"scheduled_at": "2027-05-01T09:00", "timezone": "Berlin Time"})),
        ),
        ("no such state", "list_posts", json!({"status": "lost"})),
        ("no such day", "list_posts", json!({"from": "2027-02-30"})),
        (
            "no such cluster",
            "update_cluster",
            post(json!({"cluster_id": "none"})),
        ),
        (
            "nothing to change",
            "update_post",
            json!({"space_id": 1, "post_id": 101}),
        ),
        (
            "set and emptied",
            "update_post",
            json!({"space_id": 1, "post_id": 101, "metadata": {"title": "x"}, "clear": ["metadata"]}),
        ),
        ("no file", "upload_media", json!({})),
        (
            "a file elsewhere",
            "upload_media",
            json!({"path": "/tmp/cake.jpg"}),
        ),
        ("no base64", "upload_media", json!({"data": "***"})),
    ];
    let mut told = String::new();
    for (title, tool, arguments) in refused {
        told += &chapter(
            &format!("{title}: {tool}"),
            &world.call(tool, arguments).await,
        );
    }
    assert!(world.writes().is_empty());
    told
}

/// What is said about refusals where it matters what was asked for.
pub(crate) async fn answers() -> String {
    let world = World::new().await;
    let mut told = String::new();
    let missing = [
        ("get_space", json!({"space_id": 99})),
        ("list_slots", json!({"space_id": 99})),
        ("get_post", json!({"space_id": 1, "post_id": 9999})),
        (
            "update_post",
            json!({"space_id": 1, "post_id": 9999, "content": "x"}),
        ),
        ("delete_post", json!({"space_id": 1, "post_id": 9999})),
        ("list_boards", json!({"space_id": 1, "account_id": 99})),
        (
            "disconnect_account",
            json!({"space_id": 1, "account_id": 99}),
        ),
        ("delete_slot", json!({"space_id": 1, "slot_id": 99})),
        (
            "update_webhook",
            json!({"space_id": 1, "webhook_id": 99, "is_active": false}),
        ),
        ("delete_media", json!({"media_id": 9999})),
    ];
    for (tool, arguments) in missing {
        told += &chapter(
            &format!("an id that is not there: {tool}"),
            &world.call(tool, arguments).await,
        );
    }
    let forbidden = [
        (
            "list_posts",
            Method::GET,
            "/spaces/{space_id}/posts",
            json!({"space_id": 1}),
        ),
        (
            "create_post",
            Method::POST,
            "/spaces/{space_id}/posts",
            post(json!({})),
        ),
        (
            "set_account_active",
            Method::PATCH,
            "/activate",
            json!({"space_id": 1, "account_id": 11, "is_active": false}),
        ),
        (
            "delete_media",
            Method::DELETE,
            "/media",
            json!({"media_id": 501}),
        ),
        (
            "create_space",
            Method::POST,
            "/spaces",
            json!({"name": "North"}),
        ),
    ];
    for (tool, method, path, arguments) in forbidden {
        world.sandbox().fault(Fault::status(403).on(&method, path));
        told += &chapter(&format!("403: {tool}"), &world.call(tool, arguments).await);
    }
    told + &refused_content(&world).await + &plans(&world).await
}

async fn refused_content(world: &World) -> String {
    let long = "long ".repeat(62);
    let off = json!({"message": "Die Angaben sind ungültig.", "errors": {
        "items.0.main.content": ["Das Feld items.0.main.content darf nicht länger als 280 Zeichen sein."],
        "items.1.main.content": ["Das Feld items.1.main.content darf nicht länger als 280 Zeichen sein."],
        "items.2.main.media.0.id": ["Nicht gefunden."],
        "items.2.children.0.content": ["Zu lang."],
        "items.1.account_id": ["Dieses Konto ist nicht aktiv."],
        "items.1.metadata.board_id": ["Fehlt."],
        "items.0.colour": ["Unbekannt."],
        "at": ["Zu früh."],
    }});
    let asked = post(
        json!({"account_ids": [11, 12, 13], "content": long, "publish": "schedule", "scheduled_at": "2027-05-01T09:00",
        "media": [501], "per_account": [{"account_id": 13, "thread": [{"content": "More"}]}]}),
    );
    let create = |kind: FaultKind| Fault::new(kind).on(&Method::POST, "/spaces/{space_id}/posts");
    world.sandbox().fault(create(status(422, off)));
    let mut told = chapter("422: create_post", &world.call("create_post", asked).await);
    world
        .sandbox()
        .fault(refuses(&["content", "account_ids"]).on(&Method::POST, "/spaces/{space_id}/posts"));
    let draft = world.call("create_post", post(json!({}))).await;
    told += &chapter("a Saki that cannot say it: create_post", &draft);
    let update = json!({"space_id": 1, "post_id": 101, "content": "x", "media_ids": [501, 9999], "status": 3});
    world
        .sandbox()
        .fault(refuses(&["content", "media_ids.1", "status"]).on(&Method::PUT, "/posts"));
    told += &chapter("422: update_post", &world.call("update_post", update).await);
    let hook = json!({"space_id": 1, "url": "https://hooks.example/saki?secret=7", "events": ["post.published", "post.lost"]});
    world
        .sandbox()
        .fault(refuses(&["url", "events.1"]).on(&Method::POST, "/webhooks"));
    told + &chapter(
        "422: create_webhook",
        &world.call("create_webhook", hook).await,
    )
}

async fn plans(world: &World) -> String {
    let mut told = String::new();
    for (title, code) in [("402", 402), ("422 at the limit of the plan", 422)] {
        for (tool, path, arguments) in [
            ("create_post", "/spaces/{space_id}/posts", post(json!({}))),
            ("create_space", "/spaces", json!({"name": "North"})),
        ] {
            let said = status(code, json!({"message": "Das geht in diesem Tarif nicht."}));
            world
                .sandbox()
                .fault(Fault::new(said).on(&Method::POST, path));
            let used_up = json!({"plan": "solo", "limits": {"max_spaces": 2, "remaining_spaces": 0,
                "max_posts_per_month": 30, "posts_this_month": 30, "remaining_posts": 0}});
            world.sandbox().fault(
                Fault::new(FaultKind::Json { body: used_up }).on(&Method::GET, "/subscription"),
            );
            told += &chapter(
                &format!("{title}: {tool}"),
                &world.call(tool, arguments).await,
            );
        }
    }
    told
}

/// One chapter of the text that a person reads aloud.
pub(crate) fn chapter(title: &str, answer: &Answer) -> String {
    assert!(answer.failed, "{title} succeeded: {}", answer.json);
    assert!(!answer.text.contains(KEY), "{}", answer.text);
    format!("## {title}\n{}\n{}\n\n", answer.text, answer.meta)
}
