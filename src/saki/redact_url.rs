//! Redaction of URLs (redact): a message shows where a URL leads, without the credentials and other secrets it may carry.

use std::borrow::Cow;

use url::Url;

/// Scheme, host and path; never a user name, a password, a query or a fragment.
pub fn redact_url(given: &str) -> String {
    let given = given.trim();
    if let Ok(mut url) = Url::parse(given)
        && url.has_host()
    {
        url.set_query(None);
        url.set_fragment(None);
        // These can be removed from every URL with a host.
        if url.set_username("").is_ok() && url.set_password(None).is_ok() {
            return url.into();
        }
    }
    // A URL that cannot be parsed is cut at its delimiters, rather too short than too long.
    let address = given.split(['?', '#']).next().unwrap_or_default();
    let without_user = address.rsplit_once('@').map(|(_, rest)| rest);
    without_user.unwrap_or(address).to_owned()
}

/// The text, redacted if it may be a URL.
pub fn redact_if_url(text: &str) -> Cow<'_, str> {
    let is_url = || Url::parse(text.trim()).is_ok_and(|url| url.has_host());
    match text.contains("://") || is_url() {
        true => redact_url(text).into(),
        false => text.into(),
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
    fn a_url_is_redacted_to_where_it_leads(#[case] given: &str, #[case] redacted: &str) {
        assert_eq!(redact_url(given), redacted);
    }

    #[rstest]
    #[case("https:/S3CRET:x@example.com/a", "https://example.com/a")]
    #[case("see https://S3CRET:x@example.com/a", "example.com/a")]
    #[case("mail me@example.com?", "mail me@example.com?")]
    #[case("Note: three things", "Note: three things")]
    fn a_text_is_redacted_only_if_it_may_be_a_url(#[case] given: &str, #[case] shown: &str) {
        assert_eq!(redact_if_url(given), shown);
    }
}
