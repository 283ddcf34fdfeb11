//! In-process MCP client, on a pipe in memory: `demo`, `tools` and `call` see what any client sees.

use std::sync::Arc;

use anyhow::Context;
use rmcp::service::RunningService;
use rmcp::{ClientHandler, RoleClient, ServiceExt};
use tokio_util::sync::CancellationToken;

use crate::server::McpHandler;
use crate::transport::stdio::serve_on;

/// Connects `client` to `handler`, which is served until the client is dropped. The client `()` answers no questions.
pub(super) async fn connect<C: ClientHandler>(
    client: C,
    handler: Arc<McpHandler>,
) -> anyhow::Result<RunningService<RoleClient, C>> {
    let (client_end, server_end) = tokio::io::duplex(1024 * 1024);
    let (reader, writer) = tokio::io::split(server_end);
    tokio::spawn(serve_on(reader, writer, handler, CancellationToken::new()));
    client
        .serve(tokio::io::split(client_end))
        .await
        .context("the server did not answer")
}
