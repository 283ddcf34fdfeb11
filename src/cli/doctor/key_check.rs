//! Key check: where the key comes from, and whether it can be one.

use std::path::Path;

use super::check_outcomes::Check;
use crate::cli::api_key_sources::{self, KeySource};
use crate::cli::environment_checks::{self, KEY_VARIABLE};
use crate::cli::key_file;
use crate::cli::keyring_store::KeyringError;
use crate::saki::Key;

const SUBJECT: &str = "key";

/// A key that the server would use.
#[derive(Debug, Clone)]
pub(super) struct UsableKey {
    pub(super) key: Key,
    /// How a person puts a new key in its place.
    pub(super) replacement: String,
}

/// The usable key, if there is one, and what was found.
pub(super) fn check(file: Option<&Path>) -> (Option<UsableKey>, Vec<Check>) {
    let search = match api_key_sources::find(file) {
        Ok(search) => search,
        Err(error) => {
            let fix =
                "correct --api-key-file or SAKI_API_KEY_FILE, or store the key: saki-mcp auth set";
            return (
                None,
                vec![Check::problem(SUBJECT, format!("{error:#}"), fix)],
            );
        }
    };
    let mut checks = Vec::new();
    if let Some(why) = &search.keyring {
        let finding = format!("the keyring was not used: {why}");
        checks.push(match (&search.found, why) {
            (Some(_), _) | (None, KeyringError::Absent) => Check::skipped("keyring", finding),
            (None, _) => Check::warning(
                "keyring",
                finding,
                "unlock it, or store the key in a file: saki-mcp auth set --file",
            ),
        });
    }
    let Some(found) = search.found else {
        let finding = "there is no API key: --api-key-file, SAKI_API_KEY and the keyring have none, and no file was stored";
        let fix = "create a key in Saki under Settings > API, then: saki-mcp auth set";
        checks.push(Check::problem(SUBJECT, finding, fix));
        return (None, checks);
    };
    let source = &found.source;
    let key = match found.key {
        Ok(key) => key,
        Err(error) => {
            let finding = format!("{error}; it comes from {source}");
            let is_unfilled = *source == KeySource::Variable
                && environment_checks::unfilled(KEY_VARIABLE).is_some();
            let fix = match is_unfilled {
                true => {
                    "the client left it unfilled: remove SAKI_API_KEY from the entry, then: saki-mcp auth set"
                }
                false => &format!(
                    "copy the key as Saki shows it under Settings > API, {}",
                    source.replacement()
                ),
            };
            checks.push(Check::problem(SUBJECT, finding, fix));
            return (None, checks);
        }
    };
    let finding = format!("{}, from {source}", key.masked());
    checks.push(match source {
        KeySource::NamedFile(path) | KeySource::DefaultFile(path)
            if key_file::is_readable_by_others(path) =>
        {
            let fix = format!("chmod 600 {}", path.display());
            let finding = format!("{finding}, which other users of this machine may read");
            Check::warning(SUBJECT, finding, fix)
        }
        _ => Check::ok(SUBJECT, finding),
    });
    let replacement = source.replacement();
    (Some(UsableKey { key, replacement }), checks)
}
