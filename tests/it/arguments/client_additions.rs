//! Arguments that clients add by themselves, and unknown ones: what is left out, what is ignored, and what is refused.

use saki_mcp::tools::Confirm;
use serde_json::{Map, Value, json};

use crate::support::elicitation_client::world as asking_world;
use crate::support::example_calls::{full, slot};
use crate::support::sandbox_state::bodies;
use crate::support::server_under_test::{Answer, World, object};

const SECRET: &str = "please add it, my password is hunter2";

/// What was seen in the field, one spelling of each kind.
fn additions() -> Map<String, Value> {
    object(json!({
        "toolCallId": SECRET, "tool_use_id": SECRET, "_callId": SECRET, "_sessionID": SECRET,
        "conversation-id": SECRET, "chatInput": SECRET, "chat_history": [SECRET], "messageId": SECRET,
        "messages": [{"role": "user", "content": SECRET}], "requestId": SECRET, "request_heartbeat": true,
        "traceparent": SECRET, "lastUserPrompt": SECRET, "user_input": SECRET, "task_progress": SECRET,
        "inner_thoughts": SECRET, "reason": SECRET, "reasoning": SECRET, "explanation": SECRET,
        "userQuery": SECRET, "user_intent": SECRET, "agentId": SECRET, "msg_id": SECRET,
        "_meta": {"progressToken": SECRET}, "action": "sendMessage", "random_string": SECRET,
    }))
}

fn understood(answer: &Answer) -> String {
    answer.meta["understood"].to_string()
}

#[tokio::test]
async fn every_tool_leaves_out_what_a_client_adds_and_says_so() {
    let (plain, added) = (World::new().await, World::new().await);
    for (tool, arguments) in full() {
        let without = plain.call(tool, arguments.clone()).await;
        for (name, value) in additions() {
            if tool == "create_slot" || tool.starts_with("delete_") || tool.starts_with("dis") {
                continue;
            }
            let mut with = arguments.clone();
            with[&name] = value;
            with["dry_run"] = json!(true);
            let answer = added.call(tool, with).await;
            assert!(!answer.failed, "{tool} {name}: {}", answer.text);
            assert!(
                understood(&answer).contains(&format!("`{name}`")),
                "{tool} {name}"
            );
        }
        let mut with = object(arguments);
        with.extend(additions());
        let answer = added.call(tool, Value::Object(with)).await;
        assert!(!answer.failed, "{tool}: {}", answer.text);
        assert!(understood(&answer).contains("left out"), "{tool}");
        assert_eq!(
            answer.json.get("outcome"),
            without.json.get("outcome"),
            "{tool}"
        );
    }
    let sent = |world: &World| {
        world
            .writes()
            .into_iter()
            .map(|call| (call.path, call.body))
            .collect::<Vec<_>>()
    };
    assert_eq!(sent(&added), sent(&plain));
}

#[tokio::test]
async fn a_slot_is_sent_with_the_fields_of_a_slot_alone() {
    let world = World::new().await;
    let more = json!({"chatInput": SECRET, "sessionId": "s-1", "toolCallId": "c", "action": "sendMessage"});
    let mut arguments = object(slot());
    arguments.extend(object(more));
    let answer = world.call("create_slot", Value::Object(arguments)).await;
    assert_eq!(
        bodies(&world),
        [json!({"weekday": "monday", "time": "09:00"})]
    );
    for name in ["chatInput", "sessionId", "toolCallId", "action"] {
        assert!(understood(&answer).contains(&format!("`{name}`")), "{name}");
    }
    assert!(!understood(&answer).contains("hunter2"));
}

#[tokio::test]
async fn what_only_looks_like_an_addition_is_passed_on_or_refused() {
    let world = World::new().await;
    let further = json!({
        "space_id": 1, "url": "https://acme-coffee.example/new", "events": ["post.failed"],
        "callback_url": "https://a.example", "call_to_action": "Go", "action": "draft", "secret": "s",
    });
    world.ok("create_webhook", further).await;
    let sent = bodies(&world).pop().unwrap();
    for name in ["callback_url", "call_to_action", "action", "secret"] {
        assert!(sent.get(name).is_some(), "{name} {sent}");
    }
    let count = world.writes().len();
    for (name, value) in [
        ("action", json!("draft")),
        ("message_text", json!("B")),
        ("input_media", json!([501])),
        ("input", json!({"publish": "draft"})),
        ("mood", json!("fine")),
    ] {
        let mut arguments =
            json!({"space_id": 1, "account_ids": [11], "content": "A", "publish": "now"});
        arguments[name] = value;
        let said = world.refused("create_post", arguments).await;
        assert!(
            said.contains(&format!("`{name}` is not a parameter")),
            "{said}"
        );
    }
    assert_eq!(world.writes().len(), count);
}

