//! `update_cluster`: a full replacement that loses nothing which was left out.

use http::Method;
use saki_mcp::sandbox::{Fault, Kind, SandboxOptions};
use serde_json::{Value, json};

use crate::harness::World;
use crate::held::{bodies, cluster, column, post, posts};

const LIST: &str = "/spaces/{space_id}/posts";
const READ: &str = "/spaces/{space_id}/posts/{post_id}";

/// The cluster whose first post begins with `text`.
fn cluster_of(world: &World, text: &str) -> Value {
    let found = posts(world)
        .into_iter()
        .find(|post| post["content"].as_str().unwrap().starts_with(text));
    found.unwrap()["cluster_id"].clone()
}

#[tokio::test]
async fn another_time_alone_keeps_text_media_thread_and_metadata() {
    let world = World::new().await;
    for (text, accounts) in [
        ("New on the shelf", json!([11, 12, 13])),
        ("How we roast", json!(["@acmecoffee"])),
        ("The pour-over we teach", json!(["acmebrews"])),
    ] {
        let id = cluster_of(&world, text);
        let before = cluster(&world, &id);
        let answer = world
            .ok(
                "update_cluster",
                json!({"space_id": 1, "cluster_id": id, "account_ids": accounts, "scheduled_at": "2027-05-01T10:00"}),
            )
            .await;
        let after = cluster(&world, &id);
        for field in [
            "id",
            "content",
            "media",
            "children",
            "metadata",
            "account_id",
        ] {
            assert_eq!(
                column(&after, field),
                column(&before, field),
                "{text}: {field}"
            );
        }
        assert!(
            after
                .iter()
                .all(|post| post["scheduled_at"] == "2027-05-01T08:00:00Z")
        );
        assert_eq!(answer["mode"], "schedule");
        assert_eq!(answer["local"], "Sat 1 May 2027, 10:00 (Europe/Berlin)");
        assert_eq!(answer["cluster_id"], id);
        assert_eq!(answer["post_ids"], column(&after, "id"));
        assert_eq!(answer["verified"], true);
        assert!(answer.get("removed").is_none());
    }
    let thread = &bodies(&world)[1]["items"][0]["children"];
    assert_eq!(thread.as_array().unwrap().len(), 2);
    let call = &world.writes()[0];
    assert_eq!(
        (call.method.as_str(), call.endpoint.as_deref()),
        ("PUT", Some("/spaces/{space_id}/clusters/{cluster_id}"))
    );
    assert_eq!(bodies(&world)[0]["space_id"], 1);
}

#[tokio::test]
async fn what_is_passed_replaces_what_was_there() {
    let world = World::new().await;
    let id = cluster_of(&world, "How we roast");
    let answer = world
        .ok(
            "update_cluster",
            json!({"space_id": 1, "cluster_id": id, "account_ids": [11], "publish": "draft",
                "content": "In short", "media": [{"media_id": 501}], "thread": [], "metadata": {"title": "t"}}),
        )
        .await;
    let after = &cluster(&world, &id)[0];
    assert_eq!(
        (
            &after["content"],
            &after["media"],
            &after["children"],
            &after["metadata"],
            &after["status"]
        ),
        (
            &json!("In short"),
            &json!([501]),
            &json!([]),
            &json!({"title": "t"}),
            &json!("Draft")
        )
    );
    assert_eq!(answer["mode"], "draft");
    assert_eq!(bodies(&world)[0]["is_draft"], true);
}

#[tokio::test]
async fn an_account_that_is_left_out_loses_its_post_and_is_named_in_the_answer() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let before = cluster(&world, &id);
    let answer = world
        .ok(
            "update_cluster",
            json!({"space_id": 1, "cluster_id": id, "account_ids": [11, 14], "scheduled_at": "2027-05-01T10:00",
                "content": "Changed"}),
        )
        .await;
    let after = cluster(&world, &id);
    assert_eq!(column(&after, "account_id"), json!([11, 14]));
    assert_eq!(after[0]["id"], before[0]["id"]);
    assert_eq!(column(&after, "content"), json!(["Changed", "Changed"]));
    assert_eq!(
        after[0]["media"], before[0]["media"],
        "kept where the account had it"
    );
    let gone = |index: usize| json!({"account_id": before[index]["account_id"], "post_id": before[index]["id"]});
    assert_eq!(answer["removed"], json!([gone(1), gone(2)]));
    assert_eq!(answer["post_ids"], column(&after, "id"));
}

