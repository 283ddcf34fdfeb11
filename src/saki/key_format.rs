//! API key: validates what a person pasted, builds the bearer header, and hides the secret in `Debug` output.

use std::fmt;
use std::sync::Arc;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::{Error, KeyRedaction};

/// A Saki API key.
#[derive(Clone)]
pub struct Key {
    secret: SecretString,
    fingerprint: [u8; 32],
    redaction: Arc<KeyRedaction>,
    origin: Option<Arc<str>>,
}

impl Key {
    /// Takes a key as it was pasted, without white space, quotes and `NAME=` around it.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] with a sentence when this cannot be a key: empty, a placeholder, with a
    /// `Bearer ` prefix, or with characters that a header cannot carry.
    pub fn new(pasted: &str) -> Result<Self, Error> {
        let key = bare_key(pasted);
        let refuse = |why: &str| Err(Error::Key(why.to_owned()));
        if key.is_empty() {
            return refuse("it is empty");
        }
        let lower = key.to_ascii_lowercase();
        if lower.starts_with("bearer") && lower[6..].starts_with([' ', ':']) {
            return refuse(
                "it starts with `Bearer `: give the key alone, the word is added for you",
            );
        }
        if is_placeholder(&lower) {
            return refuse("it is a placeholder: put your own key in its place");
        }
        if key.contains(['"', '\'', '`']) {
            return refuse("it has a quotation mark: give the key alone");
        }
        if key.contains("${") {
            return refuse(
                "it has a part in ${…}, which is the name of a setting and not its value",
            );
        }
        if !key.chars().all(|c| c.is_ascii_graphic()) {
            return refuse("it has a space, a line break or another character that no key has");
        }
        Ok(Self {
            secret: SecretString::from(key),
            fingerprint: Sha256::digest(key).into(),
            redaction: Arc::new(KeyRedaction::new(key)),
            origin: None,
        })
    }

    /// The same key, of which errors say where it comes from, such as "the file /home/me/key".
    pub fn with_origin(mut self, origin: &str) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Where the key comes from, if that may be told.
    pub(super) fn origin(&self) -> Option<&Arc<str>> {
        self.origin.as_ref()
    }

    /// The key itself, for a store of secrets and nothing else.
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// Enough of the key to recognise it: its length and, if it is long enough, its last four characters.
    pub fn masked(&self) -> String {
        let key = self.secret.expose_secret();
        // All characters of a key are ASCII.
        match key.len() {
            length @ 16.. => format!("****{} ({length} characters)", &key[length - 4..]),
            length => format!("**** ({length} characters)"),
        }
    }

    /// A hash that identifies the key without revealing it.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// A text without the key.
    pub fn redact(&self, text: &str) -> String {
        self.redaction.redact(text).into_owned()
    }

    /// Cuts the key out of what Saki answers.
    pub(super) fn redaction(&self) -> &KeyRedaction {
        &self.redaction
    }

