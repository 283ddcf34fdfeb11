//! `saki-mcp sandbox`: the invented Saki alone.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use tokio::net::TcpListener;

use super::serve::shutdown;
use crate::sandbox::{Sandbox, SandboxOptions};

#[derive(Debug, Args)]
pub(super) struct Alone {
    /// Address to listen on; only addresses of this machine itself
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "SAKI_BIND",
        default_value = "127.0.0.1:4010"
    )]
    bind: SocketAddr,
    /// The one key it accepts; it is no secret, and any non-empty key does without it
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl Alone {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        if !self.bind.ip().is_loopback() {
            bail!(
                "--bind {}: the sandbox listens only on this machine; use 127.0.0.1 or [::1]",
                self.bind
            );
        }
        let sandbox = Sandbox::new(SandboxOptions {
            key: self.key,
            ..SandboxOptions::default()
        });
        let listener = TcpListener::bind(self.bind)
            .await
            .with_context(|| format!("--bind {}", self.bind))?;
        let at = listener.local_addr().context("the address listened on")?;
        tracing::info!(
            "an invented Saki at http://{at}/api (SAKI_BASE_URL), its controls at http://{at}/_sandbox, Ctrl-C ends this"
        );
        sandbox
            .serve(listener, shutdown())
            .await
            .context("the sandbox failed")?;
        Ok(ExitCode::SUCCESS)
    }
}
