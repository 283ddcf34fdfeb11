//! Public URL: the address under which clients reach the server.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::host_origin_check::AllowedHost;

/// The address under which clients reach the server, such as `https://mcp.example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    host: AllowedHost,
}

/// A public URL that cannot be used. The text says what is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPublicUrl {
    /// It is no such address.
    #[error(
        "expected an address such as https://mcp.example.com, without a query and without a user"
    )]
    NotAnAddress,
    /// It names the endpoint, which is added to it.
    #[error(
        "leave out /mcp at its end: give the address of the server, such as https://mcp.example.com"
    )]
    NamesEndpoint,
}

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let invalid = InvalidPublicUrl::NotAnAddress;
        let url = Url::parse(text.trim()).map_err(|_| invalid.clone())?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !is_plain {
            return Err(invalid);
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        if text.ends_with("/mcp") {
            return Err(InvalidPublicUrl::NamesEndpoint);
        }
        let host = url.host_str().and_then(|host| host.parse().ok());
        let host = host.ok_or(invalid)?;
        Ok(Self { text, host })
    }
}

impl PublicUrl {
    /// The name that requests may then carry in their `Host`.
    pub(super) fn host(&self) -> &AllowedHost {
        &self.host
    }

    /// Whether only this machine reaches it.
    pub fn is_loopback(&self) -> bool {
        self.host.is_loopback()
    }
}

impl fmt::Display for PublicUrl {
    /// Without a slash at the end.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://mcp.example.com", Ok("https://mcp.example.com"))]
    #[case(" HTTPS://MCP.example.com:443/ ", Ok("https://mcp.example.com"))]
    #[case("https://example.com/saki/", Ok("https://example.com/saki"))]
    #[case("http://10.0.0.5:8790", Ok("http://10.0.0.5:8790"))]
    #[case("http://[fd00::1]:8790", Ok("http://[fd00::1]:8790"))]
    #[case("https://example.com/mcp", Err(InvalidPublicUrl::NamesEndpoint))]
    #[case("https://example.com/mcp/", Err(InvalidPublicUrl::NamesEndpoint))]
    #[case("mcp.example.com", Err(InvalidPublicUrl::NotAnAddress))]
    #[case("ftp://example.com", Err(InvalidPublicUrl::NotAnAddress))]
    #[case("https://user@example.com", Err(InvalidPublicUrl::NotAnAddress))]
    #[case("https://example.com?key=1", Err(InvalidPublicUrl::NotAnAddress))]
    #[case("", Err(InvalidPublicUrl::NotAnAddress))]
    fn a_public_url_is_the_address_of_the_server(
        #[case] text: &str,
        #[case] expected: Result<&str, InvalidPublicUrl>,
    ) {
        let parsed = text.parse::<PublicUrl>().map(|url| url.to_string());
        assert_eq!(parsed, expected.map(str::to_owned), "{text}");
    }
}
