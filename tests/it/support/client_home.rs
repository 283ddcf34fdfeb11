//! A home directory with the configurations of MCP clients, as another system would lay it out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::child_process::{Ended, run};

/// The binary, as entries name it.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_saki-mcp");

/// How a client writes its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Json,
    Jsonc,
    Toml,
    Yaml,
}

/// A client, where its file lies on each system, and where its servers stand in it.
pub(crate) struct ClientCase {
    pub(crate) name: &'static str,
    pub(crate) written: Written,
    pub(crate) servers: &'static str,
    /// Below the folder of the test: `home`, `roaming` (APPDATA) and `local` (LOCALAPPDATA) are folders in it.
    pub(crate) linux: &'static str,
    pub(crate) macos: &'static str,
    pub(crate) windows: &'static str,
    pub(crate) wsl: &'static str,
}

/// A client with the same file on every system.
const fn everywhere(
    name: &'static str,
    written: Written,
    servers: &'static str,
    path: &'static str,
) -> ClientCase {
    ClientCase {
        name,
        written,
        servers,
        linux: path,
        macos: path,
        windows: path,
        wsl: path,
    }
}

/// A desktop client whose dot folder lies in the home directory of Windows when it is called from WSL.
const fn dot_folder(name: &'static str, path: &'static str, wsl: &'static str) -> ClientCase {
    ClientCase {
        name,
        written: Written::Json,
        servers: "mcpServers",
        linux: path,
        macos: path,
        windows: path,
        wsl,
    }
}

pub(crate) const CLIENTS: [ClientCase; 19] = [
    ClientCase {
        name: "claude-desktop",
        written: Written::Json,
        servers: "mcpServers",
        linux: "home/.config/Claude/claude_desktop_config.json",
        macos: "home/Library/Application Support/Claude/claude_desktop_config.json",
        windows: "win/AppData/Roaming/Claude/claude_desktop_config.json",
        wsl: "win/AppData/Roaming/Claude/claude_desktop_config.json",
    },
    everywhere(
        "claude-code",
        Written::Json,
        "mcpServers",
        "home/.claude.json",
    ),
    dot_folder("cursor", "home/.cursor/mcp.json", "win/.cursor/mcp.json"),
    ClientCase {
        name: "vscode",
        written: Written::Jsonc,
        servers: "servers",
        linux: "home/.config/Code/User/mcp.json",
        macos: "home/Library/Application Support/Code/User/mcp.json",
        windows: "win/AppData/Roaming/Code/User/mcp.json",
        wsl: "win/AppData/Roaming/Code/User/mcp.json",
    },
    ClientCase {
        name: "vscode-insiders",
        written: Written::Jsonc,
        servers: "servers",
        linux: "home/.config/Code - Insiders/User/mcp.json",
        macos: "home/Library/Application Support/Code - Insiders/User/mcp.json",
        windows: "win/AppData/Roaming/Code - Insiders/User/mcp.json",
        wsl: "win/AppData/Roaming/Code - Insiders/User/mcp.json",
    },
    ClientCase {
        name: "devin",
        written: Written::Json,
        servers: "mcpServers",
        linux: "home/.config/devin/mcp_config.json",
        macos: "home/.config/devin/mcp_config.json",
        windows: "win/AppData/Roaming/devin/mcp_config.json",
        wsl: "win/AppData/Roaming/devin/mcp_config.json",
    },
    ClientCase {
        name: "zed",
        written: Written::Jsonc,
        servers: "context_servers",
        linux: "home/.config/zed/settings.json",
        macos: "home/.config/zed/settings.json",
        windows: "win/AppData/Roaming/Zed/settings.json",
        wsl: "win/AppData/Roaming/Zed/settings.json",
    },
    everywhere(
        "codex",
        Written::Toml,
        "mcp_servers",
        "home/.codex/config.toml",
    ),
    everywhere(
        "gemini",
        Written::Jsonc,
        "mcpServers",
        "home/.gemini/settings.json",
    ),
    everywhere(
        "opencode",
        Written::Jsonc,
        "mcp",
        "home/.config/opencode/opencode.jsonc",
    ),
    ClientCase {
        name: "goose",
        written: Written::Yaml,
        servers: "extensions",
        linux: "home/.config/goose/config.yaml",
        macos: "home/.config/goose/config.yaml",
        windows: "win/AppData/Roaming/Block/goose/config/config.yaml",
        wsl: "home/.config/goose/config.yaml",
    },
    everywhere(
        "cline",
        Written::Json,
        "mcpServers",
        "home/.cline/data/settings/cline_mcp_settings.json",
    ),
    everywhere(
        "amp",
        Written::Jsonc,
        "amp.mcpServers",
        "home/.config/amp/settings.json",
    ),
    dot_folder(
        "lm-studio",
        "home/.lmstudio/mcp.json",
        "win/.lmstudio/mcp.json",
    ),
    dot_folder("warp", "home/.warp/.mcp.json", "win/.warp/.mcp.json"),
    everywhere(
        "junie",
        Written::Json,
        "mcpServers",
        "home/.junie/mcp/mcp.json",
    ),
    everywhere(
        "copilot-cli",
        Written::Json,
        "mcpServers",
        "home/.copilot/mcp-config.json",
    ),
    dot_folder(
        "kiro",
        "home/.kiro/settings/mcp.json",
        "win/.kiro/settings/mcp.json",
    ),
    dot_folder(
        "antigravity",
        "home/.gemini/config/mcp_config.json",
        "win/.gemini/config/mcp_config.json",
    ),
];

