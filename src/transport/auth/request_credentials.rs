//! Credentials of a request: taken out of its headers, so that nothing behind this layer sees them.

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::SecretString;
use subtle::ConstantTimeEq;

use super::principal::Setting;

const SAKI_KEY: HeaderName = HeaderName::from_static("x-saki-api-key");
const SAKI_KEY_ALIAS: HeaderName = HeaderName::from_static("x-api-key");

/// The headers that limit a request, and the names of their limits.
const LIMITS: [(&str, &str); 4] = [
    ("x-saki-mode", "mode"),
    ("x-saki-toolsets", "toolsets"),
    ("x-saki-space", "space"),
    ("x-saki-accounts", "accounts"),
];

/// Parameters of an address that would put a secret into every log on the way.
const SECRET_PARAMETERS: [&str; 6] = [
    "access_token",
    "token",
    "api_key",
    "apikey",
    "x-api-key",
    "saki_api_key",
];

/// What a request brought.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    /// The token of `Authorization: Bearer`.
    pub(super) bearer: Option<SecretString>,
    /// The Saki key of its own header.
    pub(super) saki_key: Option<SecretString>,
    /// Whether the key came under the name that is Saki's alone.
    pub(super) has_saki_key_header: bool,
    /// The limits of the request, by their headers.
    pub(super) limits: Vec<Setting>,
}

impl Credentials {
    /// Takes the credentials and limits out of the headers.
    ///
    /// # Errors
    ///
    /// A sentence, where they are ambiguous or stand in the address.
    pub(super) fn take(parts: &mut Parts) -> Result<Self, String> {
        let authorization = remove_all(&mut parts.headers, &header::AUTHORIZATION);
        let key = remove_all(&mut parts.headers, &SAKI_KEY);
        let alias = remove_all(&mut parts.headers, &SAKI_KEY_ALIAS);
        let query = parts.uri.query().unwrap_or_default();
        if let Some((name, _)) = url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()))
        {
            return Err(format!(
                "the address has the parameter `{name}`. Addresses stand in logs: send the token in the Authorization header"
            ));
        }
        let has_saki_key_header = !key.is_empty();
        let saki_key = match (one(&key, "X-Saki-Api-Key")?, one(&alias, "X-Api-Key")?) {
            (Some(key), Some(alias)) if !bool::from(key.as_bytes().ct_eq(alias.as_bytes())) => {
                return Err("X-Saki-Api-Key and X-Api-Key differ: send one of them".to_owned());
            }
            (key, alias) => key.or(alias).map(SecretString::from),
        };
        Ok(Self {
            bearer: one(&authorization, "Authorization")?.and_then(bearer),
            saki_key,
            has_saki_key_header,
            limits: limits(&parts.headers)?,
        })
    }
}

fn remove_all(headers: &mut HeaderMap, name: &HeaderName) -> Vec<HeaderValue> {
    let values = headers.get_all(name).iter().cloned().collect();
    headers.remove(name);
    values
}

/// The only value of a header; an empty one counts as none.
fn one<'a>(values: &'a [HeaderValue], name: &str) -> Result<Option<&'a str>, String> {
    match values {
        [] => Ok(None),
        [value] => {
            let text = value.to_str();
            let text = text.map_err(|_| format!("{name} has characters that no header has"))?;
            Ok(Some(text.trim()).filter(|text| !text.is_empty()))
        }
        _ => Err(format!(
            "there are {} {name} headers: send one",
            values.len()
        )),
    }
}

fn bearer(authorization: &str) -> Option<SecretString> {
    let (scheme, token) = authorization.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.into())
}

/// The limits of all headers that start with `X-Saki-`; a misspelled one would limit nothing.
fn limits(headers: &HeaderMap) -> Result<Vec<Setting>, String> {
    let mut limits = Vec::new();
    for (header, value) in headers {
        if !header.as_str().starts_with("x-saki-") {
            continue;
        }
        let Some((_, name)) = LIMITS.iter().find(|(known, _)| *known == header.as_str()) else {
            return Err(format!(
                "the header {header} is not known. The limits of a request are X-Saki-Mode, X-Saki-Toolsets, X-Saki-Space and X-Saki-Accounts"
            ));
        };
        let value = value.to_str().unwrap_or_default().trim();
        if value.is_empty() {
            return Err(format!(
                "the header {header} has no value that can be read: a limit without a value would limit nothing"
            ));
        }
        limits.push(Setting {
            name: (*name).to_owned(),
            value: value.to_owned(),
        });
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use rstest::rstest;
    use secrecy::ExposeSecret;

    fn take(uri: &str, headers: &[(&str, &str)]) -> (Result<Credentials, String>, HeaderMap) {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let taken = Credentials::take(&mut parts);
        (taken, parts.headers)
    }

    #[test]
    fn credentials_are_taken_out_of_the_headers() {
        let (taken, left) = take(
            "/mcp",
            &[
                ("authorization", "bearer  abc "),
                ("x-api-key", "k"),
                ("x-saki-mode", "read-only"),
                ("accept", "*/*"),
            ],
        );
        let taken = taken.unwrap();
        assert_eq!(taken.bearer.unwrap().expose_secret(), "abc");
        assert_eq!(taken.saki_key.unwrap().expose_secret(), "k");
        assert_eq!(taken.limits[0].to_string(), "mode=read-only");
        assert!(!left.contains_key("authorization") && !left.contains_key("x-api-key"));
        assert!(left.contains_key("accept"));
    }

    #[rstest]
    #[case::two_tokens("/mcp", &[("authorization", "Bearer a"), ("authorization", "Bearer b")], "2 Authorization headers")]
    #[case::two_keys("/mcp", &[("x-saki-api-key", "a"), ("x-saki-api-key", "a")], "2 X-Saki-Api-Key headers")]
    #[case::other_keys("/mcp", &[("x-saki-api-key", "a"), ("x-api-key", "b")], "differ")]
    #[case::in_the_address("/mcp?Access_Token=abc", &[], "`Access_Token`")]
    #[case::misspelled("/mcp", &[("x-saki-spaces", "1")], "x-saki-spaces is not known")]
    #[case::without_value("/mcp", &[("x-saki-space", " ")], "would limit nothing")]
    fn what_is_ambiguous_is_refused(
        #[case] uri: &str,
        #[case] headers: &[(&str, &str)],
        #[case] says: &str,
    ) {
        let (taken, left) = take(uri, headers);
        let error = taken.unwrap_err();
        assert!(error.contains(says), "{error}");
        assert!(!left.contains_key("authorization"));
    }

    #[rstest]
    #[case("Basic abc")]
    #[case("Bearer")]
    #[case("")]
    fn another_scheme_is_no_token(#[case] value: &str) {
        let (taken, _) = take("/mcp?sessionId=1", &[("authorization", value)]);
        assert!(taken.unwrap().bearer.is_none());
    }
}
