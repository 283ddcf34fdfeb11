//! `saki-mcp` and `saki-mcp stdio`: serves one MCP client on standard input and output.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context;

use super::build_server::{ClientLocation, Server};
use super::console_output;
use super::global_flags::GlobalFlags;
use crate::transport::shutdown::cancel_on_signal;
use crate::transport::stdio;

/// What a person reads who starts the server by hand.
const TERMINAL_NOTICE: &str = "\
This is an MCP server: a client such as Claude, Cursor or VS Code starts it and talks to it on standard input.
  saki-mcp install   adds it to the MCP clients of this machine
  saki-mcp doctor    checks the key, the network and the clients
  saki-mcp demo      shows it at work, without an account
It now waits for a client. Ctrl-C stops it, and saki-mcp --help shows all commands.";

pub(super) async fn run(flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
    let server = Server::build(flags, ClientLocation::LocalUser).await?;
    server.prepare_for_clients(false);
    if std::io::stdin().is_terminal() {
        console_output::print_notice(TERMINAL_NOTICE);
    }
    let handler = server.handler.clone();
    cancel_on_signal(handler.stop_token());
    let shutdown = handler.shutdown_token().clone();
    stdio::serve(handler, shutdown)
        .await
        .context("standard input or output failed")?;
    server.finish_writes().await;
    Ok(ExitCode::SUCCESS)
}
