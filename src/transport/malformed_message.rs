//! Malformed messages: the JSON-RPC error in answer to bytes that are not a JSON-RPC message.

use rmcp::model::{ErrorData, RequestId, ServerJsonRpcMessage};
use serde::Deserialize;
use serde_json::Value;

use super::MAX_BATCH;

/// −32700 when `bytes` are not JSON, −32600 when they are JSON of another kind.
///
/// It carries the id of the request, if there is one.
pub(super) fn error_response(bytes: &[u8]) -> ServerJsonRpcMessage {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => invalid_request(&value),
        Err(error) => {
            let text = format!("Parse error: the message is not JSON: {error}");
            ServerJsonRpcMessage::error(ErrorData::parse_error(text, None), visible_id(bytes))
        }
    }
}

/// −32600, in answer to JSON that is not a message.
pub(super) fn invalid_request(value: &Value) -> ServerJsonRpcMessage {
    let text = if value.is_array() {
        format!("Invalid request: a batch has 1 to {MAX_BATCH} messages")
    } else {
        "Invalid request: the message is JSON, but not a JSON-RPC 2.0 request, notification or response".to_owned()
    };
    ServerJsonRpcMessage::error(ErrorData::invalid_request(text, None), id_of(value))
}

/// The id of bytes that look like a request: they have a `method`.
pub(super) fn request_id(bytes: &[u8]) -> Option<RequestId> {
    match serde_json::from_slice(bytes) {
        Ok(value) => id_of(&value),
        Err(_) => visible_id(bytes),
    }
}

fn id_of(value: &Value) -> Option<RequestId> {
    value.get("method")?;
    RequestId::deserialize(value.get("id")?).ok()
}

/// The id of a request that is broken in another place; without it, its client would wait for the answer.
fn visible_id(bytes: &[u8]) -> Option<RequestId> {
    let (mut id, mut has_method) = (None, false);
    let (mut depth, mut rest) = (0_usize, bytes);
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            // Python writes its dictionaries with single quotes.
            b'"' | b'\'' => {
                let name = string_contents(after, *first);
                rest = after.get(name.len() + 1..).unwrap_or_default();
                if let (1, Some(value)) = (depth, rest.trim_ascii_start().strip_prefix(b":")) {
                    match name {
                        b"method" => has_method = true,
                        b"id" => id = first_value(value),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    id.filter(|_| has_method)
}

/// The bytes of a string up to its closing quotation mark.
fn string_contents(bytes: &[u8], quote: u8) -> &[u8] {
    let mut is_escaped = false;
    let end = bytes.iter().position(|byte| {
        let ends = *byte == quote && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    &bytes[..end.unwrap_or(bytes.len())]
}

fn first_value(bytes: &[u8]) -> Option<RequestId> {
    if let Some(text) = bytes.trim_ascii_start().strip_prefix(b"'") {
        let id = std::str::from_utf8(string_contents(text, b'\'')).ok()?;
        return Some(RequestId::String(id.into()));
    }
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter();
    values.next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn code_and_id(bytes: &[u8]) -> (Value, Value) {
        let response = serde_json::to_value(error_response(bytes)).unwrap();
        (response["error"]["code"].clone(), response["id"].clone())
    }

    #[test]
    fn what_is_not_json_is_a_parse_error() {
        assert_eq!(code_and_id(b"hello"), (json!(-32700), Value::Null));
        assert_eq!(code_and_id(b"\"\xff\""), (json!(-32700), Value::Null));
        assert_eq!(code_and_id(b"{\"id\":1,"), (json!(-32700), Value::Null));
    }

    #[test]
    fn json_of_another_kind_is_an_invalid_request() {
        assert_eq!(code_and_id(b"[]"), (json!(-32600), Value::Null));
        assert_eq!(code_and_id(b"{\"a\":1}"), (json!(-32600), Value::Null));
        assert_eq!(code_and_id(b"{\"id\":1}"), (json!(-32600), Value::Null));
    }

    #[test]
    fn the_id_of_a_message_that_is_not_json_is_found() {
        let cases: [(&[u8], Value); 13] = [
            (
                b"{\"id\":77,\"method\":\"m\",\"params\":{\"a\":\"\xe9\"}}",
                json!(77),
            ),
            (
                b"{\"method\":\"m\",\"params\":{\"a\":NaN,\"id\":5}, \"id\" : \"x\\\"y\"}",
                json!("x\"y"),
            ),
            (br#"{"method":"m","params":{"a":1e999},"id":-3}"#, json!(-3)),
            (br#"{"id":7,"method":"m","params":{"a":"\ud8"}}"#, json!(7)),
            (br#"{"id":7,"method":"m","params":{"a":"cut"#, json!(7)),
            (br#"{"id":7,"method":"m","params":{'a':1}}"#, json!(7)),
            (
                br#"{'jsonrpc': '2.0', 'id': 77, 'method': 'm', 'params': {'a': None}}"#,
                json!(77),
            ),
            (
                br#"{'method': 'm', 'params': {'a': "it's"}, 'id': 'x'}"#,
                json!("x"),
            ),
            (
                br#"{"method":"m","params":{"a":"it's","b":NaN},"id":7}"#,
                json!(7),
            ),
            (br#"{"params":{"id":7,"method":"m","a":NaN}}"#, Value::Null),
            (br#"{"id":7,"result":NaN}"#, Value::Null),
            (br#"{"id":1.5,"method":"m","params":NaN}"#, Value::Null),
            (br#"[{"id":7,"method":"m","params":NaN}]"#, Value::Null),
        ];
        for (bytes, id) in cases {
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(code_and_id(bytes), (json!(-32700), id), "{text}");
        }
    }

    #[test]
    fn the_id_of_a_broken_request_is_repeated() {
        let broken = br#"{"id":"a","method":"tools/list","result":{}}"#;
        assert_eq!(code_and_id(broken), (json!(-32600), json!("a")));
    }
}
