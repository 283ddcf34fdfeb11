//! Input that nobody should send: each gets one clear answer, and nothing reaches Saki under another path.

use serde_json::{Value, json};

use crate::support::example_calls::{parameters, plain};
use crate::support::server_under_test::{Answer, KEY, World};

/// What went to Saki must have gone to a printed address, with plain ids in it.
pub(crate) fn stayed_on_the_paths(world: &World, what: &str) {
    for call in world.sandbox().log() {
        assert!(
            call.endpoint.is_some(),
            "{what}: {} {}",
            call.method,
            call.path
        );
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-');
        assert!(
            call.path.chars().all(is_plain),
            "{what}: {} {}",
            call.method,
            call.path
        );
    }
}

pub(crate) fn is_clear(answer: &Answer, what: &str) {
    assert!(answer.failed, "{what} succeeded: {}", answer.json);
    assert!(
        !answer.text.is_empty() && answer.text.len() < 4000,
        "{what}: {}",
        answer.text.len()
    );
    assert!(
        !answer.text.chars().any(|c| c.is_control() && c != '\n'),
        "{what}: {:?}",
        answer.text
    );
    assert!(!answer.text.contains(KEY), "{what}");
}

const TRICKS: [&str; 17] = [
    "../../spaces/1",
    "..",
    ".",
    "",
    " ",
    "1/../2",
    "1/posts",
    "1\\2",
    "%2e%2e",
    "1%2F2",
    "1?x=1",
    "1#x",
    "1\0",
    "1\n2",
    "\u{202e}1",
    "１",
    "1;DROP TABLE posts",
];

#[tokio::test]
async fn a_path_traversal_in_any_id_is_refused_and_sends_nothing() {
    let world = World::new().await;
    for tool in world.tools().await {
        for id in parameters(&tool).filter(|name| name.ends_with("_id") || name == "account_ids") {
            for trick in TRICKS {
                let mut arguments = plain(&world, &tool);
                arguments[&id] = match id.as_str() {
                    "account_ids" => json!([trick]),
                    _ => json!(trick),
                };
                let what = format!("{} {id} {trick:?}", tool.name);
                world.sandbox().clear_log();
                is_clear(&world.call(&tool.name, arguments).await, &what);
                assert!(world.writes().is_empty(), "{what}");
                stayed_on_the_paths(&world, &what);
            }
        }
    }
    world.ok("list_spaces", json!({})).await;
}

#[tokio::test]
async fn a_number_that_is_not_an_id_is_refused_by_every_tool() {
    let world = World::new().await;
    let numbers = [
        json!(0),
        json!(-1),
        json!("-7"),
        json!(1.5),
        json!("1e3"),
        json!(1e30),
        json!("99999999999999999999"),
        json!("0x10"),
    ];
    for tool in world.tools().await {
        for id in parameters(&tool).filter(|name| name.ends_with("_id") || name == "account_ids") {
            for number in &numbers {
                let mut arguments = plain(&world, &tool);
                arguments[&id] = match id.as_str() {
                    "account_ids" => json!([number]),
                    _ => number.clone(),
                };
                let what = format!("{} {id} {number}", tool.name);
                is_clear(&world.call(&tool.name, arguments).await, &what);
            }
        }
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_value_of_another_type_is_refused_with_the_name_of_its_parameter() {
    let world = World::new().await;
    for tool in world.tools().await {
        for name in parameters(&tool) {
            let kind = tool.input_schema["properties"][&name]["type"].clone();
            for value in [
                json!(true),
                json!([[]]),
                json!({"a": 1}),
                json!("x y"),
                json!(7.25),
            ] {
                let items = &tool.input_schema["properties"][&name]["items"];
                // A text alone stands for a list of one; no tool is left out by that, since ids are looked up.
                let is_list_of_texts = name == "events" && items["type"] == "string";
                let fits = match &value {
                    Value::Bool(_) => kind == "boolean",
                    Value::Array(_) => false,
                    Value::Object(_) => kind == "object",
                    Value::String(_) | Value::Number(_) => {
                        kind == "string" || kind == Value::Null || is_list_of_texts
                    }
                    Value::Null => true,
                };
                if fits {
                    continue;
                }
                let mut arguments = plain(&world, &tool);
                arguments[&name] = value.clone();
                let what = format!("{} {name} {value}", tool.name);
                let answer = world.call(&tool.name, arguments).await;
                is_clear(&answer, &what);
                assert!(
                    answer.text.contains(&format!("`{name}")),
                    "{what}: {}",
                    answer.text
                );
                assert_eq!(answer.meta["class"], "not_sent", "{what}");
            }
        }
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn missing_and_unknown_parameters_are_named() {
    let world = World::new().await;
    for tool in world.tools().await {
        let required = tool
            .input_schema
            .get("required")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for name in required.iter().filter_map(Value::as_str) {
            let mut arguments = plain(&world, &tool);
            arguments.as_object_mut().unwrap().remove(name);
            let answer = world.call(&tool.name, arguments).await;
            is_clear(&answer, name);
            assert!(
                answer.text.starts_with(&format!("`{name}` is missing.")),
                "{}",
                answer.text
            );
        }
        let reads = tool.annotations.as_ref().unwrap().read_only_hint == Some(true);
        let is_closed = tool.input_schema.get("additionalProperties") == Some(&json!(false));
        if is_closed && reads {
            for name in ["colour_", "X", "a\0b\u{1b}[31m", &"y".repeat(100_000)] {
                let mut arguments = plain(&world, &tool);
                arguments[name] = json!(1);
                let answer = world.call(&tool.name, arguments).await;
                assert!(
                    !answer.text.contains("is not a parameter"),
                    "{}",
                    answer.text
                );
                let said = answer.meta["understood"][0].as_str().unwrap();
                assert!(said.ends_with("ignored: not a parameter"), "{said}");
                assert!(
                    said.len() < 400 && !said.contains(['\0', '\u{1b}']),
                    "{said}"
                );
            }
        } else if is_closed {
            for name in ["colour_", "X", "a\0b\u{1b}[31m", &"y".repeat(100_000)] {
                let mut arguments = plain(&world, &tool);
                arguments[name] = json!(1);
                let answer = world.call(&tool.name, arguments).await;
                is_clear(&answer, name.split('y').next().unwrap());
                assert!(
                    answer.text.contains("is not a parameter"),
                    "{}",
                    answer.text
                );
            }
        }
    }
    assert!(world.writes().is_empty());
}
