//! Forwarded headers: whose `X-Forwarded-For` and `X-Forwarded-Proto` count, and which client a request is from.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use http::HeaderMap;
use ipnet::IpNet;

/// The addresses of a proxy whose forwarded headers count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedProxy(IpNet);

/// A trusted proxy that cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an address such as 10.0.0.5, or a network such as 10.0.0.0/8 or fd00::/8")]
pub struct InvalidTrustedProxy;

impl FromStr for TrustedProxy {
    type Err = InvalidTrustedProxy;

    fn from_str(text: &str) -> Result<Self, InvalidTrustedProxy> {
        let text = text.trim();
        let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
        let network = text.parse().ok().or_else(address);
        network.map(Self).ok_or(InvalidTrustedProxy)
    }
}

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport) struct RequestPeer {
    /// The address of the client, in front of all trusted proxies.
    pub(in crate::transport) client: IpAddr,
    /// Whether the client spoke TLS, with this server or with a trusted proxy.
    pub(in crate::transport) is_https: bool,
    /// Whether the request came through a trusted proxy.
    pub(in crate::transport) is_proxied: bool,
}

impl RequestPeer {
    /// The peer of a request that came from `address`, over TLS or not.
    pub(super) fn of(
        address: IpAddr,
        is_tls: bool,
        headers: &HeaderMap,
        proxies: &[TrustedProxy],
    ) -> Self {
        let is_trusted = |address: IpAddr| proxies.iter().any(|proxy| proxy.0.contains(&address));
        let mut client = address.to_canonical();
        if !is_trusted(client) {
            return Self {
                client,
                is_https: is_tls,
                is_proxied: false,
            };
        }
        // Each proxy appends the address that it saw, so only those behind trusted proxies are true.
        for entry in entries(headers, "x-forwarded-for").rev() {
            match parse_address(entry) {
                Some(address) => client = address,
                None => break,
            }
            if !is_trusted(client) {
                break;
            }
        }
        let scheme = entries(headers, "x-forwarded-proto").next_back();
        Self {
            client,
            is_https: scheme.map_or(is_tls, |scheme| scheme.eq_ignore_ascii_case("https")),
            is_proxied: true,
        }
    }
}

/// The entries of a header that is a list and may stand several times.
fn entries<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> impl DoubleEndedIterator<Item = &'a str> {
    let values: Vec<&str> = headers
        .get_all(name)
        .iter()
        // What is no text is no address either; it must not make an entry before it count.
        .map(|value| value.to_str().unwrap_or_default())
        .collect();
    values
        .into_iter()
        .flat_map(|value| value.split(',').map(str::trim))
}

/// An address, with a port or without.
fn parse_address(entry: &str) -> Option<IpAddr> {
    let bracketed = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = match bracketed {
        Some(address) => address.parse().ok(),
        None => entry.parse().ok(),
    };
    let with_port = || Some(entry.parse::<SocketAddr>().ok()?.ip());
    address
        .or_else(with_port)
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use rstest::rstest;

    fn peer(address: &str, forwarded: &[(&'static str, &'static str)]) -> RequestPeer {
        let proxies = ["10.0.0.0/8", "::1"].map(|proxy| proxy.parse().unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in forwarded {
            headers.append(*name, HeaderValue::from_static(value));
        }
        RequestPeer::of(address.parse().unwrap(), false, &headers, &proxies)
    }

    #[rstest]
    #[case::forged("203.0.113.9", &["198.51.100.1"], "203.0.113.9")]
    #[case::from_a_proxy("10.0.0.1", &["198.51.100.1"], "198.51.100.1")]
    #[case::mapped("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1")]
    #[case::forged_before_the_proxy("10.0.0.1", &["1.2.3.4, 198.51.100.1"], "198.51.100.1")]
    #[case::two_proxies("10.0.0.1", &["1.2.3.4, 198.51.100.1, 10.0.0.2"], "198.51.100.1")]
    #[case::two_headers("10.0.0.1", &["1.2.3.4", "198.51.100.1"], "198.51.100.1")]
    #[case::only_proxies("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3")]
    #[case::with_a_port("10.0.0.1", &["198.51.100.1:5000"], "198.51.100.1")]
    #[case::six("::1", &["[2001:db8::1]:5000"], "2001:db8::1")]
    #[case::six_alone("::1", &["[2001:db8::1]"], "2001:db8::1")]
    #[case::no_address("10.0.0.1", &["1.2.3.4, unknown"], "10.0.0.1")]
    #[case::none("10.0.0.1", &[], "10.0.0.1")]
    fn the_client_stands_before_the_trusted_proxies(
        #[case] address: &str,
        #[case] forwarded: &[&'static str],
        #[case] client: &str,
    ) {
        let headers: Vec<_> = forwarded
            .iter()
            .map(|value| ("x-forwarded-for", *value))
            .collect();
        assert_eq!(peer(address, &headers).client.to_string(), client);
    }

    #[test]
    fn the_scheme_of_a_trusted_proxy_counts() {
        let proto = [("x-forwarded-proto", "https")];
        assert!(peer("10.0.0.1", &proto).is_https);
        assert!(!peer("203.0.113.9", &proto).is_https);
        assert!(!peer("10.0.0.1", &[("x-forwarded-proto", "https, http")]).is_https);
        assert!(peer("10.0.0.1", &[]).is_proxied);
        assert!(!peer("203.0.113.9", &proto).is_proxied);
    }

    #[rstest]
    #[case("10.0.0.0/8", true)]
    #[case(" 10.0.0.5 ", true)]
    #[case("fd00::/8", true)]
    #[case("10.0.0.0/33", false)]
    #[case("proxy.internal", false)]
    #[case("", false)]
    fn a_proxy_is_an_address_or_a_network(#[case] text: &str, #[case] is_one: bool) {
        assert_eq!(text.parse::<TrustedProxy>().is_ok(), is_one, "{text}");
    }
}