impl ClientCase {
    pub(crate) fn named(name: &str) -> &'static Self {
        CLIENTS.iter().find(|client| client.name == name).unwrap()
    }

    pub(crate) fn path_on(&self, platform: &str) -> &'static str {
        match platform {
            "linux" => self.linux,
            "macos" => self.macos,
            "windows" => self.windows,
            _ => self.wsl,
        }
    }

    /// A file full of other entries, in which nothing but an entry of ours may change.
    pub(crate) fn full_file(&self) -> String {
        let servers = self.servers;
        match self.written {
            Written::Json => format!(
                "{{\r\n\t\"numStartups\": 12,\r\n\t\"{servers}\": {{\r\n\t\t\"github\": {{ \"command\": \"npx\",   \"args\": [\"-y\", \"x\"], \"env\": {{\"GITHUB_TOKEN\": \"ghp_planted0123456789\"}} }},\r\n\t\t\"zoo\": {{\r\n\t\t\t\"command\": \"/opt/zoo\"\r\n\t\t}}\r\n\t}},\r\n\t\"big\": 12345678901234567890.10,\r\n\t\"esc\": \"\\u00e4\\/\"\r\n}}\r\n"
            ),
            Written::Jsonc => format!(
                "// My settings\n{{\n  \"theme\": \"One Dark\", // dark\n  /* servers */\n  \"{servers}\": {{\n    // do not touch\n    \"github\": {{\n      \"command\": \"npx\",\n      \"env\": {{ \"GITHUB_TOKEN\": \"ghp_planted0123456789\" }}, // key\n    }},\n  }},\n  \"z\": [1,2,\n    3],\n}}\n// the end\n"
            ),
            Written::Toml => format!(
                "# Codex\nmodel = \"x\"  # the best\n\n[{servers}.github] # mine\ncommand = 'npx'\nargs = [\n  \"-y\", # yes\n  \"x\",\n]\n[{servers}.github.env]\nGITHUB_TOKEN = \"ghp_planted0123456789\"\n\n# about the profile\n[profiles.\"a b\"]\nmodel = \"\"\"\nlong\n\"\"\"\n# the end\n"
            ),
            Written::Yaml => format!(
                "# Goose\nGOOSE_MODEL: \"x\" # the best\n{servers}:\n  # built in\n  developer:\n    type: builtin\n    enabled: true\n\n  github:\n    cmd: npx\n    args:\n    - -y\n    envs: {{GITHUB_TOKEN: ghp_planted0123456789}}\n    description: |\n      long\n\n      text\n# behind\nGOOSE_MODE: auto\n"
            ),
        }
    }

    /// The entries of a file, by name.
    pub(crate) fn entries(&self, text: &str) -> BTreeMap<String, Value> {
        let text = text.trim_start_matches('\u{feff}');
        let root: Value = match self.written {
            Written::Json => {
                serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
            }
            Written::Jsonc => {
                jsonc_parser::cst::CstRootNode::parse(text, &jsonc_parser::ParseOptions::default())
                    .unwrap()
                    .to_serde_value()
                    .unwrap()
            }
            Written::Toml => toml_value(text.parse::<toml_edit::DocumentMut>().unwrap().as_item()),
            Written::Yaml => return goose_entries(text),
        };
        let servers = root[self.servers].as_object().cloned().unwrap_or_default();
        servers.into_iter().collect()
    }
}

