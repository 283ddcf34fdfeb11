//! `update_post`: a partial change of one post.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::sandbox_state::{bodies, post, posts};
use crate::support::server_under_test::World;

/// A scheduled post of @acme-coffee on LinkedIn.
fn one(world: &World) -> Value {
    let found = posts(world)
        .into_iter()
        .find(|post| post["account_id"] == 14 && post["status"] == "Scheduled");
    found.unwrap()
}

async fn update(world: &World, id: &Value, change: Value) -> Value {
    let mut asked = change;
    asked["space_id"] = json!(1);
    asked["post_id"] = id.clone();
    world.ok("update_post", asked).await
}

#[tokio::test]
async fn each_field_changes_alone_and_goes_out_alone() {
    let world = World::new().await;
    let before = one(&world);
    let id = before["id"].clone();
    let changes = [
        (json!({"content": "New"}), json!({"content": "New"})),
        (
            json!({"scheduled_at": "2027-04-12T09:30", "timezone": "America/New_York"}),
            json!({"scheduled_at": "2027-04-12T13:30:00Z"}),
        ),
        (
            json!({"media_ids": [502, "501"]}),
            json!({"media_ids": [502, 501]}),
        ),
        (
            json!({"metadata": {"title": "T"}}),
            json!({"metadata": {"title": "T"}}),
        ),
        (json!({"status": 0}), json!({"status": 0})),
        (json!({"clear": ["metadata"]}), json!({"metadata": null})),
        (json!({"clear": ["media_ids"]}), json!({"media_ids": null})),
        (
            json!({"clear": ["scheduled_at"], "status": 0}),
            json!({"status": 0, "scheduled_at": null}),
        ),
    ];
    for (change, sent) in changes {
        let answer = update(&world, &id, change.clone()).await;
        assert_eq!(*bodies(&world).last().unwrap(), sent, "{change}");
        assert_eq!(answer["id"], id);
        assert_eq!(answer["content"], post(&world, &id)["content"]);
    }
    let after = post(&world, &id);
    assert_eq!(
        (
            &after["content"],
            &after["scheduled_at"],
            &after["media"],
            &after["metadata"],
            &after["status"]
        ),
        (
            &json!("New"),
            &Value::Null,
            &json!([]),
            &Value::Null,
            &json!("Draft")
        )
    );
    assert_eq!(after["cluster_id"], before["cluster_id"]);
    assert!(
        world
            .writes()
            .iter()
            .all(|call| call.method == "PUT" && call.path == format!("/spaces/1/posts/{id}"))
    );
}

#[tokio::test]
async fn a_new_time_is_reported_in_local_time_too() {
    let world = World::new().await;
    let id = one(&world)["id"].clone();
    let answer = update(&world, &id, json!({"scheduled_at": "2027-04-12T09:30"})).await;
    assert_eq!(answer["local"], "Mon 12 Apr 2027, 09:30 (Europe/Berlin)");
    assert!(answer["in"].is_string());
    assert_eq!(
        answer["scheduled_at"], "2027-04-12T07:30:00.000000Z",
        "as Saki says it"
    );
    assert_eq!(post(&world, &id)["scheduled_at"], "2027-04-12T07:30:00Z");
    let answer = update(&world, &id, json!({"scheduled_at": "2031-04-12T09:30"})).await;
    assert!(answer["warnings"][0].is_string());
    let answer = update(&world, &id, json!({"content": "x"})).await;
    assert_eq!(
        answer["local"], "Sat 12 Apr 2031, 09:30 (Europe/Berlin)",
        "of the time it has"
    );
}

#[tokio::test]
async fn a_change_that_contradicts_itself_is_refused_and_nothing_is_sent() {
    let world = World::new().await;
    let before = posts(&world);
    let id = one(&world)["id"].clone();
    let contradictions = [
        (
            json!({"scheduled_at": "2027-04-12T09:30", "clear": ["scheduled_at"], "status": 0}),
            "clear",
        ),
        (json!({"metadata": {}, "clear": ["metadata"]}), "clear"),
        (json!({"media_ids": [501], "clear": ["media_ids"]}), "clear"),
        (json!({"clear": ["scheduled_at"]}), "clear"),
        (
            json!({"content": "x", "timezone": "Europe/Berlin"}),
            "timezone",
        ),
        (json!({"scheduled_at": "2027-04-01T09:30"}), "scheduled_at"),
        (json!({"clear": ["content"]}), "clear.0"),
        (json!({"status": 5}), "status"),
        (json!({"status": -1}), "status"),
    ];
    for (change, field) in contradictions {
        let mut asked = change.clone();
        asked["space_id"] = json!(1);
        asked["post_id"] = id.clone();
        let said = world.refused("update_post", asked).await;
        assert!(
            said.starts_with(&format!("`{field}`: ")),
            "{change}: {said}"
        );
    }
    assert!(world.writes().is_empty());
    assert_eq!(posts(&world), before);
}

