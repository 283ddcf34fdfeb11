//! Malformed messages: the JSON-RPC error in answer to bytes that are not a JSON-RPC message.

use rmcp::model::{ErrorData, RequestId, ServerJsonRpcMessage};
use serde::Deserialize;
use serde_json::Value;

/// −32700 when `bytes` are not JSON, −32600 when they are JSON of another kind.
///
/// It carries the id of the request, if there is one.
pub(super) fn error_response(bytes: &[u8]) -> ServerJsonRpcMessage {
    let value = match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => value,
        Err(error) => {
            let text = format!("Parse error: the message is not JSON: {error}");
            return ServerJsonRpcMessage::error(ErrorData::parse_error(text, None), None);
        }
    };
    let text = if value.is_array() {
        "Invalid request: batches are not supported; send one message at a time"
    } else {
        "Invalid request: the message is JSON, but not a JSON-RPC 2.0 request, notification or response"
    };
    ServerJsonRpcMessage::error(ErrorData::invalid_request(text, None), request_id(bytes))
}

/// The id of JSON that looks like a request: it has a `method`.
pub(super) fn request_id(bytes: &[u8]) -> Option<RequestId> {
    let value = serde_json::from_slice::<Value>(bytes).ok()?;
    value.get("method")?;
    RequestId::deserialize(value.get("id")?).ok()
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
    fn the_id_of_a_broken_request_is_repeated() {
        let broken = br#"{"id":"a","method":"tools/list","result":{}}"#;
        assert_eq!(code_and_id(broken), (json!(-32600), json!("a")));
    }
}