fn toml_value(item: &toml_edit::Item) -> Value {
    match item {
        toml_edit::Item::Value(toml_edit::Value::Array(items)) => items
            .iter()
            .map(|item| Value::from(item.as_str().unwrap()))
            .collect(),
        item => match (item.as_str(), item.as_table_like()) {
            (Some(text), _) => text.into(),
            (None, Some(table)) => table
                .iter()
                .map(|(key, item)| (key.to_owned(), toml_value(item)))
                .collect(),
            (None, None) => Value::Null,
        },
    }
}

/// The names, commands and arguments in the block style that Goose writes.
fn goose_entries(text: &str) -> BTreeMap<String, Value> {
    let mut entries = BTreeMap::<String, Value>::new();
    let mut name = String::new();
    for line in text
        .lines()
        .skip_while(|line| !line.starts_with("extensions:"))
        .skip(1)
    {
        let word = |text: &str| Value::from(text.trim().trim_matches('"'));
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            break;
        } else if let Some(key) = line
            .strip_prefix("  ")
            .filter(|key| key.starts_with(|c: char| c.is_ascii_alphabetic()))
        {
            name = key.trim_end_matches(':').to_owned();
            entries.insert(name.clone(), serde_json::json!({"args": []}));
        } else if let (Some((key, value)), Some(entry)) =
            (line.trim().split_once(": "), entries.get_mut(&name))
        {
            entry[key] = word(value);
        } else if let (Some(item), Some(entry)) =
            (line.trim().strip_prefix("- "), entries.get_mut(&name))
        {
            entry["args"].as_array_mut().unwrap().push(word(item));
        }
    }
    entries
}

/// The command of an entry and its arguments, whatever the client calls them.
pub(crate) fn command_line(entry: &Value) -> Vec<String> {
    let words = |value: &Value| -> Vec<String> {
        match value {
            Value::String(word) => vec![word.clone()],
            Value::Array(words) => words
                .iter()
                .map(|word| word.as_str().unwrap().to_owned())
                .collect(),
            _ => Vec::new(),
        }
    };
    [&entry["command"], &entry["cmd"], &entry["args"]]
        .into_iter()
        .flat_map(words)
        .collect()
}

/// The folder of a test, with a home directory in it.
pub(crate) struct ClientHome {
    pub(crate) folder: TempDir,
    platform: &'static str,
}

impl ClientHome {
    pub(crate) fn new(platform: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "win/AppData/Roaming", "win/AppData/Local"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        Self { folder, platform }
    }

    pub(crate) fn linux() -> Self {
        Self::new("linux")
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub(crate) fn file_of(&self, client: &ClientCase) -> PathBuf {
        self.path(client.path_on(self.platform))
    }

    /// Writes a client's file.
    pub(crate) fn write(&self, client: &ClientCase, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file_of(client);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        vec![
            ("HOME".to_owned(), text(self.path("home"))),
            ("APPDATA".to_owned(), text(self.path("win/AppData/Roaming"))),
            (
                "LOCALAPPDATA".to_owned(),
                text(self.path("win/AppData/Local")),
            ),
            ("SAKI_INSTALL_PLATFORM".to_owned(), self.platform.to_owned()),
            // Else it would stand in the entries of clients that do not pass it on.
            ("DBUS_SESSION_BUS_ADDRESS".to_owned(), String::new()),
        ]
    }

    /// Runs the binary in this home.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, &[])
    }

    /// Runs the binary in this home, with more in its environment.
    pub(crate) fn run_with(&self, arguments: &[&str], more: &[(&str, &str)]) -> Ended {
        let environment = self.environment();
        let mut all: Vec<(&str, &str)> = environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        all.extend(more);
        run(arguments, &all)
    }

    /// Runs the binary, which must succeed; what it printed.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {ended:#?}");
        ended.stdout
    }

    /// All files below the folder, with their content.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found);
                } else if let Ok(content) = fs::read(&path) {
                    found.insert(path, content);
                }
            }
        }
        let mut found = BTreeMap::new();
        walk(self.folder.path(), &mut found);
        found
    }
}
