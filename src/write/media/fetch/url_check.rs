//! From what an agent gives as an address to one that may be fetched.

use url::Url;

use super::ssrf_guard::Refused;

/// Longer addresses are no addresses of files.
const LONGEST: usize = 8 * 1024;

/// Reads an address the way the HTTP client does; any port will do, since the address behind it is judged.
pub(super) fn read(given: &str) -> Result<Url, Refused> {
    let given = given.trim();
    if given.len() > LONGEST {
        return refuse("is longer than 8 KiB");
    }
    let url = Url::parse(given).map_err(|error| {
        Refused(format!(
            "is not an address that can be read ({error}); give a whole one, e.g. \"https://example.com/cake.jpg\""
        ))
    })?;
    check(&url)?;
    Ok(url)
}

/// What holds for the first address and for each that it leads to.
pub(super) fn check(url: &Url) -> Result<(), Refused> {
    match url.scheme() {
        "http" | "https" => {}
        "file" => return refuse("is a file of some machine; pass its path as `path`"),
        "data" => return refuse("is the content itself; pass it as `data`"),
        // "name:password@host" is read as a scheme too, and is not repeated.
        _ if url.cannot_be_a_base() => {
            return refuse("is no web address; only http: and https: are fetched");
        }
        other => {
            return Err(Refused(format!(
                "begins with `{other}:`; only http: and https: are fetched"
            )));
        }
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(
            "carries a name or a password before the host; only addresses that need none are fetched",
        );
    }
    match url.host_str() {
        Some(_) => Ok(()),
        None => refuse("names no host"),
    }
}

fn refuse<T>(why: &str) -> Result<T, Refused> {
    Err(Refused(why.to_owned()))
}
