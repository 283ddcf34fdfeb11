//! Server construction from the flags: the Saki client, the tools, the MCP handler, and the sandbox on demand.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::api_key_sources::{self, FoundKey};
use super::global_flags::GlobalFlags;
use super::usage_error::wrong_usage;
use super::{certificate_authorities, policy_flags};
use crate::saki::release_memory::release_free_pages;
use crate::saki::{BaseUrl, Client, ClientOptions, Clock, ConnectionPool, Key};
use crate::sandbox::{RunningSandbox, Sandbox, SandboxOptions};
use crate::server::{Identity, McpHandler};
use crate::tools::{MAX_CALL_TIME, Settings, Tools, UploadPaths};
use crate::transport::shutdown::finish_detached;
use crate::write::media::fetch::FetchOptions;
use crate::write::shared_store::{InMemoryStore, SharedStore};

/// The key for a sandbox, which takes any.
pub(super) const SANDBOX_KEY: &str = "sandbox-key";

/// Where the client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientLocation {
    /// The user of this machine: file paths and the system's time zone are theirs.
    LocalUser,
    /// Somebody who connects over HTTP.
    HttpClient {
        /// How long a call may take.
        call_timeout: Duration,
    },
}

/// The MCP handler and what it runs on.
pub(super) struct Server {
    pub(super) handler: Arc<McpHandler>,
    /// The client behind the tools.
    pub(super) saki: Client,
    /// The connections to Saki, without a key.
    pub(super) connection_pool: ConnectionPool,
    pub(super) base_url: BaseUrl,
    /// The key of the configuration.
    pub(super) key: Option<Key>,
    pub(super) identity: Identity,
    /// Why every call to Saki will fail: no key, or a text that cannot be one.
    key_problem: Option<String>,
    // It stops when the server is dropped.
    _sandbox: Option<RunningSandbox>,
}

impl Server {
    pub(super) async fn build(
        flags: &GlobalFlags,
        location: ClientLocation,
    ) -> anyhow::Result<Self> {
        Self::build_with(flags, location, Arc::<InMemoryStore>::default()).await
    }

    /// A server that keeps in `shared_store` what it has in common with others.
    pub(super) async fn build_with(
        flags: &GlobalFlags,
        location: ClientLocation,
        shared_store: Arc<dyn SharedStore>,
    ) -> anyhow::Result<Self> {
        let clock = Clock::default();
        let sandbox = match flags.sandbox {
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
        let (base_url, key, key_problem) = match &sandbox {
            Some(running) => (
                BaseUrl::new(&running.base_url)?,
                Some(Key::new(SANDBOX_KEY)),
                None,
            ),
            None => {
                let search = api_key_sources::find(flags.api_key_file.as_deref())?;
                let problem = search.problem();
                // Those who connect from elsewhere do not learn of files of this machine.
                let is_told = location == ClientLocation::LocalUser;
                let key = search.found.map(|FoundKey { source, key }| match is_told {
                    true => key.map(|key| key.with_origin(&source.to_string())),
                    false => key,
                });
                (flags.base_url.clone(), key, problem)
            }
        };
        let identity = Identity {
            name: flags.name.clone(),
            sandbox: sandbox.is_some(),
            has_key: key_problem.is_none(),
        };
        let authorities = certificate_authorities::read(flags.ca_cert.as_deref())?;
        let connection_pool = ConnectionPool::new(ClientOptions {
            timeout: flags.timeout,
            bypass_proxies: base_url.is_loopback(),
            extra_authorities: authorities.clone(),
            ..ClientOptions::default()
        });
        let client = Client::new(connection_pool.clone(), base_url.clone());
        let usable_key = key.as_ref().and_then(|key| key.as_ref().ok()).cloned();
        let client = match key {
            Some(key) => client.with_key(key),
            None => client,
        };
        let (timezone, upload_paths, call_timeout) = match location {
            ClientLocation::LocalUser => (
                flags.timezone_or_system(),
                UploadPaths::Below(flags.media_dirs_or_home()),
                MAX_CALL_TIME,
            ),
            ClientLocation::HttpClient { call_timeout } => {
                (flags.timezone.clone(), UploadPaths::Never, call_timeout)
            }
        };
        if let UploadPaths::Below(directories) = &upload_paths {
            for away in directories.iter().filter(|directory| !directory.is_dir()) {
                tracing::warn!(
                    "the media directory {} does not exist. No file is read from it until it does",
                    away.display()
                );
            }
        }
        let policy = policy_flags::policy(&flags.policy_flags, timezone.as_ref())?;
        let chooses_tools = !policy.tool_choices().is_empty();
        let settings = Settings {
            timezone,
            upload_paths,
            fetch: FetchOptions {
                extra_authorities: authorities,
                ..flags.fetch_options()
            },
            clock,
            policy,
            confirm: flags.confirm,
            shared_store,
            call_timeout,
            ..Settings::default()
        };
        let handler = McpHandler::new(Tools::new(client.clone(), settings), &identity);
        if chooses_tools && handler.catalogue().is_empty() {
            return Err(wrong_usage(
                "no tool is left: --tools, --toolsets, --exclude-tools and --mode together exclude all of them",
            ));
        }
        Ok(Self {
            handler,
            saki: client,
            connection_pool,
            base_url,
            key: usable_key,
            identity,
            key_problem,
            _sandbox: sandbox,
        })
    }

    /// Warns about a missing key, and builds the catalogue and the HTTP client in the background.
    ///
    /// The answer to `initialize` needs neither, so it does not wait for them.
    pub(super) fn prepare_for_clients(&self, callers_have_keys: bool) {
        if let Some(problem) = &self.key_problem {
            let whose = match callers_have_keys {
                true => "every call of somebody without a key of their own",
                false => "every call",
            };
            tracing::warn!(
                "{problem}. The tools are listed, but {whose} fails and says how to set a key"
            );
        }
        let (handler, pool) = (Arc::clone(&self.handler), self.connection_pool.clone());
        let build = move || {
            handler.warm();
            pool.warm();
        };
        // If no thread can start, both are built at their first use.
        let _ = std::thread::Builder::new().spawn(move || {
            // A thread that ends frees the schemas that rmcp keeps for it, but glibc keeps their pages.
            if let Ok(built) = std::thread::Builder::new().spawn(build) {
                let _ = built.join();
            }
            release_free_pages();
        });
    }

    /// Waits for writes that were sent to Saki and whose callers are gone: the last step of a graceful shutdown.
    pub(super) async fn finish_writes(&self) {
        if !finish_detached(self.handler.tools().detached()).await {
            tracing::warn!(
                "stopped before Saki answered a write, or before the store took its outcome. Check in Saki whether it was done"
            );
        }
    }
}
