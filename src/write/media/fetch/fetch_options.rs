//! Fetch options: allowed networks, DNS resolver, size limit and timeouts of media fetches.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::saki::CertificateAuthority;

/// Limits of media fetches.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// Which addresses may be fetched from.
    pub scope: NetworkScope,
    /// The DNS resolver.
    pub resolver: Arc<dyn Resolver>,
    /// The maximum size of one file.
    pub max_bytes: u64,
    /// Timeout of a DNS lookup and of a connection.
    pub connect_timeout: Duration,
    /// How long a server may send nothing.
    pub read_timeout: Duration,
    /// How long one whole file may take, redirects included.
    pub total_timeout: Duration,
    /// Certificate authorities to trust beside those of the system.
    pub extra_authorities: Vec<CertificateAuthority>,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            scope: NetworkScope::Public,
            resolver: Arc::new(SystemResolver),
            max_bytes: 1024 * 1024 * 1024,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(10 * 60),
            extra_authorities: Vec::new(),
        }
    }
}

/// Which addresses may be fetched from; the metadata services of clouds are never allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NetworkScope {
    /// Addresses of the public internet.
    #[default]
    Public,
    /// Public addresses and these.
    PublicAnd(Vec<SocketAddr>),
    /// All addresses: for a lab whose files are on private machines.
    Everywhere,
}

/// A DNS resolver; a trait, so that a test can answer like a hostile DNS server.
pub trait Resolver: fmt::Debug + Send + Sync {
    /// The addresses of a host; port 0 stands for the default port.
    fn addresses(&self, host: &str) -> LookupFuture;
}

/// The future of a DNS lookup.
pub type LookupFuture = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn addresses(&self, host: &str) -> LookupFuture {
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.collect()) })
    }
}
