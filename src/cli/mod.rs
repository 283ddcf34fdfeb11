//! The command line: one file per sub-command, and the options they share.

mod bind;
mod call;
mod demo;
mod environment;
mod http;
mod in_process;
mod limits;
mod misspelt;
mod options;
mod output;
mod sandbox;
mod serve;
mod shell;
mod stdio;
mod tools;

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};
use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

use limits::Limits;
use options::Options;

/// The MCP server for Saki, the social-media scheduler
///
/// An assistant in Claude, Cursor, VS Code or any other MCP client starts it, and has every endpoint of Saki's API as a tool.
/// Without a command it serves that client on standard input and output.
#[derive(Debug, Parser)]
#[command(
    name = "saki-mcp",
    version,
    max_term_width = 100,
    subcommand_help_heading = "Commands"
)]
#[command(after_help = EXAMPLES, after_long_help = MORE)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
    // Not global: of two values for a global option the one behind the command wins, and a limit must not be lost.
    #[command(flatten)]
    limits: Limits,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// See a real MCP client schedule posts, on an invented Saki
    ///
    /// Takes under a second and needs no account, no key and no network.
    Demo,
    /// Serve one MCP client on standard input and output (the default)
    Stdio(Limits),
    /// Serve MCP clients on this machine over HTTP
    ///
    /// Streamable HTTP at /mcp, the older HTTP+SSE at /sse and /message, and /healthz for those who watch.
    Http(http::Http),
    /// Print the tools as an MCP client sees them
    Tools(tools::Catalogue),
    /// Call one tool from the shell
    ///
    /// Prints the result as JSON on standard output, or what went wrong on standard error.
    /// Exits with 0 when the tool succeeded, 1 when it failed, 2 when the command line or its JSON was not understood.
    #[command(after_help = CALLS)]
    Call(call::Call),
    /// Serve the invented Saki alone, to try API calls against
    ///
    /// It speaks Saki's REST API at /api and keeps everything in memory. /_sandbox/clock, /_sandbox/faults and /_sandbox/log
    /// set its time, make it fail and show what reached it. The options for Saki below do nothing here.
    Sandbox(sandbox::Alone),
}

impl Command {
    fn limits(&self) -> Option<&Limits> {
        match self {
            Self::Stdio(limits) => Some(limits),
            Self::Http(http) => Some(&http.limits),
            Self::Tools(catalogue) => Some(&catalogue.limits),
            Self::Call(call) => Some(&call.limits),
            // Both know only an invented Saki, where there is nothing to guard.
            Self::Demo | Self::Sandbox(_) => None,
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  saki-mcp demo                 see it at work; no account needed
  saki-mcp --sandbox            an MCP server over an invented Saki
  SAKI_API_KEY=... saki-mcp     an MCP server over your Saki
  saki-mcp http                 the same over HTTP, for clients on this machine
  saki-mcp call list_spaces     one call from the shell

More, with all options and how to connect a client: saki-mcp --help";

const CALLS: &str = r#"Examples:
  saki-mcp call list_spaces
  saki-mcp --sandbox call list_accounts '{"space_id": 1}'
  saki-mcp --sandbox call create_post - < post.json"#;

const MORE: &str = r#"Connect a client:
  claude mcp add saki -- saki-mcp --api-key-file ~/.config/saki/key

  or, in the configuration of Claude Desktop, Cursor and most others:
  {"mcpServers": {"saki": {
    "command": "saki-mcp",
    "env": {"SAKI_API_KEY": "YOUR_API_KEY"}
  }}}

  A client that does not find saki-mcp wants its full path as "command".

Examples:
  saki-mcp demo                 see it at work; no account needed
  saki-mcp --sandbox            an MCP server over an invented Saki
  SAKI_API_KEY=... saki-mcp     an MCP server over your Saki
  saki-mcp http                 the same over HTTP, for clients on this machine
  saki-mcp call list_spaces     one call from the shell
  saki-mcp --sandbox call list_accounts '{"space_id": 1}'

Environment:
  SAKI_API_KEY                  your API key, from Settings > API in Saki
  SAKI_...                      each option above by its own variable
  HTTPS_PROXY, NO_PROXY         the proxy on the way to Saki

Exit codes: 0 fine, 1 failed, 2 wrong usage."#;

/// Runs the command line and says how it went.
pub fn main() -> ExitCode {
    let command = environment::tidy(Cli::command());
    let strangers = environment::strangers(&command);
    let parsed = command
        .try_get_matches()
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let parsed = parsed.and_then(|cli| Ok((cli, Limits::of_environment()?)));
    let (cli, of_environment) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => explained(error).exit(),
    };
    match run(cli, of_environment, &strangers) {
        Ok(code) => code,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// The same refusal; a key on the command line gets told where it belongs.
fn explained(mut error: clap::Error) -> clap::Error {
    let flag = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) => flag.as_str(),
        _ => "",
    };
    if matches!(flag, "--api-key" | "--key" | "--token") {
        let tip = "the key goes into the environment variable SAKI_API_KEY; a flag would show it in the list of processes";
        let tips = vec![StyledStr::from(tip)];
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

fn run(cli: Cli, of_environment: Limits, strangers: &[String]) -> anyhow::Result<ExitCode> {
    let Cli {
        command,
        mut options,
        limits,
    } = cli;
    options.limits = vec![of_environment, limits];
    let behind = command.as_ref().and_then(Command::limits);
    options.limits.extend(behind.cloned());
    let by_hand = matches!(
        command,
        Some(Command::Demo | Command::Tools(_) | Command::Call(_))
    );
    let levels = Targets::new()
        .with_default(if by_hand { Level::WARN } else { Level::INFO })
        .with_target(
            "rmcp",
            if by_hand {
                LevelFilter::OFF
            } else {
                LevelFilter::WARN
            },
        );
    output::log(options.log.clone().unwrap_or(levels));
    for name in strangers {
        if let Some(limit) = misspelt::limit_meant_by(name) {
            bail!(
                "the environment variable {name} is no setting. If it is to limit what an assistant may do, {limit}; correct it or unset it"
            );
        }
        tracing::warn!(
            "the environment variable {name} is no setting of this version and does nothing; saki-mcp --help lists all"
        );
    }
    let runtime = runtime(matches!(
        command,
        Some(Command::Http(_) | Command::Sandbox(_))
    ))?;
    let outcome = runtime.block_on(async {
        match command {
            None | Some(Command::Stdio(_)) => stdio::run(&options).await,
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
