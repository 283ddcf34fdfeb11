//! Listen address of a server, and whether other machines can connect to it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, bail};
use tokio::net::TcpListener;

/// The address of `saki-mcp http` where none is given.
pub(super) const DEFAULT_BIND: &str = "127.0.0.1:8790";

/// Parses `127.0.0.1:8790`, `[::1]:8790`, `localhost:8790` or `8790`.
pub(super) fn parse_any(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let on_localhost = |port: &str| {
        let port = port.parse().ok()?;
        Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    };
    let address = text.parse().ok();
    let address = address.or_else(|| on_localhost(text.strip_prefix("localhost:").unwrap_or(text)));
    Ok(address.ok_or("expected an address and a port, such as 127.0.0.1:8790, or only a port")?)
}

/// The same, where only this machine is served.
pub(super) fn parse(text: &str) -> Result<SocketAddr, String> {
    let address = parse_any(text)?;
    if !address.ip().is_loopback() {
        return Err(format!(
            "other machines can connect to this address, and anyone who does can post in your name. \
             Only this machine can be served: use 127.0.0.1:{port} or [::1]:{port}",
            port = address.port()
        ));
    }
    Ok(address)
}

/// Opens the listener. The error says what to do about it, and with which flag.
pub(super) async fn listen(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => bail!(
            "the address {address} is in use, perhaps by another saki-mcp. \
             Stop that program, or choose another port with {flag}"
        ),
        result => result.with_context(|| format!("cannot listen on {address}")),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use rstest::rstest;

    #[rstest]
    #[case("127.0.0.1:8790", "127.0.0.1:8790")]
    #[case(" [::1]:0 ", "[::1]:0")]
    #[case("localhost:4010", "127.0.0.1:4010")]
    #[case("4010", "127.0.0.1:4010")]
    fn loopback_addresses_are_accepted(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(parse(text).unwrap().to_string(), expected);
    }

    #[rstest]
    #[case("0.0.0.0:8790", "127.0.0.1:8790")]
    #[case("[::]:8790", "[::1]:8790")]
    #[case("192.168.1.2:80", "Only this machine")]
    #[case("127.0.0.1", "such as 127.0.0.1:8790")]
    #[case(":8790", "such as 127.0.0.1:8790")]
    #[case("localhost:99999", "such as 127.0.0.1:8790")]
    #[case("", "such as 127.0.0.1:8790")]
    fn other_addresses_are_refused_with_the_way_out(#[case] text: &str, #[case] advice: &str) {
        let error = parse(text).unwrap_err();
        assert!(error.contains(advice), "{error}");
    }
}
