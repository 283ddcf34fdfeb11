//! `saki-mcp http`: clients on this machine over HTTP.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::bind;
use super::limits::Limits;
use super::options::Options;
use super::serve::{Caller, Server, shutdown};
use crate::transport::http::{HttpOptions, serve};
use crate::transport::{AllowedHost, AllowedOrigin};

#[derive(Debug, Args)]
pub(super) struct Http {
    /// Address of this machine to listen on, or a port alone
    ///
    /// Other machines are not served: there is no authentication yet, so whoever reached the port could post in your name.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "SAKI_BIND",
        default_value = "127.0.0.1:8787",
        value_parser = bind::address
    )]
    bind: SocketAddr,
    /// Further host name that requests may use, e.g. "saki.internal"
    ///
    /// For a proxy on this machine; localhost, 127.0.0.1 and [::1] are always allowed. Repeatable; commas separate several.
    #[arg(
        long = "allowed-host",
        value_name = "HOST",
        env = "SAKI_ALLOWED_HOST",
        value_delimiter = ','
    )]
    allowed_hosts: Vec<AllowedHost>,
    /// Further web page that may call, e.g. "https://inspector.internal"
    ///
    /// For clients in a browser; pages of localhost are always allowed. Repeatable; commas separate several.
    #[arg(
        long = "allowed-origin",
        value_name = "ORIGIN",
        env = "SAKI_ALLOWED_ORIGIN",
        value_delimiter = ','
    )]
    allowed_origins: Vec<AllowedOrigin>,
    #[command(flatten)]
    pub(super) limits: Limits,
}

impl Http {
    pub(super) async fn run(self, options: &Options) -> anyhow::Result<ExitCode> {
        let server = Server::build(options, Caller::Http).await?;
        server.expect_client();
        let listener = bind::listen(self.bind).await?;
        let at = listener.local_addr().context("the address listened on")?;
        tracing::info!(
            "listening: Streamable HTTP at http://{at}/mcp, HTTP+SSE at http://{at}/sse, Ctrl-C ends this"
        );
        let options = HttpOptions {
            allowed_hosts: self.allowed_hosts,
            allowed_origins: self.allowed_origins,
        };
        let handler = server.handler.clone();
        let shutdown = shutdown(handler.shutdown_token());
        serve(listener, handler, options, shutdown)
            .await
            .context("the HTTP server failed")?;
        server.finish().await;
        Ok(ExitCode::SUCCESS)
    }
}
