//! What already stands under the name: entries of ours are updated and keep their limits, others stay.

use std::fs;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::client_home::{BINARY, ClientCase, ClientHome, command_line};

const PLANTED: &str = "sk-planted-7f3a9c0123456789";

/// Cursor's file with this entry, and what stands there after `install` with these arguments.
fn after(home: &ClientHome, entry: &Value, more: &[&str]) -> (Value, String) {
    let cursor = ClientCase::named("cursor");
    let file = json!({"mcpServers": {"a": {"command": "b"}, "saki": entry}});
    let path = home.write(cursor, serde_json::to_string_pretty(&file).unwrap());
    let said = home.succeed(&[&["install", "--client", "cursor"], more].concat());
    let written = fs::read_to_string(path).unwrap();
    (cursor.entries(&written)["saki"].clone(), said)
}

#[test]
fn the_snippet_of_the_readme_is_updated_and_its_key_stays() {
    let home = ClientHome::linux();
    let entry = json!({"command": "saki-mcp", "args": [], "env": {"SAKI_API_KEY": PLANTED, "SAKI_TIMEZONE": "Europe/Berlin"}});
    let (now, said) = after(&home, &entry, &[]);
    assert_eq!(now["command"], BINARY);
    assert_eq!(now["env"], entry["env"]);
    assert!(
        said.contains("auth set") && said.contains("SAKI_TIMEZONE=Europe/Berlin"),
        "{said}"
    );
    assert!(!said.contains(PLANTED), "{said}");
}

#[test]
fn the_placeholder_of_the_readme_is_taken_out() {
    let home = ClientHome::linux();
    let entry = json!({"command": "saki-mcp", "env": {"SAKI_API_KEY": "YOUR_API_KEY"}});
    let (now, said) = after(&home, &entry, &[]);
    assert_eq!(now.get("env"), None, "{now}");
    assert!(said.contains("placeholder"), "{said}");
}

#[test]
fn a_moved_binary_is_mended_and_standing_limits_stay() {
    let home = ClientHome::linux();
    let entry = json!({"command": "/gone/saki-mcp", "args": ["--mode", "read-only", "--space", "1"], "timeout": 60});
    let (now, said) = after(&home, &entry, &["--space", "2"]);
    assert_eq!(
        command_line(&now),
        [BINARY, "--mode", "read-only", "--space", "2"]
    );
    assert_eq!(now["timeout"], 60);
    assert!(
        said.contains("/gone/saki-mcp") && said.contains("--mode read-only"),
        "{said}"
    );
}

#[rstest]
#[case::another_program(json!({"command": "npx", "args": ["-y", "saki"]}))]
#[case::a_strange_variable(json!({"command": "saki-mcp", "env": {"OTHER_TOKEN": PLANTED}}))]
#[case::another_server(json!({"url": "https://sake.example/mcp", "headers": {"Authorization": PLANTED}}))]
#[case::no_command(json!({"args": []}))]
#[case::no_object(json!("saki-mcp"))]
fn an_entry_of_a_stranger_is_shown_and_replaced_only_by_force(#[case] entry: Value) {
    let home = ClientHome::linux();
    let cursor = ClientCase::named("cursor");
    let file = json!({"mcpServers": {"saki": entry}}).to_string();
    let path = home.write(cursor, &file);
    let before = home.files();
    for arguments in [
        &["install", "--client", "cursor"][..],
        &["install", "--remove", "--client", "cursor"],
    ] {
        let refused = home.run(arguments);
        assert_eq!(refused.code, 1, "{refused:#?}");
        assert!(
            refused.stderr.contains("--force") && refused.stderr.contains("not ours"),
            "{}",
            refused.stderr
        );
        assert!(!refused.stderr.contains(PLANTED), "{}", refused.stderr);
        assert_eq!(home.files(), before);
    }
    home.succeed(&["install", "--force", "--client", "cursor"]);
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(cursor.entries(&written)["saki"]["command"], BINARY);
    home.succeed(&["install", "--remove", "--client", "cursor"]);
    assert!(!fs::read_to_string(&path).unwrap().contains(BINARY));
}

