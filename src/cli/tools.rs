//! `saki-mcp tools`: the catalogue as a client sees it.

use std::fmt::Write;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use rmcp::model::Tool;

use super::limits::Limits;
use super::options::Options;
use super::serve::{Caller, Server};
use super::{in_process, output};
use crate::server::is_read_only;

#[derive(Debug, Args)]
pub(super) struct Catalogue {
    /// A table to read, the JSON a client gets, a table for a README, or what each tool costs a model
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    pub(super) limits: Limits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Markdown,
    Tokens,
}

impl Catalogue {
    pub(super) async fn run(self, options: &Options) -> anyhow::Result<ExitCode> {
        let server = Server::build(options, Caller::Here).await?;
        let client = in_process::connect(server.handler.clone()).await?;
        let tools = client.list_all_tools().await?;
        let text = match self.format {
            Format::Table => table(&tools),
            Format::Json => serde_json::to_string_pretty(&tools)?,
            Format::Markdown => markdown(&tools),
            Format::Tokens => tokens(&tools),
        };
        output::print(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn table(tools: &[Tool]) -> String {
    let width = tools
        .iter()
        .map(|tool| tool.name.len())
        .max()
        .unwrap_or_default();
    let line = |tool: &Tool| {
        format!(
            "{:width$}  {:8}  {}",
            tool.name,
            effect(tool),
            first_sentence(tool)
        )
    };
    tools.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn markdown(tools: &[Tool]) -> String {
    let mut text = "| tool | effect | what it does |\n|---|---|---|".to_owned();
    for tool in tools {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n| `{}` | {} | {} |",
            tool.name,
            effect(tool),
            first_sentence(tool)
        );
    }
    text
}

/// What a model pays for each tool: name, description and input schema.
fn tokens(tools: &[Tool]) -> String {
    let cost = |tool: &Tool| {
        let schema = serde_json::to_string(&*tool.input_schema).unwrap_or_default();
        (tool.name.len() + tool.description.as_deref().unwrap_or_default().len() + schema.len())
            .div_ceil(4)
    };
    let mut text =
        "tokens  tool   (estimated as bytes / 4 of name, description and input schema)".to_owned();
    for tool in tools {
        let _ = write!(text, "\n{:6}  {}", cost(tool), tool.name);
    }
    let _ = write!(
        text,
        "\n{:6}  all {} tools",
        tools.iter().map(cost).sum::<usize>(),
        tools.len()
    );
    text
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
    let description = tool.description.as_deref().unwrap_or_default();
    let end = description
        .find(". ")
        .map_or(description.len(), |end| end + 1);
    description[..end].to_owned()
}
