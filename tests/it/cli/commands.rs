//! The binary from a shell: what it prints, and how it ends.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::child_process::{Ended, run, run_with};

/// The invented Saki, with times in Berlin.
const SANDBOX: [(&str, &str); 2] = [("SAKI_SANDBOX", "1"), ("SAKI_TIMEZONE", "Europe/Berlin")];

fn json_of(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("no JSON: {ended:#?}"))
}

#[test]
fn the_version_is_the_crates() {
    let ended = run(&["--version"], &[]);
    let line = format!("saki-mcp {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((ended.code, ended.stdout), (0, line));
}

#[test]
fn the_help_shows_examples_commands_and_every_environment_variable() {
    let ended = run(&["--help"], &[]);
    assert_eq!(ended.code, 0);
    for word in [
        "Examples:",
        "saki-mcp demo",
        "call list_accounts",
        "Exit codes:",
        "stdio",
        "http",
        "sandbox",
        "tools",
        "call",
        "SAKI_API_KEY",
        "SAKI_API_KEY_FILE",
        "SAKI_BASE_URL",
        "SAKI_TIMEOUT",
        "SAKI_SANDBOX",
        "SAKI_TIMEZONE",
        "SAKI_MEDIA_DIR",
        "SAKI_ALLOW_PRIVATE_URLS",
        "SAKI_LOG",
    ] {
        assert!(ended.stdout.contains(word), "no {word}:\n{}", ended.stdout);
    }
    // What a summary does not find in an answer is printed as a question mark.
    let answers = ended.stdout.lines().filter(|line| line.starts_with("  "));
    for line in answers {
        assert!(!line.contains('?'), "{line}");
    }
}

#[test]
fn the_help_never_shows_the_key_from_the_environment() {
    let ended = run(&["--help"], &[("SAKI_API_KEY", "sk-planted-7f3a9c")]);
    assert!(!ended.stdout.contains("planted"), "{}", ended.stdout);
    let flags = run(&["--api-key", "sk-planted-7f3a9c"], &[]);
    assert_eq!(
        flags.code, 2,
        "a flag that takes the key would show it in process lists"
    );
}

#[test]
fn every_command_explains_itself() {
    for command in [
        "stdio",
        "http",
        "sandbox",
        "demo",
        "tools",
        "call",
        "auth",
        "doctor",
        "completions",
        "man",
    ] {
        let ended = run(&[command, "--help"], &[]);
        assert_eq!(ended.code, 0, "{command}");
        assert!(
            ended.stdout.contains("Usage: saki-mcp"),
            "{command}: {}",
            ended.stdout
        );
    }
    assert!(run(&["http", "--help"], &[]).stdout.contains("SAKI_BIND"));
}

#[test]
fn the_tools_are_printed_in_four_ways_without_a_key() {
    let json = json_of(&run(&["tools", "--format", "json"], &[]));
    let names: Vec<&str> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 27);
    for format in ["table", "markdown", "tokens"] {
        let ended = run(&["tools", "--format", format], &[]);
        assert_eq!(ended.code, 0, "{format}: {}", ended.stderr);
        for name in &names {
            assert!(ended.stdout.contains(name), "{format} has no {name}");
        }
    }
    assert_eq!(
        run(&["tools"], &[]).stdout,
        run(&["tools", "--format", "table"], &[]).stdout
    );
}

