//! Redaction of the API key: cuts the key out of any text, whole or in part, plain or encoded, also broken over lines.
//!
//! Saki may echo a request in an error page or in a debug trace. No text that leaves this server may show the key.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What stands in the place of the key.
const PLACEHOLDER: &str = "[key removed]";
/// How many characters of the key in a row are a part of it; fewer may be a coincidence.
const PART: usize = 8;

/// Finds a key in texts.
#[derive(Clone)]
pub(super) struct KeyRedaction {
    key: String,
    /// The part that is secret: without a prefix such as `sk_live_`, which every key has.
    secret: String,
    /// Each run of eight bytes of the secret and of its encodings, sorted.
    parts: Vec<[u8; PART]>,
    /// For each pair of bytes, whether a part begins with it; most of a text is passed over by that.
    first_pairs: Vec<bool>,
}

impl KeyRedaction {
    /// The redaction of this key.
    pub(super) fn new(key: &str) -> Self {
        let secret = secret_of(key).to_owned();
        let mut parts = Vec::new();
        for form in encodings(key, &secret) {
            let compact: Vec<u8> = form.bytes().filter(|byte| !is_gap(*byte)).collect();
            parts.extend(
                compact
                    .windows(PART)
                    .filter_map(|part| <[u8; PART]>::try_from(part).ok()),
            );
        }
        // Parts of the prefix alone occur in every key.
        let prefix = &key[..key.len() - secret.len()];
        parts.retain(|part| !std::str::from_utf8(part).is_ok_and(|part| prefix.contains(part)));
        parts.sort_unstable();
        parts.dedup();
        let mut first_pairs = vec![false; 1 << 16];
        for part in &parts {
            first_pairs[pair(part[0], part[1])] = true;
        }
        Self {
            key: key.to_owned(),
            secret,
            parts,
            first_pairs,
        }
    }

