//! Entry keys: which entries of clients hold an API key, and which have none of their own.

use anyhow::{Context, bail};

use super::clients::{CLIENTS, Entry, FoundEntry, McpClient, Platform, all_names};
use super::environment_checks::{self, KEY_VARIABLE};
use super::global_flags::boolean;
use super::usage_error::wrong_usage;
use crate::saki::Key;
use crate::write::media::expand_home;
use crate::write::quote_text::unquoted;

const FILE_VARIABLE: &str = "SAKI_API_KEY_FILE";
const FILE_FLAG: &str = "--api-key-file";

/// The key that stands in an entry itself.
fn literal_key(client: &McpClient, entry: &Entry) -> Option<Key> {
    let text = entry.env.get(KEY_VARIABLE)?;
    let is_unfilled = environment_checks::is_unfilled(text.as_ref());
    (!client.is_reference(text) && !is_unfilled).then(|| Key::new(text).ok())?
}

/// The key in the entries of a client, and all places where it stands.
pub(super) fn of_client(
    client_name: &str,
    entry_name: Option<&str>,
    platform: &Platform,
) -> anyhow::Result<(Key, String)> {
    let client = McpClient::find(client_name).ok_or_else(|| {
        let names = all_names();
        wrong_usage(format!(
            "--from-client {client_name:?}: no such client. The names are {names}"
        ))
    })?;
    let mut keys: Vec<(Key, String)> = Vec::new();
    let files = client.found_files(platform)?;
    for file in &files {
        let entries = file
            .entries()
            .with_context(|| file.path.display().to_string())?;
        let is_meant = |found: &&FoundEntry| entry_name.is_none_or(|name| name == found.name);
        for found in entries.iter().filter(is_meant) {
            if let Some(key) = literal_key(client, &found.entry) {
                keys.push((key, file.place(found)));
            }
        }
    }
    let places: Vec<&str> = keys.iter().map(|(_, place)| place.as_str()).collect();
    let places = places.join(", ");
    let mut keys = keys.into_iter().map(|(key, _)| key);
    let key = keys.next().with_context(|| {
        format!(
            "no entry of {} that starts saki-mcp holds a key, so nothing was stored",
            client.title
        )
    })?;
    if keys.any(|other| other.fingerprint() != key.fingerprint()) {
        bail!(
            "several entries of {} hold different keys: {places}. Choose one with --name",
            client.title
        );
    }
    Ok((key, places))
}

/// The entries of all clients that start a `saki-mcp` without a key of their own, each with its client.
pub(super) fn without_key(platform: &Platform) -> Vec<String> {
    let clients = CLIENTS.iter().filter(|client| client.is_present(platform));
    let files = clients.flat_map(|client| client.found_files(platform).unwrap_or_default());
    let mut places = Vec::new();
    for file in files {
        // doctor tells of a file that cannot be read.
        for found in file.entries().unwrap_or_default() {
            let entry = &found.entry;
            if entry.binary().is_some() && !is_sandbox(entry) && !has_key(file.client, entry) {
                places.push(format!("{}: {}", file.client.title, file.place(&found)));
            }
        }
    }
    places
}

fn is_sandbox(entry: &Entry) -> bool {
    let is_on = |value: &String| boolean(value) == Ok(true);
    entry.server_args().iter().any(|word| word == "--sandbox")
        || entry.env.get("SAKI_SANDBOX").is_some_and(is_on)
}

/// Whether an entry has a key, refers to one, or names a file that is there.
fn has_key(client: &McpClient, entry: &Entry) -> bool {
    let is_there = |path: &str| expand_home(unquoted(path)).exists();
    let in_variable = entry.env.get(KEY_VARIABLE);
    let words = entry.server_args();
    let after_flag = words.iter().position(|word| word == FILE_FLAG);
    let after_flag = after_flag
        .and_then(|at| words.get(at + 1))
        .map(String::as_str);
    let in_flag = (words.iter()).find_map(|word| word.strip_prefix(FILE_FLAG)?.strip_prefix('='));
    let in_file_variable = entry.env.get(FILE_VARIABLE).map(String::as_str);
    let mut files = [after_flag, in_flag, in_file_variable]
        .into_iter()
        .flatten();
    in_variable.is_some_and(|text| client.is_reference(text))
        || literal_key(client, entry).is_some()
        || files.any(|path| client.is_reference(path) || is_there(path))
}
