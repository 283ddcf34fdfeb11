//! Files that cannot be edited: each is left whole, with one sentence that says what is wrong and what to do.

use std::fs;
use std::path::Path;
use std::process::Command;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::client_home::{BINARY, ClientCase, ClientHome};

/// An installation that must be refused and change nothing.
fn refused(home: &ClientHome, client: &str, said: &[&str]) {
    let before = home.files();
    for arguments in [
        &["install", "--client", client][..],
        &["install", "--dry-run", "--client", client],
    ] {
        let ended = home.run(arguments);
        assert_eq!(ended.code, 1, "{ended:#?}");
        for words in said {
            assert!(
                ended.stderr.contains(words),
                "no {words:?} in {}",
                ended.stderr
            );
        }
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    }
    assert_eq!(home.files(), before);
}

#[rstest]
#[case::half("cursor", "{\n  \"mcpServers\": {\n", &["line 2, column 17"])]
#[case::no_quotes("cursor", "{mcpServers: {}}", &["line 1, column 2"])]
#[case::a_comment("claude-desktop", "{\n  // mine\n  \"mcpServers\": {}\n}", &["line 2, column 3"])]
#[case::a_trailing_comma("claude-code", "{\"mcpServers\": {},\n}", &["line 1, column 18"])]
#[case::broken_toml("codex", "a = 1\nb = = 2\n", &["line 2, column 5"])]
#[case::toml_twice("codex", "[a]\n[a]\n", &["line 2", "column"])]
#[case::broken_yaml("goose", "a: 1\nextensions: [\n", &["line", "column"])]
#[case::two_documents("goose", "a: 1\n---\nb: 2\n", &["line 2", "second document"])]
#[case::an_array("cursor", "[]", &["no object"])]
#[case::servers_as_list("cursor", "{\"mcpServers\": []}", &["mcpServers", "no object"])]
#[case::servers_as_text("codex", "mcp_servers = \"x\"\n", &["mcp_servers", "no object"])]
#[case::extensions_as_list("goose", "extensions:\n  - a\n", &["extensions", "no object"])]
#[case::servers_twice("cursor", "{\"mcpServers\": {},\n\"mcpServers\": {}}", &["twice", "line 1", "line 2"])]
#[case::name_twice("zed", "{\"context_servers\": {\"saki\": {},\n\"saki\": {}}}", &["twice", "saki"])]
#[case::yaml_twice("goose", "extensions:\n  a:\n    x: 1\n  a:\n    x: 2\n", &["twice", "line 2", "line 4"])]
#[case::flow_map("goose", "extensions: {a: {x: 1}}\n", &["by hand"])]
#[case::an_alias("goose", "x: &x\n  a: 1\nextensions: *x\n", &["extensions", "no object"])]
fn a_file_that_does_not_parse_is_left_alone(
    #[case] client: &str,
    #[case] content: &str,
    #[case] said: &[&str],
) {
    let home = ClientHome::linux();
    let path = home.write(ClientCase::named(client), content);
    let path = path.to_str().unwrap().to_owned();
    // The snippet helps to do it by hand.
    refused(&home, client, &[said, &[path.as_str(), BINARY]].concat());
}

#[test]
fn a_file_in_utf_16_is_refused_in_either_byte_order() {
    let home = ClientHome::linux();
    let units: Vec<u16> = "{\"mcpServers\": {}}".encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let marked = [&[0xff, 0xfe][..], &little].concat();
    for content in [little, big, marked] {
        home.write(ClientCase::named("cursor"), content);
        refused(&home, "cursor", &["UTF-16"]);
    }
    home.write(ClientCase::named("cursor"), b"{\n\"a\": \"\xe4\"}");
    refused(&home, "cursor", &["line 2 is not UTF-8"]);
}

