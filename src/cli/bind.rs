//! The address that a server listens on: always one of this machine itself.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, bail};
use tokio::net::TcpListener;

/// Reads `127.0.0.1:8787`, `[::1]:8787`, `localhost:8787` or `8787`.
pub(super) fn address(given: &str) -> Result<SocketAddr, String> {
    let given = given.trim();
    let here = |port: &str| {
        let port = port.parse().ok()?;
        Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    };
    let address = given
        .parse()
        .ok()
        .or_else(|| here(given.strip_prefix("localhost:").unwrap_or(given)))
        .ok_or("give an address and a port, such as 127.0.0.1:8787, or a port alone")?;
    if !address.ip().is_loopback() {
        return Err(format!(
            "other machines could reach it there, and whoever does could post in your name; \
             this version serves only its own machine: use 127.0.0.1:{port} or [::1]:{port}",
            port = address.port()
        ));
    }
    Ok(address)
}

/// Listens, or says what to do about it.
pub(super) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => bail!(
            "something else listens on {address} already, perhaps another saki-mcp; \
             stop it, or choose another port with --bind"
        ),
        bound => bound.with_context(|| format!("cannot listen on {address}")),
    }
}

#[cfg(test)]
mod tests {
    use super::address;
    use rstest::rstest;

    #[rstest]
    #[case("127.0.0.1:8787", "127.0.0.1:8787")]
    #[case(" [::1]:0 ", "[::1]:0")]
    #[case("localhost:4010", "127.0.0.1:4010")]
    #[case("4010", "127.0.0.1:4010")]
    fn addresses_of_this_machine_are_taken(#[case] given: &str, #[case] meant: &str) {
        assert_eq!(address(given).unwrap().to_string(), meant);
    }

    #[rstest]
    #[case("0.0.0.0:8787", "127.0.0.1:8787")]
    #[case("[::]:8787", "[::1]:8787")]
    #[case("192.168.1.2:80", "only its own machine")]
    #[case("127.0.0.1", "such as 127.0.0.1:8787")]
    #[case(":8787", "such as 127.0.0.1:8787")]
    #[case("localhost:99999", "such as 127.0.0.1:8787")]
    #[case("", "such as 127.0.0.1:8787")]
    fn other_addresses_are_refused_with_the_way_out(#[case] given: &str, #[case] said: &str) {
        let refused = address(given).unwrap_err();
        assert!(refused.contains(said), "{refused}");
    }
}
