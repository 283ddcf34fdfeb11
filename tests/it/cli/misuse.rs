//! What a person at a shell sees: exit codes, and a next step in every refusal.

use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

/// The binary with these arguments and no variables but the given ones.
fn saki(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saki-mcp"));
    command.args(arguments).env_clear();
    command.envs(variables.iter().copied());
    command.stdin(std::process::Stdio::null()).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[rstest]
#[case(&["fly"], 2, "--help")]
#[case(&["--base-url", "http://example.com", "tools"], 2, "https://example.com")]
#[case(&["--timezone", "Berlin", "tools"], 2, "`Europe/Berlin`")]
#[case(&["--timeout", "5h", "tools"], 2, "from 1s to 10m")]
#[case(&["--log", "loud=very", "tools"], 2, "expected error, warn, info")]
#[case(&["http", "--bind", "0.0.0.0:8790"], 2, "use 127.0.0.1:8790")]
#[case(&["http", "--bind", "here"], 2, "such as 127.0.0.1:8790")]
#[case(&["http", "--allowed-host", "https://a.b/c"], 2, "without a scheme")]
#[case(&["sandbox", "--key", ""], 2, "a value is required")]
#[case(&["tools", "--format", "xml"], 2, "markdown")]
#[case(&["--sandbox", "call"], 2, "<TOOL>")]
#[case(&["--sandbox", "call", "list_posts", "{page: 1}"], 2, "'{\"space_id\": 1}'")]
#[case(&["--sandbox", "call", "list_posts", "[1]"], 2, "'{\"space_id\": 1}'")]
#[case(&["--sandbox", "call", "list_postz"], 2, "did you mean \"list_posts\"")]
#[case(&["--sandbox", "call", "list_posts", r#"{"pgae": 1}"#], 1, "`page`")]
#[case(&["--sandbox", "--mode", "read-only", "call", "delete_post"], 1, "--mode read-only")]
#[case(&["--sandbox", "doctor", "--client", "emacs"], 2, "claude-desktop")]
#[case(&["install", "--client", "emacs", "--print"], 2, "claude-desktop")]
#[case(&["auth", "set", "--from-client", "emacs"], 2, "claude-desktop")]
#[case(&["http", "--max-body", "2MiB", "--max-buffered", "1MiB"], 2, "--max-buffered")]
#[case(&["--space", "1", "tools", "--space", "2"], 2, "no space is left")]
#[case(&["--tools", "get_post", "tools", "--exclude-tools", "get_post"], 2, "no tool is left")]
#[case(&["--quiet-hours", "22:00-07:00", "http"], 2, "--timezone")]
#[cfg_attr(not(feature = "otlp"), case(&["http", "--otlp-endpoint", "http://127.0.0.1:4318"], 2, "--features otlp"))]
#[case(&["http", "--oauth-issuer", "here"], 2, "--oauth-issuer")]
#[case(&["token", "new", "an na"], 2, "letters, digits")]
#[case(&["token", "new", "anna", "colour=red"], 2, "colour=red")]
#[case(&["man", "fly"], 2, "install")]
#[case(&["call", "list_spaces"], 1, "SAKI_API_KEY")]
fn misuse_names_the_next_step_and_prints_nothing_on_stdout(
    #[case] arguments: &[&str],
    #[case] code: i32,
    #[case] next_step: &str,
) {
    let output = saki(arguments, &[]);
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    assert!(said(&output).contains(next_step), "{}", said(&output));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_call_prints_its_result_and_nothing_else() {
    let output = saki(
        &["--sandbox", "call", "get_space", r#"{"space_id": 1}"#],
        &[],
    );
    assert!(output.status.success());
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["name"], "Acme Coffee");
    assert_eq!(said(&output), "");
}

#[rstest]
#[case(&["--api-key", "sk-planted-1"])]
#[case(&["--api-key=sk-planted-1"])]
#[case(&["--token=sk-planted-1"])]
fn a_key_on_the_command_line_is_refused_and_not_repeated(#[case] flag: &[&str]) {
    let output = saki(&[flag, &["tools"]].concat(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output);
    assert!(said.contains("SAKI_API_KEY"), "{said}");
    assert!(!said.contains("planted"), "{said}");
}

#[test]
fn a_key_given_as_a_file_name_is_not_repeated() {
    let output = saki(
        &["--api-key-file", "sk-planted-1", "call", "list_spaces"],
        &[],
    );
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(said.contains("the path of a file"), "{said}");
    assert!(!said.contains("planted"), "{said}");
}

#[test]
fn empty_variables_count_as_unset() {
    let names = [
        "SAKI_ALLOW_PRIVATE_URLS",
        "SAKI_API_KEY",
        "SAKI_API_KEY_FILE",
        "SAKI_BASE_URL",
        "SAKI_LOG",
        "SAKI_MEDIA_DIR",
        "SAKI_SANDBOX",
        "SAKI_TIMEOUT",
        "SAKI_TIMEZONE",
    ];
    let output = saki(&["tools"], &names.map(|name| (name, "")));
    assert!(output.status.success(), "{}", said(&output));
    let output = saki(&["tools"], &[("SAKI_SANDBOX", "perhaps")]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_misspelt_variable_is_pointed_out() {
    let output = saki(&["tools"], &[("SAKI_TIMEZONES", "Europe/Berlin")]);
    assert!(
        said(&output).contains("SAKI_TIMEZONES"),
        "{}",
        said(&output)
    );
    let output = saki(&["tools"], &[("SAKI_TIMEZONE", "Europe/Berlin")]);
    assert_eq!(said(&output), "");
}

#[cfg(unix)]
#[test]
fn a_key_file_is_found_below_the_home_directory() {
    let home = tempfile::tempdir().unwrap();
    let call = |path| {
        let arguments = ["--api-key-file", path, "call", "list_spaces"];
        let nobody_listens = ("SAKI_BASE_URL", "http://127.0.0.1:9/api");
        let home = ("HOME", home.path().to_str().unwrap());
        said(&saki(&arguments, &[home, nobody_listens]))
    };
    assert!(call("~/key").contains("does not exist"));
    std::fs::write(home.path().join("key"), "sk-planted-1\n").unwrap();
    let reached = call("~/key");
    assert!(reached.contains("no connection to Saki"), "{reached}");
}

#[test]
fn a_port_that_is_taken_is_explained() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for command in [&["--sandbox", "http"][..], &["sandbox"]] {
        let output = saki(&[command, &["--bind", &port]].concat(), &[]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("another port"), "{}", said(&output));
    }
}
