//! The last stage of a call: how its result stands before the client and the model.

mod cut;
mod networks;
mod next;

use rmcp::ErrorData;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, MetaObject, Tool};
use serde_json::{Map, Value};

use crate::tools::{Failure, Interpretation, escape_hidden, escape_hidden_json};

/// Where the answer of a write shows what was there before, by whomever.
const OF_OTHERS: [&str; 5] = ["removed", "before", "changes", "data", "content"];
/// What reads and shows nothing that anybody wrote.
const BARE: &str = "get_subscription";

/// The call that a result answers.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The tool.
    pub tool: &'a Tool,
    /// All tools that may be named as a next step.
    pub tools: &'a [Tool],
    /// What the tool was given; of a write only its space, since nobody is told to write again.
    pub arguments: Map<String, Value>,
    /// What was read otherwise than it was written.
    pub understood: Vec<Interpretation>,
}

impl<'a> Asked<'a> {
    /// A call of `tool`.
    pub fn of(tool: &'a Tool, tools: &'a [Tool], arguments: &Map<String, Value>) -> Self {
        let reads = reads(tool);
        let kept = arguments
            .iter()
            .filter(|(name, _)| reads || *name == "space_id")
            .map(|(name, value)| (name.clone(), value.clone()));
        Self {
            tool,
            tools,
            arguments: kept.collect(),
            understood: Vec::new(),
        }
    }
}

fn reads(tool: &Tool) -> bool {
    let hints = tool.annotations.as_ref();
    hints.and_then(|hints| hints.read_only_hint) == Some(true)
}

/// Whether a result may hold what others wrote.
fn is_by_others(tool: &Tool, result: &Value) -> bool {
    match reads(tool) {
        true => tool.name != BARE,
        false => OF_OTHERS.iter().any(|field| result.get(field).is_some()),
    }
}

/// Caps the result, writes the text copy, and notes what was understood.
///
/// # Errors
///
/// When the structured content cannot be written, which plain JSON always can.
pub fn result(
    mut response: CallToolResponse,
    asked: &Asked<'_>,
) -> Result<CallToolResponse, ErrorData> {
    if let CallToolResponse::Complete(result) = &mut response {
        note(result, &asked.understood);
        match &mut result.structured_content {
            Some(structured) => {
                networks::name(structured);
                cut::cut(structured, |kept, left| next::next(asked, kept, left));
                // Its Display goes through the formatter and takes twice as long.
                let text = serde_json::to_string(structured)
                    .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
                result.content = vec![ContentBlock::text(escape_hidden_json(&text))];
                if is_by_others(asked.tool, structured) {
                    result
                        .content
                        .push(ContentBlock::text(Failure::UNTRUSTED_TEXT_NOTICE));
                }
            }
            None => show(&mut result.content),
        }
    }
    Ok(response)
}

fn note(result: &mut CallToolResult, understood: &[Interpretation]) {
    if understood.is_empty() {
        return;
    }
    let said = |one: &Interpretation| Value::from(one.text.clone());
    let meta = result.meta.get_or_insert_with(MetaObject::new);
    let all: Value = understood.iter().map(said).collect();
    meta.0.insert("understood".to_owned(), all);
    let mut weighty = understood.iter().filter(|one| one.must_echo).peekable();
    if let (Some(Value::Object(body)), Some(_)) = (&mut result.structured_content, weighty.peek()) {
        body.insert("understood".to_owned(), weighty.map(said).collect());
    }
}

fn show(content: &mut [ContentBlock]) {
    for block in content {
        if let Some(text) = block.as_text() {
            *block = ContentBlock::text(escape_hidden(&text.text));
        }
    }
}
