//! Install, start what was written, remove: for each client, on each system.

use std::fs;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::child_process::Serving;
use crate::support::client_home::{BINARY, CLIENTS, ClientCase, ClientHome, command_line};

/// The other lines of a file, which must all stay in their order.
fn keeps_all_lines(before: &str, after: &str) -> bool {
    // The line in front of a new entry gets a comma in JSON.
    let mut rest = after.lines().map(|line| line.trim_end_matches([',', '\r']));
    before
        .lines()
        .all(|line| rest.any(|other| other == line.trim_end_matches([',', '\r'])))
}

#[rstest]
fn an_entry_goes_in_and_out_and_the_rest_stays_byte_for_byte(
    #[values("linux", "macos", "windows", "wsl")] platform: &'static str,
) {
    for client in &CLIENTS {
        let home = ClientHome::new(platform);
        let original = client.full_file();
        let path = home.write(client, &original);
        let before = home.files();
        let name = client.name;
        let said = home.succeed(&["install", "--sandbox", "--client", name]);
        assert!(said.contains(path.to_str().unwrap()), "{name}: {said}");
        let written = fs::read_to_string(&path).unwrap();
        assert!(
            keeps_all_lines(&original, &written),
            "{name} on {platform}:\n{written}"
        );
        let entries = client.entries(&written);
        let args = command_line(&entries["saki-sandbox"]);
        let at = args.iter().position(|word| word == BINARY);
        let at = at.unwrap_or_else(|| panic!("{name} on {platform}: {args:?}"));
        assert_eq!(args[at + 1..], ["--sandbox"], "{name}");
        assert_eq!(
            platform == "wsl" && client.wsl.starts_with("win/"),
            args[0] == "wsl.exe",
            "{name}: {args:?}"
        );
        // A second time changes nothing, and no further backup is made.
        let once = home.files();
        home.succeed(&["install", "--sandbox", "--client", name]);
        assert_eq!(home.files(), once, "{name}");
        home.succeed(&["install", "--sandbox", "--remove", "--client", name]);
        assert_eq!(home.files(), before, "{name} on {platform}");
    }
}

#[rstest]
fn a_client_without_a_file_gets_one_that_goes_again(
    #[values("linux", "macos", "windows", "wsl")] platform: &'static str,
) {
    let home = ClientHome::new(platform);
    for client in &CLIENTS {
        home.succeed(&["install", "--client", client.name]);
        let written = fs::read_to_string(home.file_of(client)).unwrap();
        let entries = client.entries(&written);
        assert!(
            command_line(&entries["saki"]).contains(&BINARY.to_owned()),
            "{}: {written}",
            client.name
        );
        home.succeed(&["install", "--remove", "--client", client.name]);
        assert!(!home.file_of(client).exists(), "{}", client.name);
    }
    assert!(home.files().is_empty(), "{:?}", home.files().keys());
}

#[test]
fn what_was_written_is_started_and_lists_the_tools() {
    let home = ClientHome::linux();
    let environment = home.environment();
    for client in &CLIENTS {
        home.succeed(&["install", "--sandbox", "--client", client.name]);
        let written = fs::read_to_string(home.file_of(client)).unwrap();
        let words = command_line(&client.entries(&written)["saki-sandbox"]);
        assert_eq!(words[0], BINARY, "{}", client.name);
        let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        // As bare as the barest client.
        let bare: Vec<(&str, &str)> = environment
            .iter()
            .filter(|(name, _)| name == "HOME")
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut server = Serving::initialized(&args, &bare);
        let answer = server.ask(&json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}));
        let tools = answer["result"]["tools"].as_array().unwrap();
        assert!(tools.len() > 20, "{}: {answer}", client.name);
    }
}

