//! The keys of answers and the keys of output schemas: each key of an answer is named, each named key occurs.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use saki_mcp::sandbox::variant::{QueueRows, SlotDay};
use saki_mcp::sandbox::{Fault, FaultKind, SandboxOptions, SeedData, Variant};
use saki_mcp::tools::Confirm;
use serde_json::{Value, json};

use crate::replies::output_schema::Stage;
use crate::support::example_calls;
use crate::support::media_files::PNG;
use crate::support::post_arguments::{cluster_change, new_post};
use crate::support::reference_replies::scenes;
use crate::support::server_under_test::World;

/// Paths to keys, such as `data[].id`, by tool.
type Keys = BTreeMap<String, BTreeSet<String>>;

/// Fields that Saki may send and the reference prints nowhere; they stand beside ours as they came.
const OF_SAKI: [&str; 5] = ["created_at", "updated_at", "settings", "message", "post"];

/// The key that any answer may have: how ambiguous arguments were read.
const UNDERSTOOD: &str = ".understood";

#[tokio::test]
async fn every_key_of_an_answer_is_named_and_every_named_key_occurs() {
    let answers = answers().await;
    let (mut named, mut seen) = (Keys::new(), Keys::new());
    for tool in World::new().await.tools().await {
        let schema = Value::Object((*tool.output_schema.unwrap()).clone());
        name_keys("", &schema, named.entry(tool.name.to_string()).or_default());
        for answer in &answers[&*tool.name] {
            let seen = seen.entry(tool.name.to_string()).or_default();
            see_keys("", answer, &schema, seen);
        }
    }
    let mut unseen = differences(&named, &seen);
    let without_understood = unseen.values_mut().filter_map(|keys| keys.take(UNDERSTOOD));
    assert!(without_understood.count() < named.len());
    unseen.retain(|_, keys| !keys.is_empty());

    // With `detail: "full"` a row is a post as get_post returns it.
    let of_post: Vec<_> = named["get_post"]
        .iter()
        .map(|key| format!(".data[]{key}"))
        .collect();
    for tool in ["list_posts", "get_queue"] {
        named.get_mut(tool).unwrap().extend(of_post.iter().cloned());
    }
    let mut unnamed = differences(&seen, &named);
    for keys in unnamed.values_mut() {
        keys.retain(|key| {
            !OF_SAKI
                .iter()
                .any(|field| key.ends_with(&format!(".{field}")))
        });
    }
    unnamed.retain(|_, keys| !keys.is_empty());
    assert_eq!((unnamed, unseen), Default::default());
}

/// The keys of the first that the second has not.
fn differences(first: &Keys, second: &Keys) -> Keys {
    let without = |(tool, keys): (&String, &BTreeSet<String>)| (tool.clone(), keys - &second[tool]);
    first.iter().map(without).collect()
}

fn edit_with_file(dry_run: bool) -> Value {
    json!({"space_id": 1, "post_id": 112, "media": [{"data": PNG}], "dry_run": dry_run})
}

