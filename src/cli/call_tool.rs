//! `saki-mcp call`: calls one tool from the shell, through a real MCP client.

use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use rmcp::ServiceError;
use rmcp::model::{CallToolRequestParams, ContentBlock, ErrorCode};
use serde_json::{Map, Value};

use super::build_server::{ClientLocation, Server};
use super::global_flags::GlobalFlags;
use super::policy_flags::PolicyFlags;
use super::terminal_elicitation::TerminalElicitation;
use super::usage_error::{WrongUsage, wrong_usage};
use super::{console_output, in_process_client};
use crate::tools::Confirm;

#[derive(Debug, Args)]
pub(super) struct CallTool {
    /// Name of the tool; "saki-mcp tools" lists them
    tool: String,
    /// Arguments as a JSON object, or - to read them from standard input
    #[arg(default_value = "{}", value_name = "JSON")]
    arguments: String,
    #[command(flatten)]
    pub(super) policy_flags: PolicyFlags,
    /// Answer yes to confirmation questions, for scripts
    ///
    /// Without it, the questions are asked on the terminal. If standard input is not a terminal, the call is refused.
    #[arg(long)]
    yes: bool,
}

impl CallTool {
    pub(super) async fn run(self, flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
        let yes_is_allowed = flags.confirm != Confirm::Always;
        let arguments = parse_arguments(&self.arguments).map_err(WrongUsage)?;
        if self.yes && !yes_is_allowed {
            return Err(wrong_usage(
                "--yes cannot be used with --confirm always: a person must answer",
            ));
        }
        let server = Server::build(flags, ClientLocation::LocalUser).await?;
        let answers = TerminalElicitation {
            yes: self.yes,
            yes_is_allowed,
        };
        let client = in_process_client::connect(answers, server.handler.clone()).await?;
        let request = CallToolRequestParams::new(self.tool).with_arguments(arguments);
        let result = match client.call_tool(request).await {
            Ok(result) => result,
            // Only a name that no tool has is answered so.
            Err(ServiceError::McpError(error)) if error.code == ErrorCode::INVALID_PARAMS => {
                return Err(wrong_usage(error.message));
            }
            Err(ServiceError::McpError(error)) => return Err(anyhow!("{}", error.message)),
            Err(error) => return Err(error).context("calling the tool"),
        };
        let failed = result.is_error == Some(true);
        let text = text(&result.content);
        match &result.structured_content {
            Some(json) => console_output::print_result(&serde_json::to_string_pretty(json)?)?,
            None if failed => console_output::print_error(&anyhow!("{text}")),
            None => console_output::print_result(&text)?,
        }
        server.finish_writes().await;
        Ok(if failed {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}

fn parse_arguments(argument: &str) -> anyhow::Result<Map<String, Value>> {
    let text = match argument {
        "-" => std::io::read_to_string(std::io::stdin()).context("reading standard input")?,
        json => json.to_owned(),
    };
    let json = if text.trim().is_empty() { "{}" } else { &text };
    match serde_json::from_str(json) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(_) => Err(anyhow!(
            "the arguments are not a JSON object, such as '{{\"space_id\": 1}}'"
        )),
        Err(error) => Err(anyhow!(
            "the arguments are not JSON ({error}). Give an object, such as '{{\"space_id\": 1}}'"
        )),
    }
}

/// The text blocks of a result, one per line.
pub(super) fn text(content: &[ContentBlock]) -> String {
    let blocks = content.iter().filter_map(|block| block.as_text());
    let texts: Vec<&str> = blocks.map(|block| block.text.as_str()).collect();
    texts.join("\n")
}