#[tokio::test]
async fn an_account_that_is_new_to_the_cluster_needs_a_text() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let mut asked = json!({"space_id": 1, "cluster_id": id, "account_ids": [11, 12, 13, 14], "scheduled_at": "2027-05-01T10:00"});
    let before = posts(&world);
    let said = world.refused("update_cluster", asked.clone()).await;
    assert!(said.contains("14 \"acme-coffee\" (linkedin)"), "{said}");
    assert!(world.writes().is_empty());
    assert_eq!(posts(&world), before);
    asked["per_account"] = json!([{"account_id": 14, "content": "For LinkedIn"}]);
    world.ok("update_cluster", asked).await;
    let after = cluster(&world, &id);
    assert_eq!(after[3]["content"], "For LinkedIn");
    assert_eq!(after[0]["content"], before_text(&before, &after[0]["id"]));
}

fn before_text(before: &[Value], id: &Value) -> Value {
    before.iter().find(|post| post["id"] == *id).unwrap()["content"].clone()
}

#[tokio::test]
async fn what_shall_happen_to_a_cluster_is_never_guessed_either() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let asked = json!({"space_id": 1, "cluster_id": id, "account_ids": [11], "content": "x"});
    let said = world.refused("update_cluster", asked).await;
    assert!(
        said.contains("\"draft\"") && said.contains("`scheduled_at`"),
        "{said}"
    );
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_cluster_that_is_not_there_is_refused_by_name() {
    let world = World::new().await;
    let before = posts(&world);
    let other_space = cluster_of(&world, "North Sans");
    for id in [
        json!("nope"),
        other_space,
        json!(""),
        json!("../1"),
        json!(17),
    ] {
        let said = world
            .refused(
                "update_cluster",
                json!({"space_id": 1, "cluster_id": id, "account_ids": [11], "content": "x", "publish": "draft"}),
            )
            .await;
        assert!(said.starts_with("`cluster_id`: "), "{said}");
        assert!(said.contains("list_posts"), "{said}");
    }
    assert!(world.writes().is_empty());
    assert_eq!(posts(&world), before);
}

