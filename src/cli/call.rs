//! `saki-mcp call`: one tool from the shell, in the way of any MCP client.

use std::io::Read;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use rmcp::ServiceError;
use rmcp::model::{CallToolRequestParams, ContentBlock};
use serde_json::{Map, Value};

use super::limits::Limits;
use super::options::Options;
use super::serve::{Caller, Server};
use super::shell::Shell;
use super::{in_process, output};
use crate::tools::Confirm;

#[derive(Debug, Args)]
pub(super) struct Call {
    /// Name of the tool; "saki-mcp tools" lists them
    tool: String,
    /// Arguments as a JSON object, or - to read them from standard input
    #[arg(default_value = "{}", value_name = "JSON")]
    arguments: String,
    #[command(flatten)]
    pub(super) limits: Limits,
    /// Say yes to what would be asked on the terminal, for scripts
    ///
    /// Without it, and where standard input is no terminal, what has to be confirmed is refused.
    #[arg(long)]
    yes: bool,
}

impl Call {
    pub(super) async fn run(self, options: &Options) -> anyhow::Result<ExitCode> {
        let arguments = match arguments(&self.arguments) {
            Ok(arguments) => arguments,
            Err(error) => {
                output::complain(&error);
                return Ok(ExitCode::from(2));
            }
        };
        if self.yes && options.confirm == Confirm::Always {
            output::complain(&anyhow!(
                "--yes answers in the place of a person, which --confirm always rules out"
            ));
            return Ok(ExitCode::from(2));
        }
        let server = Server::build(options, Caller::Here).await?;
        let shell = Shell {
            yes: self.yes,
            may_say_yes: options.confirm != Confirm::Always,
        };
        let client = in_process::connect_as(shell, server.handler.clone()).await?;
        let request = CallToolRequestParams::new(self.tool).with_arguments(arguments);
        let result = match client.call_tool(request).await {
            Ok(result) => result,
            Err(ServiceError::McpError(error)) => return Err(anyhow!("{}", error.message)),
            Err(error) => return Err(error).context("the call"),
        };
        let failed = result.is_error == Some(true);
        match &result.structured_content {
            Some(structured) => output::print(&serde_json::to_string_pretty(structured)?)?,
            None if failed => output::complain(&anyhow!("{}", text(&result.content))),
            None => output::print(&text(&result.content))?,
        }
        server.finish().await;
        Ok(if failed {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}

fn arguments(given: &str) -> anyhow::Result<Map<String, Value>> {
    let mut text = given.to_owned();
    if given == "-" {
        text.clear();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("standard input")?;
    }
    let text = if text.trim().is_empty() { "{}" } else { &text };
    match serde_json::from_str(text) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(_) => Err(anyhow!(
            "the arguments are not a JSON object, such as '{{\"space_id\": 1}}'"
        )),
        Err(error) => Err(anyhow!(
            "the arguments are not JSON ({error}); give an object, such as '{{\"space_id\": 1}}'"
        )),
    }
}

fn text(content: &[ContentBlock]) -> String {
    content
        .iter()
        .filter_map(|block| block.as_text())
        .map(|block| block.text.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}
