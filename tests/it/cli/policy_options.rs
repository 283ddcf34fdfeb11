//! The binary and the operator's policy: what stops the start, and that a limit holds wherever it is set.

use rstest::rstest;
use serde_json::{Value, json};

use crate::cli::settings::stopped;
use crate::support::child_process::{Serving, run};
use crate::support::fixture_server::request;
use crate::support::post_arguments::new_post;

#[test]
fn a_misspelt_limit_variable_stops_the_start() {
    let said = "unknown environment variable SAKI_SPACES. Did you mean SAKI_SPACE?";
    for command in ["stdio", "http", "tools"] {
        stopped(&["--sandbox", command], &[("SAKI_SPACES", "1")], said);
    }
}

#[test]
fn an_unrelated_unknown_variable_is_only_warned_about() {
    for name in ["SAKI_PORT", "SAKI_MODEL", "SAKI_CONFIG"] {
        let ended = run(&["--sandbox", "tools"], &[(name, "1")]);
        assert_eq!(ended.code, 0, "{ended:#?}");
        assert!(ended.stderr.contains(name), "{ended:#?}");
    }
}

#[rstest]
#[case("mode", "perhaps", "say full, drafts-only or read-only")]
#[case("mode", "read_only", "say full, drafts-only or read-only")]
#[case(
    "toolsets",
    "posts,all",
    "unknown toolset; expected one of spaces, posts, accounts, media, schedule, webhooks, subscription"
)]
#[case("tools", "list_post", "unknown tool; expected one of create_space, ")]
#[case(
    "exclude-tools",
    "delete_space,delete_all",
    "unknown tool; expected one of create_space, "
)]
#[case("space", "Acme Coffee", "expected an id, which is a number")]
#[case("space", "0", "expected an id, which is a number")]
#[case("accounts", "11,@acme", "expected an id, which is a number")]
#[case("max-live-per-hour", "-1", "expected a whole number")]
#[case("max-live-per-hour", "many", "expected a whole number")]
#[case("quiet-hours", "22-7", "say two times of day")]
#[case("quiet-hours", "22:00-22:00", "all day or never")]
#[case("min-lead", "15", "expected a time with its unit")]
#[case("min-lead", "-15m", "expected a time with its unit")]
#[case("min-lead", "0m", "expected a time with its unit")]
fn an_invalid_limit_stops_the_start(#[case] name: &str, #[case] value: &str, #[case] said: &str) {
    let flag = format!("--{name}={value}");
    let variable = format!("SAKI_{}", name.replace('-', "_").to_uppercase());
    let zone = ("SAKI_TIMEZONE", "Europe/Berlin");
    for command in ["stdio", "http", "tools", "call"] {
        let tool: &[&str] = if command == "call" {
            &["list_spaces"]
        } else {
            &[]
        };
        stopped(&[&[command, flag.as_str()], tool].concat(), &[zone], said);
        stopped(&[&[flag.as_str(), command], tool].concat(), &[zone], said);
        stopped(
            &[&[command], tool].concat(),
            &[zone, (&variable, value)],
            said,
        );
    }
    stopped(&[&flag], &[zone], said);
    // A good flag does not hide a variable that is not understood.
    if name == "mode" {
        stopped(&["--mode=full", "tools"], &[(&variable, value)], said);
    }
}

#[test]
fn the_same_limits_written_correctly_start() {
    for (name, value) in [
        ("mode", "drafts-only"),
        ("toolsets", "posts,media"),
        ("tools", "list_posts, create_post"),
        ("exclude-tools", "delete_space"),
        ("space", "1,2"),
        ("accounts", "11"),
        ("max-live-per-hour", "0"),
        ("quiet-hours", "22:00-07:00"),
        ("min-lead", "1h30m"),
    ] {
        let flag = format!("--{name}={value}");
        let variable = format!("SAKI_{}", name.replace('-', "_").to_uppercase());
        let zone = ("SAKI_TIMEZONE", "Europe/Berlin");
        for ended in [
            run(&["tools", &flag], &[zone]),
            run(&[&flag, "tools"], &[zone]),
            run(&["tools"], &[zone, (&variable, value)]),
            run(&["tools"], &[(&variable, "")]),
        ] {
            assert_eq!(ended.code, 0, "{flag}: {}", ended.stderr);
        }
    }
}

