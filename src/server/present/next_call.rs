//! Next call: the call that shows the rows which truncation dropped from a result.

use serde_json::{Map, Value, json};

use super::AnsweredCall;
use crate::saki::lenient_json;
use crate::tools::escape_hidden_json;

/// The length limit of a call, so that its arguments do not flood the result again.
const MAX_LENGTH: usize = 400;

/// Names the call, or says that no call shows the rows.
pub(super) fn next_call(call: &AnsweredCall<'_>, kept: &[Value], dropped: &[Value]) -> String {
    let exists = |name: &str| call.tools.iter().any(|tool| tool.name == name);
    let calls = candidates(call, kept, dropped).into_iter();
    let mut calls = calls
        .filter(|(tool, _)| exists(tool))
        .map(|(tool, arguments)| format!("Next call: {tool} {}.", Value::Object(arguments)));
    // The note is part of a JSON text, which escapes the quotes.
    let length = |text: &String| escape_hidden_json(&json!(text).to_string()).len();
    calls
        .find(|text| length(text) <= MAX_LENGTH)
        .unwrap_or_else(|| "No narrower call shows them.".to_owned())
}

/// The calls that show more, the best one first.
fn candidates(
    call: &AnsweredCall<'_>,
    kept: &[Value],
    dropped: &[Value],
) -> Vec<(String, Map<String, Value>)> {
    let Some(first) = dropped.first() else {
        return Vec::new();
    };
    let arguments = &call.arguments;
    let with = |more: Value| {
        // Rows of several spaces name their space; other rows are in the space of the call.
        let space = lenient_json::integer(first, "space_id").map(Value::from);
        let space = arguments.get("space_id").cloned().or(space);
        let space = space.map(|space| ("space_id".to_owned(), space));
        let more = more.as_object().cloned().unwrap_or_default();
        space.into_iter().chain(more).collect::<Map<_, _>>()
    };
    let id = lenient_json::integer(first, "id").filter(|id| *id > 0);
    let tool = call.tool.name.to_string();
    match &*tool {
        "list_posts" | "create_post" | "update_cluster" => {
            let mut calls = Vec::new();
            if arguments.get("detail") == Some(&json!("full")) {
                let mut shorter = arguments.clone();
                shorter.insert("detail".to_owned(), json!("concise"));
                calls.push((tool, shorter));
            }
            calls.extend(id.map(|id| ("get_post".to_owned(), with(json!({"post_id": id})))));
            calls
        }
        "get_queue" => vec![(
            "list_posts".to_owned(),
            with(json!({"status": "scheduled"})),
        )],
        "list_spaces" => Vec::from_iter(id.map(|id| {
            let space = Map::from_iter([("space_id".to_owned(), id.into())]);
            ("get_space".to_owned(), space)
        })),
        _ if arguments.contains_key("space_id") => Vec::new(),
        // The first space fills the answer by itself, so the call names another one.
        _ => {
            let space_of = |row: &Value| lenient_json::integer(row, "space_id");
            let first_space = kept.first().and_then(space_of);
            let other = dropped
                .iter()
                .filter_map(space_of)
                .find(|id| Some(*id) != first_space);
            Vec::from_iter(
                other.map(|id| (tool, Map::from_iter([("space_id".to_owned(), id.into())]))),
            )
        }
    }
}
