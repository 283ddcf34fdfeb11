//! Writing an entry: what stands in the file is read, judged and merged, then the file is replaced and read again.

use anyhow::{Context, anyhow, bail};
use serde_json::Value;

use super::edit_configuration::Place;
use super::entry_merge::{self, Merged};
use super::removal::removal_command;
use super::replace_file::LockedFile;
use super::{Target, WantedEntry, entry_plan, masked_text, running_client};
use crate::cli::clients::{Document, Entry, FileFormat, McpClient};
use crate::cli::console_output;

/// Writes the entry into a file. Whether the file was changed.
pub(super) fn write(wanted: &WantedEntry<'_>, target: &Target) -> anyhow::Result<bool> {
    let client = target.client;
    let is_dry = wanted.options.dry_run;
    // Before anything is created: what cannot be read cannot be changed either.
    read(target).map_err(|error| with_snippet(wanted, target, error))?;
    if !is_dry {
        running_client::ask_to_quit(client, wanted.platform)?;
    }
    let locked = match is_dry {
        true => None,
        false => Some(LockedFile::open(&target.file.path, target.is_shared)?),
    };
    let (bytes, document) = read(target)?;
    let place = place(wanted, client, &document);
    let standing = client.entry(&document, wanted.name);
    let merged = merged(wanted, target, standing.as_ref())?;
    if standing
        .as_ref()
        .is_some_and(|entry| entry.value == merged.value)
    {
        let mut lines = vec![format!(
            "{}: {:?} is up to date in {}",
            client.title,
            wanted.name,
            target.file.path.display()
        )];
        let folders = shadow_warnings(wanted, target, &document);
        lines.extend((merged.told.iter().chain(&folders)).map(|line| format!("    {line}")));
        console_output::print_result(&lines.join("\n"))?;
        return Ok(false);
    }
    let content = place.set(&document, &merged.value);
    let content = content.map_err(|error| with_snippet(wanted, target, error.into()))?;
    let Some(locked) = locked else {
        return show_diff(target, &document, &content);
    };
    let backup = locked.replace(bytes.as_deref(), content.as_bytes(), true)?;
    check(wanted, target, &merged.value)?;
    let did = if standing.is_some() {
        "updated"
    } else {
        "added"
    };
    let mut lines = vec![format!(
        "{}: {did} {:?} in {}",
        client.title,
        wanted.name,
        target.file.path.display()
    )];
    let mut detail = |text: String| lines.push(format!("    {text}"));
    detail(starts(wanted, &merged));
    if let Some(backup) = backup {
        detail(format!("Backup: {}", backup.display()));
    }
    merged.told.iter().cloned().for_each(&mut detail);
    let others = client
        .saki_entries(&document)
        .into_iter()
        .map(|(name, _)| name);
    for other in others.filter(|other| other != wanted.name && is_same_kind(other, wanted.name)) {
        let removal = removal_command(client, &other, target.is_shared);
        let removal = removal.map(|command| format!(" `{command}` takes it out."));
        detail(format!(
            "The entry {other:?} starts saki-mcp too, so its tools appear twice.{}",
            removal.unwrap_or_default()
        ));
    }
    shadow_warnings(wanted, target, &document)
        .into_iter()
        .for_each(&mut detail);
    if document.is_loose_json && client.format == FileFormat::Json {
        detail(format!(
            "The file has comments or trailing commas. They stay; {} may not read such a file.",
            client.title
        ));
    }
    if target.is_shared {
        detail("This file belongs to the project: whoever gets it through its repository needs saki-mcp at the same path.".to_owned());
        detail(client.project_approval.to_owned());
    }
    detail(format!("Next: {}", client.after_change));
    client
        .note
        .iter()
        .for_each(|note| detail((*note).to_owned()));
    lines.retain(|line| !line.trim().is_empty());
    console_output::print_result(&lines.join("\n"))?;
    Ok(true)
}

/// The entries of single folders that win over the one that is written.
fn shadow_warnings(wanted: &WantedEntry<'_>, target: &Target, document: &Document) -> Vec<String> {
    let Target { client, .. } = target;
    let found = client.folder_entries(document).into_iter();
    let told = found.filter_map(|found| {
        let folder = found.folder.filter(|_| found.name == wanted.name)?;
        Some(format!(
            "In the folder {folder}, {} uses another entry {:?}, which wins there. To drop that one: {}",
            client.title,
            wanted.name,
            client.folder_removal(&folder, wanted.name)
        ))
    });
    told.collect()
}

/// A real account and a sandbox may stand side by side.
fn is_same_kind(one: &str, other: &str) -> bool {
    one.contains("sandbox") == other.contains("sandbox")
}

fn starts(wanted: &WantedEntry<'_>, merged: &Merged) -> String {
    match &wanted.options.http {
        Some(url) => format!("Connects to {url}"),
        None => {
            let args = masked_text::masked_words(&merged.server_args);
            format!("Starts {} {args}", wanted.binary.display())
                .trim_end()
                .to_owned()
        }
    }
}

