//! What every command stands on: the client, the tools and the handler, put together once.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use super::limits;
use super::options::Options;
use crate::saki::{BaseUrl, Client, ClientOptions, Clock, ConnectionPool};
use crate::sandbox::{RunningSandbox, Sandbox, SandboxOptions};
use crate::server::{Handler, Identity};
use crate::tools::{Settings, Tools, UploadPaths};

/// Where the caller of the tools sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// On this machine, as the same person: paths and the system's zone mean what they say.
    Here,
    /// Behind HTTP.
    Http,
}

/// The handler, and the invented Saki it may stand on.
pub(super) struct Server {
    pub(super) handler: Arc<Handler>,
    http: ConnectionPool,
    /// Why calls are going to fail for want of a key.
    key_trouble: Option<String>,
    // Ends with the server.
    _sandbox: Option<RunningSandbox>,
}

impl Server {
    pub(super) async fn build(options: &Options, caller: Caller) -> anyhow::Result<Self> {
        let clock = Clock::default();
        let sandbox = match options.sandbox {
            true => Some(
                Sandbox::start(SandboxOptions {
                    clock: clock.clone(),
                    ..SandboxOptions::default()
                })
                .await
                .context("the sandbox could not be started")?,
            ),
            false => None,
        };
        let base = match &sandbox {
            Some(running) => BaseUrl::new(&running.base_url)?,
            None => options.base_url.clone(),
        };
        let key = options.key()?;
        let key_trouble = match &key {
            Some(Ok(_)) => None,
            Some(Err(error)) => Some(error.to_string()),
            None => Some("no API key is set in SAKI_API_KEY".to_owned()),
        };
        let identity = Identity {
            sandbox: sandbox.is_some(),
            has_key: matches!(key, Some(Ok(_))),
        };
        let http = ConnectionPool::new(ClientOptions {
            timeout: options.timeout,
            bypass_proxies: base.is_loopback(),
            ..ClientOptions::default()
        });
        let client = Client::new(http.clone(), base);
        let client = match key {
            Some(key) => client.with_key(key),
            None => client,
        };
        let fetch = options.fetching();
        let (timezone, upload_paths) = match caller {
            Caller::Here => (
                options.zone_of_this_system(),
                UploadPaths::Below(options.folders()),
            ),
            Caller::Http => (options.timezone.clone(), UploadPaths::Never),
        };
        let policy = limits::policy(&options.limits, timezone.as_ref())?;
        let chooses = !policy.choices().is_empty();
        let settings = Settings {
            timezone,
            upload_paths,
            fetch,
            clock,
            policy,
            confirm: options.confirm,
            ..Settings::default()
        };
        let handler = Handler::new(Tools::new(client, settings), &identity);
        if chooses && handler.catalogue().is_empty() {
            bail!(
                "no tool is left by what is set for --tools, --toolsets, --exclude-tools and --mode together"
            );
        }
        Ok(Self {
            handler,
            http,
            key_trouble,
            _sandbox: sandbox,
        })
    }

    /// Makes ready for a client that is about to come, and tells the log what it will meet.
    ///
    /// The first answer does without the catalogue and the HTTP client, so these are built beside it.
    pub(super) fn expect_client(&self) {
        if let Some(trouble) = &self.key_trouble {
            tracing::warn!("{trouble}; tools are listed, and every call says how to set it");
        }
        let (handler, http) = (Arc::clone(&self.handler), self.http.clone());
        // A thread that ends gives back what was only needed on the way. Without one, all is built at its first use.
        let _ = std::thread::Builder::new().spawn(move || {
            handler.warm();
            http.warm();
        });
    }

    /// Waits for writes that were sent and whose callers are gone.
    pub(super) async fn finish(&self) {
        let sent = self.handler.tools().sent();
        sent.close();
        if tokio::time::timeout(Duration::from_secs(10), sent.wait())
            .await
            .is_err()
        {
            tracing::warn!("stopped while Saki had not answered a write; look whether it was done");
        }
    }
}

/// Cancels `token` when the process is asked to end.
pub(super) fn shutdown(token: &CancellationToken) -> CancellationToken {
    let (token, asked) = (token.clone(), token.clone());
    tokio::spawn(async move {
        if let Err(error) = asked_to_end().await {
            tracing::warn!("signals cannot be heard: {error}");
            std::future::pending::<()>().await;
        }
        asked.cancel();
    });
    token
}

#[cfg(unix)]
async fn asked_to_end() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn asked_to_end() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
