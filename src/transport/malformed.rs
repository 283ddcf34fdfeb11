//! The answer to bytes that are no JSON-RPC message.

use rmcp::model::{ErrorData, RequestId, ServerJsonRpcMessage};
use serde::Deserialize;
use serde_json::Value;

/// Says what is wrong with `bytes`: −32700 when they are not JSON, −32600 when they are JSON of another kind.
///
/// The id is repeated where the sender can expect an answer to it.
pub(super) fn answer(bytes: &[u8]) -> ServerJsonRpcMessage {
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
    ServerJsonRpcMessage::error(ErrorData::invalid_request(text, None), id(bytes))
}

/// The id of something that was meant as a request.
pub(super) fn id(bytes: &[u8]) -> Option<RequestId> {
    let value = serde_json::from_slice::<Value>(bytes).ok()?;
    value.get("method")?;
    RequestId::deserialize(value.get("id")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answered(bytes: &[u8]) -> (Value, Value) {
        let answer = serde_json::to_value(answer(bytes)).unwrap();
        (answer["error"]["code"].clone(), answer["id"].clone())
    }

    #[test]
    fn what_is_not_json_is_a_parse_error() {
        assert_eq!(answered(b"hello"), (json!(-32700), Value::Null));
        assert_eq!(answered(b"\"\xff\""), (json!(-32700), Value::Null));
        assert_eq!(answered(b"{\"id\":1,"), (json!(-32700), Value::Null));
    }

    #[test]
    fn json_of_another_kind_is_an_invalid_request() {
        assert_eq!(answered(b"[]"), (json!(-32600), Value::Null));
        assert_eq!(answered(b"{\"a\":1}"), (json!(-32600), Value::Null));
        assert_eq!(answered(b"{\"id\":1}"), (json!(-32600), Value::Null));
    }

    #[test]
    fn the_id_of_a_broken_request_is_repeated() {
        let broken = br#"{"id":"a","method":"tools/list","result":{}}"#;
        assert_eq!(answered(broken), (json!(-32600), json!("a")));
    }
}
