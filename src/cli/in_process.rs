//! A real MCP client on a pipe in memory, so that the shell sees what any client sees.

use std::sync::Arc;

use anyhow::Context;
use rmcp::RoleClient;
use rmcp::ServiceExt;
use rmcp::service::RunningService;
use tokio_util::sync::CancellationToken;

use crate::server::Handler;
use crate::transport::stdio::serve_on;

/// A connected client; the server ends with it.
pub(super) async fn connect(
    handler: Arc<Handler>,
) -> anyhow::Result<RunningService<RoleClient, ()>> {
    let (here, there) = tokio::io::duplex(1024 * 1024);
    let (reader, writer) = tokio::io::split(there);
    tokio::spawn(serve_on(reader, writer, handler, CancellationToken::new()));
    ().serve(tokio::io::split(here))
        .await
        .context("the server did not answer")
}
