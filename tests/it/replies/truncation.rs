//! Answers that would flood a model: what is left out, and the exact call that shows it.

use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::column;
use crate::support::server_under_test::World;

/// The next call that a note names.
fn next_call(note: &str) -> Option<(String, Value)> {
    let (_, call) = note.split_once("Next call: ")?;
    let (tool, rest) = call.split_once(' ')?;
    let end = rest.rfind('}')?;
    Some((
        tool.to_owned(),
        serde_json::from_str(&rest[..=end]).unwrap(),
    ))
}

/// A world whose texts are long, so that each list of all spaces is cut.
async fn long(length: usize) -> World {
    let world = World::new().await;
    let text = "x".repeat(length);
    world.sandbox().edit(|state| {
        for space in state.spaces.values_mut() {
            space.timezone = text.clone();
        }
        for account in state.accounts.values_mut() {
            account.display_name = text.clone();
        }
        for post in state.posts.values_mut() {
            post.content = text.clone();
        }
        for slot in state.slots.values_mut() {
            slot.timezone = text.clone();
        }
        for webhook in state.webhooks.values_mut() {
            webhook.url = text.clone();
        }
    });
    world
}

async fn cut(world: &World, tool: &str, asked: Value) -> (Value, String) {
    let answer = world.ok(tool, asked).await;
    let note = answer["note"].as_str().unwrap_or_default().to_owned();
    assert!(note.contains("rows were left out"), "{tool}: {note}");
    (answer, note)
}

#[tokio::test]
async fn omitted_posts_are_one_exact_call_away() {
    let world = long(6_000).await;
    let asked = json!({"space": "acme coffee", "detail": "full", "from": "2027-04-01"});
    let (some, note) = cut(&world, "list_posts", asked).await;
    let (tool, arguments) = next_call(&note).unwrap();
    let wanted = json!({"space_id": "acme coffee", "detail": "concise", "from": "2027-04-01"});
    assert_eq!((tool.as_str(), &arguments), ("list_posts", &wanted));
    let all = world.ok(&tool, arguments).await;
    let (some, all) = (
        some["data"].as_array().unwrap(),
        all["data"].as_array().unwrap(),
    );
    assert!(all.len() > some.len());
    assert_eq!(column(&all[..some.len()], "id"), column(some, "id"));
}

#[tokio::test]
async fn what_the_queue_omits_is_found_page_by_page() {
    let world = long(30_000).await;
    let (_, note) = cut(
        &world,
        "get_queue",
        json!({"space_id": 1, "detail": "full"}),
    )
    .await;
    let (tool, arguments) = next_call(&note).unwrap();
    let wanted = json!({"space_id": "1", "status": "scheduled"});
    assert_eq!((tool.as_str(), &arguments), ("list_posts", &wanted));
    let all = world.ok(&tool, arguments).await;
    let small = World::new().await;
    let queue = small.ok("get_queue", json!({"space_id": 1})).await;
    assert_eq!(
        all["meta"]["count"],
        queue["data"].as_array().unwrap().len()
    );
}

#[tokio::test]
async fn a_truncated_list_of_spaces_continues_with_the_next_space() {
    let world = long(15_000).await;
    for (tool, length) in [
        ("list_accounts", 15_000),
        ("list_slots", 30_000),
        ("list_webhooks", 60_000),
    ] {
        let world = if length == 15_000 {
            &world
        } else {
            &long(length).await
        };
        let (_, note) = cut(world, tool, json!({})).await;
        let (next, arguments) = next_call(&note).unwrap();
        assert_eq!((next.as_str(), &arguments), (tool, &json!({"space_id": 2})));
        let rest = world.ok(&next, arguments).await;
        assert!(!rest["data"].as_array().unwrap().is_empty());
    }
    let (_, note) = cut(&world, "list_accounts", json!({"space_id": 1})).await;
    assert!(note.ends_with("No narrower call shows them."), "{note}");
    let world = long(60_000).await;
    let (_, note) = cut(&world, "list_spaces", json!({})).await;
    assert_eq!(
        next_call(&note),
        Some(("get_space".to_owned(), json!({"space_id": 2})))
    );
}

#[tokio::test]
async fn the_rest_of_a_write_result_is_read_not_written_again() {
    let world = World::new().await;
    let post = |id: u64| json!({"id": id, "account_id": 11, "content": "x".repeat(50_000), "cluster_id": "c"});
    let body = json!({"data": [post(101), post(102)]});
    world
        .sandbox()
        .fault(Fault::new(FaultKind::Json { body }).on(&http::Method::POST, "/posts"));
    let asked = new_post("A").draft();
    let (_, note) = cut(&world, "create_post", asked).await;
    let (tool, arguments) = next_call(&note).unwrap();
    assert_eq!(
        (tool.as_str(), &arguments),
        ("get_post", &json!({"space_id": "1", "post_id": 102}))
    );
    world.ok(&tool, arguments).await;
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn every_suggested_next_call_is_accepted_by_its_tool() {
    let world = World::new().await;
    let catalogue = world.tools().await;
    let (mut named, mut seen) = (0, 0);
    for tool in &catalogue {
        let mut plain = crate::support::example_calls::plain(&world, tool);
        let mut variants = vec![plain.clone()];
        plain.as_object_mut().unwrap().remove("space_id");
        let properties = &tool.input_schema["properties"];
        if properties.get("detail").is_some() {
            plain["detail"] = json!("full");
        }
        if properties.get("search").is_some() {
            let mut long = plain.clone();
            long["search"] = json!("\"x\\".repeat(300));
            variants.push(long);
        }
        variants.push(plain);
        for asked in variants {
            let row = |id: u64| json!({"id": id, "account_id": 22, "space_id": 1, "content": "x".repeat(30_000), "cluster_id": "c"});
            let body = json!({"data": [row(1), row(2), row(3), row(4)]});
            let faulty = World::new().await;
            let answers = Fault::new(FaultKind::Status {
                status: 200,
                headers: Default::default(),
                body: Some(body),
                after_write: false,
            });
            faulty.sandbox().fault(answers.times(99));
            let answer = faulty.call(&tool.name, asked).await;
            let Some(note) = answer.json["note"]
                .as_str()
                .filter(|note| note.contains("left out"))
            else {
                continue;
            };
            seen += 1;
            assert!(
                note.contains("Next call: ") || note.contains("No narrower call"),
                "{note}"
            );
            let Some((next, arguments)) = next_call(note) else {
                continue;
            };
            named += 1;
            let known = catalogue.iter().find(|tool| tool.name == next);
            let reads = known.unwrap().annotations.as_ref().unwrap().read_only_hint;
            assert_eq!(reads, Some(true), "{note}");
            let taken = world.call(&next, arguments).await;
            assert_ne!(taken.meta["class"], "not_sent", "{note}: {}", taken.text);
        }
    }
    assert!(
        seen >= 12 && named >= 7,
        "{seen} cut, {named} with a next call"
    );
}
