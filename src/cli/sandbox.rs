//! `saki-mcp sandbox`: the invented Saki alone.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use tokio_util::sync::CancellationToken;

use super::bind;
use super::serve::shutdown;
use crate::sandbox::{Sandbox, SandboxOptions};

#[derive(Debug, Args)]
pub(super) struct Alone {
    /// Address of this machine to listen on, or a port alone
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "SAKI_BIND",
        default_value = "127.0.0.1:4010",
        value_parser = bind::address
    )]
    bind: SocketAddr,
    /// The one key it accepts; without this, any key will do
    ///
    /// It is an invented key for an invented Saki, and no secret.
    #[arg(long, value_name = "KEY", value_parser = NonEmptyStringValueParser::new())]
    key: Option<String>,
}

impl Alone {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let sandbox = Sandbox::new(SandboxOptions {
            key: self.key,
            ..SandboxOptions::default()
        });
        let listener = bind::listen(self.bind).await?;
        let at = listener.local_addr().context("the address listened on")?;
        tracing::info!(
            "an invented Saki at http://{at}/api (SAKI_BASE_URL), its controls at http://{at}/_sandbox/clock, /faults and /log, Ctrl-C ends this"
        );
        sandbox
            .serve(listener, shutdown(&CancellationToken::new()))
            .await
            .context("the sandbox failed")?;
        Ok(ExitCode::SUCCESS)
    }
}
