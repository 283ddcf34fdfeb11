//! Presentation of results: the text copy, truncation, network names, and escaped hidden Unicode.

mod network_aliases;
mod next_call;
mod truncate;

use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, MetaObject, Tool};
use serde_json::{Map, Value, json};

use crate::tools::{Interpretation, escape_hidden, is_read_only};

/// The field that says how ambiguous arguments were read.
const UNDERSTOOD: &str = "understood";

/// The call that a result answers.
#[derive(Debug)]
pub struct AnsweredCall<'a> {
    /// The tool.
    pub tool: &'a Tool,
    /// All tools that a result may name as the next call.
    pub tools: &'a [Tool],
    /// The arguments; of a write only the space, since no result proposes to write again.
    pub arguments: Map<String, Value>,
    /// The arguments that were read otherwise than they were written.
    pub interpretations: Vec<Interpretation>,
}

impl<'a> AnsweredCall<'a> {
    /// A call of `tool`.
    pub fn new(tool: &'a Tool, tools: &'a [Tool], arguments: &Map<String, Value>) -> Self {
        let reads = is_read_only(tool);
        let kept = arguments
            .iter()
            .filter(|(name, _)| reads || *name == "space_id")
            .map(|(name, value)| (name.clone(), value.clone()));
        Self {
            tool,
            tools,
            arguments: kept.collect(),
            interpretations: Vec::new(),
        }
    }
}

/// Truncates the result, writes its text copy in front of the other blocks, and adds the interpretations.
pub fn present(mut response: CallToolResponse, call: &AnsweredCall<'_>) -> CallToolResponse {
    if let CallToolResponse::Complete(result) = &mut response {
        add_interpretations(result, &call.interpretations);
        match &mut result.structured_content {
            Some(structured) => {
                network_aliases::add_common_names(structured);
                let text = truncate::truncate(structured, |kept, dropped| {
                    next_call::next_call(call, kept, dropped)
                });
                result.content.insert(0, ContentBlock::text(text));
            }
            None => escape_texts(&mut result.content),
        }
    }
    response
}

/// Names in an output schema the keys that [`present`] adds to a result.
pub(super) fn name_added_keys(schema: &mut Map<String, Value>) {
    network_aliases::name_common_names(schema);
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(UNDERSTOOD.to_owned(), json!({}));
    }
}

fn add_interpretations(result: &mut CallToolResult, interpretations: &[Interpretation]) {
    if interpretations.is_empty() {
        return;
    }
    let text = |one: &Interpretation| Value::from(one.text.clone());
    let meta = result.meta.get_or_insert_with(MetaObject::new);
    let all: Value = interpretations.iter().map(text).collect();
    meta.0.insert(UNDERSTOOD.to_owned(), all);
    let mut echoed = interpretations
        .iter()
        .filter(|one| one.must_echo)
        .peekable();
    if let (Some(Value::Object(body)), Some(_)) = (&mut result.structured_content, echoed.peek()) {
        body.insert(UNDERSTOOD.to_owned(), echoed.map(text).collect());
    }
}

fn escape_texts(content: &mut [ContentBlock]) {
    for block in content {
        if let Some(text) = block.as_text() {
            *block = ContentBlock::text(escape_hidden(&text.text));
        }
    }
}
