//! Doctor and the clients on this machine: each entry of ours is read, judged and started as the client would start it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::child_process::{Alone, Ended, run};

const PLANTED: &str = "sk-planted-7f3a9c-0001";
const BINARY: &str = env!("CARGO_BIN_EXE_saki-mcp");

/// A home with Cursor, whose file holds one entry, and a Saki.
struct World {
    home: TempDir,
    saki: Alone,
}

impl World {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            saki: Alone::start(&["--key", PLANTED]),
        }
    }

    fn path(&self, below_home: &str) -> PathBuf {
        let path = self.home.path().join(below_home);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn write(&self, below_home: &str, text: &str) {
        fs::write(self.path(below_home), text).unwrap();
    }

    /// An entry for Cursor that starts this command with these variables.
    fn cursor(&self, command: &str, args: &[&str], env: &[(&str, &str)]) {
        let env: serde_json::Map<String, Value> = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let entry = json!({"command": command, "args": args, "env": env});
        let text = json!({"mcpServers": {"saki": entry}}).to_string();
        self.write(".cursor/mcp.json", &text);
    }

    /// The variables with which an entry reaches this Saki.
    fn reaching(&self) -> [(&str, &str); 2] {
        [
            ("SAKI_API_KEY", PLANTED),
            ("SAKI_BASE_URL", self.saki.base_url.as_str()),
        ]
    }

    fn doctor(&self, arguments: &[&str]) -> Ended {
        let environment = [
            &[
                ("HOME", self.home.path().to_str().unwrap()),
                ("SAKI_INSTALL_PLATFORM", "linux"),
                ("SAKI_TIMEZONE", "Europe/Berlin"),
            ][..],
            &self.reaching(),
        ]
        .concat();
        let ended = run(&[&["doctor"], arguments].concat(), &environment);
        let seen = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!seen.contains("planted"), "{seen}");
        ended
    }

    /// The ✗ of the client names this cause, and the line below it this fix.
    fn broken(&self, world: &str, client: &str, cause: &str, fix: &str) {
        let ended = self.doctor(&["--client", client]);
        eprintln!("=== {world}\n{}", ended.stdout);
        assert_eq!(ended.code, 1, "{world}: {ended:#?}");
        let mut lines = ended.stdout.lines();
        let named = lines.find(|line| line.starts_with(&format!("✗ {client}")));
        let named = named.unwrap_or_else(|| panic!("{world}: {}", ended.stdout));
        assert!(named.contains(cause), "{world}: {named}");
        let next = lines.next().unwrap_or_default();
        assert!(next.contains('→') && next.contains(fix), "{world}: {next}");
    }
}