    /// The `Authorization` header, marked as sensitive.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", self.secret.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// The key without what is copied with it: blanks, byte order marks, quotes, and `SAKI_API_KEY=`.
fn bare_key(pasted: &str) -> &str {
    const QUOTES: [(char, char); 5] =
        [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')];
    let mut key = pasted;
    loop {
        let before = key.len();
        key = key.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'));
        key = key.trim_end_matches([',', ';']);
        let before_name = ["export ", "set ", "$env:"];
        key = (before_name.iter().find_map(|word| key.strip_prefix(word))).unwrap_or(key);
        key = value_of_assignment(key).unwrap_or(key);
        let quoted = QUOTES
            .iter()
            .find_map(|(open, close)| key.strip_prefix(*open)?.strip_suffix(*close));
        key = quoted.unwrap_or(key);
        if key.len() == before {
            return key;
        }
    }
}

/// The key in `NAME=key` and `NAME: key`, where the name is one of a key; a key can contain `=` itself.
fn value_of_assignment(text: &str) -> Option<&str> {
    let (name, value) = text.split_once(['=', ':'])?;
    let name = name.trim();
    let quoted = (name.strip_prefix('"')).and_then(|name| name.strip_suffix('"'));
    let name = quoted.unwrap_or(name).replace([' ', '-'], "_");
    let name = name.to_ascii_uppercase();
    let is_word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_of_saki =
        name.starts_with("SAKI_") && (name.ends_with("KEY") || name.ends_with("TOKEN"));
    let is_name = is_of_saki
        || name.ends_with("API_KEY")
        || matches!(name.as_str(), "KEY" | "TOKEN" | "AUTHORIZATION");
    (is_word && is_name).then_some(value)
}

fn is_placeholder(lower: &str) -> bool {
    let bare: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let wrapped = lower.starts_with(['<', '$', '{', '[']);
    let all_same = bare.chars().all(|c| c == 'x') || bare.is_empty();
    let known = [
        "apikey",
        "yourkey",
        "yourapikey",
        "yoursakiapikey",
        "sakiapikey",
        "changeme",
        "key",
        "secret",
        "token",
        "todo",
        "undefined",
        "null",
        "none",
    ];
    wrapped || all_same || known.contains(&bare.as_str()) || bare.starts_with("yourapikey")
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([hidden])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("  sk_live_1234567890 \n")]
    #[case("12|aBcDeF123")]
    #[case("bearerless-key")]
    #[case("sk_live==")]
    fn a_key_is_trimmed_and_taken(#[case] pasted: &str) {
        let key = Key::new(pasted).unwrap();
        let header = key.header().unwrap();
        assert_eq!(
            header.to_str().unwrap(),
            format!("Bearer {}", pasted.trim())
        );
    }

    #[rstest]
    #[case("", "empty")]
    #[case("YOUR_API_KEY", "placeholder")]
    #[case("<your key>", "placeholder")]
    #[case("${SAKI_API_KEY}", "placeholder")]
    #[case("xxxx-xxxx", "placeholder")]
    #[case("Bearer abc123", "Bearer")]
    #[case("Authorization: Bearer abc123", "Bearer")]
    #[case("two words", "space")]
    #[case("schlüssel", "character")]
    #[case("undefined", "placeholder")]
    #[case("'null'", "placeholder")]
    #[case("SAKI_API_KEY=", "empty")]
    #[case("\"sk_live", "quotation mark")]
    #[case("“sk_live", "another character")]
    fn an_unusable_key_is_explained(#[case] pasted: &str, #[case] why: &str) {
        let message = Key::new(pasted).unwrap_err().to_string();
        assert!(message.contains(why), "{message}");
    }

    #[rstest]
    #[case("\u{feff}sk_live\r\n")]
    #[case("\"sk_live\"")]
    #[case(" 'sk_live' ")]
    #[case("“sk_live”")]
    #[case("SAKI_API_KEY=sk_live")]
    #[case("export SAKI_API_KEY=\"sk_live\"\n")]
    #[case("\"SAKI_API_KEY = sk_live\"")]
    #[case("api_key=sk_live")]
    #[case("SAKI_API_KEY: sk_live")]
    #[case("\"SAKI_API_KEY\": \"sk_live\",")]
    #[case("$env:SAKI_API_KEY = \"sk_live\"")]
    #[case("set SAKI_API_KEY=sk_live")]
    #[case("export SAKI_API_KEY='sk_live';")]
    #[case("API key: sk_live")]
    fn what_was_copied_with_a_key_is_taken_off(#[case] pasted: &str) {
        let header = Key::new(pasted).unwrap().header().unwrap();
        assert_eq!(header.to_str().unwrap(), "Bearer sk_live");
    }

    #[rstest]
    #[case("sk_live_1234567890", "****7890 (18 characters)")]
    #[case("sk_1234567890ab", "**** (15 characters)")]
    #[case("a", "**** (1 characters)")]
    fn a_masked_key_shows_four_characters_of_a_long_key(#[case] key: &str, #[case] masked: &str) {
        assert_eq!(Key::new(key).unwrap().masked(), masked);
    }

    #[test]
    fn neither_debug_nor_the_header_shows_the_key() {
        let key = Key::new("sk_live_1234567890").unwrap();
        let output = format!("{key:?} {:?}", key.header());
        assert!(!output.contains("1234567890"), "{output}");
    }
}