/// Answers of all kinds of every tool: done, with a reply as the reference prints it and without a body, as a dry run,
/// repeated, and waiting for a confirmation.
async fn answers() -> BTreeMap<String, Vec<Value>> {
    let mut answers = BTreeMap::<String, Vec<Value>>::new();
    let mut add =
        |tool: &str, answer: Value| answers.entry(tool.to_owned()).or_default().push(answer);

    let world = World::new().await;
    for (tool, mut arguments) in example_calls::writes() {
        arguments["dry_run"] = true.into();
        add(tool, world.ok(tool, arguments).await);
    }
    for (tool, arguments) in example_calls::full() {
        add(tool, world.ok(tool, arguments.clone()).await);
        if tool == "create_post" {
            add(tool, world.ok(tool, arguments).await);
        }
    }
    let asks = World::with(SandboxOptions::default(), |settings| {
        settings.confirm = Confirm::Auto;
    });
    let asks = asks.await;
    for (tool, arguments) in example_calls::asking() {
        add(tool, asks.ok(tool, arguments).await);
    }
    let stage = Stage::new().await;
    for scene in scenes() {
        let method = Method::from_bytes(scene.method.as_bytes()).unwrap();
        let fault = |kind| Fault {
            skip: scene.skip,
            ..Fault::new(kind).on(&method, scene.endpoint)
        };
        stage.reset().await;
        add(scene.tool, stage.answered(&scene, &scene.reply).await.json);
        if scene.reply["data"].is_array() {
            stage.reset().await;
            let body = json!({"data": [], "meta": {"current_page": 1, "last_page": 1, "per_page": 15, "total": 0}});
            add(scene.tool, stage.answered(&scene, &body).await.json);
        }
        stage.reset().await;
        stage.world.sandbox().fault(fault(FaultKind::Empty));
        let call = async || {
            stage
                .world
                .call(scene.tool, scene.arguments.clone())
                .await
                .json
        };
        add(scene.tool, call().await);
        if scene.method == "DELETE" {
            stage.reset().await;
            stage.world.sandbox().fault(fault(FaultKind::DropAfter));
            add(scene.tool, call().await);
        }
    }
    for (tool, arguments) in [
        ("list_accounts", json!({})),
        ("list_slots", json!({})),
        ("list_webhooks", json!({})),
        ("get_queue", json!({})),
        ("list_posts", json!({"status": "failed"})),
        ("update_post", edit_with_file(true)),
        ("update_post", edit_with_file(false)),
    ] {
        stage.reset().await;
        add(tool, stage.world.ok(tool, arguments).await);
    }
    let trial = json!({"plan": "trial", "trial": {"ends_at": "2027-05-01"}});
    for kind in [
        FaultKind::Json { body: trial },
        FaultKind::Json {
            body: json!({"errors": {"plan": ["is gone"]}}),
        },
    ] {
        stage.reset().await;
        let fault = Fault::new(kind).on(&Method::GET, "/subscription");
        stage.world.sandbox().fault(fault);
        let overview = stage.world.ok("get_overview", json!({})).await;
        add("get_overview", overview);
    }
    let large = SandboxOptions {
        seed_data: SeedData::Large,
        ..SandboxOptions::default()
    };
    let large = World::with(large, |_| {}).await;
    let sorted = large.ok("list_posts", json!({"sort": "likes"})).await;
    add("list_posts", sorted);
    let at = "2027-04-09T09:00:00Z";
    let body = json!({"data": [
        {"at": at, "slot_id": 1, "post": {"id": 1, "status": 4, "error": "Token expired", "account_id": 11}},
        {"at": at, "slot_id": 2, "post": {"id": 2, "status": 3, "published_at": at}},
        {"at": at, "slot_id": 3, "post": null, "account_id": 11},
    ], "meta": {"current_page": 1, "last_page": 1, "per_page": 15, "total": 3}});
    let queue = Fault::new(FaultKind::Json { body });
    let queue = queue.on(&Method::GET, "/spaces/{space_id}/queue").times(2);
    for detail in ["concise", "full"] {
        stage.world.sandbox().fault(queue.clone());
        let asked = json!({"space_id": 1, "detail": detail});
        add("get_queue", stage.world.ok("get_queue", asked).await);
        stage.world.sandbox().clear_faults();
    }
    let get_posts = Fault::status(429).on(&Method::GET, "/spaces/{space_id}/posts");
    stage.world.sandbox().fault(Fault {
        skip: 1,
        ..get_posts.times(50)
    });
    add(
        "list_posts",
        stage
            .world
            .ok("list_posts", json!({"search": "nowhere"}))
            .await,
    );
    let numbered = SandboxOptions::of_variant(Variant {
        slot_day: SlotDay::SundayIs1,
        queue_rows: QueueRows::WithFreeSlots,
        ..Variant::default()
    });
    let numbered = World::with(numbered, |_| {}).await;
    let deactivation =
        json!({"space_id": 1, "account_id": 11, "is_active": false, "dry_run": true});
    for (tool, arguments) in [
        ("list_slots", json!({})),
        ("create_slot", example_calls::slot()),
        ("set_account_active", deactivation),
    ] {
        add(tool, numbered.ok(tool, arguments).await);
    }
    let webhook = json!({"space_id": 1, "webhook_id": 799, "url": "https://acme-coffee.example/all", "dry_run": true});
    add(
        "update_webhook",
        stage.world.ok("update_webhook", webhook).await,
    );
    let stage = Stage::new().await;
    let cut = json!({"data": &example_calls::PIXEL[..60], "filename": "cut.png"});
    add("upload_media", stage.world.ok("upload_media", cut).await);
    let file = json!([{"data": example_calls::PIXEL, "filename": "dot.png"}]);
    for (tool, arguments) in [
        (
            "create_post",
            new_post("With a file.")
                .with(json!({"media": file}))
                .draft(),
        ),
        (
            "update_cluster",
            cluster_change(example_calls::CLUSTER)
                .with(json!({"media": file}))
                .undecided(),
        ),
    ] {
        let mut dry_run = arguments.clone();
        dry_run["dry_run"] = true.into();
        add(tool, stage.world.ok(tool, dry_run).await);
        add(tool, stage.world.ok(tool, arguments).await);
    }
    stage
        .world
        .sandbox()
        .fault(Fault::new(FaultKind::DropAfter).on(&Method::POST, "/spaces/{space_id}/posts"));
    add(
        "create_post",
        stage
            .world
            .ok("create_post", new_post("A lost answer.").draft())
            .await,
    );
    answers
}

/// The keys that a schema names.
fn name_keys(path: &str, schema: &Value, keys: &mut BTreeSet<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        name_keys(&path, property, keys);
        keys.insert(path);
    }
    if let Some(items) = schema.get("items") {
        name_keys(&format!("{path}[]"), items, keys);
    }
}

/// The keys of an answer in the objects whose keys a schema names.
fn see_keys(path: &str, answer: &Value, schema: &Value, keys: &mut BTreeSet<String>) {
    match answer {
        Value::Object(fields) => {
            let named = schema["properties"].as_object();
            for (name, value) in named.is_some().then_some(fields).into_iter().flatten() {
                let path = format!("{path}.{name}");
                see_keys(&path, value, &schema["properties"][name], keys);
                keys.insert(path);
            }
        }
        Value::Array(rows) => {
            for row in rows {
                see_keys(&format!("{path}[]"), row, &schema["items"], keys);
            }
        }
        _ => {}
    }
}
