//! The command line: one file per sub-command, and the options they share.

mod call;
mod demo;
mod http;
mod in_process;
mod options;
mod output;
mod sandbox;
mod serve;
mod stdio;
mod tools;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use options::Options;

/// The MCP server for Saki, the social-media scheduler: every endpoint of its API as a tool for AI assistants.
#[derive(Debug, Parser)]
#[command(name = "saki-mcp", version, about, after_help = AFTER_HELP, max_term_width = 100, subcommand_help_heading = "Commands")]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve one MCP client on standard input and output (this is what no command does, too)
    Stdio,
    /// Serve MCP clients on this machine over HTTP: /mcp, and the older /sse with /message
    Http(http::Http),
    /// Serve the invented Saki alone, to try API calls against
    Sandbox(sandbox::Alone),
    /// See a real MCP client schedule posts on an invented Saki, in under a second
    Demo,
    /// Print the tools as an MCP client sees them
    Tools(tools::Catalogue),
    /// Call one tool from the shell; prints its structured result, exits with 1 when the tool failed
    Call(call::Call),
}

const AFTER_HELP: &str = "\
Examples:
  saki-mcp demo                                    no account and no key needed
  saki-mcp --sandbox                               an MCP server over an invented Saki
  SAKI_API_KEY=… saki-mcp                          an MCP server over your Saki
  saki-mcp http --bind 127.0.0.1:8787              the same over HTTP, for clients on this machine
  saki-mcp --sandbox call list_accounts '{\"space_id\": 1}'
  saki-mcp tools --format markdown

The API key comes from the environment variable SAKI_API_KEY or from a file (--api-key-file); a flag
would show it to everybody who can list processes. Make one in Saki under Settings > API.
Exit codes: 0 fine, 1 failed, 2 wrong usage.";

/// Runs the command line and says how it went.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli { command, options } = cli;
    output::log(&options)?;
    let runtime = runtime(matches!(
        command,
        Some(Command::Http(_) | Command::Sandbox(_))
    ))?;
    let outcome = runtime.block_on(async {
        match command {
            None | Some(Command::Stdio) => stdio::run(&options).await,
            Some(Command::Http(http)) => http.run(&options).await,
            Some(Command::Sandbox(alone)) => alone.run().await,
            Some(Command::Demo) => demo::run(&options).await,
            Some(Command::Tools(catalogue)) => catalogue.run(&options).await,
            Some(Command::Call(call)) => call.run(&options).await,
        }
    });
    // A read of a terminal that nobody ends would keep a plain shutdown waiting.
    runtime.shutdown_timeout(std::time::Duration::from_millis(50));
    outcome
}

/// One client needs one thread, which saves a hand-over per call; HTTP gets two.
fn runtime(threads: bool) -> anyhow::Result<Runtime> {
    let mut builder = match threads {
        true => Builder::new_multi_thread(),
        false => Builder::new_current_thread(),
    };
    if threads {
        builder.worker_threads(2);
    }
    builder
        .enable_all()
        .build()
        .context("the runtime could not be started")
}
