//! MCP clients: where each keeps its configuration, how a server stands in it, and what environment it gives a server.
//!
//! `install` writes with this knowledge, `doctor` checks with it. Nothing here changes a file.

mod client_environment;
mod client_table;
mod configuration_document;
mod configuration_files;
mod entry_shape;
mod found_entries;
mod platform_layout;
mod yaml_tree;

use std::path::{Path, PathBuf};

pub(super) use client_environment::{ClientEnvironment, PROXY_VARIABLES};
pub(super) use client_table::CLIENTS;
pub(super) use configuration_document::{Document, ReadError, json_options};
pub(super) use configuration_files::ConfigurationFile;
pub(super) use entry_shape::{Entry, Launch, RemoteShape, Shape, is_saki_mcp};
pub(super) use found_entries::{FoundEntry, FoundFile, all_names, named};
pub(super) use platform_layout::{Platform, PlatformFlag, System};
pub(super) use yaml_tree::{YamlMapping, YamlNode, parse_yaml};

/// How a client's configuration is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileFormat {
    /// JSON whose reader rejects comments and trailing commas, and then ignores or replaces the whole file.
    StrictJson,
    /// JSON of which no source says whether its reader accepts comments.
    Json,
    /// JSON with comments and trailing commas.
    Jsonc,
    Toml,
    Yaml,
}

/// What a running client does to a file that is changed beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct OverwritesWhileRunning {
    /// Names of its process on Linux, macOS and Windows.
    pub(super) processes: &'static [&'static str],
    /// What closing it takes.
    pub(super) how_to_quit: &'static str,
}

/// An MCP client.
#[derive(Debug)]
pub(super) struct McpClient {
    /// The name on the command line.
    pub(super) name: &'static str,
    /// The name that people know.
    pub(super) title: &'static str,
    /// Other names on the command line.
    pub(super) aliases: &'static [&'static str],
    pub(super) format: FileFormat,
    /// The keys that lead to the map of servers.
    pub(super) servers: &'static [&'static str],
    /// The key of the settings of single folders, and in each the key of its map of servers. These win over the others.
    pub(super) folder_servers: Option<(&'static str, &'static str)>,
    /// Another place for the map of servers, used by files that already have it.
    pub(super) other_servers: Option<&'static [&'static str]>,
    pub(super) shape: Shape,
    pub(super) remote: RemoteShape,
    pub(super) environment: ClientEnvironment,
    /// How references to variables begin that the client replaces by values. Others reach the server as they stand.
    pub(super) references: &'static [&'static str],
    /// The user's configuration files. A client without any takes only a pasted snippet.
    pub(super) user_files: fn(&Platform) -> anyhow::Result<Vec<ConfigurationFile>>,
    /// The configuration of a project, below its folder.
    pub(super) project_file: Option<&'static str>,
    /// How a project's servers are approved.
    pub(super) project_approval: &'static str,
    /// What makes the client see a change.
    pub(super) after_change: &'static str,
    pub(super) overwrites_while_running: Option<OverwritesWhileRunning>,
    /// What else is worth knowing after an installation.
    pub(super) note: Option<&'static str>,
}

impl McpClient {
    /// The client with this name or alias.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        let name = name.trim().to_ascii_lowercase();
        CLIENTS
            .iter()
            .find(|client| client.name == name || client.aliases.contains(&name.as_str()))
    }

    /// Whether the client puts another value in the place of this one, or of a part of it.
    pub(super) fn is_reference(&self, value: &str) -> bool {
        self.references.iter().any(|start| value.contains(start))
    }

    /// Whether the client is on this machine: one of its files or its folder exists.
    pub(super) fn is_present(&self, platform: &Platform) -> bool {
        let files = (self.user_files)(platform).unwrap_or_default();
        files
            .iter()
            .any(|file| file.path.exists() || file.folder.is_dir())
    }

    /// The keys that lead to the map of servers in this document.
    pub(super) fn servers_in(&self, document: &Document) -> &'static [&'static str] {
        // A server could be called like the inner map; a server has a type or a command.
        let is_map = |value: &serde_json::Value| {
            let object = value.as_object();
            object.is_some_and(|map| {
                !["type", "command", "url"]
                    .iter()
                    .any(|key| map.get(*key).is_some_and(|v| !v.is_object()))
            })
        };
        match self.other_servers {
            Some(other) if document.at(other).is_some_and(is_map) => other,
            _ => self.servers,
        }
    }

    /// The configuration of the project in this folder.
    pub(super) fn project_path(&self, folder: &Path) -> Option<PathBuf> {
        let path = folder.join(self.project_file?);
        let plain = path.with_extension("json");
        let is_jsonc = path.extension().is_some_and(|ending| ending == "jsonc");
        let uses_plain = is_jsonc && !path.exists() && plain.exists();
        Some(if uses_plain { plain } else { path })
    }

    /// The entry of this name in a document.
    pub(super) fn entry(&self, document: &Document, name: &str) -> Option<Entry> {
        let servers = document.at(self.servers_in(document))?;
        Some(self.shape.read(servers.as_object()?.get(name)?))
    }

    /// All entries of a document that start a `saki-mcp`, with their names.
    pub(super) fn saki_entries(&self, document: &Document) -> Vec<(String, Entry)> {
        let servers = document.at(self.servers_in(document));
        let servers = servers.and_then(serde_json::Value::as_object);
        let entries = servers
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), self.shape.read(value)));
        entries
            .filter(|(_, entry)| entry.binary().is_some())
            .collect()
    }
}
