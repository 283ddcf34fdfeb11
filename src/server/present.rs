//! The last stage of a call: how its result stands before the client.

use rmcp::ErrorData;
use rmcp::model::{CallToolResponse, ContentBlock, MetaObject};
use serde_json::json;

/// Writes the structured content once more as compact text, for clients that read only text, and notes what was understood.
pub(super) fn result(
    mut response: CallToolResponse,
    understood: &[String],
) -> Result<CallToolResponse, ErrorData> {
    if let CallToolResponse::Complete(result) = &mut response {
        if !understood.is_empty() {
            let meta = result.meta.get_or_insert_with(MetaObject::new);
            meta.0.insert("understood".to_owned(), json!(understood));
        }
        if let Some(structured) = &result.structured_content
            && result.content.is_empty()
        {
            result
                .content
                .push(ContentBlock::text(structured.to_string()));
        }
    }
    Ok(response)
}
