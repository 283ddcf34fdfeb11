//! `update_cluster`: what the present posts have is read before it is kept, or the call is refused.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind, SandboxOptions};
use serde_json::{Value, json};

use crate::support::post_arguments::cluster_change;
use crate::support::sandbox_state::{bodies, cluster, cluster_of, column, post, posts};
use crate::support::server_under_test::{TRIES, World};

const LIST: &str = "/spaces/{space_id}/posts";
const READ: &str = "/spaces/{space_id}/posts/{post_id}";

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
                cluster_change(&id)
                    .on(json!([account]))
                    .at("2027-05-01T10:00"),
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
async fn what_cannot_be_read_must_be_passed() {
    let world = World::new().await;
    let id = cluster_of(&world, "The pour-over we teach");
    let before = cluster(&world, &id);
    let asked = cluster_change(&id).on([15]).at("2027-05-01T10:00");
    let whole = json!({"id": before[0]["id"], "account_id": 15, "content": "Text", "media": [], "children": [], "metadata": null, "published_at": null, "parent_id": null});
    for (field, parameter) in [
        ("content", "content"),
        ("media", "media"),
        ("children", "thread"),
        ("metadata", "metadata"),
    ] {
        let mut partial = whole.clone();
        partial.as_object_mut().unwrap().remove(field);
        world.sandbox().fault(
            Fault::new(FaultKind::Json {
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
        Fault::new(FaultKind::Json {
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
    let asked = cluster_change(&id).on([11, 12, 13]).at("2027-05-01T10:00");
    world.sandbox().fault(Fault {
        skip: 1,
        ..Fault::status(500).on(&Method::GET, READ).times(TRIES)
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
        .fault(Fault::new(FaultKind::Json { body: rows }).on(&Method::GET, LIST));
    let said = world.refused("update_cluster", asked.clone()).await;
    assert!(said.contains("update_post"), "{said}");
    assert!(world.writes().is_empty());
    assert_eq!(posts(&world), before);

    world.ok("update_cluster", asked).await;
}

#[tokio::test]
async fn posts_are_found_on_any_page_of_the_list() {
    let options = SandboxOptions {
        seed_data: saki_mcp::sandbox::SeedData::Large,
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
                cluster_change(&found["cluster_id"])
                    .space(3)
                    .on(json!([found["account_id"]]))
                    .with(json!({"content": "Found"}))
                    .draft(),
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
        .fault(Fault::new(FaultKind::Json { body: read }).on(&Method::GET, READ));
    world
        .ok("update_cluster", cluster_change(&id).at("2027-05-01T10:00"))
        .await;
    assert_eq!(
        bodies(&world)[0]["items"][0]["children"],
        json!([{"content": "", "media": [{"id": 501, "type": "image"}]}])
    );
}

#[tokio::test]
async fn a_thread_nested_too_deep_for_a_request_is_not_cut_short() {
    let world = World::new().await;
    let id = cluster_of(&world, "How we roast");
    let before = cluster(&world, &id);
    let child =
        |children: Value| json!({"id": 2, "content": "second", "media": [], "children": children});
    let third = json!({"id": 3, "content": "third", "media": []});
    let asked = cluster_change(&id).at("2027-05-01T10:00");
    for (below, is_kept) in [(json!([third]), false), (json!([]), true)] {
        let read = json!({"data": {"id": before[0]["id"], "account_id": 11, "content": "Text", "media": [], "metadata": [],
            "children": [child(below)]}});
        world
            .sandbox()
            .fault(Fault::new(FaultKind::Json { body: read }).on(&Method::GET, READ));
        let answer = world.call("update_cluster", asked.clone()).await;
        assert_eq!(answer.failed, !is_kept, "{}", answer.text);
        assert_eq!(world.writes().len(), usize::from(is_kept));
        assert!(
            is_kept || answer.text.starts_with("`thread`: "),
            "{}",
            answer.text
        );
    }
}
