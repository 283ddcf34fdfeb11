//! `saki-mcp sandbox`: serves only the sandbox, a simulated Saki in memory.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use tokio_util::sync::CancellationToken;

use super::listen_address;
use crate::sandbox::{Sandbox, SandboxOptions, Variant};
use crate::transport::shutdown::cancel_on_signal;

#[derive(Debug, Args)]
pub(super) struct RunSandbox {
    /// Address of this machine to listen on, or only a port
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "SAKI_BIND",
        default_value = "127.0.0.1:4010",
        value_parser = listen_address::parse
    )]
    bind: SocketAddr,
    /// The only API key to accept; without this, any key is accepted
    ///
    /// It is a test key for the simulated Saki, not a secret.
    #[arg(long, value_name = "KEY", value_parser = NonEmptyStringValueParser::new())]
    key: Option<String>,
    /// Simulate another plausible Saki: the one drawn with this number, or "default"
    ///
    /// The reference leaves open how replies are wrapped, what fields are called, how content is refused and more. The
    /// same number always gives the same variant.
    #[arg(
        long,
        value_name = "SEED",
        default_value = "default",
        allow_negative_numbers = true
    )]
    variant: Variant,
}

impl RunSandbox {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let shutdown = CancellationToken::new();
        cancel_on_signal(&shutdown);
        let variant = self.variant.to_string();
        let sandbox = Sandbox::new(SandboxOptions {
            key: self.key,
            ..SandboxOptions::of_variant(self.variant)
        });
        tracing::info!("variant {variant}");
        let listener = listen_address::listen(self.bind, "--bind").await?;
        let address = listener.local_addr().context("the listening address")?;
        tracing::info!(
            "simulated Saki at http://{address}/api (for SAKI_BASE_URL). Controls: http://{address}/_sandbox/clock, /_sandbox/faults and /_sandbox/log. Ctrl-C stops it"
        );
        sandbox
            .serve(listener, shutdown)
            .await
            .context("the sandbox failed")?;
        Ok(ExitCode::SUCCESS)
    }
}
