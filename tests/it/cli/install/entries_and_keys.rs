//! Keys and the entries of clients: a key that stands in one is stored, and entries that lose theirs are named.

use std::fs;

use serde_json::json;

use crate::support::child_process::run_with;
use crate::support::client_home::{BINARY, ClientCase, ClientHome};

const PLANTED: &str = "sk-planted-7f3a9c-0001";
const OTHER: &str = "sk-planted-other-0002";

fn cursor_with(home: &ClientHome, entries: serde_json::Value) {
    let text = json!({"mcpServers": entries}).to_string();
    home.write(ClientCase::named("cursor"), text);
}

fn saki(env: serde_json::Value) -> serde_json::Value {
    json!({"command": BINARY, "args": [], "env": env})
}

#[test]
fn a_key_that_stands_in_an_entry_is_stored_and_never_shown() {
    let home = ClientHome::linux();
    cursor_with(
        &home,
        json!({"saki": saki(json!({"SAKI_API_KEY": PLANTED}))}),
    );
    let installed = home.succeed(&["install", "--client", "cursor"]);
    let command = "saki-mcp auth set --from-client cursor";
    assert!(installed.contains(command), "{installed}");
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let stored = home.succeed(&words);
    assert!(stored.contains("****0001"), "{stored}");
    assert!(stored.contains("delete SAKI_API_KEY there"), "{stored}");
    let status = home.succeed(&["auth", "status"]);
    assert!(status.contains("****0001"), "{status}");
    for said in [installed, stored, status] {
        assert!(!said.contains("planted"), "{said}");
    }
}

#[test]
fn entries_with_no_key_or_several_are_explained() {
    let home = ClientHome::linux();
    let set = ["auth", "set", "--from-client", "cursor"];
    for entries in [
        json!({}),
        json!({"saki": saki(json!({"SAKI_API_KEY": "${env:KEY}"}))}),
    ] {
        cursor_with(&home, entries);
        let none = home.run(&set);
        assert_eq!(none.code, 1, "{none:#?}");
        assert!(none.stderr.contains("holds a key"), "{}", none.stderr);
    }
    let two = json!({
        "saki": saki(json!({"SAKI_API_KEY": PLANTED})),
        "work": saki(json!({"SAKI_API_KEY": OTHER})),
    });
    cursor_with(&home, two);
    let several = home.run(&set);
    assert_eq!(several.code, 1);
    for word in ["\"saki\"", "\"work\"", "--name"] {
        assert!(several.stderr.contains(word), "{}", several.stderr);
    }
    assert!(!several.stderr.contains("planted"), "{}", several.stderr);
    let chosen = home.succeed(&[&["--name", "work"], &set[..]].concat());
    assert!(chosen.contains("****0002"), "{chosen}");
}

#[test]
fn clear_names_the_entries_that_have_no_key_any_more() {
    let home = ClientHome::linux();
    let environment = home.environment();
    let environment: Vec<(&str, &str)> = (environment.iter())
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let set = || run_with(&["auth", "set"], &environment, PLANTED);
    assert_eq!(set().code, 0);
    home.succeed(&["install", "--client", "cursor"]);
    home.succeed(&["--sandbox", "install", "--client", "zed"]);
    let own = json!({"mcpServers": {"saki": saki(json!({"SAKI_API_KEY": PLANTED}))}});
    home.write(ClientCase::named("claude-code"), own.to_string());
    let cleared = home.succeed(&["auth", "clear"]);
    assert!(cleared.contains("Cursor: \"saki\""), "{cleared}");
    assert!(cleared.contains("no key of their own"), "{cleared}");
    for other in ["Zed", "Claude Code", "keyring"] {
        assert!(!cleared.contains(other), "{cleared}");
    }
    home.succeed(&["install", "--remove", "--client", "cursor"]);
    assert_eq!(set().code, 0);
    let cleared = home.succeed(&["auth", "clear"]);
    assert!(!cleared.contains("no key of their own"), "{cleared}");
}

#[test]
fn an_entry_of_one_folder_that_wins_is_told_by_install_and_doctor() {
    let home = ClientHome::linux();
    let code = ClientCase::named("claude-code");
    let local = json!({"projects": {"/work/shop": {"mcpServers": {"saki": {"command": "/gone"}}}}});
    let path = home.write(code, local.to_string());
    for _ in 0..2 {
        let said = home.succeed(&["install", "--client", "claude-code"]);
        assert!(said.contains("In the folder /work/shop"), "{said}");
        assert!(said.contains("claude mcp remove -s local saki"), "{said}");
    }
    let other = home.succeed(&["install", "--client", "claude-code", "--name", "other"]);
    assert!(!other.contains("/work/shop"), "{other}");
    let checked = home.run(&["--sandbox", "doctor", "--client", "claude-code"]);
    let line = "in the folder /work/shop, Claude Code uses another entry \"saki\"";
    assert!(checked.stdout.contains(line), "{}", checked.stdout);
    let kept = fs::read_to_string(path).unwrap();
    assert!(kept.contains("/gone"), "{kept}");
}

#[test]
fn what_else_could_be_removed_is_named() {
    let home = ClientHome::linux();
    home.succeed(&["--sandbox", "install", "--client", "cursor"]);
    let command = "saki-mcp --sandbox install --remove --client cursor";
    let named = home.succeed(&["install", "--remove", "--client", "cursor"]);
    assert!(named.contains(command), "{named}");
    let unnamed = home.run(&["install", "--remove"]);
    assert_eq!(unnamed.code, 2);
    assert!(unnamed.stderr.contains(command), "{}", unnamed.stderr);
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    assert!(home.succeed(&words).contains("removed"));
}

#[test]
fn a_key_file_that_is_missing_is_named_unless_it_may_be_a_key() {
    let home = ClientHome::linux();
    let away = home.path("home/away-key");
    let away = away.to_str().unwrap();
    for named in [
        home.run(&["--api-key-file", away, "call", "list_spaces"]),
        home.run_with(&["call", "list_spaces"], &[("SAKI_API_KEY_FILE", away)]),
        home.run(&["install", "--client", "cursor", "--api-key-file", away]),
    ] {
        for word in [away, "--api-key-file", "does not exist"] {
            assert!(named.stderr.contains(word), "{}", named.stderr);
        }
    }
    let key = home.run(&["--api-key-file", PLANTED, "call", "list_spaces"]);
    assert!(key.stderr.contains("the path of a file"), "{}", key.stderr);
    assert!(!key.stderr.contains("planted"), "{}", key.stderr);
}
