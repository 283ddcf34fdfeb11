//! An address as sentences show it: where it leads, without what may be a secret.

use url::Url;

/// Scheme, host and path; never a name, a password, a query or a fragment.
pub(crate) fn redact_url(given: &str) -> String {
    let given = given.trim();
    if let Ok(mut url) = Url::parse(given)
        && url.has_host()
    {
        url.set_query(None);
        url.set_fragment(None);
        // Only an address without a host cannot have these taken away.
        if url.set_username("").is_ok() && url.set_password(None).is_ok() {
            return url.into();
        }
    }
    // What cannot be read is cut by its signs, rather too short than too long.
    let place = given.split(['?', '#']).next().unwrap_or_default();
    match place.rsplit_once('@') {
        Some((_, place)) => place.to_owned(),
        None => place.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://example.com/a/b.png", "https://example.com/a/b.png")]
    #[case("http://10.0.0.1:8080/x", "http://10.0.0.1:8080/x")]
    #[case(
        "https://me:S3CRET@example.com:8443/a?sig=S3CRET#S3CRET",
        "https://example.com:8443/a"
    )]
    #[case("https:/S3CRET:x@example.com/a", "https://example.com/a")]
    #[case("https://example.com/@me/a", "https://example.com/@me/a")]
    #[case("S3CRET:pw@example.com/a?S3CRET", "example.com/a")]
    #[case("https://S3CRET:x@ho st/a?S3CRET", "ho st/a")]
    #[case("cake.png?S3CRET", "cake.png")]
    fn only_the_place_of_an_address_is_shown(#[case] given: &str, #[case] place: &str) {
        assert_eq!(redact_url(given), place);
    }
}
