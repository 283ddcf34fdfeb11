//! API key: the sources in their order. `saki::key_format` checks a key, `saki::key_redaction` keeps it out of every text.

use std::fmt;
use std::path::{Path, PathBuf};

use super::environment_checks::{self, KEY_VARIABLE};
use super::key_file;
use super::keyring_store::{self, KeyringError};
use crate::saki::{Error, Key};

/// Where a key comes from, in the order in which the sources are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeySource {
    /// `--api-key-file` or its variable.
    NamedFile(PathBuf),
    /// `SAKI_API_KEY`.
    Variable,
    /// The system's keyring.
    Keyring,
    /// The file that `saki-mcp auth` writes where there is no keyring.
    DefaultFile(PathBuf),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NamedFile(path) | Self::DefaultFile(path) => {
                write!(f, "the file {}", path.display())
            }
            Self::Variable => write!(f, "the variable {KEY_VARIABLE}"),
            Self::Keyring => f.write_str("the system's keyring"),
        }
    }
}

impl KeySource {
    /// What a person does with a new key so that it takes the place of the one from here.
    pub(super) fn replacement(&self) -> String {
        match self {
            Self::NamedFile(path) => format!("and put it into the file {}", path.display()),
            Self::Variable => format!(
                "and put it into {KEY_VARIABLE} where that is set; or remove {KEY_VARIABLE}, which wins over a stored key, then: saki-mcp auth set"
            ),
            Self::Keyring | Self::DefaultFile(_) => "then: saki-mcp auth set".to_owned(),
        }
    }
}

/// A key and its source. A text that cannot be a key is an inner error: the server starts, and every call repeats it.
pub(super) struct FoundKey {
    pub(super) source: KeySource,
    pub(super) key: Result<Key, Error>,
}

/// What the sources had.
pub(super) struct KeySearch {
    pub(super) found: Option<FoundKey>,
    /// Why the keyring gave nothing, where it was asked and could not be used.
    pub(super) keyring: Option<KeyringError>,
}

impl KeySearch {
    /// Why every call to Saki will fail: no key, or a text that cannot be one.
    pub(super) fn problem(&self) -> Option<String> {
        match &self.found {
            Some(found) => found.key.as_ref().err().map(ToString::to_string),
            None => Some(format!(
                "no API key is set: neither in {KEY_VARIABLE} nor by saki-mcp auth set{}",
                match &self.keyring {
                    Some(why @ (KeyringError::NoAnswer(_) | KeyringError::Refused(_))) =>
                        format!(" ({why})"),
                    _ => String::new(),
                }
            )),
        }
    }
}

/// Finds the key: the named file, the variable, the keyring, the default file. The first that has one wins.
///
/// The keyring is asked only when nothing before it has a key.
pub(super) fn find(file: Option<&Path>) -> anyhow::Result<KeySearch> {
    let found = |source, text: &str| KeySearch {
        found: Some(FoundKey {
            source,
            key: Key::new(text),
        }),
        keyring: None,
    };
    if let Some(path) = file {
        let text = key_file::read(path)?;
        return Ok(found(KeySource::NamedFile(path.to_owned()), &text));
    }
    let variable = std::env::var_os(KEY_VARIABLE).filter(|value| !value.is_empty());
    let variable = variable.map(|value| value.to_string_lossy().into_owned());
    // What a client left unfilled is explained, unless another source has the key.
    let is_unfilled = environment_checks::unfilled(KEY_VARIABLE).is_some();
    if let Some(text) = variable.as_ref().filter(|_| !is_unfilled) {
        return Ok(found(KeySource::Variable, text));
    }
    let keyring = match keyring_store::read(keyring_store::AT_START) {
        Ok(Some(text)) => return Ok(found(KeySource::Keyring, &text)),
        Ok(None) => None,
        Err(why) => Some(why),
    };
    let default = key_file::default_path().filter(|path| path.exists());
    let last = match (default, variable) {
        (Some(path), _) => Some(FoundKey {
            // Nobody named this file, so a fault of it does not stop the start.
            key: key_file::read(&path)
                .map_err(|error| Error::Key(format!("{error:#}")))
                .and_then(|text| Key::new(&text)),
            source: KeySource::DefaultFile(path),
        }),
        (None, Some(text)) => found(KeySource::Variable, &text).found,
        (None, None) => None,
    };
    Ok(KeySearch {
        found: last,
        keyring,
    })
}
