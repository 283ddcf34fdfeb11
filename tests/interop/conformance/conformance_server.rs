//! A server for the official conformance suite: our HTTP stack around the tools, prompts and resources that its scenarios ask for.
//!
//! It is an example of Cargo only so that Cargo builds it; `tests/interop/conformance.py` runs it.

#![expect(
    deprecated,
    reason = "the revisions until 2025-11-25 have log messages"
)]

mod questions_in_calls;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ClientCapabilities, ErrorData, GetPromptRequestParams,
    GetPromptResponse, InputRequiredResult, InputResponses, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, LoggingLevel,
    LoggingMessageNotificationParam, PaginatedRequestParams, ProgressNotificationParam,
    ReadResourceRequestParams, ReadResourceResponse, RequestStateCodec, ServerCapabilities,
    ServerConfig, SetLevelRequestParams, SubscribeRequestParams, Tool, UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{ServerHandler, model};
use saki_mcp::transport::http::{HttpOptions, serve};
use saki_mcp::transport::shutdown::cancel_on_signal;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGO4I6IGRwzEcQCecwzB3AbsJAAAAABJRU5ErkJggg==";
const SILENCE: &str = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAAAA==";
/// Between two notifications of one call.
const PAUSE: Duration = Duration::from_millis(50);

/// Tools that always answer the same, and tools that notify or ask first.
const TOOLS: [&str; 18] = [
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "test_error_handling",
    "test_tool_with_progress",
    "test_tool_with_logging",
    "test_logging_tool",
    "test_missing_capability",
    "test_streaming_elicitation",
    "test_input_required_result_elicitation",
    "test_input_required_result_sampling",
    "test_input_required_result_list_roots",
    "test_input_required_result_request_state",
    "test_input_required_result_multiple_inputs",
    "test_input_required_result_multi_round",
    "test_input_required_result_tampered_state",
];
const CAPABILITIES_TOOL: &str = "test_input_required_result_capabilities";

fn tools() -> impl Iterator<Item = &'static str> {
    let asking = questions_in_calls::TOOLS.into_iter();
    TOOLS.into_iter().chain([CAPABILITIES_TOOL]).chain(asking)
}

#[derive(Debug)]
struct Fixtures {
    states: RequestStateCodec,
}

/// A type of the protocol from what stands on the wire.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    let read = serde_json::from_value(value);
    read.map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

