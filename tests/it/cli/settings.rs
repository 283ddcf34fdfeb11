//! The binary and what is set for it: a value that is not understood stops the start.

use rstest::rstest;
use serde_json::Value;

use crate::support::child_process::run;
use crate::support::post_arguments::new_post;

/// A start that must fail: by wrong usage, or by a sentence of ours.
pub(crate) fn stopped(arguments: &[&str], environment: &[(&str, &str)], said: &str) {
    let ended = run(arguments, environment);
    assert!([1, 2].contains(&ended.code), "{ended:#?}");
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
}

#[rstest]
#[case("--base-url", "SAKI_BASE_URL", "app.usesaki.com/api", "not a URL")]
#[case(
    "--base-url",
    "SAKI_BASE_URL",
    "http://app.usesaki.com/api",
    "in the clear"
)]
#[case("--base-url", "SAKI_BASE_URL", "ftp://app.usesaki.com", "ftp://")]
#[case("--timeout", "SAKI_TIMEOUT", "soon", "from 1s to 10m")]
#[case("--timeout", "SAKI_TIMEOUT", "0", "from 1s to 10m")]
#[case("--timeout", "SAKI_TIMEOUT", "-5s", "from 1s to 10m")]
#[case("--timeout", "SAKI_TIMEOUT", "1d", "from 1s to 10m")]
#[case("--timezone", "SAKI_TIMEZONE", "Mars/Olympus", "Mars/Olympus")]
#[case("--timezone", "SAKI_TIMEZONE", "EST5", "EST5")]
#[case("--confirm", "SAKI_CONFIRM", "perhaps", "auto, never or always")]
#[case("--log", "SAKI_LOG", "loud", "--log")]
#[case("--name", "SAKI_NAME", "my saki", "letters, digits")]
#[case("--name", "SAKI_NAME", "saki/live", "letters, digits")]
#[case("--log", "SAKI_LOG", "info,rmcp=[", "--log")]
#[case("--media-dir", "SAKI_MEDIA_DIR", "/dev/null", "/dev/null")]
#[case(
    "--allow-private-urls",
    "SAKI_ALLOW_PRIVATE_URLS",
    "perhaps",
    "perhaps"
)]
#[case(
    "--api-key-file",
    "SAKI_API_KEY_FILE",
    "/no/such/file",
    "does not exist"
)]
fn an_invalid_value_stops_the_start(
    #[case] flag: &str,
    #[case] variable: &str,
    #[case] value: &str,
    #[case] said: &str,
) {
    let flag = format!("{flag}={value}");
    for command in ["stdio", "http", "tools", "call"] {
        let tool: &[&str] = if command == "call" {
            &["list_spaces"]
        } else {
            &[]
        };
        stopped(&[&[command, flag.as_str()], tool].concat(), &[], said);
        stopped(&[&[command], tool].concat(), &[(variable, value)], said);
    }
}

#[test]
fn the_same_values_written_correctly_start() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    for (flag, value) in [
        ("--base-url", "https://saki.example/api/"),
        ("--base-url", "http://127.0.0.1:4010/api"),
        ("--timeout", "2m"),
        ("--timeout", "45"),
        ("--timezone", "Europe/Berlin"),
        ("--confirm", "always"),
        ("--confirm", "Never"),
        ("--log", "warn,rmcp=debug"),
        ("--media-dir", folder),
        ("--name", "saki-client_2.test"),
    ] {
        let ended = run(&["tools", flag, value], &[]);
        assert_eq!(ended.code, 0, "{flag} {value}: {}", ended.stderr);
    }
}

#[test]
fn the_sandbox_switch_takes_a_clear_yes_or_no() {
    stopped(&["tools"], &[("SAKI_SANDBOX", "perhaps")], "perhaps");
    for yes in ["1", "true", "yes"] {
        assert_eq!(
            run(&["call", "list_spaces"], &[("SAKI_SANDBOX", yes)]).code,
            0,
            "{yes}"
        );
    }
    assert_eq!(
        run(&["call", "list_spaces"], &[("SAKI_SANDBOX", "0")]).code,
        1
    );
}

#[rstest]
#[case::all(&["http", "--bind", "0.0.0.0:8790"], "post in your name")]
#[case::all_of_six(&["http", "--bind", "[::]:8790"], "post in your name")]
#[case::a_neighbour(&["http", "--bind", "192.168.1.4:8790"], "post in your name")]
#[case::sandbox(&["sandbox", "--bind", "0.0.0.0:4010"], "post in your name")]
#[case::no_port(&["http", "--bind", "127.0.0.1"], "127.0.0.1")]
#[case::no_address(&["http", "--bind", "everywhere"], "everywhere")]
#[case::no_host(&["http", "--allowed-host", "a b/c"], "a b/c")]
#[case::no_origin(&["http", "--allowed-origin", "no origin"], "no origin")]
fn an_unusable_address_stops_the_start(#[case] arguments: &[&str], #[case] said: &str) {
    stopped(arguments, &[], said);
}

#[test]
fn an_address_from_the_environment_is_validated_too() {
    stopped(
        &["http"],
        &[("SAKI_BIND", "0.0.0.0:8790")],
        "post in your name",
    );
    stopped(&["http"], &[("SAKI_ALLOWED_HOST", "a b/c")], "a b/c");
    stopped(
        &["http"],
        &[("SAKI_ALLOWED_ORIGIN", "no origin")],
        "no origin",
    );
}

#[test]
fn the_configured_time_zone_is_the_default() {
    let post = new_post("A").at("2030-01-01T09:00");
    let environment = [("SAKI_SANDBOX", "1"), ("SAKI_TIMEZONE", "Asia/Tokyo")];
    let ended = run(&["call", "create_post", &post.to_string()], &environment);
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(answer["scheduled_at"], "2030-01-01T00:00:00Z", "{answer}");
    let none = run(
        &["call", "create_post", &post.to_string()],
        &[("SAKI_SANDBOX", "1"), ("TZ", "UTC")],
    );
    assert_eq!(none.code, 1);
    assert!(none.stderr.contains("Europe/Berlin"), "{}", none.stderr);
}
