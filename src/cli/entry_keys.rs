//! Entry keys: which entries of clients hold an API key, and which have none of their own.

use std::path::Path;

use anyhow::{Context, bail};

use super::clients::{CLIENTS, Client, Entry, FoundEntry, Platform, named};
use super::environment_checks::{self, KEY_VARIABLE};
use crate::saki::Key;

const FILE_VARIABLE: &str = "SAKI_API_KEY_FILE";
const FILE_FLAG: &str = "--api-key-file";

/// The key that stands in an entry itself.
fn literal_key(client: &Client, entry: &Entry) -> Option<Key> {
    let text = entry.env.get(KEY_VARIABLE)?;
    let is_reference = client
        .references
        .iter()
        .any(|start| text.starts_with(start));
    let is_unfilled = environment_checks::is_unfilled(text.as_ref());
    (!is_reference && !is_unfilled).then(|| Key::new(text).ok())?
}

/// The key in the entries of a client, and where it stands.
pub(super) fn of_client(
    client_name: &str,
    entry_name: Option<&str>,
    platform: &Platform,
) -> anyhow::Result<(Key, String)> {
    let clients = named(&[client_name.to_owned()])?;
    let client = clients.first().context("no client was named")?;
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
    keys.dedup_by_key(|(key, _)| key.fingerprint());
    let places: Vec<&str> = keys.iter().map(|(_, place)| place.as_str()).collect();
    if places.len() > 1 {
        bail!(
            "several entries of {} hold different keys: {}. Choose one with --name",
            client.title,
            places.join(", ")
        );
    }
    keys.pop().with_context(|| {
        format!(
            "no entry of {} that starts saki-mcp holds a key, so nothing was stored",
            client.title
        )
    })
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
    let is_on = |value: &String| !value.is_empty() && value != "false" && value != "0";
    entry.server_args().iter().any(|word| word == "--sandbox")
        || entry.env.get("SAKI_SANDBOX").is_some_and(is_on)
}

/// Whether an entry has a key, refers to one, or names a file that is there.
fn has_key(client: &Client, entry: &Entry) -> bool {
    let is_reference = |text: &String| client.references.iter().any(|start| text.contains(start));
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
    in_variable.is_some_and(is_reference)
        || literal_key(client, entry).is_some()
        || files.any(|path| Path::new(path).exists())
}
