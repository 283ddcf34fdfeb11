//! `saki-mcp` and `saki-mcp stdio`: one client on standard input and output.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context;

use super::options::Options;
use super::serve::{Caller, Server, shutdown};
use crate::transport::stdio;

pub(super) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let server = Server::build(options, Caller::Here).await?;
    server.expect_client();
    if std::io::stdin().is_terminal() {
        tracing::info!(
            "waiting for an MCP client on standard input; `saki-mcp demo` shows one, `saki-mcp --help` says more, Ctrl-C ends this"
        );
    }
    let handler = server.handler.clone();
    let shutdown = shutdown(handler.shutdown_token());
    stdio::serve(handler, shutdown)
        .await
        .context("standard input or output failed")?;
    server.finish().await;
    Ok(ExitCode::SUCCESS)
}
