//! The schemas of all tools: inputs that every client takes, outputs that refuse nothing.

use serde_json::{Map, Value, json};

use crate::support::json_schema::{objects, walk};
use crate::support::tool_list::{listed, name, none};

#[tokio::test]
async fn input_schemas_are_plain_enough_for_every_client() {
    const FORBIDDEN: [&str; 9] = [
        "$ref", "$defs", "$schema", "anyOf", "oneOf", "allOf", "format", "default", "x-brief",
    ];
    let mut breaches = Vec::new();
    for tool in listed().await {
        let schema = &tool["inputSchema"];
        let mut breach =
            |path: &str, what: &str| breaches.push(format!("{}: {path}: {what}", name(&tool)));
        each_schema(schema, &FORBIDDEN, &mut breach, |path, schema, breach| {
            if schema
                .get("type")
                .and_then(Value::as_str)
                .is_none_or(|kind| kind == "null")
            {
                breach(path, "not one type");
            }
            let allowed = schema.get("enum").and_then(Value::as_array);
            if !allowed.into_iter().flatten().all(Value::is_string) {
                breach(path, "a choice that is no text");
            }
            if schema.get("type") == Some(&json!("array")) && !schema.contains_key("items") {
                breach(path, "a list of nobody knows what");
            }
        });
        for (path, schema) in objects(schema) {
            if !schema
                .get("additionalProperties")
                .is_some_and(Value::is_boolean)
            {
                breach(&path, "neither open nor closed");
            }
            if !required_first(schema) {
                breach(&path, "a required field after one that is not");
            }
        }
        for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
            let description = schema["description"].as_str().unwrap_or_default();
            if description.trim().is_empty() {
                breach(field, "no description");
            }
        }
    }
    none(breaches);
}

#[tokio::test]
async fn only_what_the_reference_leaves_open_is_open() {
    const OPEN: [&str; 7] = [
        "create_slot: (root)",
        "create_space: (root)",
        "create_webhook: (root)",
        "set_account_active: (root)",
        "update_post: (root).metadata",
        "update_space: (root)",
        "upload_media: (root)",
    ];
    const AGAIN: [&str; 4] = [
        "thread[].media[]",
        "per_account[].media[]",
        "per_account[].thread[]",
        "per_account[].metadata",
    ];
    const AS_IN_CREATE_POST: [&str; 3] = [
        "update_cluster: (root).media[]",
        "update_cluster: (root).metadata",
        "update_post: (root).media[]",
    ];
    let mut open = Vec::new();
    for tool in listed().await {
        for (path, schema) in objects(&tool["inputSchema"]) {
            if schema.get("additionalProperties") != Some(&json!(false)) {
                open.push(format!("{}: {path}", name(&tool)));
            }
        }
    }
    // What is told a second time is told as a sentence; it is still checked in full.
    let (mut again, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|place| {
        let told_above = AGAIN.iter().any(|again| place.ends_with(again));
        told_above || AS_IN_CREATE_POST.contains(&place.as_str())
    });
    assert_eq!(open, OPEN);
    again.sort_unstable();
    let mut wanted: Vec<String> = ["create_post", "update_cluster"]
        .iter()
        .flat_map(|tool| AGAIN.map(|again| format!("{tool}: (root).{again}")))
        .chain(AS_IN_CREATE_POST.map(str::to_owned))
        .collect();
    wanted.sort_unstable();
    assert_eq!(again, wanted);
}

#[tokio::test]
async fn output_schemas_accept_everything_that_saki_may_send() {
    let mut breaches = Vec::new();
    for tool in listed().await {
        let schema = &tool["outputSchema"];
        let mut breach =
            |path: &str, what: &str| breaches.push(format!("{}: {path}: {what}", name(&tool)));
        each_schema(schema, &[], &mut breach, |path, schema, breach| {
            for keyword in schema.keys() {
                let of_the_root = path == "(root)" && keyword == "type";
                if !of_the_root && keyword != "properties" && keyword != "items" {
                    breach(path, keyword);
                }
            }
        });
        if schema["properties"].as_object().is_none_or(Map::is_empty) {
            breach("(root)", "names no field");
        }
    }
    none(breaches);
}

/// Looks at every schema in a tool's schema: that it is one, and has none of the forbidden keywords.
fn each_schema(
    schema: &Value,
    forbidden: &[&str],
    breach: &mut impl FnMut(&str, &str),
    look: impl Fn(&str, &Map<String, Value>, &mut dyn FnMut(&str, &str)),
) {
    if schema["type"] != "object" {
        breach("(root)", "no object");
    }
    walk(schema, &mut |path, schema| {
        let Some(schema) = schema.as_object() else {
            return breach(path, "a schema that is no object");
        };
        for keyword in forbidden.iter().filter(|name| schema.contains_key(**name)) {
            breach(path, keyword);
        }
        look(path, schema, breach);
    });
}

fn required_first(schema: &Map<String, Value>) -> bool {
    let required = schema
        .get("required")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let names = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::keys);
    let first: Vec<&String> = names.take(required.len()).collect();
    required
        .iter()
        .all(|name| first.iter().any(|first| name == *first))
}
