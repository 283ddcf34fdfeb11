//! A real MCP client on a pipe in memory, so that the shell sees what any client sees.

use std::sync::Arc;

use anyhow::Context;
use rmcp::service::RunningService;
use rmcp::{ClientHandler, RoleClient, ServiceExt};
use tokio_util::sync::CancellationToken;

use crate::server::McpHandler;
use crate::transport::stdio::serve_on;

/// A connected client that is never asked anything; the server ends with it.
pub(super) async fn connect(
    handler: Arc<McpHandler>,
) -> anyhow::Result<RunningService<RoleClient, ()>> {
    connect_as((), handler).await
}

/// A connected client that answers questions in its own way.
pub(super) async fn connect_as<C: ClientHandler>(
    client: C,
    handler: Arc<McpHandler>,
) -> anyhow::Result<RunningService<RoleClient, C>> {
    let (here, there) = tokio::io::duplex(1024 * 1024);
    let (reader, writer) = tokio::io::split(there);
    tokio::spawn(serve_on(reader, writer, handler, CancellationToken::new()));
    client
        .serve(tokio::io::split(here))
        .await
        .context("the server did not answer")
}
