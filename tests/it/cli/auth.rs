//! The stored key: set, shown in part, used, removed; and a keyring that is absent or does not answer.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::support::child_process::{Alone, Ended, Serving, run, run_with};
use crate::support::fixture_server::{call, request, text};

/// A key that must never be seen whole.
const PLANTED: &str = "sk-planted-7f3a9c-0001";
const OTHER: &str = "sk-planted-other-0002";

/// Where the file with the key is, below a home.
fn key_file(home: &Path) -> std::path::PathBuf {
    match cfg!(target_os = "macos") {
        true => home.join("Library/Application Support/saki-mcp/api-key"),
        false => home.join(".config/saki-mcp/api-key"),
    }
}

fn never_shown(ended: &Ended) {
    let seen = format!("{}{}", ended.stdout, ended.stderr);
    assert!(!seen.contains("planted"), "{seen}");
}

#[test]
fn a_key_that_was_set_is_used_shown_in_part_and_removed() {
    let saki = Alone::start(&["--key", PLANTED]);
    let home = tempfile::tempdir().unwrap();
    let environment = [
        ("HOME", home.path().to_str().unwrap()),
        ("SAKI_BASE_URL", saki.base_url.as_str()),
    ];
    let none = run(&["auth", "status"], &environment);
    assert_eq!(none.code, 1, "{none:#?}");
    for word in ["SAKI_API_KEY", "auth set", "Settings > API"] {
        assert!(none.stderr.contains(word), "{}", none.stderr);
    }
    let set = run_with(&["auth", "set"], &environment, &format!("{PLANTED}\n"));
    assert_eq!(set.code, 0, "{set:#?}");
    never_shown(&set);
    let path = key_file(home.path());
    for word in [
        path.to_str().unwrap(),
        "****0001 (22 characters)",
        "keyring",
    ] {
        assert!(set.stdout.contains(word), "no {word} in {}", set.stdout);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let status = run(&["auth", "status"], &environment);
    assert_eq!(status.code, 0, "{status:#?}");
    assert!(status.stdout.contains("****0001"), "{}", status.stdout);
    never_shown(&status);
    let used = run(&["call", "list_spaces"], &environment);
    assert_eq!(used.code, 0, "{used:#?}");
    let cleared = run(&["auth", "clear"], &environment);
    assert_eq!(cleared.code, 0, "{cleared:#?}");
    assert!(!path.exists());
    assert_eq!(run(&["call", "list_spaces"], &environment).code, 1);
    let again = run(&["auth", "clear"], &environment);
    assert_eq!(again.code, 0);
    assert!(again.stdout.contains("No key was stored"), "{again:#?}");
}

#[test]
fn a_named_file_and_a_variable_take_precedence_over_the_stored_key() {
    let saki = Alone::start(&["--key", PLANTED]);
    let home = tempfile::tempdir().unwrap();
    let environment = [
        ("HOME", home.path().to_str().unwrap()),
        ("SAKI_BASE_URL", saki.base_url.as_str()),
    ];
    let with = |more: (&'static str, &str), arguments: &[&str]| {
        run(arguments, &[&environment[..], &[more]].concat())
    };
    assert_eq!(run_with(&["auth", "set"], &environment, OTHER).code, 0);
    assert_eq!(run(&["call", "list_spaces"], &environment).code, 1);
    let named = home.path().join("named");
    fs::write(&named, PLANTED).unwrap();
    let named = named.to_str().unwrap();
    for more in [("SAKI_API_KEY_FILE", named), ("SAKI_API_KEY", PLANTED)] {
        assert_eq!(with(more, &["call", "list_spaces"]).code, 0, "{}", more.0);
        let status = with(more, &["auth", "status"]);
        assert!(status.stdout.contains("****0001"), "{status:#?}");
        let said = if more.1 == named { named } else { more.0 };
        assert!(status.stdout.contains(said), "{status:#?}");
    }
    // A client that left its field empty or unfilled gives no key at all.
    assert_eq!(run_with(&["auth", "set"], &environment, PLANTED).code, 0);
    for unset in ["", "${user_config.api_key}"] {
        let called = with(("SAKI_API_KEY", unset), &["call", "list_spaces"]);
        assert_eq!(called.code, 0, "{unset:?}: {called:#?}");
    }
    let said = run_with(
        &["auth", "set"],
        &[&environment[..], &[("SAKI_API_KEY", OTHER)]].concat(),
        PLANTED,
    );
    assert!(said.stdout.contains("takes precedence"), "{said:#?}");
    never_shown(&said);
    let unfilled = ("SAKI_API_KEY", "${user_config.api_key}");
    let said = run_with(
        &["auth", "set"],
        &[&environment[..], &[unfilled]].concat(),
        PLANTED,
    );
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(!said.stdout.contains("takes precedence"), "{said:#?}");
}

#[test]
fn what_cannot_be_a_key_is_not_stored_and_the_old_key_stays() {
    let home = tempfile::tempdir().unwrap();
    let environment = [("HOME", home.path().to_str().unwrap())];
    assert_eq!(run_with(&["auth", "set"], &environment, PLANTED).code, 0);
    let large = "k".repeat(20_000);
    for (given, said) in [
        ("", "empty"),
        ("YOUR_API_KEY", "placeholder"),
        ("Bearer sk-planted-1", "Bearer"),
        ("sk-planted-1 sk-planted-2", "a space"),
        ("sk-planted-${user_config.api_key}-1", "a part in ${…}"),
        ("{\"key\": \"sk-planted-1\"}", "JSON"),
        (large.as_str(), "too large"),
    ] {
        let ended = run_with(&["auth", "set"], &environment, given);
        assert_eq!(ended.code, 1, "{given:.20}: {ended:#?}");
        assert!(ended.stderr.contains(said), "{said}: {}", ended.stderr);
        never_shown(&ended);
    }
    let kept = fs::read_to_string(key_file(home.path())).unwrap();
    assert_eq!(kept.trim(), PLANTED);
}

#[test]
fn a_key_is_not_stored_where_no_directory_can_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    fs::write(&home, "a file").unwrap();
    let environment = [("HOME", home.to_str().unwrap())];
    let ended = run_with(&["auth", "set"], &environment, PLANTED);
    assert_eq!(ended.code, 1, "{ended:#?}");
    assert!(ended.stderr.contains("was not stored"), "{}", ended.stderr);
    never_shown(&ended);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_key_file_keeps_leading_to_it() {
    let home = tempfile::tempdir().unwrap();
    let path = key_file(home.path());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let target = home.path().join("dotfiles-key");
    fs::write(&target, OTHER).unwrap();
    std::os::unix::fs::symlink(&target, &path).unwrap();
    let environment = [("HOME", home.path().to_str().unwrap())];
    assert_eq!(run_with(&["auth", "set"], &environment, PLANTED).code, 0);
    assert!(path.is_symlink());
    assert_eq!(fs::read_to_string(&target).unwrap().trim(), PLANTED);
}

#[test]
fn a_stored_file_without_a_key_is_explained_by_every_call_and_starts() {
    let home = tempfile::tempdir().unwrap();
    let path = key_file(home.path());
    fs::create_dir_all(&path).unwrap();
    let environment = [("HOME", home.path().to_str().unwrap())];
    let mut serving = Serving::initialized(&[], &environment);
    let answer = serving.ask(&call(1, "list_spaces", json!({})));
    assert!(text(&answer).contains("saki-mcp"), "{answer}");
    assert_eq!(answer["result"]["isError"], true);
}

#[cfg(target_os = "linux")]
mod keyring {
    use std::os::unix::net::UnixListener;

    use super::*;

    /// A keyring that takes a connection and never answers, as a locked one does.
    fn silent(folder: &Path) -> (UnixListener, String) {
        let path = folder.join("bus");
        let listener = UnixListener::bind(&path).unwrap();
        (listener, format!("unix:path={}", path.display()))
    }

    #[test]
    fn a_keyring_that_never_answers_does_not_keep_the_server_from_serving() {
        let home = tempfile::tempdir().unwrap();
        let (bus, address) = silent(home.path());
        let environment = [
            ("HOME", home.path().to_str().unwrap()),
            ("DBUS_SESSION_BUS_ADDRESS", address.as_str()),
        ];
        let mut serving = Serving::initialized(&[], &environment);
        let list = serving.ask(&request(1, "tools/list", json!({})));
        assert!(list["result"]["tools"].is_array());
        serving.close_input();
        serving.ended();
        let log = serving.logged.join("\n");
        assert!(log.contains("it may be locked"), "{log}");
        bus.set_nonblocking(true).unwrap();
        assert!(bus.accept().is_ok(), "the keyring was not asked");
    }

    #[test]
    fn the_keyring_is_not_asked_when_the_key_comes_from_elsewhere() {
        let home = tempfile::tempdir().unwrap();
        let (bus, address) = silent(home.path());
        let named = home.path().join("named");
        fs::write(&named, PLANTED).unwrap();
        let base = [
            ("HOME", home.path().to_str().unwrap()),
            ("DBUS_SESSION_BUS_ADDRESS", address.as_str()),
        ];
        bus.set_nonblocking(true).unwrap();
        for more in [
            ("SAKI_API_KEY", PLANTED),
            ("SAKI_API_KEY_FILE", named.to_str().unwrap()),
            ("SAKI_SANDBOX", "1"),
        ] {
            let mut serving = Serving::initialized(&[], &[&base[..], &[more]].concat());
            serving.close_input();
            serving.ended();
            assert!(bus.accept().is_err(), "{}", more.0);
        }
    }
}
