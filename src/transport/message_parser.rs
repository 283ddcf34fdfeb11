//! Message parser: bytes as JSON-RPC messages, also where they are a batch or hold half a character.
//!
//! Batches are of revision 2025-03-26; they are read in every revision, since their meaning is plain.

use rmcp::model::{
    CallToolRequest, ClientJsonRpcMessage, ClientRequest, JsonRpcMessage, JsonRpcRequest,
    ServerJsonRpcMessage,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{MAX_BATCH, malformed_message};

/// What some clients write before a message.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// The key in the `_meta` of a request that tells its handler of replaced characters.
const REPLACED: &str = "transport/replaced-characters";
/// U+FFFD, as an escape and in UTF-8; both are as long as what they replace.
const REPLACEMENT: (&[u8], &[u8]) = (b"\\ufffd", b"\xEF\xBF\xBD");

/// What a client sent at once; an error answers what is no message.
#[expect(clippy::large_enum_variant, reason = "it is taken apart at once")]
pub(super) enum Incoming {
    One(Result<ClientJsonRpcMessage, ServerJsonRpcMessage>),
    Batch {
        messages: Vec<ClientJsonRpcMessage>,
        errors: Vec<ServerJsonRpcMessage>,
    },
}

/// Parses what a client sent at once.
pub(super) fn parse(bytes: &[u8]) -> Incoming {
    // Most messages are these, and to try every kind of request takes twice as long.
    if let Ok(call) = serde_json::from_slice::<JsonRpcRequest<CallToolRequest>>(bytes) {
        let request = ClientRequest::CallToolRequest(call.request);
        return Incoming::One(Ok(JsonRpcMessage::request(request, call.id)));
    }
    if let Ok(message) = serde_json::from_slice(bytes) {
        return Incoming::One(Ok(message));
    }
    let Some(read) = read_leniently(bytes) else {
        return Incoming::One(Err(malformed_message::error_response(bytes)));
    };
    let (mut messages, mut errors) = (Vec::new(), Vec::new());
    for value in read.values {
        match ClientJsonRpcMessage::deserialize(&value) {
            Ok(message) => messages.push(message),
            Err(_) => errors.push(malformed_message::invalid_request(&value)),
        }
    }
    match (read.is_batch, messages.pop(), errors.pop()) {
        (false, Some(message), _) => Incoming::One(Ok(message)),
        (false, None, Some(error)) => Incoming::One(Err(error)),
        (_, message, error) => {
            messages.extend(message);
            errors.extend(error);
            Incoming::Batch { messages, errors }
        }
    }
}

/// The method of a message; the rest is skipped.
#[derive(Deserialize)]
struct MethodOnly {
    method: Option<String>,
}

/// Whether a body calls a tool; a batch and what is no plain JSON may.
///
/// Other requests cost nothing, and some clients take a refused first request for a server of the older transport.
pub(super) fn may_call_tool(body: &[u8]) -> bool {
    match serde_json::from_slice::<MethodOnly>(body) {
        Ok(MethodOnly { method }) => method.is_some_and(|method| method == "tools/call"),
        Err(_) => true,
    }
}

/// Whether a body begins a session.
pub(super) fn is_initialize(body: &[u8]) -> bool {
    let read = serde_json::from_slice::<MethodOnly>(body);
    read.is_ok_and(|read| read.method.is_some_and(|method| method == "initialize"))
}

/// JSON that is not one message as it was sent.
pub(super) struct LenientReading {
    /// The message, or those of the batch.
    pub(super) values: Vec<Value>,
    pub(super) is_batch: bool,
}

/// Reads a batch, and JSON whose only fault is lone surrogates; nothing where the bytes are neither.
pub(super) fn read_leniently(bytes: &[u8]) -> Option<LenientReading> {
    let as_sent = serde_json::from_slice::<Value>(bytes).ok();
    let is_repaired = as_sent.is_none();
    let value = as_sent.or_else(|| serde_json::from_slice(&replace_lone_surrogates(bytes)?).ok());
    let (mut values, is_batch) = match value? {
        Value::Array(all) if (1..=MAX_BATCH).contains(&all.len()) => (all, true),
        Value::Object(fields) if is_repaired => (vec![Value::Object(fields)], false),
        _ => return None,
    };
    if is_repaired {
        values.iter_mut().for_each(mark_replaced);
    }
    Some(LenientReading { values, is_batch })
}

fn mark_replaced(message: &mut Value) {
    if let Some(params) = message.get_mut("params").and_then(Value::as_object_mut) {
        let meta = params.entry("_meta").or_insert_with(|| json!({}));
        if let Some(meta) = meta.as_object_mut() {
            meta.insert(REPLACED.to_owned(), true.into());
        }
    }
}

/// Replaces halves of surrogate pairs; nothing where there are none.
fn replace_lone_surrogates(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut repaired = bytes.to_vec();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        at += match (rest, escaped_unit(rest)) {
            (_, Some(0xD800..=0xDBFF))
                if matches!(rest.get(6..).and_then(escaped_unit), Some(0xDC00..=0xDFFF)) =>
            {
                12
            }
            (_, Some(0xD800..=0xDFFF)) => {
                repaired[at..at + 6].copy_from_slice(REPLACEMENT.0);
                6
            }
            ([0xED, 0xA0..=0xBF, 0x80..=0xBF, ..], _) => {
                repaired[at..at + 3].copy_from_slice(REPLACEMENT.1);
                3
            }
            ([b'\\', ..], _) => 2,
            _ => 1,
        };
    }
    (repaired != bytes).then_some(repaired)
}

/// The code unit of an escape such as `\ud83d` at the beginning.
fn escaped_unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(r#"{"id":1,"method":"tools/call","params":{"name":"x"}}"#, true)]
    #[case(r#"{"id":1,"method":"initialize","params":{}}"#, false)]
    #[case(r#"{"id":1,"result":{}}"#, false)]
    #[case(r#"[{"method":"initialize"}]"#, true)]
    #[case("{'method': 'tools/call'}", true)]
    fn only_calls_of_tools_count(#[case] body: &str, #[case] expected: bool) {
        assert_eq!(may_call_tool(body.as_bytes()), expected);
    }

    #[rstest]
    #[case(br#""cut \ud83d""#, "cut \u{fffd}")]
    #[case(br#""\uD83D\uD83D\uDE00""#, "\u{fffd}😀")]
    #[case(br#""\ude00 \\\ud83d""#, "\u{fffd} \\\u{fffd}")]
    #[case(br#""\ud83d\n""#, "\u{fffd}\n")]
    #[case(b"\"\xED\xA0\xBD\"", "\u{fffd}")]
    fn half_a_character_is_replaced(#[case] json: &[u8], #[case] text: &str) {
        let repaired = replace_lone_surrogates(json).unwrap();
        let read: String = serde_json::from_slice(&repaired).unwrap();
        assert_eq!(read, text);
    }

    #[rstest]
    #[case(br#""\ud83d\ude00""#)]
    #[case(br#""\\ud83d""#)]
    #[case(br#""\ud8""#)]
    #[case(b"\"\xE9\"")]
    #[case(b"\\")]
    fn nothing_else_is(#[case] json: &[u8]) {
        assert_eq!(replace_lone_surrogates(json), None);
    }
}
