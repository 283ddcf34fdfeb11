//! Store URL: `redis://` or `rediss://`, host, port, user and database; no text of it ever shows the password.

use std::fmt::{self, Debug, Display};

use redis::io::tcp::TcpSettings;
use redis::{ConnectionInfo, IntoConnectionInfo};
use url::Url;

/// Where the store is, and how to log in there.
#[derive(Clone)]
pub struct StoreUrl {
    connection: ConnectionInfo,
    /// Scheme, host and port.
    place: String,
}

impl StoreUrl {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// What is wrong with it, without a part of it: any part may be a password in the wrong place.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "expected redis://HOST:PORT, or rediss://USER:PASSWORD@HOST:PORT/DATABASE for TLS and a login; \
             characters such as @ : / # ? % in the password are written as %40 %3A %2F %23 %3F %25";
        let url = Url::parse(text.trim()).map_err(|_| EXPECTED)?;
        if !matches!(url.scheme(), "redis" | "rediss") {
            return Err(EXPECTED);
        }
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return Err(EXPECTED);
        };
        if url.fragment().is_some() {
            return Err(
                "it must have no # part: the certificate of the store is always checked, and a # in the password is written as %23",
            );
        }
        let place = match url.port() {
            Some(port) => format!("{}://{host}:{port}", url.scheme()),
            None => format!("{}://{host}", url.scheme()),
        };
        let connection = url.as_str().into_connection_info().map_err(|_| EXPECTED)?;
        // Commands are small, and Nagle's algorithm may hold one back until the one before is acknowledged.
        let settings = TcpSettings::default().set_nodelay(true);
        let connection = connection.set_tcp_settings(settings);
        Ok(Self { connection, place })
    }

    pub(super) fn connection(&self) -> ConnectionInfo {
        self.connection.clone()
    }
}

impl Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

impl Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("redis://127.0.0.1", Some("redis://127.0.0.1"))]
    #[case(" redis://store:6380/2 ", Some("redis://store:6380"))]
    #[case(
        "rediss://saki:planted%40pw@store.internal:6379/0",
        Some("rediss://store.internal:6379")
    )]
    #[case("redis://:planted@[::1]:6379", Some("redis://[::1]:6379"))]
    #[case("rediss://store/#insecure", None)]
    #[case("http://store", None)]
    #[case("unix:///run/redis.sock", None)]
    #[case("store:6379", None)]
    #[case("redis://", None)]
    #[case("redis://store/planted", None)]
    #[case("redis://:pla/nted@store", None)]
    fn a_url_is_shown_without_its_password(#[case] text: &str, #[case] shown: Option<&str>) {
        let url = StoreUrl::parse(text);
        let debugged = format!("{url:?}");
        assert!(!debugged.contains("planted"), "{debugged}");
        assert_eq!(url.ok().map(|url| url.to_string()).as_deref(), shown);
    }
}
