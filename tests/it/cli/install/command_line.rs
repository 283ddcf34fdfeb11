//! The options of `saki-mcp install`, what it prints, and what goes into an entry.

use std::fs;

use rstest::rstest;

use crate::support::client_home::{BINARY, CLIENTS, ClientCase, ClientHome, command_line};

const PLANTED: &str = "ghp_planted0123456789";

fn cursor_args(home: &ClientHome, name: &str) -> Vec<String> {
    let cursor = ClientCase::named("cursor");
    let written = fs::read_to_string(home.file_of(cursor)).unwrap();
    command_line(&cursor.entries(&written)[name])[1..].to_vec()
}

#[test]
fn the_help_names_every_client_and_the_variable_of_tests() {
    let home = ClientHome::linux();
    let help = home.succeed(&["install", "--help"]);
    for client in &CLIENTS {
        assert!(help.contains(client.name), "{}", client.name);
    }
    for words in [
        "SAKI_INSTALL_PLATFORM",
        "--dry-run",
        "--remove",
        "--print",
        "--force",
        "--http",
        "--scope",
        "LOCALAPPDATA",
        "Exit codes",
    ] {
        assert!(help.contains(words), "{words}:\n{help}");
    }
}

#[test]
fn without_a_client_and_a_terminal_it_says_which_there_are() {
    let home = ClientHome::linux();
    let none = home.run(&["install"]);
    assert_eq!(none.code, 2);
    assert!(
        none.stderr.contains("no client was found here"),
        "{}",
        none.stderr
    );
    fs::create_dir_all(home.path("home/.cursor")).unwrap();
    fs::create_dir_all(home.path("home/.codex")).unwrap();
    let some = home.run(&["install"]);
    assert_eq!((some.code, some.stdout.as_str()), (2, ""));
    assert!(
        some.stderr.contains("Found here: cursor, codex."),
        "{}",
        some.stderr
    );
    assert!(
        some.stderr.contains("--client cursor,codex"),
        "{}",
        some.stderr
    );
    assert!(home.files().is_empty());
}

#[test]
fn several_clients_are_named_with_commas_and_by_repetition() {
    let home = ClientHome::linux();
    home.succeed(&["install", "--client", "cursor,Zed", "--client", "windsurf"]);
    for name in ["cursor", "zed", "devin"] {
        assert!(home.file_of(ClientCase::named(name)).exists(), "{name}");
    }
}

