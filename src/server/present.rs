//! The last stage of a call: how its result stands before the client.

use rmcp::ErrorData;
use rmcp::model::{CallToolResponse, ContentBlock};

/// Writes the structured content once more as compact text, for clients that read only text.
///
/// # Errors
///
/// None yet; a later presentation may refuse.
pub fn result(mut response: CallToolResponse) -> Result<CallToolResponse, ErrorData> {
    if let CallToolResponse::Complete(result) = &mut response
        && let Some(structured) = &result.structured_content
        && result.content.is_empty()
    {
        result
            .content
            .push(ContentBlock::text(structured.to_string()));
    }
    Ok(response)
}
