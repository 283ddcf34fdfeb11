//! The guard at the door to the network: a name leads only to addresses that were checked, and to no other.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::fetch_options::{FetchOptions, NetworkScope};
use super::ip_ranges::{is_cloud, not_public};

/// A refusal in words that go on after "the file at HOST".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(pub(super) String);

/// Stands between the HTTP client and the resolver; the client connects to what it returns, without another look.
#[derive(Debug, Clone)]
pub(super) struct SsrfGuard(pub(super) Arc<FetchOptions>);

impl SsrfGuard {
    /// The addresses of a host, all of which may be reached.
    pub(super) async fn addresses(&self, host: &str) -> Result<Vec<SocketAddr>, Refused> {
        let found = tokio::time::timeout(self.0.connect, self.0.lookup.addresses(host)).await;
        let found = found
            .map_err(|_| Refused("cannot be found: its name was not answered for".to_owned()))?;
        let found = found.unwrap_or_default();
        if found.is_empty() {
            let why = "cannot be found: there is no such host; check the spelling";
            return Err(Refused(why.to_owned()));
        }
        // One address that is not public makes the name a trap, whatever stands beside it.
        found.iter().try_for_each(|address| self.may(*address))?;
        Ok(found)
    }

    /// A host that is written as an address, which no resolver is asked for.
    pub(super) fn literal(&self, url: &Url) -> Result<(), Refused> {
        let address: IpAddr = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        let port = url.port_or_known_default().unwrap_or_default();
        self.may(SocketAddr::new(address, port))
    }

    fn may(&self, address: SocketAddr) -> Result<(), Refused> {
        let ip = address.ip();
        let why = match &self.0.reach {
            NetworkScope::Everywhere if !is_cloud(ip) => None,
            NetworkScope::PublicAnd(others) if others.contains(&address) => None,
            _ => not_public(ip),
        };
        match why {
            None => Ok(()),
            Some(why) if is_cloud(ip) => Err(Refused(format!(
                "leads to {ip}, {why}, which is never fetched from"
            ))),
            Some(why) => Err(Refused(format!(
                "leads to {ip}, {why}; only what anyone on the internet reaches is fetched, unless a person starts this server with --allow-private-urls"
            ))),
        }
    }
}

impl Resolve for SsrfGuard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.addresses(name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