#[test]
fn one_client_that_fails_does_not_stop_the_others() {
    let home = ClientHome::linux();
    home.write(ClientCase::named("cursor"), "{");
    let ended = home.run(&["install", "--client", "cursor,zed"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("Cursor"), "{}", ended.stderr);
    assert!(home.file_of(ClientCase::named("zed")).exists());
}

#[rstest]
#[case::client(&["--client", "netscape"], "claude-desktop, claude-code")]
#[case::no_client(&["--client", ","], "names no client")]
#[case::underscore(&["--client", "cursor", "--name", "my_saki"], "letters, digits and dashes")]
#[case::too_long(&["--client", "cursor", "--name", "a-name-of-more-than-forty-letters-is-too-long"], "up to 40")]
#[case::reserved(&["--client", "cursor", "--name", "workspace"], "Claude Code")]
#[case::no_url(&["--client", "cursor", "--http", "localhost"], "http://127.0.0.1:8790/mcp")]
#[case::another_scheme(&["--client", "cursor", "--http", "ftp://a/mcp"], "http://")]
#[case::a_password(&["--client", "cursor", "--http", "https://a:b@c/mcp"], "password")]
#[case::limits_of_another(&["--client", "cursor", "--http", "http://localhost:1/mcp", "--mode", "read-only"], "--http")]
#[case::scope(&["--client", "cursor", "--scope", "world"], "--scope")]
#[case::mode(&["--client", "cursor", "--mode", "some"], "--mode")]
#[case::no_key_file(&["--client", "cursor", "--api-key-file", "/no/such/file"], "does not exist")]
#[case::both(&["--client", "cursor", "--print", "--remove"], "cannot be used with")]
#[case::platform(&["--client", "cursor", "--install-platform", "beos"], "--install-platform")]
fn wrong_usage_writes_nothing(#[case] more: &[&str], #[case] said: &str) {
    let home = ClientHome::linux();
    let ended = home.run(&[&["install"], more].concat());
    assert_eq!(ended.code, 2, "{ended:#?}");
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert!(home.files().is_empty());
}

#[test]
fn options_of_the_server_go_into_the_entry() {
    let home = ClientHome::linux();
    fs::write(home.path("home/key"), "sk-planted").unwrap();
    let key = home.path("home/key");
    let key = key.to_str().unwrap();
    home.succeed(&[
        "--timezone",
        "Europe/Berlin",
        "install",
        "--client",
        "cursor",
        "--mode",
        "drafts-only",
        "--space",
        "1,2",
        "--space",
        "3",
        "--quiet-hours",
        "22:00-07:00",
        "--api-key-file",
        key,
        "--confirm",
        "always",
        "--name",
        "saki-work",
    ]);
    let args = cursor_args(&home, "saki-work");
    for pair in [
        ["--timezone", "Europe/Berlin"],
        ["--mode", "drafts-only"],
        ["--space", "1,2,3"],
        ["--quiet-hours", "22:00-07:00"],
        ["--api-key-file", key],
        ["--confirm", "always"],
        ["--name", "saki-work"],
    ] {
        assert!(
            args.windows(2).any(|words| words == pair),
            "{pair:?}: {args:?}"
        );
    }
    assert_eq!(args.len(), 14, "{args:?}");
}

#[test]
fn limits_of_the_environment_go_into_the_entry_and_two_that_differ_are_refused() {
    let home = ClientHome::linux();
    let ended = home.run_with(
        &["install", "--client", "cursor"],
        &[("SAKI_MODE", "read-only"), ("SAKI_API_KEY", "sk-planted")],
    );
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert_eq!(cursor_args(&home, "saki"), ["--mode", "read-only"]);
    let written = fs::read_to_string(home.file_of(ClientCase::named("cursor"))).unwrap();
    assert!(!written.contains("planted"), "{written}");
    let two = home.run(&[
        "--space", "1,2", "install", "--client", "cursor", "--space", "2",
    ]);
    assert_eq!(two.code, 2);
    assert!(
        two.stderr.contains("--space was set twice"),
        "{}",
        two.stderr
    );
}

#[test]
fn a_bare_environment_gets_the_key_file_and_the_proxy() {
    let home = ClientHome::linux();
    let key = home.path("home/.config/saki-mcp/api-key");
    fs::create_dir_all(key.parent().unwrap()).unwrap();
    fs::write(&key, "sk-planted").unwrap();
    let proxy = [("HTTPS_PROXY", "http://proxy.example:3128")];
    for name in ["cursor", "codex", "claude-code"] {
        let ended = home.run_with(&["install", "--client", name], &proxy);
        assert_eq!(ended.code, 0, "{ended:#?}");
    }
    let entry = |name: &str| {
        let client = ClientCase::named(name);
        client.entries(&fs::read_to_string(home.file_of(client)).unwrap())["saki"].clone()
    };
    let key = key.to_str().unwrap();
    assert_eq!(command_line(&entry("cursor"))[1..], ["--api-key-file", key]);
    assert_eq!(
        entry("cursor")["env"]["HTTPS_PROXY"],
        "http://proxy.example:3128"
    );
    assert_eq!(command_line(&entry("codex"))[1..], ["--api-key-file", key]);
    assert_eq!(entry("codex")["env_vars"][0], "HTTPS_PROXY");
    assert_eq!(command_line(&entry("claude-code")), [BINARY]);
    let ended = home.run_with(
        &["install", "--client", "zed"],
        &[("HTTPS_PROXY", "http://ann:planted@proxy.example")],
    );
    assert!(
        ended.stdout.contains("holds a password"),
        "{}",
        ended.stdout
    );
    assert!(!format!("{ended:?}").contains("planted"), "{ended:?}");
}

#[test]
fn a_dry_run_shows_a_diff_without_keys_and_writes_nothing() {
    let home = ClientHome::linux();
    for client in &CLIENTS {
        home.write(
            client,
            client
                .full_file()
                .replace("npx", "npx --token ghp_planted0123456789"),
        );
        let before = home.files();
        let diff = home.succeed(&["install", "--dry-run", "--client", client.name]);
        assert!(
            diff.contains("\n+") && diff.contains("@@"),
            "{}: {diff}",
            client.name
        );
        assert!(diff.contains(BINARY), "{}: {diff}", client.name);
        assert!(!diff.contains(PLANTED), "{}: {diff}", client.name);
        assert_eq!(home.files(), before);
    }
}

#[test]
fn the_snippet_is_printed_alone() {
    let home = ClientHome::linux();
    let snippet = home.succeed(&[
        "install",
        "--print",
        "--client",
        "vscode",
        "--mode",
        "read-only",
    ]);
    let parsed: serde_json::Value = serde_json::from_str(&snippet).unwrap();
    assert_eq!(
        parsed["servers"]["saki"]["args"],
        serde_json::json!(["--mode", "read-only"])
    );
    let general: serde_json::Value =
        serde_json::from_str(&home.succeed(&["install", "--print"])).unwrap();
    assert_eq!(general["mcpServers"]["saki"]["command"], BINARY);
    let pasted = home.run(&["install", "--client", "jetbrains"]);
    assert_eq!(pasted.code, 0);
    assert!(
        pasted.stdout.contains(BINARY) && pasted.stderr.contains("AI Assistant"),
        "{pasted:#?}"
    );
    assert!(home.files().is_empty());
}

#[test]
fn a_removal_of_what_is_not_there_is_no_error() {
    let home = ClientHome::linux();
    assert!(
        home.succeed(&["install", "--remove", "--client", "cursor"])
            .contains("is not in")
    );
    assert!(home.files().is_empty());
    home.write(ClientCase::named("cursor"), "{}");
    home.succeed(&["install", "--remove", "--client", "cursor"]);
    assert_eq!(home.files().len(), 1);
}

#[cfg(unix)]
#[test]
fn the_link_that_was_called_is_written_and_not_its_target() {
    let home = ClientHome::linux();
    let link = home.path("saki-mcp");
    std::os::unix::fs::symlink(BINARY, &link).unwrap();
    let path = home.folder.path().to_str().unwrap();
    for called in [link.as_path(), std::path::Path::new("saki-mcp")] {
        let output = std::process::Command::new("sh")
            .args(["-c", "exec \"$0\" install --client cursor"])
            .arg(called)
            .env_clear()
            .envs(home.environment())
            .env("PATH", path.to_owned() + ":/usr/bin:/bin")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let written = fs::read_to_string(home.file_of(ClientCase::named("cursor"))).unwrap();
        assert!(written.contains(link.to_str().unwrap()), "{written}");
        home.succeed(&["install", "--remove", "--client", "cursor"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_writes_over_its_file_has_to_be_quit() {
    let home = ClientHome::linux();
    let claude = home.path("claude-desktop");
    fs::copy("/bin/sleep", &claude).unwrap();
    let mut running = std::process::Command::new(&claude)
        .arg("60")
        .spawn()
        .unwrap();
    let environment = home.environment();
    // Without the layout of a test, the machine's own programs are looked at.
    let real: Vec<(&str, &str)> = environment
        .iter()
        .filter(|(name, _)| name == "HOME")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let install =
        || crate::support::child_process::run(&["install", "--client", "claude-desktop"], &real);
    let refused = install();
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(refused.code, 1, "{refused:#?}");
    assert!(
        refused.stderr.contains("Quit it first"),
        "{}",
        refused.stderr
    );
    assert!(!home.path("home/.config").exists());
    assert_eq!(install().code, 0);
}
