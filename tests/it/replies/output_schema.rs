//! Replies in every shape that Saki prints or may send: each comes back whole and fits its output schema.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use http::Method;
use jsonschema::Validator;
use rstest::rstest;
use saki_mcp::sandbox::{CreateReply, Database, Fault, FaultKind, SandboxOptions};
use serde_json::{Value, json};

use crate::support::example_calls;
use crate::support::reference_replies::{Scene, scenes};
use crate::support::server_under_test::{Answer, World};

/// A world, and what the results of its tools must look like.
pub(crate) struct Stage {
    pub(crate) world: World,
    fresh: Database,
    schemas: BTreeMap<String, (Value, OnceLock<Validator>)>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(SandboxOptions::default()).await
    }

    async fn with(options: SandboxOptions) -> Self {
        let world = World::with(options, |_| {}).await;
        let fresh = world.sandbox().state(Clone::clone);
        let schema = |tool: rmcp::model::Tool| {
            let schema = Value::Object((*tool.output_schema.unwrap()).clone());
            (tool.name.to_string(), (schema, OnceLock::new()))
        };
        let schemas = world.tools().await.into_iter().map(schema).collect();
        Self {
            world,
            fresh,
            schemas,
        }
    }

    /// Puts the sandbox back to its beginning.
    pub(crate) async fn reset(&self) {
        self.world.clear_memory().await;
        let fresh = self.fresh.clone();
        self.world.sandbox().edit(|state| *state = fresh);
    }

    /// Calls the tool of a scene and has this body answered, without effect on the sandbox.
    pub(crate) async fn answered(&self, scene: &Scene, body: &Value) -> Answer {
        let kind = match body {
            // As the body of a status a text would be an HTML page.
            Value::String(_) => FaultKind::Json { body: body.clone() },
            _ => FaultKind::Status {
                status: if scene.method == "POST" { 201 } else { 200 },
                headers: BTreeMap::new(),
                body: Some(body.clone()),
                after_write: false,
            },
        };
        let method = Method::from_bytes(scene.method.as_bytes()).unwrap();
        let fault = Fault::new(kind).on(&method, scene.endpoint);
        self.world.sandbox().fault(Fault {
            skip: scene.skip,
            ..fault
        });
        self.world.call(scene.tool, scene.arguments.clone()).await
    }

    /// What is wrong with an answer, if anything: it failed, or does not fit its schema.
    pub(crate) fn odd(&self, tool: &str, answer: &Answer) -> Option<String> {
        if answer.failed {
            return Some(format!("failed: {}", answer.text));
        }
        let (schema, validator) = &self.schemas[tool];
        let validator = validator.get_or_init(|| jsonschema::validator_for(schema).unwrap());
        let error = validator.validate(&answer.json).err()?;
        Some(format!(
            "does not fit: {error} at {}",
            error.instance_path()
        ))
    }
}

#[test]
fn the_scenes_are_those_of_all_tools() {
    let scenes: BTreeSet<_> = scenes().iter().map(|scene| scene.tool).collect();
    let tools: BTreeSet<_> = example_calls::full()
        .iter()
        .map(|(tool, _)| *tool)
        // It is made of the replies of several other scenes.
        .filter(|tool| *tool != "get_overview")
        .collect();
    assert_eq!(scenes, tools);
}

#[tokio::test]
async fn every_sandbox_reply_fits_the_output_schema() {
    let stage = Stage::new().await;
    for (tool, arguments) in example_calls::full() {
        let answer = stage.world.call(tool, arguments).await;
        assert_eq!(stage.odd(tool, &answer), None, "{tool}");
        let copy: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(copy, answer.json, "{tool}: the text says something else");
        // A word follows where others may have written: in what is read, and in what a write shows of before.
        let silent = [
            "get_subscription",
            "create_space",
            "update_space",
            "disconnect_account",
            "upload_media",
            "create_slot",
            "create_webhook",
            "update_webhook",
        ];
        let holds = !silent.contains(&tool)
            && (!tool.starts_with("delete_") || answer.json.get("removed").is_some());
        assert_eq!(
            answer.notices.len(),
            usize::from(holds),
            "{tool}: {}",
            answer.json
        );
    }
}

#[tokio::test]
async fn every_reference_reply_comes_back_whole() {
    for scene in scenes() {
        let stage = Stage::new().await;
        let answer = stage.answered(&scene, &scene.reply).await;
        assert_eq!(stage.odd(scene.tool, &answer), None, "{}", scene.tool);
        let data = scene.reply.get("data").unwrap_or(&scene.reply);
        let wanted = match scene.stands_at {
            "/account" => &data[0],
            _ => data,
        };
        let found = answer.json.pointer(scene.stands_at).unwrap();
        assert!(
            holds(found, wanted),
            "{}: {found} lacks some of {wanted}",
            scene.tool
        );
    }
}

/// Whether everything of `wanted` is there; an object may have more.
pub(crate) fn holds(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| found.get(name).is_some_and(|found| holds(found, wanted))),
        (Value::Array(found), Value::Array(wanted)) => {
            let mut pairs = found.iter().zip(wanted);
            found.len() == wanted.len() && pairs.all(|(found, wanted)| holds(found, wanted))
        }
        _ => found == wanted,
    }
}

