//! SSRF guard: a host name resolves only to addresses that were checked, so that no private address is fetched.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::fetch_options::{FetchOptions, NetworkScope};
use super::ip_ranges::{describe_non_public, is_cloud_metadata};

/// Why a URL is refused, in words that follow "the file at HOST".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct UrlRefused(pub(super) String);

/// Wraps the DNS resolver; the client connects only to the addresses that it returns.
#[derive(Debug, Clone)]
pub(super) struct SsrfGuard(pub(super) Arc<FetchOptions>);

impl SsrfGuard {
    /// The addresses of a host, all of which are allowed.
    pub(super) async fn resolve_public(&self, host: &str) -> Result<Vec<SocketAddr>, UrlRefused> {
        let found =
            tokio::time::timeout(self.0.connect_timeout, self.0.resolver.addresses(host)).await;
        let found = found
            .map_err(|_| UrlRefused("cannot be found: the DNS lookup timed out".to_owned()))?;
        let found = found.unwrap_or_default();
        if found.is_empty() {
            let why = "cannot be found: there is no such host; check the spelling";
            return Err(UrlRefused(why.to_owned()));
        }
        // One address that is not public makes the whole name hostile.
        found
            .iter()
            .try_for_each(|address| self.check_address(*address))?;
        Ok(found)
    }

    /// Checks a host that is written as an IP address, which the resolver never sees.
    pub(super) fn check_ip_literal(&self, url: &Url) -> Result<(), UrlRefused> {
        let address: IpAddr = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        let port = url.port_or_known_default().unwrap_or_default();
        self.check_address(SocketAddr::new(address, port))
    }

    fn check_address(&self, address: SocketAddr) -> Result<(), UrlRefused> {
        let ip = address.ip();
        let why = match &self.0.scope {
            NetworkScope::Everywhere if !is_cloud_metadata(ip) => None,
            NetworkScope::PublicAnd(others) if others.contains(&address) => None,
            _ => describe_non_public(ip),
        };
        match why {
            None => Ok(()),
            Some(why) if is_cloud_metadata(ip) => Err(UrlRefused(format!(
                "leads to {ip}, {why}, which is never allowed"
            ))),
            Some(why) => Err(UrlRefused(format!(
                "leads to {ip}, {why}; only public addresses are fetched, unless a person starts this server with --allow-private-urls"
            ))),
        }
    }
}

impl Resolve for SsrfGuard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.resolve_public(name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