#[tokio::test]
async fn additions_are_left_out_of_the_parts_of_a_post_too() {
    let world = World::new().await;
    let post = json!({
        "space_id": 1, "account_ids": [11], "publish": "draft", "content": "A",
        "media": [{"media_id": 501, "toolCallId": SECRET}],
        "thread": [{"content": "B", "message_id": SECRET}],
        "metadata": {"title": "T", "sessionId": SECRET},
        "per_account": [{"account_id": 11, "metadata": {"title": "U"}, "reason": SECRET}],
    });
    let answer = world.call("create_post", post).await;
    assert!(!answer.failed, "{}", answer.text);
    for name in [
        "media.0.toolCallId",
        "thread.0.message_id",
        "metadata.sessionId",
        "per_account.0.reason",
    ] {
        let said = format!("`{name}` left out");
        assert!(understood(&answer).contains(&said), "{name} {answer:?}");
    }
    assert!(!bodies(&world)[0].to_string().contains("hunter2"));
}

#[tokio::test]
async fn additions_in_any_spelling_are_left_out_of_a_write() {
    let world = World::new().await;
    for name in [
        "originalprompt",
        "LASTUSERMESSAGE",
        "thought process",
        "Task.Progress.Update",
        "prompt_text",
        "threadId",
        "$session",
        "x-request-id",
    ] {
        let mut post =
            json!({"space_id": 1, "account_ids": [11], "publish": "draft", "content": name});
        post[name] = json!(SECRET);
        let answer = world.call("create_post", post).await;
        assert!(!answer.failed, "{name}: {}", answer.text);
        let said = format!("`{name}` left out");
        assert!(understood(&answer).contains(&said), "{answer:?}");
    }
}

#[tokio::test]
async fn a_read_refuses_parameters_that_are_wrapped() {
    let world = World::new().await;
    for name in ["filters", "input", "arguments", "query_params"] {
        let asked = json!({"space_id": 1, name: {"status": "failed"}});
        let said = world.refused("list_posts", asked).await;
        let refusal = format!("`{name}` is not a parameter");
        assert!(said.contains(&refusal), "{said}");
    }
}

#[tokio::test]
async fn a_message_beside_the_text_is_the_clients_and_alone_it_is_the_text() {
    let world = World::new().await;
    let mut post = json!({"space_id": 1, "account_ids": [11], "publish": "draft", "message": "A"});
    world.ok("create_post", post.clone()).await;
    assert_eq!(bodies(&world)[0]["items"][0]["main"]["content"], "A");
    post["content"] = json!("B");
    let answer = world.call("create_post", post).await;
    assert_eq!(bodies(&world)[1]["items"][0]["main"]["content"], "B");
    assert!(
        understood(&answer).contains("`message` left out"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_read_ignores_what_resembles_no_parameter_and_says_so() {
    let world = World::new().await;
    for (tool, given) in full() {
        if !tool.starts_with("list_") && !tool.starts_with("get_") {
            continue;
        }
        for name in ["verbose", "include_archived", "output-format", "per_page"] {
            let mut arguments = given.clone();
            arguments[name] = json!("x");
            let answer = world.call(tool, arguments).await;
            assert!(!answer.failed, "{} {name}: {}", tool, answer.text);
            let said = format!("`{name}` ignored: not a parameter");
            assert!(understood(&answer).contains(&said), "{} {answer:?}", tool);
            assert_eq!(answer.json["understood"][0], json!(said), "{}", tool);
        }
    }
}

#[tokio::test]
async fn a_read_refuses_what_resembles_a_parameter_with_the_suggestion() {
    let world = World::new().await;
    for (name, parameter) in [
        ("statuss", "status"),
        ("status_filter", "status"),
        ("fromDate", "from"),
        ("search_terms", "search"),
        ("page_number", "page"),
    ] {
        let said = world
            .refused("list_posts", json!({"space_id": 1, name: "x"}))
            .await;
        let suggestion = format!("`{name}` is not a parameter. Did you mean `{parameter}`?");
        assert!(said.contains(&suggestion), "{said}");
    }
}

#[tokio::test]
async fn a_confirmation_holds_though_the_call_id_and_the_prefix_differ() {
    let world = asking_world(Confirm::Auto).await;
    let mut arguments = json!({"space_id": 1, "post_id": 104, "toolCallId": "call_1"});
    let first = world.ok("mcp__saki__delete_post", arguments.clone()).await;
    assert_eq!(first["outcome"], "confirmation_needed");
    arguments["confirmation"] = first["confirmation"].clone();
    arguments["toolCallId"] = json!("call_2");
    let second = world.ok("delete_post", arguments).await;
    assert_eq!(second["outcome"], "done");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn a_repeat_and_a_dry_run_are_known_though_the_name_has_a_prefix() {
    let world = World::new().await;
    let mut post = json!({"space_id": 1, "account_ids": [11], "publish": "draft", "content": "A", "dry_run": true});
    let dry = world.ok("saki-create_post", post.clone()).await;
    assert_eq!(
        (&dry["outcome"], world.writes().len()),
        (&json!("preview"), 0)
    );
    post["dry_run"] = json!(false);
    world.ok("saki_create_post", post.clone()).await;
    post["session_id"] = json!("s");
    let again = world.ok("functions.create_post", post).await;
    assert_eq!(
        (&again["outcome"], world.writes().len()),
        (&json!("replayed"), 1)
    );
}
