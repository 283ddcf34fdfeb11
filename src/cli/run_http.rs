//! `saki-mcp http`: serves MCP clients on this machine over HTTP.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::build_server::{Caller, Server};
use super::global_flags::GlobalFlags;
use super::listen_address;
use super::policy_flags::PolicyFlags;
use crate::transport::http::{HttpOptions, serve};
use crate::transport::shutdown::cancel_on_signal;
use crate::transport::{AllowedHost, AllowedOrigin};

#[derive(Debug, Args)]
pub(super) struct RunHttp {
    /// Address of this machine to listen on, or only a port
    ///
    /// Other machines cannot connect. There is no authentication yet, so anyone who reached the port could post in your name.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "SAKI_BIND",
        default_value = "127.0.0.1:8787",
        value_parser = listen_address::parse
    )]
    bind: SocketAddr,
    /// Additional host name that requests may use, e.g. "saki.internal"
    ///
    /// For a proxy on this machine. localhost, 127.0.0.1 and [::1] are always allowed. Repeatable, or separate several with commas.
    #[arg(
        long = "allowed-host",
        value_name = "HOST",
        env = "SAKI_ALLOWED_HOST",
        value_delimiter = ','
    )]
    allowed_hosts: Vec<AllowedHost>,
    /// Additional web origin whose pages may call, e.g. "https://inspector.internal"
    ///
    /// For clients in a browser. Pages of localhost are always allowed. Repeatable, or separate several with commas.
    #[arg(
        long = "allowed-origin",
        value_name = "ORIGIN",
        env = "SAKI_ALLOWED_ORIGIN",
        value_delimiter = ','
    )]
    allowed_origins: Vec<AllowedOrigin>,
    #[command(flatten)]
    pub(super) policy_flags: PolicyFlags,
}

impl RunHttp {
    pub(super) async fn run(self, flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
        let server = Server::build(flags, Caller::HttpClient).await?;
        server.prepare_for_clients();
        let listener = listen_address::listen(self.bind).await?;
        let address = listener.local_addr().context("the listening address")?;
        tracing::info!(
            "listening: Streamable HTTP at http://{address}/mcp, HTTP+SSE at http://{address}/sse. Ctrl-C stops the server"
        );
        let options = HttpOptions {
            allowed_hosts: self.allowed_hosts,
            allowed_origins: self.allowed_origins,
        };
        let handler = server.handler.clone();
        cancel_on_signal(handler.stop_token());
        let shutdown = handler.shutdown_token().clone();
        serve(listener, handler, options, shutdown)
            .await
            .context("the HTTP server failed")?;
        server.finish_writes().await;
        Ok(ExitCode::SUCCESS)
    }
}
