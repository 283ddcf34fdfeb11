//! Store secret: hashes keys and seals values, so that whoever can read the store learns neither.

use std::fmt::{self, Debug};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// The version of the format, so that a later one is told apart.
const VERSION: u8 = 1;
const SALT_LENGTH: usize = 24;
/// So much of the hash of a key stands in its name.
const NAME_LENGTH: usize = 20;

/// What all servers with one store have in common, and nobody else knows.
pub struct StoreSecret {
    names: hmac::Key,
    values: Prk,
    purposes: Prk,
}

impl StoreSecret {
    /// The fewest characters of a secret; 32 random ones are too many to guess.
    pub const MIN_LENGTH: usize = 32;

    /// The secret of a text; nothing where it is too short.
    pub fn new(text: &str) -> Option<Self> {
        if text.len() < Self::MIN_LENGTH {
            return None;
        }
        let of = |part: &[u8]| Salt::new(HKDF_SHA256, part).extract(text.as_bytes());
        Some(Self {
            names: hmac::Key::from(of(b"saki-mcp names").expand(&[], hmac::HMAC_SHA256).ok()?),
            values: of(b"saki-mcp values"),
            purposes: of(b"saki-mcp purposes"),
        })
    }

    /// Under which name the store holds the value of a key.
    pub(super) fn name(&self, prefix: &str, key: &str) -> String {
        let hash = hmac::sign(&self.names, key.as_bytes());
        let hash = &hash.as_ref()[..NAME_LENGTH];
        format!("{prefix}{}", hex::encode(hash))
    }

    /// A value as only those with the secret can read it, and only under this name; nothing where there is no randomness.
    pub(super) fn seal(&self, name: &str, value: Vec<u8>) -> Option<Vec<u8>> {
        let mut salt = [0; SALT_LENGTH];
        SystemRandom::new().fill(&mut salt).ok()?;
        let (key, nonce) = self.one_time_key(&salt)?;
        let mut sealed = value;
        key.seal_in_place_append_tag(nonce, Aad::from(name), &mut sealed)
            .ok()?;
        Some([&[VERSION], salt.as_slice(), &sealed].concat())
    }

    /// A sealed value; nothing where it was sealed under another name or secret, or altered.
    pub(super) fn open(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (&VERSION, sealed) = sealed.split_first()? else {
            return None;
        };
        let (salt, sealed) = sealed.split_first_chunk::<SALT_LENGTH>()?;
        let (key, nonce) = self.one_time_key(salt)?;
        let mut opened = sealed.to_vec();
        let length = key
            .open_in_place(nonce, Aad::from(name), &mut opened)
            .ok()?
            .len();
        opened.truncate(length);
        Some(opened)
    }

    /// Every value has a key of its own, so that random nonces of 96 bits need not last for all of them.
    fn one_time_key(&self, salt: &[u8; SALT_LENGTH]) -> Option<(LessSafeKey, Nonce)> {
        let info: [&[u8]; 1] = [salt];
        let key = self.values.expand(&info, &CHACHA20_POLY1305).ok()?;
        let key = LessSafeKey::new(UnboundKey::from(key));
        Some((key, Nonce::assume_unique_for_key([0; 12])))
    }

    /// A key for one purpose.
    pub(super) fn key_for(&self, purpose: &str) -> Option<[u8; 32]> {
        let mut key = [0; 32];
        let info = [purpose.as_bytes()];
        let expanded = self.purposes.expand(&info, HKDF_SHA256).ok()?;
        expanded.fill(&mut key).ok()?;
        Some(key)
    }
}

impl Debug for StoreSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn secret(end: char) -> StoreSecret {
        StoreSecret::new(&format!("{}{end}", "0".repeat(31))).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_only_under_its_name_and_secret() {
        let (one, other) = (secret('1'), secret('2'));
        let sealed = one.seal("a", b"text of a post".to_vec()).unwrap();
        assert_eq!(one.open("a", &sealed).unwrap(), b"text of a post");
        assert_eq!(one.open("b", &sealed), None);
        assert_eq!(other.open("a", &sealed), None);
        for position in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[position] ^= 1;
            assert_eq!(one.open("a", &altered), None, "{position}");
            assert_eq!(one.open("a", &sealed[..position]), None);
        }
    }

    #[test]
    fn equal_values_are_sealed_differently_and_equal_keys_have_one_name() {
        let one = secret('1');
        assert_ne!(one.seal("a", vec![1]), one.seal("a", vec![1]));
        assert_eq!(one.name("p:", "key"), one.name("p:", "key"));
        assert_ne!(one.name("p:", "key"), secret('2').name("p:", "key"));
        assert_ne!(one.key_for("a"), one.key_for("b"));
    }

    #[rstest]
    #[case(0, false)]
    #[case(31, false)]
    #[case(32, true)]
    fn a_short_secret_is_none(#[case] length: usize, #[case] is_secret: bool) {
        let text = "x".repeat(length);
        assert_eq!(StoreSecret::new(&text).is_some(), is_secret);
    }
}
