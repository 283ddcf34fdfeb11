//! Found entries: which of a client's files are on this machine, and which of their entries start a `saki-mcp`.

use std::path::PathBuf;

use super::{CLIENTS, Document, Entry, McpClient, Platform, ReadError};
use crate::cli::usage_error::wrong_usage;

/// The names under which `install` writes.
const OUR_NAMES: [&str; 2] = ["saki", "saki-sandbox"];

/// A file in which a client looks for servers, and that exists.
#[derive(Debug)]
pub(in crate::cli) struct FoundFile {
    pub(in crate::cli) client: &'static McpClient,
    pub(in crate::cli) path: PathBuf,
    /// Whether a program of Windows starts the entries, out of our reach.
    pub(in crate::cli) is_windows_side: bool,
}

/// An entry and its place in a file.
#[derive(Debug)]
pub(in crate::cli) struct FoundEntry {
    pub(in crate::cli) name: String,
    /// The folder for which alone it counts.
    pub(in crate::cli) folder: Option<String>,
    pub(in crate::cli) entry: Entry,
}

/// The clients with these names, each once.
///
/// # Errors
///
/// What no client is called is wrong usage.
pub(in crate::cli) fn named(names: &[String]) -> anyhow::Result<Vec<&'static McpClient>> {
    let mut clients: Vec<&'static McpClient> = Vec::new();
    for name in names.iter().filter(|name| !name.trim().is_empty()) {
        let Some(client) = McpClient::find(name) else {
            let text = format!(
                "--client {name:?}: no such client. The names are {}",
                all_names()
            );
            return Err(wrong_usage(text));
        };
        if !clients.iter().any(|known| known.name == client.name) {
            clients.push(client);
        }
    }
    match clients.is_empty() {
        true => Err(wrong_usage(format!(
            "--client names no client. The names are {}",
            all_names()
        ))),
        false => Ok(clients),
    }
}

/// The names of all clients, for a sentence.
pub(in crate::cli) fn all_names() -> String {
    let names: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
    names.join(", ")
}

impl McpClient {
    /// The client's files that exist: the user's, and the one of the project in this directory.
    pub(in crate::cli) fn found_files(
        &'static self,
        platform: &Platform,
    ) -> anyhow::Result<Vec<FoundFile>> {
        let user = (self.user_files)(platform)?.into_iter();
        let user = user.map(|file| (file.path, file.is_windows_side));
        let mut files: Vec<(PathBuf, bool)> = user.collect();
        let here = std::env::current_dir().ok();
        let project = here.and_then(|here| self.project_path(&here));
        // In the home directory, some clients' files of a project are those of the user.
        let project = project.filter(|path| files.iter().all(|(known, _)| known != path));
        files.extend(project.map(|path| (path, false)));
        files.retain(|(path, _)| path.exists() || path.is_symlink());
        let found = files.into_iter().map(|(path, is_windows_side)| FoundFile {
            client: self,
            path,
            is_windows_side,
        });
        Ok(found.collect())
    }

    /// What takes an entry of a single folder out.
    pub(in crate::cli) fn folder_removal(&self, folder: &str, name: &str) -> String {
        format!("claude mcp remove -s local {name}, in the folder {folder}")
    }

    /// The entries of single folders that start a `saki-mcp` or have our name.
    pub(in crate::cli) fn folder_entries(&self, document: &Document) -> Vec<FoundEntry> {
        let Some((folders, servers)) = self.folder_servers else {
            return Vec::new();
        };
        let folders = document
            .at(&[folders])
            .and_then(serde_json::Value::as_object);
        let entries = folders
            .into_iter()
            .flatten()
            .flat_map(|(folder, settings)| {
                let servers = settings.get(servers).and_then(serde_json::Value::as_object);
                servers
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| FoundEntry {
                        name: name.clone(),
                        folder: Some(folder.clone()),
                        entry: self.shape.read(value),
                    })
            });
        let is_ours = |found: &FoundEntry| {
            found.entry.binary().is_some() || OUR_NAMES.contains(&&*found.name)
        };
        entries.filter(is_ours).collect()
    }
}

impl FoundFile {
    /// An entry of the file as a person finds it.
    pub(in crate::cli) fn place(&self, found: &FoundEntry) -> String {
        let folder = found.folder.as_ref();
        let folder = folder.map(|folder| format!(" for the folder {folder}"));
        format!(
            "{:?} in {}{}",
            found.name,
            self.path.display(),
            folder.unwrap_or_default()
        )
    }

    /// The entries that start a `saki-mcp`, and others under our name.
    pub(in crate::cli) fn entries(&self) -> Result<Vec<FoundEntry>, ReadError> {
        let client = self.client;
        let Some(document) = Document::read(&self.path, client.format, client.servers)? else {
            return Ok(Vec::new());
        };
        let of_all_folders = |(name, entry)| FoundEntry {
            name,
            folder: None,
            entry,
        };
        let mut entries: Vec<FoundEntry> = client
            .saki_entries(&document)
            .into_iter()
            .map(of_all_folders)
            .collect();
        for name in OUR_NAMES {
            let is_known = entries.iter().any(|known| known.name == name);
            if let Some(entry) = client.entry(&document, name).filter(|_| !is_known) {
                entries.push(of_all_folders((name.to_owned(), entry)));
            }
        }
        entries.extend(client.folder_entries(&document));
        Ok(entries)
    }
}
