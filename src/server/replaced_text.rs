//! Replaced text: what an answer says where a transport replaced half a character, so that the message could be read.

use rmcp::model::RequestMetaObject;
use serde_json::{Map, Value};

use crate::tools::Interpretation;

/// The key by which the transports tell it in `_meta`.
const REPLACED: &str = "transport/replaced-characters";

/// Names the arguments with replaced characters.
pub(super) fn note(
    meta: &RequestMetaObject,
    arguments: &Map<String, Value>,
) -> Option<Interpretation> {
    meta.get(REPLACED)?;
    let has_replacement = |value: &Value| value.to_string().contains('\u{fffd}');
    let named = arguments.iter().filter(|(_, value)| has_replacement(value));
    let names: Vec<String> = named.map(|(name, _)| format!("`{name}`")).collect();
    let text = format!("half a character in {} as U+FFFD", names.join(", "));
    let mut interpretation = Interpretation::new("", text);
    interpretation.must_echo = true;
    (!names.is_empty()).then_some(interpretation)
}
