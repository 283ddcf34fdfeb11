//! Removing an entry: where the file is still as the installation left it, it becomes what it was before, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::bail;
use serde_json::{Map, Value};

use super::replace_file::{LockedFile, behind_links};
use super::{
    Target, WantedEntry, entry_merge, install_entry, is_entry_name, masked_text, running_client,
};
use crate::cli::clients::{Document, McpClient};
use crate::cli::console_output;
use crate::cli::install::edit_configuration::Place;

/// What becomes of the file.
enum RemovalOutcome {
    /// It is as before the installation, which this backup holds.
    Restored { content: Vec<u8>, backup: PathBuf },
    /// Installation made it, and it holds nothing else.
    Gone,
    /// It changed since; only the entry goes.
    Edited(String),
}

/// The entries that start a `saki-mcp`, each with the command that takes it out.
pub(super) fn removal_commands(
    client: &McpClient,
    document: &Document,
    is_shared: bool,
) -> Vec<String> {
    let entries = client.saki_entries(document).into_iter();
    let commands = entries.map(
        |(name, _)| match removal_command(client, &name, is_shared) {
            Some(command) => format!("{name:?} ({command})"),
            None => format!("{name:?}"),
        },
    );
    commands.collect()
}

/// The command that takes an entry out of the user's file, or of the project's; nothing for a name that it does not take.
pub(super) fn removal_command(client: &McpClient, name: &str, is_shared: bool) -> Option<String> {
    let chosen = match name {
        "saki" => String::new(),
        "saki-sandbox" => "--sandbox ".to_owned(),
        other => format!("--name {other} "),
    };
    let scope = if is_shared { " --scope project" } else { "" };
    let client = client.name;
    is_entry_name(name)
        .then(|| format!("saki-mcp {chosen}install --remove --client {client}{scope}"))
}

/// Removes the entry from a file. Whether the file was changed.
pub(super) fn remove(wanted: &WantedEntry<'_>, target: &Target) -> anyhow::Result<bool> {
    let client = target.client;
    let path = target.file.path.display();
    let absent = |document: &Document| {
        let others = removal_commands(client, document, target.is_shared);
        let others = match others.is_empty() {
            true => String::new(),
            false => format!(". Other entries of ours there: {}", others.join(", ")),
        };
        let line = format!(
            "{}: {:?} is not in {path}{others}",
            client.title, wanted.name
        );
        console_output::print_result(&line).map(|()| false)
    };
    let (bytes, document) = install_entry::read(target)?;
    if bytes.is_none() || client.entry(&document, wanted.name).is_none() {
        return absent(&document);
    }
    if !wanted.options.dry_run {
        running_client::ask_to_quit(client, wanted.platform)?;
    }
    let locked = LockedFile::open(&target.file.path, target.is_shared)?;
    let (bytes, document) = install_entry::read(target)?;
    let entry = client.entry(&document, wanted.name);
    let Some((bytes, entry)) = bytes.zip(entry) else {
        return absent(&document);
    };
    let place = install_entry::place(wanted, client, &document);
    let outcome = outcome(&place, client, &document, &entry.value, &locked);
    let is_proved = !matches!(outcome, Ok(RemovalOutcome::Edited(_)) | Err(_));
    let stranger = entry_merge::stranger(&entry, wanted.options.http.as_ref());
    if let Some(why) = stranger.filter(|_| !is_proved && !wanted.options.force) {
        bail!(
            "{:?} is not ours: {why}. It is:\n{}\nTo remove it all the same, add --force",
            wanted.name,
            masked_text::masked_entry(&entry.value)
        );
    }
    let outcome = outcome?;
    if wanted.options.dry_run {
        let content = match &outcome {
            RemovalOutcome::Restored { content, .. } => {
                String::from_utf8_lossy(content).into_owned()
            }
            RemovalOutcome::Gone => String::new(),
            RemovalOutcome::Edited(content) => content.clone(),
        };
        return install_entry::show_diff(target, &document, &content);
    }
    let mut lines = vec![format!(
        "{}: removed {:?} from {path}",
        client.title, wanted.name
    )];
    match outcome {
        RemovalOutcome::Restored { content, backup } => {
            locked.replace(Some(&bytes), &content, false)?;
            // The file itself is now what the copy was for.
            drop(fs::remove_file(backup));
            lines.push("    The file is again what it was before the installation.".to_owned());
        }
        RemovalOutcome::Gone => {
            locked.delete()?;
            lines.push("    The file held nothing else and is gone.".to_owned());
        }
        RemovalOutcome::Edited(content) => {
            let backup = locked.replace(Some(&bytes), content.as_bytes(), true)?;
            lines.extend(backup.map(|backup| format!("    Backup: {}", backup.display())));
        }
    }
    lines.push("    A session that is running keeps it until it is restarted.".to_owned());
    console_output::print_result(&lines.join("\n"))?;
    Ok(true)
}

fn outcome(
    place: &Place<'_>,
    client: &McpClient,
    document: &Document,
    entry: &Value,
    locked: &LockedFile,
) -> anyhow::Result<RemovalOutcome> {
    let is_now = |content: Result<String, _>| {
        content.is_ok_and(|content: String| content.trim_start_matches('\u{feff}') == document.text)
    };
    let mut kept = None;
    let mut is_ours = locked.backups().is_empty();
    for backup in locked.backups() {
        let Some((content, before)) = parsed(client, &backup) else {
            continue;
        };
        // Older backups decide what stood there before the first installation.
        is_ours = is_made_by_install(place, client, &before);
        if client.entry(&before, place.name).is_some() {
            continue;
        }
        if kept.is_none() && is_now(place.set(&before, entry)) {
            return Ok(RemovalOutcome::Restored { content, backup });
        }
        kept = Some(depth_of(&before, place.servers));
    }
    if is_ours && is_now(place.new_file(entry)) {
        return Ok(RemovalOutcome::Gone);
    }
    let has_backups = !locked.backups().is_empty();
    let kept = match kept {
        _ if has_backups && is_ours => 0,
        Some(kept) => kept,
        None if has_backups => place.servers.len(),
        // An installation into a file that was there makes a backup, so the map came with the entry.
        None => 0,
    };
    let content = place.remove(document, kept)?;
    let rest = Document::parse(content.as_bytes(), place.format, place.servers)?;
    let is_empty = rest.value.as_object().is_some_and(Map::is_empty) && rest.text.trim().len() <= 2;
    Ok(match is_empty && has_backups && is_ours {
        true => RemovalOutcome::Gone,
        false => RemovalOutcome::Edited(content),
    })
}

fn parsed(client: &McpClient, backup: &Path) -> Option<(Vec<u8>, Document)> {
    let content = fs::read(behind_links(backup)).ok()?;
    let document = Document::parse(&content, client.format, client.servers).ok()?;
    Some((content, document))
}

/// Whether a file is what an installation writes where there was none.
fn is_made_by_install(place: &Place<'_>, client: &McpClient, document: &Document) -> bool {
    let entries = client.saki_entries(document);
    let [(name, entry)] = entries.as_slice() else {
        return false;
    };
    let place = Place { name, ..*place };
    place
        .new_file(&entry.value)
        .is_ok_and(|content| content == document.text)
}

/// How many of the keys on the way to the servers a document has.
fn depth_of(document: &Document, servers: &[&str]) -> usize {
    (1..=servers.len())
        .take_while(|depth| document.at(&servers[..*depth]).is_some())
        .count()
}
