//! `docs/clients.md` shows for each client what `saki-mcp install --print` prints for it, and links that install with a click.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{assert_generated, root};
use crate::support::child_process::run;

/// Each client's name on the command line, its name for people, and the language of its file.
const CLIENTS: [(&str, &str, &str); 20] = [
    ("claude-desktop", "Claude Desktop", "json"),
    ("claude-code", "Claude Code", "json"),
    ("cursor", "Cursor", "json"),
    ("vscode", "VS Code", "json"),
    ("vscode-insiders", "VS Code Insiders", "json"),
    ("devin", "Devin Desktop (formerly Windsurf)", "json"),
    ("zed", "Zed", "json"),
    ("codex", "Codex", "toml"),
    ("gemini", "Gemini CLI", "json"),
    ("opencode", "OpenCode", "json"),
    ("goose", "Goose", "yaml"),
    ("cline", "Cline", "json"),
    ("amp", "Amp", "json"),
    ("lm-studio", "LM Studio", "json"),
    ("warp", "Warp", "json"),
    ("junie", "Junie", "json"),
    ("copilot-cli", "Copilot CLI", "json"),
    ("kiro", "Kiro", "json"),
    ("antigravity", "Antigravity", "json"),
    ("jetbrains", "JetBrains AI Assistant", "json"),
];

/// What `install --print` says on Linux, with `~` for the home directory and the plain name of the binary.
fn printed(arguments: &[&str]) -> (String, String) {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().to_string_lossy().into_owned();
    let environment = [
        ("HOME", home.as_str()),
        ("SAKI_INSTALL_PLATFORM", "linux"),
        ("DBUS_SESSION_BUS_ADDRESS", ""),
    ];
    let ended = run(&[&["install", "--print"], arguments].concat(), &environment);
    assert_eq!(ended.code, 0, "{arguments:?}: {ended:#?}");
    let plain = |text: &str| {
        let text = text.replace(env!("CARGO_BIN_EXE_saki-mcp"), "saki-mcp");
        text.replace(&home, "~").trim().to_owned()
    };
    (plain(&ended.stdout), plain(&ended.stderr))
}

#[test]
fn every_client_is_documented_with_its_file_and_its_snippet() {
    let mut text = String::new();
    for (name, title, language) in CLIENTS {
        let (snippet, place) = printed(&["--client", name]);
        text += &format!("### {title}\n\n{place}\n\n```{language}\n{snippet}\n```\n\n");
    }
    assert_generated("docs/clients.md", "clients", &text);
}

#[test]
fn every_client_that_install_knows_is_documented() {
    let help = run(&["install", "--help"], &[]).stdout;
    let words: Vec<&str> = help.split_whitespace().collect();
    let names = words.join(" ");
    let (_, names) = names.split_once("The names are ").unwrap();
    let (names, _) = names.split_once('.').unwrap();
    let names = names.replace(" and ", ", ").replace(" (or windsurf)", "");
    let known: Vec<&str> = names.split(", ").collect();
    let documented: Vec<&str> = CLIENTS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(known, documented);
}

#[test]
fn the_links_for_cursor_and_vs_code_install_the_sandbox() {
    let entry = json!({"type": "stdio", "command": "saki-mcp", "args": ["--sandbox"]});
    let encoded = |text: &str| {
        let set = percent_encoding::NON_ALPHANUMERIC;
        percent_encoding::utf8_percent_encode(text, set).to_string()
    };
    let cursor = format!(
        "https://cursor.com/en/install-mcp?name=saki-sandbox&config={}",
        encoded(&STANDARD.encode(entry.to_string()))
    );
    let vscode = format!(
        "https://vscode.dev/redirect/mcp/install?name=saki-sandbox&config={}",
        encoded(&entry.to_string())
    );
    assert_generated(
        "docs/clients.md",
        "links",
        &format!(
            "- [Install the sandbox in Cursor]({cursor})\n- [Install the sandbox in VS Code]({vscode})\n"
        ),
    );
}

#[test]
fn the_links_decode_to_an_entry_that_starts_the_sandbox() {
    let text = std::fs::read_to_string(root().join(Path::new("docs/clients.md"))).unwrap();
    let configs = text.split("&config=").skip(1);
    let configs: Vec<Value> = configs
        .map(|rest| {
            let config = rest.split(')').next().unwrap();
            let config = percent_encoding::percent_decode_str(config)
                .decode_utf8()
                .unwrap();
            let decoded = STANDARD.decode(config.as_bytes());
            let json = decoded.unwrap_or_else(|_| config.as_bytes().to_vec());
            serde_json::from_slice(&json).unwrap()
        })
        .collect();
    assert_eq!(configs.len(), 2);
    for config in configs {
        assert_eq!(config["command"], "saki-mcp");
        assert_eq!(config["args"], json!(["--sandbox"]));
    }
}