fn executable(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn a_sound_entry_is_started_in_both_eras_and_its_tools_are_counted() {
    let world = World::new();
    world.cursor(BINARY, &[], &world.reaching());
    let ended = world.doctor(&[]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    let line = ended.stdout.lines().find(|line| line.contains("cursor"));
    let line = line.unwrap_or_else(|| panic!("{}", ended.stdout));
    assert!(line.starts_with('✓'), "{line}");
    assert!(line.contains("27 tools in both eras"), "{line}");
    let limited = [&world.reaching()[..], &[("SAKI_MODE", "read-only")]].concat();
    world.cursor(BINARY, &[], &limited);
    let ended = world.doctor(&["--client", "cursor"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert!(!ended.stdout.contains("offers 27"), "{}", ended.stdout);
}

#[test]
fn entries_in_json_toml_and_yaml_are_read() {
    let world = World::new();
    let [(_, key), (_, base)] = world.reaching();
    let toml = format!(
        "[mcp_servers.saki]\ncommand = '{BINARY}'\nenv = {{ SAKI_API_KEY = '{key}', SAKI_BASE_URL = '{base}' }}\n"
    );
    world.write(".codex/config.toml", &toml);
    let yaml = format!(
        "extensions:\n  saki:\n    type: stdio\n    enabled: true\n    cmd: {BINARY}\n    args: [--sandbox]\n"
    );
    world.write(".config/goose/config.yaml", &yaml);
    let ended = world.doctor(&["--client", "codex,goose"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    for client in ["✓ codex", "✓ goose"] {
        assert!(ended.stdout.contains(client), "{}", ended.stdout);
    }
}

#[test]
fn a_path_that_is_gone_relative_or_not_executable_is_named() {
    let world = World::new();
    world.cursor("/no/such/saki-mcp", &[], &world.reaching());
    world.broken(
        "entry with a path that is gone",
        "cursor",
        "does not exist",
        "install --client cursor",
    );
    world.cursor("./bin/saki-mcp", &[], &world.reaching());
    world.broken("a relative path", "cursor", "relative path", "install");
    world.cursor("saki-mcp", &[], &world.reaching());
    world.broken("not in PATH", "cursor", "PATH", "install");
    #[cfg(unix)]
    {
        let plain = world.path("bin/saki-mcp");
        fs::write(&plain, "").unwrap();
        world.cursor(plain.to_str().unwrap(), &[], &world.reaching());
        world.broken("not executable", "cursor", "not executable", "install");
    }
}

#[cfg(unix)]
#[test]
fn a_wrapper_that_prints_on_standard_output_is_named_with_its_line() {
    let world = World::new();
    let wrapper = world.path("bin/saki-mcp");
    executable(
        &wrapper,
        &format!("#!/bin/sh\necho Starting Saki with $SAKI_API_KEY\nexec {BINARY} \"$@\"\n"),
    );
    world.cursor(wrapper.to_str().unwrap(), &[], &world.reaching());
    world.broken(
        "a wrapper that prints on stdout",
        "cursor",
        "Starting Saki",
        "standard error",
    );
    // One that keeps quiet is only another binary.
    executable(&wrapper, &format!("#!/bin/sh\nexec {BINARY} \"$@\"\n"));
    let ended = world.doctor(&["--client", "cursor"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert!(ended.stdout.contains("! cursor"), "{}", ended.stdout);
    assert!(ended.stdout.contains("another binary"), "{}", ended.stdout);
}

#[test]
fn a_reference_that_the_client_does_not_replace_is_named() {
    let world = World::new();
    let unfilled = [
        world.reaching()[1],
        ("SAKI_TIMEZONE", "${user_config.timezone}"),
    ];
    world.cursor(BINARY, &[], &unfilled);
    world.broken("unfilled ${…}", "cursor", "SAKI_TIMEZONE", "fill it in");
    world.cursor(BINARY, &["--mode", "${MODE}"], &world.reaching());
    world.broken("unfilled argument", "cursor", "${MODE}", "fill it in");
    for in_part in [
        format!("{PLANTED}${{MORE}}"),
        format!("${{A}}{PLANTED}${{B}}"),
    ] {
        world.cursor(BINARY, &[], &[("SAKI_API_KEY", &in_part)]);
        world.broken("unfilled in part", "cursor", "SAKI_API_KEY", "fill it in");
    }
    // This one, Cursor replaces itself.
    let replaced = [&world.reaching()[..], &[("SAKI_NAME", "${env:NAME}")]].concat();
    world.cursor(BINARY, &[], &replaced);
    let ended = world.doctor(&["--client", "cursor"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
}

#[test]
fn an_entry_whose_environment_has_no_key_and_one_that_does_not_start_are_named() {
    let world = World::new();
    // The shell has a key, and Cursor does not pass it on.
    world.cursor(
        BINARY,
        &[],
        &[("SAKI_BASE_URL", world.saki.base_url.as_str())],
    );
    world.broken(
        "no key in the client",
        "cursor",
        "No Saki API key is set",
        "auth set",
    );
    let contradicting = [&world.reaching()[..], &[("SAKI_SPACE", "1")]].concat();
    world.cursor(BINARY, &["--space", "2"], &contradicting);
    world.broken(
        "limits that contradict",
        "cursor",
        "no space is left",
        "correct",
    );
}

#[test]
fn a_file_that_does_not_parse_an_unknown_client_and_no_entry_are_named() {
    let world = World::new();
    world.write(".cursor/mcp.json", "{\"mcpServers\": {\n  \"saki\": }\n}");
    world.broken("a broken file", "cursor", "line 2", "correct that file");
    world.write(".cursor/mcp.json", "{\"mcpServers\": {}}");
    world.broken("no entry", "cursor", "no entry", "install --client cursor");
    let unknown = world.doctor(&["--client", "notepad"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
    assert!(unknown.stderr.contains("claude-desktop"), "{unknown:#?}");
    let nothing = world.doctor(&[]);
    assert_eq!(nothing.code, 0, "{}", nothing.stdout);
    assert!(nothing.stdout.contains("! clients"), "{}", nothing.stdout);
}

#[cfg(unix)]
#[test]
fn a_foreign_program_is_not_started() {
    let world = World::new();
    let trace = world.path("started");
    let foreign = world.path("bin/other-server");
    executable(&foreign, &format!("#!/bin/sh\ntouch {}\n", trace.display()));
    world.cursor(foreign.to_str().unwrap(), &[], &[]);
    let ended = world.doctor(&["--client", "cursor"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert!(ended.stdout.contains("! cursor"), "{}", ended.stdout);
    assert!(!trace.exists());
}

#[test]
fn nothing_in_the_home_changes() {
    let world = World::new();
    world.cursor(BINARY, &[], &world.reaching());
    let text = || fs::read_to_string(world.path(".cursor/mcp.json")).unwrap();
    let before = text();
    world.doctor(&[]);
    assert_eq!(text(), before);
    let names: Vec<_> = fs::read_dir(world.home.path()).unwrap().flatten().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}
