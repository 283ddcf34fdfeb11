//! `saki-mcp tools`: prints the tool catalogue as an MCP client sees it.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use rmcp::model::Tool;

use super::build_server::{ClientLocation, Server};
use super::global_flags::GlobalFlags;
use super::policy_flags::PolicyFlags;
use super::{console_output, in_process_client};
use crate::server;
use crate::tools::is_read_only;

#[derive(Debug, Args)]
pub(super) struct ListTools {
    /// Format: a table to read, the JSON that a client gets, a Markdown table, or the token cost of each tool
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    pub(super) policy_flags: PolicyFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Markdown,
    Tokens,
}

impl ListTools {
    pub(super) async fn run(self, flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
        let server = Server::build(flags, ClientLocation::LocalUser).await?;
        let client = in_process_client::connect((), server.handler.clone()).await?;
        let tools = client.list_all_tools().await?;
        let text = match self.format {
            Format::Table => table(&tools),
            Format::Json => serde_json::to_string_pretty(&tools)?,
            Format::Markdown => markdown(&tools),
            Format::Tokens => tokens(&tools),
        };
        console_output::print_result(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn table(tools: &[Tool]) -> String {
    let width = tools.iter().map(|tool| tool.name.len()).max().unwrap_or(0);
    let row = |tool: &Tool| {
        let (effect, sentence) = (effect(tool), first_sentence(tool));
        format!("{:width$}  {effect:8}  {sentence}", tool.name)
    };
    tools.iter().map(row).collect::<Vec<_>>().join("\n")
}

fn markdown(tools: &[Tool]) -> String {
    let row = |tool: &Tool| {
        let (effect, sentence) = (effect(tool), first_sentence(tool));
        format!("\n| `{}` | {effect} | {sentence} |", tool.name)
    };
    let rows: String = tools.iter().map(row).collect();
    format!("| tool | effect | what it does |\n|---|---|---|{rows}")
}

/// The tokens that each tool costs a model: name, description and input schema.
fn tokens(tools: &[Tool]) -> String {
    let cost = |tool: &Tool| {
        let schema = serde_json::to_string(&*tool.input_schema).unwrap_or_default();
        (tool.name.len() + tool.description.as_deref().unwrap_or_default().len() + schema.len())
            .div_ceil(4)
    };
    let row = |tool: &Tool| format!("{:6}  {}\n", cost(tool), tool.name);
    let rows: String = tools.iter().map(row).collect();
    let (total, count) = (tools.iter().map(cost).sum::<usize>(), tools.len());
    format!(
        "tokens  tool   (estimated as bytes / 4 of name, description and input schema)\n{rows}{total:6}  all {count} tools"
    )
}

fn effect(tool: &Tool) -> &'static str {
    let hints = tool.annotations.as_ref();
    match hints.and_then(|hints| hints.destructive_hint) {
        _ if is_read_only(tool) => "reads",
        Some(false) => "adds",
        _ => "changes",
    }
}

fn first_sentence(tool: &Tool) -> String {
    server::first_sentence(tool.description.as_deref().unwrap_or_default()).to_owned()
}
