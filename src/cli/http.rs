//! `saki-mcp http`: clients on this machine over HTTP.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use tokio::net::TcpListener;

use super::options::Options;
use super::serve::{Caller, Server, shutdown};
use crate::transport::http::{HttpOptions, serve};
use crate::transport::{AllowedHost, AllowedOrigin};

#[derive(Debug, Args)]
pub(super) struct Http {
    /// Address to listen on; only addresses of this machine itself
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "SAKI_BIND",
        default_value = "127.0.0.1:8787"
    )]
    bind: SocketAddr,
    /// Further name that requests may come under, e.g. "saki.internal" behind a proxy on this machine; repeatable
    #[arg(
        long = "allowed-host",
        value_name = "HOST",
        env = "SAKI_ALLOWED_HOST",
        value_delimiter = ','
    )]
    allowed_hosts: Vec<AllowedHost>,
    /// Further web page that may call, e.g. "https://inspector.internal"; repeatable
    #[arg(
        long = "allowed-origin",
        value_name = "ORIGIN",
        env = "SAKI_ALLOWED_ORIGIN",
        value_delimiter = ','
    )]
    allowed_origins: Vec<AllowedOrigin>,
}

impl Http {
    pub(super) async fn run(self, options: &Options) -> anyhow::Result<ExitCode> {
        if !self.bind.ip().is_loopback() {
            bail!(
                "--bind {} would let other machines use your Saki key: whoever reaches the port could post in your name. \
                 Listen on 127.0.0.1 or [::1]; serving others comes with authentication, which this version does not have",
                self.bind
            );
        }
        let server = Server::build(options, Caller::Http).await?;
        server.warm();
        let listener = TcpListener::bind(self.bind)
            .await
            .with_context(|| format!("--bind {}", self.bind))?;
        let at = listener.local_addr().context("the address listened on")?;
        tracing::info!(
            "listening: Streamable HTTP at http://{at}/mcp, HTTP+SSE at http://{at}/sse, Ctrl-C ends this"
        );
        let options = HttpOptions {
            allowed_hosts: self.allowed_hosts,
            allowed_origins: self.allowed_origins,
        };
        serve(listener, server.handler.clone(), options, shutdown())
            .await
            .context("the HTTP server failed")?;
        server.finish().await;
        Ok(ExitCode::SUCCESS)
    }
}