#[tokio::test]
async fn an_empty_change_is_not_sent() {
    let world = World::new().await;
    let id = one(&world)["id"].clone();
    for nothing in [json!({}), json!({"clear": []}), json!({"content": null})] {
        let mut asked = nothing;
        asked["space_id"] = json!(1);
        asked["post_id"] = id.clone();
        let answer = world.call("update_post", asked).await;
        assert!(answer.failed);
        assert!(answer.text.contains("Nothing was sent"), "{}", answer.text);
        assert_eq!(answer.meta["class"], "not_sent");
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_empty_text_is_refused_before_it_is_sent_and_the_post_keeps_its_own() {
    let world = World::new().await;
    let before = one(&world);
    let asked = json!({"space_id": 1, "post_id": before["id"], "content": ""});
    let said = world.refused("update_post", asked).await;
    assert!(
        said.contains("`content`") && said.contains("blank"),
        "{said}"
    );
    assert!(world.writes().is_empty());
    assert_eq!(post(&world, &before["id"]), before);
}

#[tokio::test]
async fn an_edit_of_a_published_post_says_that_the_network_may_not_show_it() {
    let world = World::new().await;
    let warning = "Post 102 is published; whether the network shows the new words is not known.";
    let mut asked =
        json!({"space_id": 1, "post_id": 102, "content": "Other words!", "dry_run": true});
    let has_warning = |answer: &Value| {
        let warnings = answer["warnings"].as_array().cloned().unwrap_or_default();
        warnings.iter().any(|said| *said == warning)
    };
    let preview = world.ok("update_post", asked.clone()).await;
    assert!(has_warning(&preview), "{preview}");
    asked["dry_run"] = json!(false);
    let done = world.ok("update_post", asked.clone()).await;
    assert!(has_warning(&done), "{done}");
    assert_eq!(done["state"], "published");
    assert!(
        done["account_label"].as_str().unwrap().contains('@'),
        "{done}"
    );
    for change in [
        json!({"metadata": {"title": "Other"}}),
        json!({"media_ids": [501]}),
        json!({"media": [{"media_id": 502}]}),
        json!({"clear": ["media_ids"]}),
    ] {
        let mut other = json!({"space_id": 1, "post_id": 102});
        other
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let done = world.ok("update_post", other).await;
        assert!(has_warning(&done), "{change}: {done}");
    }
    asked["post_id"] = json!(112);
    let scheduled = world.ok("update_post", asked).await;
    assert!(
        !has_warning(&scheduled) && scheduled["state"] == "scheduled",
        "{scheduled}"
    );
    assert!(
        scheduled["local"].is_string() && scheduled["in"].is_string(),
        "{scheduled}"
    );
}

#[tokio::test]
async fn an_answer_that_shows_the_post_otherwise_is_warned_of() {
    let world = World::new().await;
    let before = one(&world);
    let id = &before["id"];
    let shown =
        json!({"data": {"id": id, "content": "Old", "scheduled_at": "2027-06-01T10:00:00Z"}});
    let ignored = Fault::new(FaultKind::Json { body: shown });
    let ignored = ignored.on(&Method::PUT, "/spaces/{space_id}/posts/{post_id}");
    world.sandbox().fault(ignored);
    let change = json!({"content": "New text", "scheduled_at": "2027-07-01T10:00:00Z"});
    let changed = update(&world, id, change).await;
    let warnings = changed["warnings"].to_string();
    for warned in [
        "with another text: \\\"Old\\\"",
        "not at the time that was asked for",
    ] {
        assert!(warnings.contains(warned), "{warned}: {warnings}");
    }
}
