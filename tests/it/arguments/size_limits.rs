//! Input that is large, deep or about nothing that exists: the server answers it and the next call.

use rmcp::model::{CallToolRequestParams, ClientRequest, CustomRequest};
use rmcp::service::ServiceError;
use serde_json::json;

use crate::arguments::hostile_values::{is_clear, stayed_on_the_paths};
use crate::support::example_calls::{parameters, plain};
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::{KEY, World, object};

#[tokio::test]
async fn a_megabyte_of_text_in_any_parameter_gets_a_short_answer() {
    let world = World::new().await;
    let long = "é".repeat(500_000);
    for tool in world.tools().await {
        for name in parameters(&tool) {
            let schema = &tool.input_schema["properties"][&name];
            if schema["type"] != "string" || (tool.name != "update_post" && name == "content") {
                continue;
            }
            let mut arguments = plain(&world, &tool);
            arguments[&name] = json!(long);
            if name == "path" {
                arguments.as_object_mut().unwrap().remove("data");
            }
            let answer = world.call(&tool.name, arguments).await;
            assert!(
                answer.text.len() < 4000 || !answer.failed,
                "{} {name}: {}",
                tool.name,
                answer.text.len()
            );
        }
        stayed_on_the_paths(&world, &tool.name);
    }
    let asked = new_post(&long).space(2).on([22]).draft();
    let answer = world.ok("create_post", asked).await;
    assert_eq!(
        crate::support::sandbox_state::post(&world, &answer["post_ids"][0])["content"],
        json!(long)
    );
}

#[tokio::test]
async fn json_of_any_depth_is_passed_or_refused_and_the_server_lives_on() {
    let world = World::new().await;
    let deep = (0..60).fold(json!("core"), |inner, level| {
        if level % 2 == 0 {
            json!([inner])
        } else {
            json!({"in": inner})
        }
    });
    for tool in world.tools().await {
        let mut arguments = plain(&world, &tool);
        arguments["extra"] = deep.clone();
        let is_open = tool.input_schema.get("additionalProperties") != Some(&json!(false));
        let reads = tool.annotations.as_ref().unwrap().read_only_hint == Some(true);
        if reads {
            let answer = world.call(&tool.name, arguments).await;
            let said = answer.meta["understood"].to_string();
            assert!(said.contains("`extra` ignored"), "{}: {said}", tool.name);
            continue;
        }
        if !is_open {
            is_clear(&world.call(&tool.name, arguments).await, &tool.name);
            continue;
        }
        if tool.name == "create_slot"
            || tool.name == "create_webhook"
            || tool.name == "create_space"
        {
            let more = json!({"weekday": "monday", "time": "09:00", "name": "n", "url": "https://a.example", "events": ["post.failed"]});
            for (name, value) in more.as_object().unwrap() {
                if parameters(&tool).any(|known| known == *name) {
                    arguments[name] = value.clone();
                }
            }
        }
        world.sandbox().clear_log();
        world.ok(&tool.name, arguments).await;
        if let Some(write) = world.writes().first() {
            let sent = write.body.clone().unwrap();
            let text = sent["extra"]
                .as_str()
                .map(|text| serde_json::from_str(text).unwrap());
            assert_eq!(
                text.unwrap_or_else(|| sent["extra"].clone()),
                deep,
                "{}",
                tool.name
            );
        }
    }
    let id = json!(crate::support::sandbox_state::last_post(&world));
    let asked = json!({"space_id": 2, "post_id": id, "metadata": {"deep": deep}});
    world.ok("update_post", asked).await;
    assert_eq!(
        crate::support::sandbox_state::post(&world, &id)["metadata"]["deep"],
        deep
    );
}

#[tokio::test]
async fn only_unknown_tools_and_methods_are_protocol_errors() {
    let world = World::new().await;
    for (name, near) in [
        ("create_posts", Some("create_post")),
        ("ListSpaces", Some("list_spaces")),
        ("", None),
        ("\0", None),
    ] {
        let request = CallToolRequestParams::new(name.to_owned()).with_arguments(object(json!({})));
        let Err(ServiceError::McpError(error)) = world.client.call_tool(request).await else {
            panic!("{name:?} is no tool")
        };
        assert_eq!(error.code.0, -32602, "{name:?}");
        assert_eq!(
            error.message.contains("did you mean"),
            near.is_some(),
            "{}",
            error.message
        );
        assert!(
            near.is_none_or(|near| error.message.contains(near)),
            "{}",
            error.message
        );
    }
    let listed = json!({"name": "list_spaces", "arguments": []});
    for (method, params, code, said) in [
        ("posts/explode", None, -32601, "posts/explode"),
        ("tools/call", Some(listed), -32602, "`arguments`, an object"),
        ("tools/call", None, -32602, "`name`"),
    ] {
        let request = ClientRequest::CustomRequest(CustomRequest::new(method, params));
        let Err(ServiceError::McpError(error)) = world.client.send_request(request).await else {
            panic!("there is no such call")
        };
        assert_eq!(error.code.0, code, "{}", error.message);
        assert!(error.message.contains(said), "{}", error.message);
    }
    assert!(world.sandbox().log().is_empty());
    world.ok("list_spaces", json!({})).await;
}

#[tokio::test]
async fn the_name_of_an_unknown_tool_is_quoted_truncated() {
    let world = World::new().await;
    let request = CallToolRequestParams::new("x".repeat(100_000));
    let Err(ServiceError::McpError(error)) = world.client.call_tool(request).await else {
        panic!("there is no such tool")
    };
    let quoted = format!("unknown tool \"{}…\"", "x".repeat(200));
    assert!(error.message.starts_with(&quoted), "{}", error.message);
    assert!(error.message.len() < 300);
}

#[tokio::test]
async fn the_key_is_in_no_answer_whatever_goes_wrong() {
    use saki_mcp::sandbox::{Fault, FaultKind};
    let world = World::new().await;
    for tool in world.tools().await {
        for kind in [FaultKind::DropBefore, FaultKind::Garbage, FaultKind::Html] {
            let path = format!("{kind:?}");
            world.sandbox().fault(Fault::new(kind));
            let answer = world.call(&tool.name, plain(&world, &tool)).await;
            let all = format!("{}{}{}", answer.text, answer.json, answer.meta);
            assert!(
                !all.contains(KEY) && !all.contains("Bearer"),
                "{} {path}: {all}",
                tool.name
            );
        }
    }
    let catalogue = serde_json::to_string(&world.tools().await).unwrap();
    assert!(!catalogue.contains(KEY));
}
