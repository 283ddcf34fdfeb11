//! `docs/tools.md` shows each tool with its parameters, and a call with the answer that the sandbox gives.

use jiff::{Timestamp, ToSpan, Unit};
use rmcp::model::Tool;
use saki_mcp::sandbox::SandboxOptions;
use serde_json::{Value, json};

use super::assert_generated;
use crate::support::example_calls::{CLUSTER, PIXEL};
use crate::support::server_under_test::{NOW, World};

/// One short call of each tool, in the seeded world and in this order, which is that of the document.
fn calls() -> Vec<(&'static str, Value)> {
    vec![
        ("get_overview", json!({"space_id": "Studio North"})),
        ("list_spaces", json!({})),
        ("get_space", json!({"space_id": 1})),
        ("list_accounts", json!({"space_id": "Studio North"})),
        ("list_posts", json!({"space_id": 1, "status": "failed"})),
        ("get_post", json!({"post_id": 106})),
        ("get_queue", json!({"space_id": 2})),
        ("list_slots", json!({"space_id": 2})),
        ("list_boards", json!({"account_id": "@acmebrews"})),
        ("list_webhooks", json!({"space_id": 1})),
        ("get_subscription", json!({})),
        (
            "upload_media",
            json!({"data": PIXEL, "filename": "pixel.png"}),
        ),
        (
            "create_post",
            json!({"space_id": 1, "account_ids": ["@acmecoffee", "instagram"], "content": "Open on Monday.",
                "media": [{"media_id": 506}], "scheduled_at": "2027-04-12T09:00", "timezone": "Europe/Berlin"}),
        ),
        (
            "update_post",
            json!({"post_id": 112, "content": "The pour-over we teach."}),
        ),
        (
            "update_cluster",
            json!({"cluster_id": CLUSTER, "scheduled_at": "2027-04-13T09:00", "timezone": "Europe/Berlin", "dry_run": true}),
        ),
        ("delete_post", json!({"post_id": 105})),
        ("delete_media", json!({"media_id": 503})),
        (
            "create_space",
            json!({"name": "Lab", "timezone": "Asia/Tokyo"}),
        ),
        (
            "update_space",
            json!({"space_id": 2, "timezone": "America/Lima"}),
        ),
        (
            "set_account_active",
            json!({"account_id": "@acmecoffee.tok", "is_active": true}),
        ),
        (
            "create_slot",
            json!({"space_id": 1, "weekday": "friday", "time": "12:00"}),
        ),
        ("delete_slot", json!({"space_id": 1, "slot_id": 302})),
        (
            "create_webhook",
            json!({"space_id": 1, "url": "https://acme-coffee.example/new", "events": ["post.failed"]}),
        ),
        (
            "update_webhook",
            json!({"space_id": 1, "webhook_id": 701, "is_active": false}),
        ),
        ("delete_webhook", json!({"space_id": 1, "webhook_id": 701})),
        (
            "disconnect_account",
            json!({"space_id": 1, "account_id": 14, "dry_run": true}),
        ),
        ("delete_space", json!({"space_id": 2, "dry_run": true})),
    ]
}

#[tokio::test]
async fn every_tool_is_documented_with_a_call_and_its_answer() {
    let world = World::with(SandboxOptions::default(), |_| {}).await;
    // The clock runs on during the test. Between 5 and 30 seconds after the minute, nothing in the document changes.
    let now: Timestamp = NOW.parse().unwrap();
    world.clock.set(now + 5.seconds());
    let tools = world.tools().await;
    let calls = calls();
    let undocumented: Vec<_> = tools
        .iter()
        .filter(|tool| calls.iter().all(|(name, _)| *name != tool.name))
        .collect();
    assert!(undocumented.is_empty(), "{undocumented:#?}");
    let mut text = String::new();
    for (name, arguments) in calls {
        let tool = tools.iter().find(|tool| tool.name == name).unwrap();
        let answer = rounded(world.ok(name, arguments.clone()).await);
        let [arguments, answer] =
            [arguments, answer].map(|json| serde_json::to_string_pretty(&json).unwrap());
        let description = tool.description.as_deref().unwrap_or_default();
        text += &format!(
            "## {name}\n\n{description}\n\n{}<details><summary>A call and its answer</summary>\n\n```json\n{arguments}\n```\n\n```json\n{answer}\n```\n\n</details>\n\n",
            parameters(tool),
        );
    }
    assert_generated("docs/tools.md", "tools", &text);
}

/// The same answer with its timestamps rounded to the minute.
fn rounded(answer: Value) -> Value {
    match answer {
        Value::String(text) => match text.parse::<Timestamp>() {
            Ok(time) if text.ends_with('Z') => json!(time.round(Unit::Minute).unwrap()),
            _ => Value::String(text),
        },
        Value::Array(items) => items.into_iter().map(rounded).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key, rounded(value)))
            .collect(),
        other => other,
    }
}

fn parameters(tool: &Tool) -> String {
    let schema = Value::Object((*tool.input_schema).clone());
    let Some(properties) = schema["properties"]
        .as_object()
        .filter(|all| !all.is_empty())
    else {
        return String::new();
    };
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let rows = properties.iter().map(|(name, parameter)| {
        let needed = if required.contains(&json!(name)) {
            ", required"
        } else {
            ""
        };
        let text = parameter["description"]
            .as_str()
            .unwrap_or_default()
            .replace('|', "\\|");
        format!("| `{name}` | {}{needed} | {text} |\n", kind(parameter))
    });
    format!(
        "| parameter | type | meaning |\n|---|---|---|\n{}\n",
        rows.collect::<String>()
    )
}

/// The type of a parameter in words, such as "array of string".
fn kind(parameter: &Value) -> String {
    let name = match &parameter["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => {
            let names = names.iter().filter_map(Value::as_str);
            names.collect::<Vec<_>>().join(" or ")
        }
        _ => "any".to_owned(),
    };
    match parameter["items"]["type"].as_str() {
        Some(items) => format!("{name} of {items}"),
        None => name,
    }
}
