//! How media are fetched: how far, how much, how long.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// How media are fetched.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// Whose addresses may be fetched from.
    pub reach: NetworkScope,
    /// What names are looked up with.
    pub lookup: Arc<dyn Resolver>,
    /// The most bytes that one file may have.
    pub largest: u64,
    /// The longest a connection may take to be made.
    pub connect: Duration,
    /// The longest a server may say nothing.
    pub idle: Duration,
    /// The longest that all of one file may take, redirects included.
    pub total: Duration,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            reach: NetworkScope::Public,
            lookup: Arc::new(SystemResolver),
            largest: 1024 * 1024 * 1024,
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(10 * 60),
        }
    }
}

/// Whose addresses may be fetched from; the metadata services of clouds never are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NetworkScope {
    /// Those that anyone on the internet reaches.
    #[default]
    Public,
    /// These as well, whatever they are.
    PublicAnd(Vec<SocketAddr>),
    /// All: for a lab whose files lie on machines of its own.
    Everywhere,
}

/// What finds the addresses of a name; a trait, so that a test can answer as a hostile server of names does.
pub trait Resolver: fmt::Debug + Send + Sync {
    /// The addresses of a host, with port 0 where its usual one is meant.
    fn addresses(&self, host: &str) -> LookupFuture;
}

/// The addresses of a host, some time later.
pub type LookupFuture = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// The resolver of this system.
#[derive(Debug, Clone, Copy)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn addresses(&self, host: &str) -> LookupFuture {
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.collect()) })
    }
}
