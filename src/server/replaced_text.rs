//! Replaced text: what an answer says where a transport replaced half a character, so that the message could be read.

use http::request::Parts;
use rmcp::model::Extensions;
use serde_json::{Map, Value};

use crate::tools::Interpretation;

/// A transport leaves this in the extensions of a request whose lone surrogates it replaced with U+FFFD.
#[derive(Debug, Clone, Copy)]
pub struct ReplacedText;

/// Names the arguments with replaced characters; on HTTP the mark is in the extensions of the request's head.
pub(super) fn note(
    extensions: &Extensions,
    arguments: &Map<String, Value>,
) -> Option<Interpretation> {
    let of_head = || extensions.get::<Parts>()?.extensions.get::<ReplacedText>();
    extensions.get::<ReplacedText>().or_else(of_head)?;
    let has_replacement = |value: &Value| value.to_string().contains('\u{fffd}');
    let named = arguments.iter().filter(|(_, value)| has_replacement(value));
    let names: Vec<String> = named.map(|(name, _)| format!("`{name}`")).collect();
    let text = format!("half a character in {} as U+FFFD", names.join(", "));
    let mut interpretation = Interpretation::new("", text);
    interpretation.must_echo = true;
    (!names.is_empty()).then_some(interpretation)
}
