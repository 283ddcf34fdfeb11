//! Tools that ask the client something in the middle of their call, as revisions before 2026-07-28 do in a session.

use rmcp::model::{CallToolRequestParams, ClientResult, ErrorData, ServerRequest};
use rmcp::service::{PeerRequestOptions, RequestContext, RoleServer};
use serde_json::{Value, json};

use super::{elicitation_of, read, sampling};

pub(super) const TOOLS: [&str; 4] = [
    "test_sampling",
    "test_elicitation",
    "test_elicitation_sep1034_defaults",
    "test_elicitation_sep1330_enums",
];

/// The request to the client; nothing for other tools.
fn question(params: &CallToolRequestParams) -> Option<Value> {
    let argument = |name: &str| {
        let arguments = params.arguments.as_ref()?;
        arguments.get(name)?.as_str()
    };
    Some(match params.name.as_ref() {
        "test_sampling" => sampling(argument("prompt").unwrap_or_default()),
        "test_elicitation" => {
            let fields = json!({
                "username": {"type": "string", "description": "User's response"},
                "email": {"type": "string", "description": "User's email address"},
            });
            elicitation_of(
                argument("message").unwrap_or_default(),
                &fields,
                &["username", "email"],
            )
        }
        "test_elicitation_sep1034_defaults" => {
            let fields = json!({
                "name": {"type": "string", "default": "John Doe"},
                "age": {"type": "integer", "default": 30},
                "score": {"type": "number", "default": 95.5},
                "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
                "verified": {"type": "boolean", "default": true},
            });
            elicitation_of("Are these right?", &fields, &[])
        }
        "test_elicitation_sep1330_enums" => {
            let titled = json!([
                {"const": "value1", "title": "First Option"},
                {"const": "value2", "title": "Second Option"},
                {"const": "value3", "title": "Third Option"},
            ]);
            let options = json!(["option1", "option2", "option3"]);
            let fields = json!({
                "untitledSingle": {"type": "string", "enum": options},
                "titledSingle": {"type": "string", "oneOf": titled},
                "legacyEnum": {
                    "type": "string",
                    "enum": ["opt1", "opt2", "opt3"],
                    "enumNames": ["Option One", "Option Two", "Option Three"],
                },
                "untitledMulti": {"type": "array", "items": {"type": "string", "enum": options}},
                "titledMulti": {"type": "array", "items": {"anyOf": titled}},
            });
            elicitation_of("Which ones?", &fields, &[])
        }
        _ => return None,
    })
}

/// What the client answers to the question of a tool; nothing for other tools.
pub(super) async fn ask(
    params: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<Option<String>, ErrorData> {
    let Some(question) = question(params) else {
        return Ok(None);
    };
    let request: ServerRequest = read(question)?;
    let handle = context
        .peer
        .send_cancellable_request(request, PeerRequestOptions::no_options())
        .await;
    let failed = |error: rmcp::ServiceError| ErrorData::internal_error(error.to_string(), None);
    let answer = handle.map_err(failed)?.await_response().await;
    Ok(Some(match answer.map_err(failed)? {
        ClientResult::CreateMessageResult(said) => format!("LLM response: {}", json!(said)),
        other => format!("User response: {}", json!(other)),
    }))
}
