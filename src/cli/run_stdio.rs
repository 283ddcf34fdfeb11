//! `saki-mcp` and `saki-mcp stdio`: serves one MCP client on standard input and output.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context;

use super::build_server::{Caller, Server};
use super::global_flags::GlobalFlags;
use crate::transport::shutdown::cancel_on_signal;
use crate::transport::stdio;

pub(super) async fn run(flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
    let server = Server::build(flags, Caller::LocalUser).await?;
    server.prepare_for_clients();
    if std::io::stdin().is_terminal() {
        tracing::info!(
            "waiting for an MCP client on standard input. Ctrl-C stops the server. To see one at work, run `saki-mcp demo`; for help, `saki-mcp --help`"
        );
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
