//! The last stage of a call: how its result stands before the client.

use rmcp::ErrorData;
use rmcp::model::{CallToolResponse, ContentBlock};

/// Writes the structured content once more as compact text, for clients that read only text.
///
/// # Errors
///
/// When the structured content cannot be written, which plain JSON always can.
pub fn result(mut response: CallToolResponse) -> Result<CallToolResponse, ErrorData> {
    if let CallToolResponse::Complete(result) = &mut response
        && let Some(structured) = &result.structured_content
        && result.content.is_empty()
    {
        // Its Display goes through the formatter and takes twice as long.
        let text = serde_json::to_string(structured)
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        result.content.push(ContentBlock::text(text));
    }
    Ok(response)
}