/// The content of a file and what it says; an empty document where there is no file.
pub(super) fn read(target: &Target) -> anyhow::Result<(Option<Vec<u8>>, Document)> {
    let Target { client, file, .. } = target;
    let bytes = Document::bytes(&file.path)?;
    let parsed = Document::parse(
        bytes.as_deref().unwrap_or_default(),
        client.format,
        client.servers,
    );
    Ok((bytes, parsed?))
}

/// Where the entry stands in a document.
pub(super) fn place<'a>(
    wanted: &'a WantedEntry<'_>,
    client: &McpClient,
    document: &Document,
) -> Place<'a> {
    Place {
        format: client.format,
        servers: client.servers_in(document),
        name: wanted.name,
    }
}

/// The entry that should stand in the file, or why another may not be replaced.
fn merged(
    wanted: &WantedEntry<'_>,
    target: &Target,
    standing: Option<&Entry>,
) -> anyhow::Result<Merged> {
    let url = wanted.options.http.as_ref();
    let stranger = standing.and_then(|entry| Some((entry, entry_merge::stranger(entry, url)?)));
    let standing = match stranger {
        Some((entry, why)) if !wanted.options.force => bail!(
            "{:?} stands there already and is not ours: {why}. It is:\n{}\nChoose another name with --name, or replace it with --force",
            wanted.name,
            masked_text::masked_entry(&entry.value)
        ),
        Some(_) => None,
        None => standing,
    };
    entry(wanted, target, standing)
}

/// The entry with what stays of the standing one.
fn entry(
    wanted: &WantedEntry<'_>,
    target: &Target,
    standing: Option<&Entry>,
) -> anyhow::Result<Merged> {
    let Target { client, file, .. } = target;
    if let Some(url) = &wanted.options.http {
        let shape = file.remote.unwrap_or(client.remote);
        let remote = client.shape.remote(shape, wanted.name, url.as_str());
        let value = remote.map_err(|instead| anyhow!("it takes no --http. {instead}"))?;
        let settings = entry_merge::settings_of(standing);
        let told = match settings.is_empty() {
            true => Vec::new(),
            false => vec![format!(
                "The client no longer starts the server, so these settings are gone: {}. Give them to `saki-mcp http`.",
                masked_text::masked_words(&settings)
            )],
        };
        return Ok(Merged {
            value,
            told,
            ..Merged::default()
        });
    }
    let mut told = Vec::new();
    let binary = wanted
        .binary
        .to_str()
        .context("the path of this program is not UTF-8")?;
    let launch = entry_plan::launch(client, file, wanted.platform, binary, &mut told);
    let mut settings = wanted.settings.to_vec();
    let names_key = |words: &[String]| words.iter().any(|word| word.starts_with("--api-key-file"));
    let has_key = names_key(&super::server_flags::words(&settings))
        || standing.is_some_and(|entry| {
            names_key(entry.server_args())
                || entry
                    .env
                    .keys()
                    .any(|name| name.starts_with("SAKI_API_KEY"))
        });
    let needs_key = !has_key
        && !target.is_shared
        && !super::server_flags::words(&settings).contains(&"--sandbox".to_owned());
    settings.extend(entry_plan::key_file_setting(client, wanted.platform).filter(|_| needs_key));
    let mut merged = entry_merge::merge(
        client,
        wanted.name,
        standing,
        launch,
        &settings,
        wanted.command,
    );
    told.append(&mut merged.told);
    merged.told = told;
    Ok(merged)
}

/// A file with the entry alone, for pasting.
pub(super) fn snippet(wanted: &WantedEntry<'_>, target: &Target) -> anyhow::Result<String> {
    let merged = entry(wanted, target, None)?;
    let place = Place {
        format: target.client.format,
        servers: target.client.servers,
        name: wanted.name,
    };
    Ok(place.new_file(&merged.value)?)
}

/// An error about a file that cannot be edited, with what to paste instead.
fn with_snippet(wanted: &WantedEntry<'_>, target: &Target, error: anyhow::Error) -> anyhow::Error {
    match snippet(wanted, target) {
        Ok(snippet) => anyhow!(
            "{error:#}.\nNothing was written. What belongs into it:\n{}",
            snippet.trim_end()
        ),
        Err(_) => error,
    }
}

/// Shows what would change.
pub(super) fn show_diff(
    target: &Target,
    document: &Document,
    content: &str,
) -> anyhow::Result<bool> {
    let path = target.file.path.display().to_string();
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    let diff = masked_text::diff(&path, &document.text, &document.value, content);
    console_output::print_result(diff.trim_end())?;
    Ok(false)
}

/// Reads the file again: a running client may have written its own state over it.
fn check(wanted: &WantedEntry<'_>, target: &Target, value: &Value) -> anyhow::Result<()> {
    let (_, document) = read(target)?;
    let entry = target.client.entry(&document, wanted.name);
    match entry.is_some_and(|entry| entry.value == *value) {
        true => Ok(()),
        false => bail!(
            "the entry was written, but the file no longer has it: another program wrote over it. Quit {} completely and run the command again",
            target.client.title
        ),
    }
}