#[test]
fn each_client_gets_the_fields_that_it_reads() {
    let shapes = [
        (
            "claude-code",
            json!({"type": "stdio", "command": BINARY, "args": []}),
        ),
        ("claude-desktop", json!({"command": BINARY, "args": []})),
        (
            "vscode",
            json!({"type": "stdio", "command": BINARY, "args": []}),
        ),
        (
            "opencode",
            json!({"type": "local", "command": [BINARY], "enabled": true}),
        ),
        ("codex", json!({"command": BINARY, "args": []})),
        (
            "copilot-cli",
            json!({"type": "stdio", "command": BINARY, "args": [], "tools": ["*"]}),
        ),
        ("cline", json!({"command": BINARY, "args": []})),
    ];
    let home = ClientHome::linux();
    for (name, shape) in shapes {
        assert_eq!(installed(&home, name, &[]), shape, "{name}");
    }
    let goose = ClientCase::named("goose");
    home.succeed(&["install", "--client", "goose"]);
    let written = fs::read_to_string(home.file_of(goose)).unwrap();
    for line in [
        "    type: stdio",
        "    name: saki",
        "    enabled: true",
        &format!("    cmd: {BINARY}"),
        "    timeout: 300",
    ] {
        assert!(
            written.lines().any(|other| other == line),
            "{line}:\n{written}"
        );
    }
}

#[test]
fn each_client_gets_a_remote_entry_in_its_own_words() {
    let url = "http://127.0.0.1:8790/mcp";
    let shapes = [
        ("claude-code", json!({"type": "http", "url": url})),
        ("cursor", json!({"url": url})),
        ("vscode", json!({"type": "http", "url": url})),
        ("gemini", json!({"type": "http", "url": url})),
        ("cline", json!({"type": "streamableHttp", "url": url})),
        (
            "opencode",
            json!({"type": "remote", "url": url, "enabled": true}),
        ),
        ("antigravity", json!({"serverUrl": url})),
        ("codex", json!({"url": url})),
    ];
    let home = ClientHome::linux();
    for (name, shape) in shapes {
        assert_eq!(installed(&home, name, &["--http", url]), shape, "{name}");
        home.succeed(&["install", "--remove", "--client", name]);
    }
    assert!(home.files().is_empty());
    let goose = home.succeed(&["install", "--print", "--client", "goose", "--http", url]);
    assert!(
        goose.contains("type: streamable_http") && goose.contains("uri: "),
        "{goose}"
    );
    let refused = home.run(&["install", "--client", "claude-desktop", "--http", url]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("Settings > Connectors"),
        "{}",
        refused.stderr
    );
}

/// Installs into an empty home; the entry that stands there then.
fn installed(home: &ClientHome, name: &str, more: &[&str]) -> Value {
    let client = ClientCase::named(name);
    home.succeed(&[&["install", "--client", name], more].concat());
    let written = fs::read_to_string(home.file_of(client)).unwrap();
    client.entries(&written)["saki"].clone()
}

#[test]
fn the_old_file_of_windsurf_is_written_only_where_it_exists() {
    let home = ClientHome::linux();
    let old = home.path("home/.codeium/windsurf/mcp_config.json");
    home.succeed(&["install", "--client", "windsurf"]);
    assert!(!old.exists());
    home.succeed(&["install", "--remove", "--client", "windsurf"]);
    fs::create_dir_all(old.parent().unwrap()).unwrap();
    fs::write(&old, "{}").unwrap();
    home.succeed(&[
        "install",
        "--client",
        "windsurf",
        "--http",
        "http://localhost:8790/mcp",
    ]);
    let written = fs::read_to_string(&old).unwrap();
    assert!(written.contains("\"serverUrl\""), "{written}");
    home.succeed(&["install", "--remove", "--client", "windsurf"]);
    assert_eq!(fs::read_to_string(&old).unwrap(), "{}");
}

