//! URL syntax: which URLs may be fetched by their scheme, credentials and host, before any DNS lookup.

use url::Url;

use super::ssrf_guard::UrlRefused;

/// No URL of a file is longer.
const MAX_LENGTH: usize = 8 * 1024;

/// Parses a URL the way the HTTP client does; any port is allowed, because the IP address is checked.
pub(super) fn parse(given: &str) -> Result<Url, UrlRefused> {
    let given = given.trim();
    if given.len() > MAX_LENGTH {
        return refuse("is longer than 8 KiB");
    }
    let url = Url::parse(given).map_err(|error| {
        UrlRefused(format!(
            "is not a URL that can be read ({error}); give a complete one, e.g. \"https://example.com/cake.jpg\""
        ))
    })?;
    check(&url)?;
    Ok(url)
}

/// Checks the first URL and each redirect.
pub(super) fn check(url: &Url) -> Result<(), UrlRefused> {
    match url.scheme() {
        "http" | "https" => {}
        "file" => return refuse("is a local file; pass its path as `path`"),
        "data" => return refuse("is the content itself; pass it as `data`"),
        // "name:password@host" parses as a scheme too, so it is not repeated.
        _ if url.cannot_be_a_base() => {
            return refuse("is not a web address; only http: and https: are fetched");
        }
        other => {
            return Err(UrlRefused(format!(
                "begins with `{other}:`; only http: and https: are fetched, so save the file and pass its `path`, or pass its content as `data`"
            )));
        }
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(
            "has a user name or password before the host; only URLs without them are fetched",
        );
    }
    match url.host_str() {
        Some(_) => Ok(()),
        None => refuse("names no host"),
    }
}

fn refuse<T>(why: &str) -> Result<T, UrlRefused> {
    Err(UrlRefused(why.to_owned()))
}