#[rstest]
#[case(&["--space", "1", "tools", "--space", "2"], &[], "no space in common")]
#[case(&["--accounts", "11", "tools"], &[("SAKI_ACCOUNTS", "12")], "no account in common")]
#[case(&["--tools", "create_post", "tools", "--mode", "read-only"], &[], "no tool is left")]
#[case(&["--toolsets", "posts", "tools"], &[("SAKI_TOOLS", "get_subscription")], "no tool is left")]
#[case(&["--quiet-hours", "22:00-07:00", "http"], &[("TZ", "Europe/Berlin")], "--timezone Europe/Berlin")]
#[case(&["--mode", "full", "--mode", "read-only", "tools"], &[], "cannot be used multiple times")]
fn limits_that_leave_no_tool_or_are_incomplete_stop_the_start(
    #[case] arguments: &[&str],
    #[case] environment: &[(&str, &str)],
    #[case] said: &str,
) {
    stopped(arguments, environment, said);
}

#[rstest]
#[case(&["--mode", "full", "tools"], &[("SAKI_MODE", "read-only")])]
#[case(&["--mode", "read-only", "tools"], &[("SAKI_MODE", "full")])]
#[case(&["--mode", "full", "tools", "--mode", "full"], &[("SAKI_MODE", "read-only")])]
#[case(&["--mode", "full", "tools", "--mode", "read-only"], &[("SAKI_MODE", "drafts-only")])]
#[case(&["--mode", "read-only", "tools", "--mode", "full"], &[])]
fn the_strictest_of_several_modes_applies(
    #[case] arguments: &[&str],
    #[case] environment: &[(&str, &str)],
) {
    let ended = run(arguments, environment);
    assert_eq!(ended.stdout.lines().count(), 11, "{}", ended.stdout);
    assert!(!ended.stdout.contains("create_post"));
}

#[test]
fn a_flag_without_a_command_does_not_hide_the_variable() {
    let listed = |environment: &[(&str, &str)]| {
        let mut serving = Serving::initialized(&["--sandbox", "--mode", "full"], environment);
        let answer = serving.ask(&request(2, "tools/list", json!({})));
        answer["result"]["tools"].as_array().map(Vec::len)
    };
    assert_eq!(listed(&[("SAKI_MODE", "read-only")]), Some(11));
    assert_eq!(listed(&[]), Some(27));
}

#[test]
fn quiet_hours_apply_in_the_configured_time_zone() {
    let post = new_post("A").at("2030-01-01T23:30:00+09:00");
    let call = |zone: &str| {
        let arguments = [
            "call",
            "--quiet-hours",
            "22:00-07:00",
            "create_post",
            &post.to_string(),
        ];
        run(
            &arguments,
            &[("SAKI_SANDBOX", "1"), ("SAKI_TIMEZONE", zone)],
        )
    };
    let refused = call("Asia/Tokyo");
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .stderr
            .contains("Tue 1 Jan 2030, 23:30 (Asia/Tokyo)"),
        "{}",
        refused.stderr
    );
    assert!(
        refused
            .stderr
            .contains("again from Wed 2 Jan 2030, 07:00 (Asia/Tokyo)"),
        "{}",
        refused.stderr
    );
    let made: Value = serde_json::from_str(&call("Europe/Berlin").stdout).unwrap();
    assert_eq!(made["outcome"], "done");
}

#[test]
fn the_demo_ignores_the_limits() {
    let ended = run(&["demo"], &[("SAKI_MODE", "read-only")]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    stopped(&["demo"], &[("SAKI_MODE", "perhaps")], "say full");
}
