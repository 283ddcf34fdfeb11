//! Token file: this server's own bearer tokens, listed by their hashes; and how one is made.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::entry_lines::entry_lines;
use super::file_access::{FileAccess, check_access};
use super::principal::Setting;

/// What every token begins with, so that scanners for leaked secrets find it.
pub(super) const PREFIX: &str = "saki_mcp_";
const MAX_NAME: usize = 64;

type Hash = [u8; 32];

/// The tokens that a file lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TokenTable(Vec<TokenLine>);

/// One line: `anna: 0f1e… mode=drafts-only`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TokenLine {
    pub(super) name: Arc<str>,
    hash: Hash,
    pub(super) settings: Vec<Setting>,
}

/// A new token with 256 random bits, and its hash for the file; nothing where there is no randomness.
pub fn new_token() -> Option<(SecretString, String)> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = hex::encode(Sha256::digest(&token));
    Some((token.into(), hash))
}

/// Checks the name of a token.
///
/// # Errors
///
/// What a name may be.
pub fn check_name(name: &str) -> Result<(), String> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.@".contains(&b);
    match (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_plain) {
        true => Ok(()),
        false => Err(format!(
            "a name has up to {MAX_NAME} letters, digits and the characters - _ . @"
        )),
    }
}

/// Splits `mode=drafts-only`.
///
/// # Errors
///
/// What is expected.
pub fn parse_setting(word: &str) -> Result<Setting, String> {
    let (name, value) = word
        .split_once('=')
        .filter(|(name, value)| !name.is_empty() && !value.is_empty())
        .ok_or_else(|| {
            format!("{word:?} is no setting: write name=value, such as mode=drafts-only")
        })?;
    Ok(Setting {
        name: name.to_ascii_lowercase(),
        value: value.to_owned(),
    })
}

/// Checks the settings of a line.
pub type CheckSettings = dyn Fn(&[Setting]) -> Result<(), String> + Send + Sync;

impl TokenTable {
    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// What is wrong, with the number of the line.
    pub fn load(path: &Path, check: &CheckSettings) -> Result<Self, String> {
        let name = format!("the token file {}", path.display());
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{name} cannot be read: {error}"))?;
        check_access(path, FileAccess::ChangedByOwner)?;
        Self::parse(&text, check).map_err(|error| format!("{name}, {error}"))
    }

    /// A function that reads the file at `path` whenever it is called.
    pub fn loader(
        path: PathBuf,
        check: Arc<CheckSettings>,
    ) -> impl Fn() -> Result<Self, String> + Send + Sync + 'static {
        move || Self::load(&path, &*check)
    }

    fn parse(text: &str, check: &CheckSettings) -> Result<Self, String> {
        let mut table = Self::default();
        for (number, line) in entry_lines(text) {
            let line = TokenLine::parse(line, check).and_then(|line| table.check_new(line));
            table
                .0
                .push(line.map_err(|why| format!("line {number}: {why}"))?);
        }
        Ok(table)
    }

    fn check_new(&self, line: TokenLine) -> Result<TokenLine, String> {
        if self.0.iter().any(|known| known.name == line.name) {
            return Err(format!("the name {} stands in the file twice", line.name));
        }
        match self.0.iter().find(|known| known.hash == line.hash) {
            Some(known) => Err(format!("it has the same token as {}", known.name)),
            None => Ok(line),
        }
    }

    /// The line of a token. The time that this takes says nothing about the hashes.
    pub(super) fn find(&self, token: &SecretString) -> Option<&TokenLine> {
        let hash: Hash = Sha256::digest(token.expose_secret()).into();
        let mut found = None;
        for line in &self.0 {
            if bool::from(line.hash.ct_eq(&hash)) {
                found = Some(line);
            }
        }
        found
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no token.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TokenLine {
    fn parse(line: &str, check: &CheckSettings) -> Result<Self, String> {
        // The line is never repeated: it may hold a token in the wrong place.
        let (name, rest) = line
            .split_once(':')
            .ok_or("expected `name: hash`; \"saki-mcp token new NAME\" prints such a line")?;
        let name = name.trim();
        check_name(name)?;
        let mut words = rest.split_whitespace();
        let hash = words.next().unwrap_or_default();
        if hash.starts_with(PREFIX) {
            return Err(
                "this is the token itself. Only its hash belongs here: make a new token with \"saki-mcp token new NAME\", since this one may have been read".to_owned(),
            );
        }
        let hash = parse_hash(hash).ok_or("the hash must have 64 hexadecimal digits")?;
        let settings: Vec<Setting> = words.map(parse_setting).collect::<Result<_, _>>()?;
        check(&settings)?;
        Ok(Self {
            name: name.into(),
            hash,
            settings,
        })
    }
}

fn parse_hash(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).ok()?;
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn parse(text: &str) -> Result<TokenTable, String> {
        TokenTable::parse(text, &|settings| {
            let bad = settings.iter().find(|setting| setting.name != "mode");
            bad.map_or(Ok(()), |bad| Err(format!("unknown setting {bad}")))
        })
    }

    #[test]
    fn a_new_token_is_found_by_its_hash_and_no_other_is() {
        let (token, hash) = new_token().unwrap();
        let (other, other_hash) = new_token().unwrap();
        assert_eq!(token.expose_secret().len(), PREFIX.len() + 43);
        let table = parse(&format!(
            "# team\n\nanna: {hash} mode=drafts-only\r\nben: {}\n",
            "0".repeat(64)
        ));
        let table = table.unwrap();
        let line = table.find(&token).unwrap();
        assert_eq!(&*line.name, "anna");
        assert_eq!(line.settings[0].to_string(), "mode=drafts-only");
        assert!(table.find(&other).is_none());
        assert!(table.find(&other_hash.into()).is_none());
        assert_eq!(table.len(), 2);
    }

    #[rstest]
    #[case("anna", "line 1: expected `name: hash`")]
    #[case("\nanna: abc", "line 2: the hash must have 64")]
    #[case("an na: 00", "line 1: a name has up to 64")]
    #[case("anna: saki_mcp_abc", "line 1: this is the token itself")]
    #[case("anna: HASH mode", "line 1: \"mode\" is no setting")]
    #[case("anna: HASH colour=red", "line 1: unknown setting colour=red")]
    #[case("anna: HASH\nanna: 11HASH", "line 2: the name anna stands")]
    #[case("anna: HASH\nben: HASH", "line 2: it has the same token as anna")]
    fn a_bad_line_is_named(#[case] text: &str, #[case] says: &str) {
        let text = text.replace("11HASH", &"1".repeat(64));
        let text = text.replace("HASH", &"0".repeat(64));
        let error = parse(&text).unwrap_err();
        assert!(error.starts_with(says), "{error}");
        assert!(!error.contains("saki_mcp_abc"));
    }
}
