//! The call that shows what a result had to leave out.

use serde_json::{Map, Value, json};

use super::Asked;
use crate::saki::lenient;
use crate::tools::escape_hidden_json;

/// A longer call would flood in its turn.
const LONGEST: usize = 400;

/// Names the call, or says that there is none.
pub(super) fn next(asked: &Asked<'_>, kept: &[Value], left_out: &[Value]) -> String {
    let exists = |name: &str| asked.tools.iter().any(|tool| tool.name == name);
    let calls = calls(asked, kept, left_out).into_iter();
    let mut calls = calls
        .filter(|(tool, _)| exists(tool))
        .map(|(tool, arguments)| format!("Next call: {tool} {}.", Value::Object(arguments)));
    // It stands in a JSON text, which escapes its quotes.
    let length = |call: &String| escape_hidden_json(&json!(call).to_string()).len();
    calls
        .find(|call| length(call) <= LONGEST)
        .unwrap_or_else(|| "No narrower call shows them.".to_owned())
}

/// Calls that show more, the best one first.
fn calls(
    asked: &Asked<'_>,
    kept: &[Value],
    left_out: &[Value],
) -> Vec<(String, Map<String, Value>)> {
    let Some(first) = left_out.first() else {
        return Vec::new();
    };
    let given = &asked.arguments;
    let with = |more: Value| {
        // Rows of several spaces name theirs; the others are in the space that was asked for.
        let space = lenient::integer(first, "space_id").map(Value::from);
        let space = given.get("space_id").cloned().or(space);
        let space = space.map(|space| ("space_id".to_owned(), space));
        let more = more.as_object().cloned().unwrap_or_default();
        space.into_iter().chain(more).collect::<Map<_, _>>()
    };
    let id = lenient::integer(first, "id").filter(|id| *id > 0);
    let tool = asked.tool.name.to_string();
    match &*tool {
        "list_posts" | "create_post" | "update_cluster" => {
            let mut calls = Vec::new();
            if given.get("detail") == Some(&json!("full")) {
                let mut shorter = given.clone();
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
        _ if given.contains_key("space_id") => Vec::new(),
        // Only a space whose rows do not begin this answer has more to show alone.
        _ => {
            let home = |row: &Value| lenient::integer(row, "space_id");
            let begun = kept.first().and_then(home);
            let other = left_out
                .iter()
                .filter_map(home)
                .find(|id| Some(*id) != begun);
            Vec::from_iter(
                other.map(|id| (tool, Map::from_iter([("space_id".to_owned(), id.into())]))),
            )
        }
    }
}