#[tokio::test]
async fn a_page_of_posts_is_counted_here_and_loses_the_links() {
    let stage = Stage::new().await;
    let scene = scene("list_posts");
    let answer = stage.answered(&scene, &scene.reply).await;
    let meta = json!({"count": 1, "complete": true, "timezone": "Europe/Berlin", "now": "Fri 9 Apr 2027, 12:00 (Europe/Berlin)"});
    assert_eq!(answer.json["meta"], meta);
    assert!(holds(&answer.json["data"], &scene.reply["data"]));
    assert_eq!(answer.json.get("links"), None);
}

pub(crate) fn scene(tool: &str) -> Scene {
    scenes()
        .into_iter()
        .find(|scene| scene.tool == tool)
        .unwrap()
}

#[rstest]
#[case::posts(CreateReply::Posts)]
#[case::empty(CreateReply::Empty)]
#[case::bare_list(CreateReply::BareList)]
#[case::no_body(CreateReply::NoBody)]
#[tokio::test]
async fn a_create_says_what_it_made_whatever_saki_answers(#[case] replies: CreateReply) {
    let options = SandboxOptions {
        create_reply: replies,
        ..SandboxOptions::default()
    };
    let stage = Stage::with(options).await;
    let (tool, arguments) = example_calls::full().remove(6);
    let answer = stage.world.call(tool, arguments).await;
    assert_eq!(stage.odd(tool, &answer), None);
    let ids: Vec<u64> = stage.world.sandbox().state(|state| {
        let made = state
            .posts
            .values()
            .filter(|post| post.content.starts_with("New on the shelf."));
        let new = made.filter(|post| post.id > 120 && post.parent_id.is_none());
        new.map(|post| post.id).collect()
    });
    assert_eq!(ids.len(), 2);
    assert_eq!(answer.json["post_ids"], json!(ids), "{}", answer.json);
    assert_eq!(answer.json["verified"], true);
    assert_eq!(answer.json["accounts"][1]["name"], "acme.coffee");
    assert_eq!(
        answer.json["local"],
        "Mon 12 Apr 2027, 09:00 (Europe/Berlin)"
    );
}

#[tokio::test]
async fn a_reply_that_is_not_an_object_is_returned_without_error() {
    let odd = [
        json!([{"id": 1}, 2, null]),
        json!([]),
        json!("ok"),
        json!(7),
        json!(true),
        Value::Null,
    ];
    let stage = Stage::new().await;
    for scene in scenes() {
        // What a real deletion answers has no body at all, so there is none to put a text in.
        let has_body = |body: &&Value| !(body.is_string() && scene.method == "DELETE");
        for body in odd.iter().filter(has_body) {
            stage.reset().await;
            let answer = stage.answered(&scene, body).await;
            assert_eq!(
                stage.odd(scene.tool, &answer),
                None,
                "{} answered with {body}",
                scene.tool
            );
            // A post in a list gets its state beside what Saki says.
            let kept = match scene.tool {
                "list_posts" => holds(&answer.json["data"], body),
                _ => scene.stands_at == "/account" || answer.json["data"] == *body,
            };
            assert!(
                kept,
                "{} answered with {body} says {}",
                scene.tool, answer.json
            );
        }
    }
}

#[tokio::test]
async fn a_write_without_a_body_in_its_reply_says_what_was_done() {
    let done = [
        ("create_space", "created"),
        ("update_space", "updated"),
        ("delete_space", "deleted"),
        ("update_post", "updated"),
        ("delete_post", "deleted"),
        ("disconnect_account", "disconnected"),
        ("delete_media", "deleted"),
        ("create_slot", "created"),
        ("delete_slot", "deleted"),
        ("create_webhook", "created"),
        ("update_webhook", "updated"),
        ("delete_webhook", "deleted"),
    ];
    let stage = Stage::new().await;
    // An empty object says as little.
    let replies = [FaultKind::Empty, FaultKind::Json { body: json!({}) }];
    for ((tool, word), reply) in done
        .into_iter()
        .flat_map(|done| replies.clone().map(|reply| (done, reply)))
    {
        stage.reset().await;
        let scene = scene(tool);
        let method = Method::from_bytes(scene.method.as_bytes()).unwrap();
        let fault = Fault::new(reply).on(&method, scene.endpoint);
        stage.world.sandbox().fault(fault);
        let answer = stage.world.call(tool, scene.arguments.clone()).await;
        assert_eq!(stage.odd(tool, &answer), None, "{tool}");
        assert_eq!(answer.json[word], true, "{tool}: {}", answer.json);
        assert!(answer.json["note"].is_string(), "{tool}: {}", answer.json);
    }
}

#[tokio::test]
async fn a_post_is_shown_as_published_once_its_time_has_come() {
    let world = World::new().await;
    let post = json!({"space_id": 1, "post_id": 106});
    let before = world.ok("get_post", post.clone()).await;
    assert_eq!(before["published_at"], Value::Null);
    world.clock.set("2027-04-10T07:00:01Z".parse().unwrap());
    let after = world.ok("get_post", post).await;
    assert_eq!(after["published_at"], "2027-04-10T07:00:00.000000Z");
}