#[tokio::test]
async fn a_list_without_relations_loses_neither_media_nor_thread() {
    let options = SandboxOptions {
        list_relations: false,
        ..SandboxOptions::default()
    };
    let world = World::with(options, |_| {}).await;
    for (text, account) in [("How we roast", 11), ("The pour-over we teach", 15)] {
        let id = cluster_of(&world, text);
        let before = cluster(&world, &id);
        world
            .ok(
                "update_cluster",
                json!({"space_id": 1, "cluster_id": id, "account_ids": [account], "scheduled_at": "2027-05-01T10:00"}),
            )
            .await;
        let after = cluster(&world, &id);
        for field in ["content", "media", "children", "metadata"] {
            assert_eq!(
                column(&after, field),
                column(&before, field),
                "{text}: {field}"
            );
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_cannot_be_kept_and_must_be_passed() {
    let world = World::new().await;
    let id = cluster_of(&world, "The pour-over we teach");
    let before = cluster(&world, &id);
    let asked = json!({"space_id": 1, "cluster_id": id, "account_ids": [15], "scheduled_at": "2027-05-01T10:00"});
    let whole = json!({"id": before[0]["id"], "account_id": 15, "content": "Text", "media": [], "children": [], "metadata": null});
    for (field, parameter) in [
        ("content", "content"),
        ("media", "media"),
        ("children", "thread"),
        ("metadata", "metadata"),
    ] {
        let mut partial = whole.clone();
        partial.as_object_mut().unwrap().remove(field);
        world.sandbox().fault(
            Fault::new(Kind::Json {
                body: json!({"data": partial}),
            })
            .on(&Method::GET, READ),
        );
        let said = world.refused("update_cluster", asked.clone()).await;
        assert!(said.starts_with(&format!("`{parameter}`: ")), "{said}");
        assert!(said.contains(&format!("Pass `{parameter}`")), "{said}");
        assert_eq!(cluster(&world, &id), before);
    }
    assert!(world.writes().is_empty());

    let mut partial = whole;
    partial.as_object_mut().unwrap().remove("media");
    world.sandbox().fault(
        Fault::new(Kind::Json {
            body: json!({"data": partial}),
        })
        .on(&Method::GET, READ),
    );
    let mut passed = asked;
    passed["media"] = json!([{"media_id": 501}]);
    world.ok("update_cluster", passed).await;
    let after = &cluster(&world, &id)[0];
    assert_eq!(
        (&after["content"], &after["media"]),
        (&json!("Text"), &json!([501]))
    );
}

#[tokio::test]
async fn a_post_of_the_cluster_that_cannot_be_read_stops_the_call() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let before = posts(&world);
    let asked = json!({"space_id": 1, "cluster_id": id, "account_ids": [11, 12, 13], "scheduled_at": "2027-05-01T10:00"});
    world.sandbox().fault(Fault {
        skip: 1,
        ..Fault::status(500).on(&Method::GET, READ)
    });
    let said = world.refused("update_cluster", asked.clone()).await;
    assert!(said.contains("500"), "{said}");
    assert!(world.writes().is_empty());

    let ids = column(&cluster(&world, &id), "id");
    let rows = json!({"data": [
        {"id": ids[0], "account_id": 11, "cluster_id": id},
        {"id": ids[1], "cluster_id": id},
    ]});
    world
        .sandbox()
        .fault(Fault::new(Kind::Json { body: rows }).on(&Method::GET, LIST));
    let said = world.refused("update_cluster", asked.clone()).await;
    assert!(said.contains("update_post"), "{said}");
    assert!(world.writes().is_empty());
    assert_eq!(posts(&world), before);

    world.ok("update_cluster", asked).await;
}

#[tokio::test]
async fn posts_are_found_on_any_page_of_the_list() {
    let options = SandboxOptions {
        world: saki_mcp::sandbox::World::Large,
        ..SandboxOptions::default()
    };
    let world = World::with(options, |_| {}).await;
    let last = posts(&world)
        .into_iter()
        .rfind(|post| post["content"].as_str().unwrap().contains("(no. "))
        .unwrap();
    let oldest = posts(&world)
        .into_iter()
        .filter(|post| post["account_id"] == last["account_id"])
        .min_by_key(|post| post["scheduled_at"].as_str().unwrap_or("9").to_owned())
        .unwrap();
    let draft = posts(&world)
        .into_iter()
        .find(|post| post["status"] == "Draft" && post["account_id"] == last["account_id"])
        .unwrap();
    for found in [draft, last] {
        if found["is_published"] == true {
            continue;
        }
        world
            .ok(
                "update_cluster",
                json!({"space_id": 3, "cluster_id": found["cluster_id"], "account_ids": [found["account_id"]],
                    "publish": "draft", "content": "Found"}),
            )
            .await;
        assert_eq!(post(&world, &found["id"])["content"], "Found");
    }
    assert_eq!(oldest["is_published"], true);
}

#[tokio::test]
async fn an_empty_text_in_a_thread_is_kept_as_it_is() {
    let world = World::new().await;
    let id = cluster_of(&world, "How we roast");
    let before = &cluster(&world, &id)[0];
    let child = |content: Value, media: Value| json!({"id": 1, "content": content, "media": media});
    let read = json!({"data": {"id": before["id"], "account_id": 11, "content": "Text", "media": [], "metadata": [],
        "children": [child(Value::Null, json!([{"id": "501", "type": "image"}]))]}});
    world
        .sandbox()
        .fault(Fault::new(Kind::Json { body: read }).on(&Method::GET, READ));
    world
        .ok(
            "update_cluster",
            json!({"space_id": 1, "cluster_id": id, "account_ids": [11], "scheduled_at": "2027-05-01T10:00"}),
        )
        .await;
    assert_eq!(
        bodies(&world)[0]["items"][0]["children"],
        json!([{"content": "", "media": [{"id": 501, "type": "image"}]}])
    );
}