/// A result that needs no further input.
fn complete<T: DeserializeOwned>(mut result: Value) -> Result<T, ErrorData> {
    result["resultType"] = json!("complete");
    read(result)
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn embedded(uri: &str, mime_type: &str, text: &str) -> Value {
    json!({"type": "resource", "resource": {"uri": uri, "mimeType": mime_type, "text": text}})
}

fn image() -> Value {
    json!({"type": "image", "data": PIXEL, "mimeType": "image/png"})
}

fn content(tool: &str) -> Value {
    match tool {
        "test_image_content" => json!([image()]),
        "test_audio_content" => {
            json!([{"type": "audio", "data": SILENCE, "mimeType": "audio/wav"}])
        }
        "test_embedded_resource" => {
            json!([embedded(
                "test://embedded-resource",
                "text/plain",
                "An embedded resource."
            )])
        }
        "test_multiple_content_types" => {
            let resource = embedded("test://mixed-content-resource", "application/json", "{}");
            json!([text("Several types:"), image(), resource])
        }
        other => json!([text(&format!("This is what {other} says."))]),
    }
}

fn elicitation(message: &str, field: &str, kind: &str) -> Value {
    elicitation_of(message, &json!({field: {"type": kind}}), &[field])
}

fn elicitation_of(message: &str, fields: &Value, required: &[&str]) -> Value {
    let schema = json!({"type": "object", "properties": fields, "required": required});
    json!({"method": "elicitation/create", "params": {"mode": "form", "message": message, "requestedSchema": schema}})
}

fn sampling(question: &str) -> Value {
    let message = json!({"role": "user", "content": text(question)});
    json!({"method": "sampling/createMessage", "params": {"messages": [message], "maxTokens": 100}})
}

/// What a tool or prompt asks for, in the round that its state is in.
fn asked(name: &str, round: &str) -> Option<Value> {
    let roots = json!({"method": "roots/list", "params": {}});
    let user_name = elicitation("What is your name?", "name", "string");
    Some(match (name, round) {
        ("test_input_required_result_elicitation" | "test_streaming_elicitation", _) => {
            json!({"user_name": user_name})
        }
        ("test_input_required_result_sampling", _) => {
            json!({"capital_question": sampling("What is the capital of France?")})
        }
        ("test_input_required_result_list_roots", _) => json!({"client_roots": roots}),
        (
            "test_input_required_result_request_state"
            | "test_input_required_result_tampered_state",
            _,
        ) => json!({"confirm": elicitation("Please confirm", "ok", "boolean")}),
        ("test_input_required_result_multiple_inputs", _) => {
            json!({"user_name": user_name, "greeting": sampling("Generate a greeting"), "client_roots": roots})
        }
        ("test_input_required_result_multi_round", "2") => {
            json!({"step2": elicitation("Step 2: What is your favourite colour?", "color", "string")})
        }
        ("test_input_required_result_multi_round", _) => {
            json!({"step1": elicitation("Step 1: What is your name?", "name", "string")})
        }
        (CAPABILITIES_TOOL, _) => {
            json!({"user_name": user_name, "question": sampling("What is your name?")})
        }
        ("test_input_required_result_prompt", _) => {
            json!({"user_context": elicitation("What context should the prompt use?", "context", "string")})
        }
        _ => return None,
    })
}

/// Whether a client can answer a request with this method.
fn can_answer(client: Option<&ClientCapabilities>, method: &str) -> bool {
    client.is_some_and(|client| match method {
        "elicitation/create" => client.elicitation.is_some(),
        "sampling/createMessage" => client.sampling.is_some(),
        _ => true,
    })
}

impl Fixtures {
    /// What is still to be asked, or the answers once all are there; none where nothing is asked.
    fn ask(
        &self,
        name: &str,
        answers: Option<&InputResponses>,
        state: Option<&str>,
        context: &RequestContext<RoleServer>,
    ) -> Result<Option<Result<String, InputRequiredResult>>, ErrorData> {
        let round = match state.map(|state| self.states.open(state)).transpose() {
            Ok(round) => String::from_utf8_lossy(&round.unwrap_or_default()).into_owned(),
            Err(error) => return Err(ErrorData::invalid_params(error.to_string(), None)),
        };
        let Some(requests) = asked(name, &round) else {
            return Ok(None);
        };
        let mut requests: BTreeMap<String, Value> = read(requests)?;
        let client = context.client_capabilities();
        requests.retain(|_, request| {
            can_answer(
                client.as_ref(),
                request["method"].as_str().unwrap_or_default(),
            )
        });
        let answers = answers.cloned().unwrap_or_default();
        let mut next_round = "1";
        if requests
            .keys()
            .all(|key| answers.get(key).is_some_and(Value::is_object))
        {
            let is_last = name != "test_input_required_result_multi_round" || round == "2";
            if is_last {
                return Ok(Some(Ok(format!("state-ok: {}", json!(answers)))));
            }
            next_round = "2";
            requests = read(asked(name, next_round).unwrap_or_default())?;
        }
        let state = self.states.seal(next_round.as_bytes());
        let asked = json!({"resultType": "input_required", "inputRequests": requests, "requestState": state});
        read(asked).map(|asked| Some(Err(asked)))
    }

    async fn notify(&self, tool: &str, context: &RequestContext<RoleServer>) {
        let logs = tool.ends_with("_with_logging") || context.meta.log_level().is_some();
        for step in [0.0, 50.0, 100.0] {
            if let Some(token) = context.meta.get_progress_token() {
                let progress = ProgressNotificationParam::new(token, step).with_total(100.0);
                // Whoever is gone needs no progress.
                let _ = context.peer.notify_progress(progress).await;
            }
            if logs {
                let said = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(step));
                let _ = context.peer.notify_logging_message(said).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl ServerHandler for Fixtures {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_completions()
            .enable_logging()
            .enable_prompts()
            .enable_resources()
            .enable_tools()
            .build();
        ServerConfig::new(capabilities)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let is_known = tools().any(|tool| tool == name);
        let schema = json!({"type": "object"}).as_object()?.clone();
        is_known.then(|| Tool::new(name.to_owned(), "A fixture.", schema))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = tools().filter_map(|name| self.get_tool(name));
        Ok(ListToolsResult::with_all_items(tools.collect()))
    }

    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let name = params.name.as_ref();
        if self.get_tool(name).is_none() {
            return Err(ErrorData::invalid_params("unknown tool", None));
        }
        let sampling: ClientCapabilities = read(json!({"sampling": {}}))?;
        let client = context.client_capabilities();
        if name == "test_missing_capability"
            && !can_answer(client.as_ref(), "sampling/createMessage")
        {
            return Err(ErrorData::missing_required_client_capability(sampling));
        }
        let (answers, state) = (
            params.input_responses.as_ref(),
            params.request_state.as_deref(),
        );
        let content = match self.ask(name, answers, state, &context)? {
            Some(Err(asked)) => return Ok(asked.into()),
            Some(Ok(answered)) => json!([text(&answered)]),
            None => match questions_in_calls::ask(&params, &context).await? {
                Some(answered) => json!([text(&answered)]),
                None => content(name),
            },
        };
        if name.contains("progress") || name.contains("logging") {
            self.notify(name, &context).await;
        }
        let result = json!({"content": content, "isError": name == "test_error_handling"});
        complete::<model::CallToolResult>(result).map(Into::into)
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let argument = |name: &str| json!({"name": name, "required": true});
        complete(json!({"prompts": [
            {"name": "test_simple_prompt", "description": "A fixture."},
            {"name": "test_prompt_with_arguments", "description": "A fixture.", "arguments": [argument("arg1"), argument("arg2")]},
            {"name": "test_prompt_with_embedded_resource", "description": "A fixture.", "arguments": [argument("resourceUri")]},
            {"name": "test_prompt_with_image", "description": "A fixture."},
            {"name": "test_input_required_result_prompt", "description": "A fixture."},
        ]}))
    }

    async fn get_prompt(
        &self,
        params: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let (answers, state) = (
            params.input_responses.as_ref(),
            params.request_state.as_deref(),
        );
        let arguments = json!(params.arguments);
        let said = match self.ask(&params.name, answers, state, &context)? {
            Some(Err(asked)) => return Ok(asked.into()),
            Some(Ok(answered)) => vec![text(&answered)],
            None => match params.name.as_ref() {
                "test_simple_prompt" => vec![text("A simple prompt.")],
                "test_prompt_with_arguments" => vec![text(&arguments.to_string())],
                "test_prompt_with_image" => vec![image(), text("Analyse the image above.")],
                "test_prompt_with_embedded_resource" => {
                    let uri = arguments["resourceUri"].as_str().unwrap_or_default();
                    vec![
                        embedded(uri, "text/plain", "An embedded resource."),
                        text("Process it."),
                    ]
                }
                _ => return Err(ErrorData::invalid_params("unknown prompt", None)),
            },
        };
        let messages = said
            .into_iter()
            .map(|content| json!({"role": "user", "content": content}));
        let result = json!({"messages": messages.collect::<Vec<_>>()});
        complete::<model::GetPromptResult>(result).map(Into::into)
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        complete(json!({"resources": [
            {"uri": "test://static-text", "name": "text", "mimeType": "text/plain"},
            {"uri": "test://static-binary", "name": "binary", "mimeType": "image/png"},
        ]}))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        complete(
            json!({"resourceTemplates": [{"uriTemplate": "test://template/{id}/data", "name": "template"}]}),
        )
    }

    async fn read_resource(
        &self,
        params: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = params.uri.as_str();
        let id = uri.strip_prefix("test://template/");
        let content = match (uri, id.and_then(|id| id.strip_suffix("/data"))) {
            ("test://static-text", _) => {
                json!({"uri": uri, "mimeType": "text/plain", "text": "A text."})
            }
            ("test://static-binary", _) => {
                json!({"uri": uri, "mimeType": "image/png", "blob": PIXEL})
            }
            (_, Some(id)) => {
                json!({"uri": uri, "mimeType": "application/json", "text": json!({"id": id}).to_string()})
            }
            _ => {
                return Err(ErrorData::resource_not_found(
                    "no such resource",
                    Some(json!({"uri": uri})),
                ));
            }
        };
        complete::<model::ReadResourceResult>(json!({"contents": [content]})).map(Into::into)
    }

    async fn subscribe(
        &self,
        _: SubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(
        &self,
        _: UnsubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn set_level(
        &self,
        _: SetLevelRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let shutdown = CancellationToken::new();
    cancel_on_signal(&shutdown);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    let states = RequestStateCodec::try_new(b"nothing that is secret in a test".to_vec())?;
    let options = HttpOptions {
        sessions: true,
        ..HttpOptions::default()
    };
    serve(listener, Arc::new(Fixtures { states }), options, shutdown).await;
    Ok(())
}