#[test]
fn comments_inside_of_an_entry_survive_an_update() {
    let home = ClientHome::linux();
    let zed = ClientCase::named("zed");
    let path = home.write(zed, "{\n  \"context_servers\": {\n    \"saki\": {\n      // the old path\n      \"command\": \"/gone/saki-mcp\", // here\n      \"args\": [] // none\n    }\n  }\n}\n");
    home.succeed(&["install", "--client", "zed"]);
    let written = fs::read_to_string(path).unwrap();
    let expected = format!(
        "{{\n  \"context_servers\": {{\n    \"saki\": {{\n      // the old path\n      \"command\": \"{BINARY}\", // here\n      \"args\": [] // none\n    }}\n  }}\n}}\n"
    );
    assert_eq!(written, expected);
}

#[test]
fn an_entry_of_codex_keeps_its_own_fields_and_comments() {
    let home = ClientHome::linux();
    let codex = ClientCase::named("codex");
    let before = "# mine\n[mcp_servers.saki] # saki\ncommand = \"/gone/saki-mcp\" # path\ntool_timeout_sec = 90 # slow\n[mcp_servers.saki.env]\nSAKI_MODE = \"read-only\" # safe\n\n[other]\na = 1\n";
    let path = home.write(codex, before);
    home.succeed(&["install", "--client", "codex", "--space", "3"]);
    let expected = before
        .replace(
            "[mcp_servers.saki] # saki\n",
            "[mcp_servers.saki] # saki\nargs = [\"--space\", \"3\"]\n",
        )
        .replace("/gone/saki-mcp", BINARY);
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    home.succeed(&["install", "--remove", "--client", "codex"]);
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "# mine\n\n[other]\na = 1\n"
    );
}

#[test]
fn an_inline_table_of_codex_takes_the_entry() {
    let home = ClientHome::linux();
    let codex = ClientCase::named("codex");
    let original = "mcp_servers = { github = { command = \"npx\" } } # all\n[other]\na = 1\n";
    let path = home.write(codex, original);
    home.succeed(&["install", "--client", "codex"]);
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(codex.entries(&written)["saki"]["command"], BINARY);
    home.succeed(&["install", "--remove", "--client", "codex"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), original);
}

#[rstest]
#[case::empty_map("extensions: {}\nGOOSE_MODE: auto\n")]
#[case::nothing("extensions:\nGOOSE_MODE: auto\n")]
#[case::last("GOOSE_MODE: auto\nextensions:\n  developer:\n    enabled: true")]
#[case::deep("extensions:\n        developer:\n                enabled: true\n")]
#[case::no_map("GOOSE_MODE: auto\n# the end")]
#[case::only_comments("# nothing\n")]
#[case::flow("{}\n")]
fn each_way_to_write_the_extensions_of_goose_takes_the_entry(#[case] original: &str) {
    let home = ClientHome::linux();
    let goose = ClientCase::named("goose");
    let path = home.write(goose, original);
    home.succeed(&["install", "--client", "goose"]);
    let written = fs::read_to_string(&path).unwrap();
    assert!(written.contains(&format!("cmd: {BINARY}")), "{written}");
    home.succeed(&["install", "--remove", "--client", "goose"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), original);
}