#[test]
fn a_call_prints_the_structured_result() {
    let spaces = json_of(&run(&["call", "list_spaces"], &SANDBOX));
    assert_eq!(spaces["data"][0]["name"], "Acme Coffee");
    let space = json_of(&run(&["call", "get_space", r#"{"space_id": 2}"#], &SANDBOX));
    assert_eq!(space["name"], "Studio North");
}

#[test]
fn a_call_takes_its_arguments_from_standard_input() {
    let ended = run_with(
        &["call", "get_space", "-"],
        &SANDBOX,
        "{\"space_id\": \"Studio North\"}\n",
    );
    assert_eq!(json_of(&ended)["id"], 2);
    let empty = run_with(&["call", "list_spaces", "-"], &SANDBOX, "");
    assert_eq!(empty.code, 0, "{}", empty.stderr);
}

#[test]
fn a_call_uploads_a_file_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    crate::support::parameter_cases::posts::fill(folder.path());
    let path = folder.path().join("cake.png");
    let arguments = json!({"path": path}).to_string();
    let folder = folder.path().to_str().unwrap();
    let ended = run(
        &["--media-dir", folder, "call", "upload_media", &arguments],
        &SANDBOX,
    );
    assert_eq!(json_of(&ended)["mime"], "image/png");
    let outside = run(
        &["call", "upload_media", &arguments],
        &[&SANDBOX[..], &[("HOME", "/nonexistent")]].concat(),
    );
    assert_eq!(outside.code, 1);
    assert!(
        outside.stderr.contains("outside of the folders"),
        "{}",
        outside.stderr
    );
}

#[test]
fn a_failed_call_explains_itself_on_stderr_and_exits_with_1() {
    let ended = run(&["call", "get_space", r#"{"space_id": 77}"#], &SANDBOX);
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
    assert!(ended.stderr.contains("404"), "{}", ended.stderr);
    let ended = run(&["call", "get_post"], &SANDBOX);
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("`post_id` is missing"),
        "{}",
        ended.stderr
    );
}

#[test]
fn an_unknown_tool_is_answered_with_the_nearest_one() {
    let ended = run(&["call", "list_space"], &SANDBOX);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.contains("list_spaces"), "{}", ended.stderr);
}

#[rstest]
#[case::no_json(&["call", "get_space", "{space_id: 1}"], "not JSON")]
#[case::no_object(&["call", "get_space", "[1]"], "not a JSON object")]
#[case::half(&["call", "get_space", "{\"space_id\":"], "not JSON")]
#[case::no_command(&["serve"], "unrecognized subcommand")]
#[case::no_flag(&["--fast"], "unexpected argument")]
#[case::no_format(&["tools", "--format", "yaml"], "markdown")]
#[case::too_much(&["demo", "twice"], "unexpected argument")]
#[case::too_little(&["call"], "<TOOL>")]
fn a_usage_error_goes_to_stderr_and_exits_with_2(#[case] arguments: &[&str], #[case] said: &str) {
    let ended = run(arguments, &SANDBOX);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:#?}");
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn garbage_as_arguments_of_a_call_is_a_usage_error() {
    let ended = run_with(&["call", "get_space", "-"], &SANDBOX, "\u{0}\u{1} nonsense");
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:#?}");
    assert!(ended.stderr.contains("not JSON"), "{}", ended.stderr);
}

#[test]
fn the_demo_shows_a_real_client_at_work() {
    let ended = run(&["demo"], &[("SAKI_TIMEZONE", "Europe/Berlin")]);
    assert_eq!(ended.code, 0, "{ended:#?}");
    let lines = ended.stdout.lines().count();
    assert!(
        (20..=40).contains(&lines),
        "{lines} lines:\n{}",
        ended.stdout
    );
    for word in [
        "list_spaces",
        "upload_media",
        "create_post",
        "get_queue",
        "422",
    ] {
        assert!(ended.stdout.contains(word), "no {word}:\n{}", ended.stdout);
    }
}

#[test]
fn the_example_configuration_is_valid_and_its_placeholder_is_recognised() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/mcp.example.json");
    let example: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let saki = &example["mcpServers"]["saki"];
    assert_eq!(saki["command"], "saki-mcp");
    let env = saki["env"].as_object().unwrap();
    let env: Vec<(&str, &str)> = env
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let ended = run(&["call", "list_spaces"], &env);
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("placeholder"), "{}", ended.stderr);
}

#[test]
fn the_tool_table_of_the_readme_is_the_printed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (_, after) = readme.split_once("<!-- tools -->").unwrap();
    let (table, _) = after.split_once("<!-- /tools -->").unwrap();
    let printed = run(&["tools", "--format", "markdown"], &[]).stdout;
    assert_eq!(
        table.trim(),
        printed.trim(),
        "replace it with the output of `saki-mcp tools --format markdown`"
    );
}

#[test]
fn the_tables_of_tools_hold_whole_sentences() {
    for format in ["table", "markdown"] {
        let table = run(&["tools", "--format", format], &SANDBOX).stdout;
        let rows = table.lines().filter(|line| line.contains("_"));
        let rows: Vec<_> = rows.map(|row| row.trim_end_matches([' ', '|'])).collect();
        assert!(rows.len() > 20, "{table}");
        for row in rows {
            assert!(row.ends_with('.') && !row.ends_with("e.g."), "{row}");
        }
    }
}

#[test]
fn the_demo_shows_its_own_posts_as_the_next_ones() {
    let said = run(&["demo"], &[]).stdout;
    let queue = said.split("What is published next?").nth(1).unwrap();
    let rows = queue.lines().filter(|line| line.contains(", 08:00 "));
    assert_eq!(
        rows.filter(|row| row.contains("cardamom buns")).count(),
        3,
        "{queue}"
    );
}