#[test]
fn a_byte_order_mark_stays() {
    for (name, content) in [
        ("cursor", "\u{feff}{\r\n}\r\n"),
        ("codex", "\u{feff}a = 1\r\n"),
        ("goose", "\u{feff}a: 1\r\n"),
    ] {
        let home = ClientHome::linux();
        let path = home.write(ClientCase::named(name), content);
        home.succeed(&["install", "--client", name]);
        let written = fs::read_to_string(&path).unwrap();
        assert!(
            written.starts_with('\u{feff}') && written.contains(BINARY),
            "{written:?}"
        );
        assert_eq!(
            written.matches('\n').count(),
            written.matches("\r\n").count(),
            "{written:?}"
        );
        home.succeed(&["install", "--remove", "--client", name]);
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
}

#[rstest]
#[case("cursor", "")]
#[case("cursor", " \n")]
#[case("cursor", "{}")]
#[case("cursor", "{\"mcpServers\": {}}")]
#[case("zed", "// nothing yet\n")]
#[case("codex", "")]
#[case("codex", "a = 1")]
#[case("goose", "")]
fn an_empty_file_is_a_file(#[case] name: &str, #[case] content: &str) {
    let home = ClientHome::linux();
    let path = home.write(ClientCase::named(name), content);
    home.succeed(&["install", "--client", name]);
    assert!(fs::read_to_string(&path).unwrap().contains(BINARY));
    home.succeed(&["install", "--remove", "--client", name]);
    assert_eq!(fs::read_to_string(&path).unwrap(), content);
}

#[test]
fn a_file_of_ten_megabytes_is_edited() {
    let home = ClientHome::linux();
    let client = ClientCase::named("claude-code");
    let long = "x".repeat(10 * 1024 * 1024);
    let content = format!("{{\n  \"history\": \"{long}\",\n  \"mcpServers\": {{}}\n}}\n");
    let path = home.write(client, &content);
    home.succeed(&["install", "--client", "claude-code"]);
    assert!(fs::read_to_string(&path).unwrap().contains(BINARY));
    home.succeed(&["install", "--remove", "--client", "claude-code"]);
    assert!(fs::read_to_string(&path).unwrap() == content);
}

#[rstest]
#[case::in_one_line(false)]
#[case::in_many_lines(true)]
fn a_large_file_full_of_secrets_is_edited_and_shown_masked(#[case] pretty: bool) {
    let home = ClientHome::linux();
    let entry = |id: usize| {
        (
            format!("server-{id}"),
            json!({"url": format!("https://h{id}.example/mcp"), "token": format!("planted-{id:06}")}),
        )
    };
    let entries: serde_json::Map<String, Value> = (0..30_000).map(entry).collect();
    let content = json!({"mcpServers": entries});
    let content = match pretty {
        true => serde_json::to_string_pretty(&content).unwrap(),
        false => content.to_string(),
    };
    let path = home.write(ClientCase::named("cursor"), &content);
    let shown = home.succeed(&["install", "--client", "cursor", "--dry-run"]);
    assert!(!shown.contains("planted-"), "{shown:.2000}");
    assert!(shown.len() < 5_000, "{} bytes", shown.len());
    home.succeed(&["install", "--client", "cursor"]);
    assert!(fs::read_to_string(&path).unwrap().contains(BINARY));
    home.succeed(&["install", "--remove", "--client", "cursor"]);
    assert!(fs::read_to_string(&path).unwrap() == content);
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    for (name, open) in [("cursor", "["), ("codex", "a = ["), ("goose", "[")] {
        let home = ClientHome::linux();
        let content = format!("{open}{}", "[".repeat(50_000));
        home.write(ClientCase::named(name), content);
        refused(&home, name, &["line 1"]);
    }
}

#[test]
fn a_directory_in_the_place_of_the_file_is_refused() {
    let home = ClientHome::linux();
    fs::create_dir_all(home.path("home/.cursor/mcp.json")).unwrap();
    refused(&home, "cursor", &["is a directory"]);
}

#[test]
fn a_file_in_the_place_of_the_folder_is_refused() {
    let home = ClientHome::linux();
    fs::write(home.path("home/.cursor"), "mine").unwrap();
    let ended = home.run(&["install", "--client", "cursor"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("is a file where a folder is needed"),
        "{}",
        ended.stderr
    );
    assert_eq!(home.files().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_its_target_is_edited() {
    let home = ClientHome::linux();
    fs::create_dir_all(home.path("home/.cursor")).unwrap();
    fs::create_dir_all(home.path("dotfiles")).unwrap();
    let (link, target) = (
        home.path("home/.cursor/mcp.json"),
        home.path("dotfiles/cursor.json"),
    );
    std::os::unix::fs::symlink(&target, &link).unwrap();
    refused(&home, "cursor", &["is a link to", "does not exist"]);
    fs::write(&target, "{}\n").unwrap();
    home.succeed(&["install", "--client", "cursor"]);
    assert!(fs::read_link(&link).is_ok());
    assert!(fs::read_to_string(&target).unwrap().contains(BINARY));
    home.succeed(&["install", "--remove", "--client", "cursor"]);
    assert_eq!(fs::read_to_string(&target).unwrap(), "{}\n");
}

#[cfg(unix)]
#[test]
fn the_mode_stays_and_a_read_only_file_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let home = ClientHome::linux();
    let path = home.write(ClientCase::named("cursor"), "{}");
    for wanted in [0o600, 0o640, 0o664] {
        fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
        home.succeed(&["install", "--client", "cursor"]);
        for file in home.files().keys() {
            assert_eq!(mode(file), wanted, "{}", file.display());
        }
        home.succeed(&["install", "--remove", "--client", "cursor"]);
        assert_eq!(mode(&path), wanted);
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let ended = home.run(&["install", "--client", "cursor"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("read-only"), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
    assert_eq!(home.files().len(), 1);
}

#[test]
fn a_home_that_does_not_exist_is_named() {
    let ended = crate::support::child_process::run(
        &["install", "--client", "cursor"],
        &[("HOME", "/nonexistent/home")],
    );
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("/nonexistent/home does not exist"),
        "{}",
        ended.stderr
    );
    let home = ClientHome::linux();
    let ended = home.run_with(
        &["install", "--client", "codex"],
        &[("CODEX_HOME", "/nonexistent/codex")],
    );
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("CODEX_HOME"), "{}", ended.stderr);
}

/// Runs the binary in a shell that limits the size of files to this many blocks of 512 bytes.
#[cfg(unix)]
fn with_little_room(home: &ClientHome, before: &str, blocks: usize) -> std::process::Output {
    let script = format!("{before} ulimit -f {blocks}; exec \"{BINARY}\" install --client cursor");
    Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .envs(home.environment())
        .env("PATH", std::env::var_os("PATH").unwrap())
        .output()
        .unwrap()
}

#[cfg(unix)]
#[test]
fn a_disk_that_fills_and_a_kill_leave_the_file_whole() {
    let home = ClientHome::linux();
    let client = ClientCase::named("cursor");
    // The backup fits, the new content does not.
    let content = format!("{{\"x\": \"{}\"}}", "y".repeat(4096 - 9));
    let path = home.write(client, &content);
    let before = home.files();
    // The signal is ignored, so that writing fails as on a full disk.
    let full = with_little_room(&home, "trap '' XFSZ;", 8);
    let said = String::from_utf8_lossy(&full.stderr);
    assert_eq!(full.status.code(), Some(1), "{said}");
    assert!(
        said.contains("Make room") && said.contains("as it was"),
        "{said}"
    );
    assert_eq!(home.files(), before, "nothing is left beside it");
    // The signal kills it in the middle of writing.
    let killed = with_little_room(&home, "", 8);
    assert_eq!(killed.status.code(), None, "{killed:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), content);
    assert!(home.files().len() > 1, "what was being written is left");
    home.succeed(&["install", "--client", "cursor"]);
    assert!(fs::read_to_string(&path).unwrap().contains(BINARY));
    let leftovers = home
        .files()
        .into_keys()
        .filter(|path| path.to_string_lossy().contains(".saki-mcp-install-"));
    assert_eq!(leftovers.count(), 0);
}

#[test]
fn many_installations_at_once_lose_nothing() {
    let home = ClientHome::linux();
    let client = ClientCase::named("cursor");
    let path = home.write(client, client.full_file());
    let names: Vec<String> = (0..8).map(|number| format!("saki-{number}")).collect();
    let children: Vec<_> = names
        .iter()
        .map(|name| {
            let environment = home.environment();
            let all: Vec<(&str, &str)> = environment
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let mut command = crate::support::child_process::command(
                &["install", "--client", "cursor", "--name", name],
                &all,
            );
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let entries = client.entries(&fs::read_to_string(path).unwrap());
    for name in names.iter().map(String::as_str).chain(["github", "zoo"]) {
        assert!(entries.contains_key(name), "{name}");
    }
}