#[test]
fn a_file_that_changed_since_loses_only_the_entry() {
    let home = ClientHome::linux();
    for (name, original, added) in [
        ("cursor", "{\n  \"x\": 1\n}\n", "{\n  \"y\": 2,"),
        ("codex", "model = \"x\"\n", "# new\n"),
        ("goose", "mode: auto\n", "# new\n"),
    ] {
        let client = ClientCase::named(name);
        let path = home.write(client, original);
        home.succeed(&["install", "--client", name]);
        let written = fs::read_to_string(&path).unwrap();
        let add = |text: &str| match added.strip_prefix('{') {
            Some(field) => text.replacen('{', &format!("{{{field}"), 1),
            None => format!("{added}{text}"),
        };
        fs::write(&path, add(&written)).unwrap();
        home.succeed(&["install", "--remove", "--client", name]);
        assert_eq!(fs::read_to_string(&path).unwrap(), add(original), "{name}");
    }
}

#[test]
fn a_map_that_came_with_the_entry_goes_with_it() {
    let home = ClientHome::linux();
    let client = ClientCase::named("claude-code");
    home.succeed(&["install", "--client", "claude-code"]);
    let path = home.file_of(client);
    // The client writes the file anew, with its own state.
    let mut file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    file["numStartups"] = 1.into();
    fs::write(&path, file.to_string()).unwrap();
    home.succeed(&["install", "--remove", "--client", "claude-code"]);
    let left: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(left, json!({"numStartups": 1}));
}

#[test]
fn a_key_is_not_deleted_with_its_file() {
    let home = ClientHome::linux();
    let cursor = ClientCase::named("cursor");
    let entry = json!({"command": "saki-mcp", "env": {"SAKI_API_KEY": PLANTED}});
    home.write(cursor, json!({"mcpServers": {"saki": entry}}).to_string());
    home.succeed(&["install", "--remove", "--client", "cursor"]);
    let kept = home.files().into_values();
    assert!(
        kept.into_iter()
            .any(|content| String::from_utf8_lossy(&content).contains(PLANTED))
    );
}

#[test]
fn two_entries_go_in_either_order_and_the_file_with_them() {
    for order in [["saki", "saki-sandbox"], ["saki-sandbox", "saki"]] {
        let home = ClientHome::linux();
        home.succeed(&["install", "--client", "cursor"]);
        home.succeed(&["install", "--client", "cursor", "--sandbox"]);
        for name in order {
            home.succeed(&["install", "--remove", "--client", "cursor", "--name", name]);
        }
        assert!(
            !home.file_of(ClientCase::named("cursor")).exists(),
            "{order:?}"
        );
    }
}

#[test]
fn an_inner_map_of_opencode_takes_the_entry() {
    let home = ClientHome::linux();
    let opencode = ClientCase::named("opencode");
    let original = "{\"mcp\": {\"servers\": {\"a\": {\"type\": \"local\", \"command\": [\"b\"]}}}}";
    let path = home.write(opencode, original);
    home.succeed(&["install", "--client", "opencode"]);
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(
        opencode.entries(&written)["servers"]["saki"]["command"],
        json!([BINARY])
    );
    home.succeed(&["install", "--remove", "--client", "opencode"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), original);
}

#[test]
fn settings_that_a_remote_entry_cannot_hold_are_said() {
    let home = ClientHome::linux();
    let entry =
        json!({"command": "saki-mcp", "args": ["--mode", "read-only"], "env": {"SAKI_SPACE": "3"}});
    let url = "http://127.0.0.1:8790/mcp";
    let (now, said) = after(&home, &entry, &["--http", url]);
    assert_eq!(now, json!({"url": url}));
    assert!(said.contains("--mode read-only SAKI_SPACE=3"), "{said}");
    // Settings of the shell belong to servers that are started, not to this one.
    let more = [("SAKI_TIMEZONE", "Europe/Berlin")];
    let again = home.run_with(&["install", "--client", "cursor", "--http", url], &more);
    assert_eq!(again.code, 0, "{again:#?}");
    // The way back, without the settings.
    home.succeed(&["install", "--client", "cursor"]);
    let cursor = ClientCase::named("cursor");
    let written = fs::read_to_string(home.file_of(cursor)).unwrap();
    assert_eq!(command_line(&cursor.entries(&written)["saki"]), [BINARY]);
}