#[test]
fn the_packaged_claude_desktop_of_windows_has_its_own_file() {
    let home = ClientHome::new("windows");
    let packaged = "win/AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude";
    fs::create_dir_all(home.path(packaged)).unwrap();
    home.succeed(&["install", "--client", "claude-desktop"]);
    assert!(
        home.path(packaged)
            .join("claude_desktop_config.json")
            .exists()
    );
    assert!(!home.path("win/AppData/Roaming/Claude").exists());
    fs::create_dir_all(home.path(&packaged.replace("pzs8", "abcd"))).unwrap();
    let refused = home.run(&["install", "--client", "claude-desktop"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("several packaged builds"),
        "{}",
        refused.stderr
    );
}

#[rstest]
#[case("claude-code", "CLAUDE_CONFIG_DIR", "moved", "moved/.claude.json")]
#[case("codex", "CODEX_HOME", "moved", "moved/config.toml")]
#[case("gemini", "GEMINI_CLI_HOME", "moved", "moved/.gemini/settings.json")]
#[case(
    "cline",
    "CLINE_DIR",
    "moved",
    "moved/data/settings/cline_mcp_settings.json"
)]
#[case(
    "cline",
    "CLINE_DATA_DIR",
    "moved",
    "moved/settings/cline_mcp_settings.json"
)]
#[case("cline", "CLINE_MCP_SETTINGS_PATH", "moved/x.json", "moved/x.json")]
#[case("goose", "GOOSE_PATH_ROOT", "moved", "moved/config/config.yaml")]
#[case("goose", "XDG_CONFIG_HOME", "moved", "moved/goose/config.yaml")]
#[case("zed", "XDG_CONFIG_HOME", "moved", "moved/zed/settings.json")]
#[case("zed", "FLATPAK_XDG_CONFIG_HOME", "moved", "moved/zed/settings.json")]
#[case("opencode", "OPENCODE_CONFIG", "moved/o.json", "moved/o.json")]
#[case("opencode", "OPENCODE_CONFIG_DIR", "moved", "moved/opencode.jsonc")]
#[case("amp", "XDG_CONFIG_HOME", "moved", "moved/amp/settings.json")]
#[case("vscode", "VSCODE_PORTABLE", "moved", "moved/user-data/User/mcp.json")]
#[case("copilot-cli", "COPILOT_HOME", "moved", "moved/mcp-config.json")]
#[case(
    "claude-desktop",
    "XDG_CONFIG_HOME",
    "moved",
    "moved/Claude/claude_desktop_config.json"
)]
fn a_variable_that_moves_a_configuration_is_honoured(
    #[case] client: &str,
    #[case] variable: &str,
    #[case] value: &str,
    #[case] path: &str,
) {
    let home = ClientHome::linux();
    fs::create_dir(home.path("moved")).unwrap();
    let value = home.path(value);
    let ended = home.run_with(
        &["install", "--client", client],
        &[(variable, value.to_str().unwrap())],
    );
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert!(home.path(path).is_file(), "{:?}", home.files().keys());
}

#[test]
fn a_project_gets_its_own_file() {
    let home = ClientHome::linux();
    let project = home.path("project");
    fs::create_dir(&project).unwrap();
    let run = |arguments: &[&str]| {
        let environment = home.environment();
        let all: Vec<(&str, &str)> = environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut command = crate::support::child_process::command(arguments, &all);
        command.current_dir(&project).output().unwrap()
    };
    for (client, path) in [
        ("claude-code", ".mcp.json"),
        ("vscode", ".vscode/mcp.json"),
        ("codex", ".codex/config.toml"),
    ] {
        let output = run(&["install", "--scope", "project", "--client", client]);
        assert!(output.status.success(), "{output:?}");
        assert!(project.join(path).is_file(), "{client}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("belongs to the project"));
        assert!(
            run(&[
                "install", "--remove", "--scope", "project", "--client", client
            ])
            .status
            .success()
        );
        assert!(!project.join(path).exists(), "{client}");
    }
    assert_eq!(
        run(&["install", "--scope", "project", "--client", "goose"])
            .status
            .code(),
        Some(1)
    );
}