    /// The text without the key.
    pub(super) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let found = match self.secret.len() < PART {
            true => self.whole_words(text),
            false => self.find_parts(text),
        };
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut redacted = String::with_capacity(text.len());
        let mut end = 0;
        for (from, to) in found {
            redacted.push_str(&text[end..from]);
            redacted.push_str(PLACEHOLDER);
            end = to;
        }
        redacted.push_str(&text[end..]);
        Cow::Owned(redacted)
    }

    /// The body of an error response without the key: JSON text by text, anything else as it is.
    pub(super) fn redact_body(&self, body: &str) -> String {
        match serde_json::from_str::<Value>(body) {
            Ok(mut json) => {
                let before = json.clone();
                self.redact_json(&mut json);
                // Unchanged JSON stays as it was written.
                if json == before {
                    body.to_owned()
                } else {
                    json.to_string()
                }
            }
            Err(_) => self.redact(body).into_owned(),
        }
    }

    /// Redacts every text and every name in a JSON value.
    pub(super) fn redact_json(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(redacted) = self.redact(text) {
                    *text = redacted;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_json(item)),
            Value::Object(fields) => {
                if fields
                    .keys()
                    .any(|name| matches!(self.redact(name), Cow::Owned(_)))
                {
                    let named = std::mem::take(fields).into_iter();
                    *fields = named
                        .map(|(name, value)| (self.redact(&name).into_owned(), value))
                        .collect();
                }
                fields
                    .values_mut()
                    .for_each(|value| self.redact_json(value));
            }
            _ => {}
        }
    }

    /// The ranges of the text that show eight characters or more in a row.
    fn find_parts(&self, text: &str) -> Vec<(usize, usize)> {
        // Most names of fields are shorter than a part.
        if text.len() < PART {
            return Vec::new();
        }
        let bytes = text.as_bytes();
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (at, byte) in bytes.iter().enumerate() {
            if is_gap(*byte) {
                continue;
            }
            let second = bytes[at + 1..].iter().find(|byte| !is_gap(**byte));
            if !second.is_some_and(|second| self.first_pairs[pair(*byte, *second)]) {
                continue;
            }
            let Some((part, end)) = part_at(bytes, at) else {
                break;
            };
            if self.parts.binary_search(&part).is_err() {
                continue;
            }
            match found.last_mut() {
                Some((_, last)) if *last >= at => *last = end,
                last => {
                    let free = last.map_or(0, |(_, last)| *last);
                    found.push((self.with_prefix(text, at).max(free), end));
                }
            }
        }
        found
    }

    /// The start of a part, moved to before the prefix of the key where that stands there too.
    fn with_prefix(&self, text: &str, at: usize) -> usize {
        let prefix = &self.key[..self.key.len() - self.secret.len()];
        match !prefix.is_empty() && text[..at].ends_with(prefix) {
            true => at - prefix.len(),
            false => at,
        }
    }

    /// The places of a key that is too short to have parts, as a word of its own.
    fn whole_words(&self, text: &str) -> Vec<(usize, usize)> {
        if self.key.is_empty() {
            return Vec::new();
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let places = text.match_indices(&self.key).filter(|(at, _)| {
            let before = text[..*at].chars().next_back();
            let after = text[at + self.key.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        });
        places.map(|(at, key)| (at, at + key.len())).collect()
    }
}

/// The key behind its prefix: short words such as `sk_live_`, or a number such as `12|`.
fn secret_of(key: &str) -> &str {
    let mut secret = key;
    while let Some(at) = secret.find(['_', '-', '|', '.', ':']) {
        let segment = &secret[..at];
        let is_word = segment.len() <= 8 && segment.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_number =
            secret[at..].starts_with('|') && segment.bytes().all(|byte| byte.is_ascii_digit());
        if !is_word && !is_number {
            break;
        }
        secret = &secret[at + 1..];
    }
    // What is left may be too short to be the secret; then the words are a part of it.
    if secret.len() < PART { key } else { secret }
}

/// The forms in which the secret may occur.
fn encodings(key: &str, secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    forms.push(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string());
    forms.push(
        secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;"),
    );
    forms.push(
        secret
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('/', "\\/"),
    );
    for text in [key, secret] {
        // Base64 reads three bytes at a time, so that a text looks otherwise at each of three places.
        for offset in 0..3 {
            let shifted = [vec![b' '; offset], text.as_bytes().to_vec()].concat();
            let whole = shifted.len() / 3 * 3;
            for encoded in [
                STANDARD_NO_PAD.encode(&shifted[..whole]),
                URL_SAFE_NO_PAD.encode(&shifted[..whole]),
            ] {
                // The first four characters hold bytes that stand before the text.
                let start = if offset == 0 { 0 } else { 4 };
                forms.extend(encoded.get(start..).map(str::to_owned));
            }
        }
    }
    forms
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

/// The next eight bytes that are no gap, and where they end.
fn part_at(bytes: &[u8], at: usize) -> Option<([u8; PART], usize)> {
    let mut part = [0; PART];
    let mut length = 0;
    for (index, byte) in bytes.iter().enumerate().skip(at) {
        if is_gap(*byte) {
            continue;
        }
        part[length] = *byte;
        length += 1;
        if length == PART {
            return Some((part, index + 1));
        }
    }
    None
}

/// Whether a byte may stand within a key that is broken over lines.
fn is_gap(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    const KEY: &str = "sk_live_4f9aQ/b27+c81d0e6a";

    #[rstest]
    #[case::whole(
        "Authorization: Bearer sk_live_4f9aQ/b27+c81d0e6a!",
        "Authorization: Bearer [key removed]!"
    )]
    #[case::part("ends with c81d0e6a.", "ends with [key removed].")]
    #[case::url("?k=4f9aQ%2Fb27%2Bc81d0e6a&x", "?k=[key removed]&x")]
    #[case::json(r#""4f9aQ\/b27+c81d0e6a""#, r#""[key removed]""#)]
    #[case::lines("4f9aQ/b27+\n  c81d0e6a", "[key removed]")]
    fn the_key_is_cut_out(#[case] text: &str, #[case] redacted: &str) {
        assert_eq!(KeyRedaction::new(KEY).redact(text), redacted);
    }

    #[rstest]
    #[case("")]
    #[case("a")]
    #[case("ab")]
    #[case("Bearer ")]
    fn the_key_is_cut_out_of_base64(#[case] before: &str) {
        let encoded = STANDARD_NO_PAD.encode(format!("{before}{KEY} tail"));
        let redacted = KeyRedaction::new(KEY).redact(&encoded).into_owned();
        let shown = redacted.replace(PLACEHOLDER, "");
        assert!(
            redacted.contains(PLACEHOLDER) && shown.len() < 24,
            "{redacted}"
        );
    }

    #[rstest]
    #[case("sk_live_ is the prefix of every key")]
    #[case("4f9aQ/b is seven characters")]
    #[case("Müsli & beans")]
    fn what_is_no_part_of_the_key_stays(#[case] text: &str) {
        assert!(matches!(
            KeyRedaction::new(KEY).redact(text),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn a_short_key_counts_only_as_a_word() {
        let redaction = KeyRedaction::new("abc123");
        assert_eq!(
            redaction.redact("key abc123, xabc123 abc1234"),
            "key [key removed], xabc123 abc1234"
        );
    }

    #[rstest]
    #[case("saki_Xy7kQ2mN8pR3sW5u-4tVbL0zA9cD", "Xy7kQ2mN8pR3sW5u", PLACEHOLDER)]
    #[case(
        "7|abcdefghijk7",
        "abcdefghijk7|abcdefghijk7",
        "[key removed][key removed]"
    )]
    fn a_key_with_inner_separators_is_cut_out(
        #[case] key: &str,
        #[case] text: &str,
        #[case] redacted: &str,
    ) {
        assert_eq!(KeyRedaction::new(key).redact(text), redacted);
    }

    #[test]
    fn names_and_texts_in_json_are_redacted() {
        let mut value = json!({"a": [KEY], KEY: 1, "n": 7});
        KeyRedaction::new(KEY).redact_json(&mut value);
        assert_eq!(value, json!({"a": [PLACEHOLDER], "n": 7, PLACEHOLDER: 1}));
    }
}
