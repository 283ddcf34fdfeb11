//! Flags of the store that several servers share.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::global_flags::path;
use super::usage_error::wrong_usage;
use crate::transport::auth::{FileAccess, check_access};
use crate::write::redis_store::{RedisStore, StoreSecret, StoreUrl};

/// The largest file that can be a secret.
const MAX_SIZE: u64 = 16 * 1024;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Several servers behind a balancer")]
pub(super) struct StoreFlags {
    /// Redis or Valkey that several servers share, e.g. "rediss://store.internal:6379"
    ///
    /// The servers then post an equal call once, accept each other's confirmations, and count live posts together.
    /// Put a URL with a password into the variable: a flag is visible in the process list. docs/replicas.md says more.
    #[arg(long, value_name = "URL", env = "SAKI_STORE_URL", hide_env_values = true, value_parser = secret, requires = "store_secret_file")]
    store_url: Option<SecretString>,
    /// File with the secret that all servers with one store have in common, at least 32 characters
    ///
    /// What the store holds is sealed with it. To make one: openssl rand -base64 32 > FILE
    #[arg(long, value_name = "PATH", env = "SAKI_STORE_SECRET_FILE", value_parser = path(), requires = "store_url")]
    store_secret_file: Option<PathBuf>,
}

/// Any text, so that no error repeats what may hold a password.
pub(super) fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(SecretString::from(text))
}

impl StoreFlags {
    /// The store of the flags; nothing without them.
    pub(super) fn store(&self) -> anyhow::Result<Option<Arc<RedisStore>>> {
        let Some((url, secret_file)) = self.store_url.as_ref().zip(self.store_secret_file.as_ref())
        else {
            return Ok(None);
        };
        let url = StoreUrl::parse(url.expose_secret());
        let url = url.map_err(|why| wrong_usage(format!("--store-url cannot be used: {why}")))?;
        let secret = read_secret(secret_file)?;
        // The reason may repeat a part of the URL.
        let store = RedisStore::new(&url, secret)
            .map_err(|_| anyhow!("no connection to the shared store at {url} can be prepared"))?;
        Ok(Some(Arc::new(store)))
    }
}

fn read_secret(path: &Path) -> anyhow::Result<StoreSecret> {
    const FLAG: &str = "--store-secret-file";
    const REPAIR: &str = "To make one: openssl rand -base64 32 > FILE";
    let name = path.display();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        // The path is not repeated: it may be the secret in the wrong place.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!(
                "{FLAG}: the file does not exist. It takes the path of a file that holds the secret, not the secret itself. {REPAIR}"
            )
        }
        Err(error) => return Err(error).with_context(|| format!("{FLAG}: {name}")),
    };
    if !metadata.is_file() {
        bail!("{FLAG}: {name} is no file");
    }
    if metadata.len() > MAX_SIZE {
        bail!(
            "{FLAG}: {name} is too large for a secret: {} bytes",
            metadata.len()
        );
    }
    check_access(path, FileAccess::ReadByGroup).map_err(|why| anyhow!("{FLAG}: {why}"))?;
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("{FLAG}: {name} cannot be read as text"))?;
    let text = text.trim();
    let secret = StoreSecret::new(text).with_context(|| {
        format!(
            "{FLAG}: the secret in {name} is too short: {} characters, at least {} are needed. {REPAIR}",
            text.len(),
            StoreSecret::MIN_LENGTH
        )
    })?;
    Ok(secret)
}
