//! Base URL of the API: checked once, so that the key never travels in plain text.

use std::fmt;

use url::{Host, Url};

use super::Error;

/// Where Saki's API lives: `https://app.usesaki.com/api` by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    // Without a trailing slash, unless the path is only a slash.
    url: Url,
    loopback: bool,
}

impl BaseUrl {
    /// The address of Saki itself (API Setup page).
    pub const DEFAULT: &'static str = "https://app.usesaki.com/api";

    /// Takes an address with or without a trailing slash.
    ///
    /// # Errors
    ///
    /// [`Error::BaseUrl`] with a sentence: not a URL, another scheme than http and https, plain
    /// http to another machine, a user name, a query or a fragment.
    pub fn new(given: &str) -> Result<Self, Error> {
        let refuse = |why: String| Err(Error::BaseUrl(why));
        let mut url = match Url::parse(given.trim()) {
            Ok(url) => url,
            Err(error) => {
                return refuse(format!(
                    "is not a URL ({error}); it should look like {}",
                    Self::DEFAULT
                ));
            }
        };
        if given.contains(['{', '}', '$']) {
            return refuse(format!(
                "has a part in braces, which is the name of a setting and not its value; it should look like {}",
                Self::DEFAULT
            ));
        }
        let Some(host) = url.host() else {
            return refuse(format!(
                "names no host; it should look like {}",
                Self::DEFAULT
            ));
        };
        let loopback = match &host {
            Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return refuse(format!(
                    "uses plain http, which would send your API key in the clear; use https://{host}"
                ));
            }
            other => {
                return refuse(format!(
                    "uses {other}://; only https:// is spoken here, and http:// to this machine"
                ));
            }
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse(
                "carries a user name or password; Saki takes an API key, see SAKI_API_KEY"
                    .to_owned(),
            );
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse(
                "carries a query or fragment; give only the address, with its path".to_owned(),
            );
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self { url, loopback })
    }

    /// Whether the address is on this machine; no proxy is used for it.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The full URL of a path and query below the base; the host stays the checked one.
    pub(super) fn join(&self, path: &str, query: Option<&str>) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url.set_query(query);
        url
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.as_str().trim_end_matches('/').fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://app.usesaki.com/api/", "https://app.usesaki.com/api/spaces")]
    #[case("https://app.usesaki.com/api", "https://app.usesaki.com/api/spaces")]
    #[case("https://saki.example:8443", "https://saki.example:8443/spaces")]
    #[case(
        "http://127.0.0.1:4010/deep/api",
        "http://127.0.0.1:4010/deep/api/spaces"
    )]
    #[case("http://[::1]:4010", "http://[::1]:4010/spaces")]
    #[case("http://localhost:4010", "http://localhost:4010/spaces")]
    fn an_address_takes_a_path_with_or_without_a_trailing_slash(
        #[case] given: &str,
        #[case] joined: &str,
    ) {
        assert_eq!(
            BaseUrl::new(given).unwrap().join("/spaces", None).as_str(),
            joined
        );
    }

    #[rstest]
    #[case("app.usesaki.com/api", "not a URL")]
    #[case("", "not a URL")]
    #[case("http://app.usesaki.com/api", "in the clear")]
    #[case("http://192.168.1.4/api", "in the clear")]
    #[case("http://localhost.evil.example/", "in the clear")]
    #[case("ftp://app.usesaki.com", "ftp://")]
    #[case("https://me:pw@app.usesaki.com", "user name")]
    #[case("https://app.usesaki.com/api?key=1", "query")]
    #[case("https://${host}/api", "the name of a setting")]
    #[case("https://app.usesaki.com/{path}", "the name of a setting")]
    #[case("file:///etc/passwd", "host")]
    fn an_unusable_address_is_refused_with_a_sentence(#[case] given: &str, #[case] why: &str) {
        let message = BaseUrl::new(given).unwrap_err().to_string();
        assert!(message.contains(why), "{message}");
        assert!(!message.contains("pw"), "{message}");
    }
}
