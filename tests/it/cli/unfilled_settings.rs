//! Settings that a client passes on without filling them in: harmless ones count as not set, limits stop the start.

use rstest::rstest;
use serde_json::json;

use crate::cli::settings::stopped;
use crate::support::child_process::{Ended, run};
use crate::support::media_files::picture;

#[rstest]
#[case("SAKI_TIMEZONE", "${user_config.timezone}")]
#[case("SAKI_TIMEZONE", "undefined")]
#[case("SAKI_TIMEZONE", "null")]
#[case("SAKI_TIMEZONE", " ")]
#[case("SAKI_TIMEZONE", "NULL")]
#[case("SAKI_TIMEZONE", "None")]
#[case("SAKI_TIMEZONE", "\"\"")]
#[case("SAKI_TIMEZONE", "\"${user_config.timezone}\"")]
#[case("SAKI_TIMEZONE", "{{timezone}}")]
#[case("SAKI_TIMEZONE", "$SAKI_TIMEZONE")]
#[case("SAKI_TIMEZONE", "%SAKI_TIMEZONE%")]
#[case("SAKI_TIMEZONE", "(null)")]
#[case("SAKI_TIMEZONE", "\u{a0}\u{200b}")]
#[case("SAKI_NAME", "[object Object]")]
#[case("SAKI_TIMEOUT", "${input:timeout}")]
#[case("SAKI_BASE_URL", "undefined")]
#[case("SAKI_LOG", "null")]
#[case("SAKI_API_KEY_FILE", "${env:KEY_FILE}")]
#[case("SAKI_ALLOW_PRIVATE_URLS", "${user_config.private}")]
#[case("SAKI_BIND", " ")]
fn a_harmless_setting_counts_as_not_set_with_one_warning(#[case] name: &str, #[case] value: &str) {
    let ended = run(&["--sandbox", "call", "list_spaces"], &[(name, value)]);
    assert_eq!(ended.code, 0, "{ended:#?}");
    let said = format!("the client left {name} unfilled");
    assert_eq!(ended.stderr.matches(&said).count(), 1, "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[rstest]
#[case("SAKI_CONFIRM", "${user_config.confirm}")]
#[case("SAKI_MODE", "undefined")]
#[case("SAKI_SPACE", "${user_config.space}")]
#[case("SAKI_ACCOUNTS", "null")]
#[case("SAKI_MIN_LEAD", " ")]
#[case("SAKI_MAX_LIVE_PER_HOUR", "${MAX}")]
#[case("SAKI_TOOLS", "${user_config.tools}")]
#[case("SAKI_TOOLSETS", "undefined")]
#[case("SAKI_EXCLUDE_TOOLS", "null")]
#[case("SAKI_QUIET_HOURS", "${user_config.quiet}")]
#[case("SAKI_SANDBOX", "${user_config.sandbox}")]
#[case("SAKI_MODE", "None")]
#[case("SAKI_SPACE", "{{space}}")]
#[case("SAKI_CONFIRM", "''")]
#[case("SAKI_CONFIRM", "\u{200b}")]
#[case("SAKI_MODE", "(null)")]
fn a_limit_stops_the_start_and_names_what_was_left_unfilled(
    #[case] name: &str,
    #[case] value: &str,
) {
    let said = format!("the client left {name} unfilled: its value is {value:?}");
    for command in ["stdio", "http", "tools"] {
        stopped(&[command], &[(name, value)], &said);
    }
    let help = run(&["--help"], &[(name, value)]);
    assert_eq!(help.code, 0);
}

#[test]
fn an_unfilled_flag_is_treated_like_its_variable() {
    for arguments in [
        &["--timezone", "${user_config.timezone}"][..],
        &["--timeout=undefined"],
        &["--api-key-file", "null"],
        &["--timezone", ""],
        &["--timezone", "Undefined"],
    ] {
        let ended = run(
            &[&["--sandbox", "call", "list_spaces"], arguments].concat(),
            &[],
        );
        assert_eq!(ended.code, 0, "{ended:#?}");
        assert!(ended.stderr.contains("unfilled"), "{}", ended.stderr);
    }
    let placeholder = "${user_config.x}";
    for flag in ["--confirm", "--mode", "--space", "--max-live-per-hour"] {
        stopped(&["tools", flag, placeholder], &[], placeholder);
    }
}

/// An upload of a picture in the home directory, where these folders may be read.
fn upload_from_home(media_dir: &str, arguments: &[&str]) -> (Ended, String) {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("Pictures")).unwrap();
    for place in ["a.png", "Pictures/a.png"] {
        std::fs::write(home.path().join(place), picture(100)).unwrap();
    }
    let home = home.path().to_str().unwrap();
    let call = ["--sandbox", "call", "upload_media"];
    let path = arguments.first().copied().unwrap_or("~/a.png");
    let asked = json!({"path": path}).to_string();
    let media_dir = media_dir.replace("HOME_DIR", home);
    let environment = [("HOME", home), ("SAKI_MEDIA_DIR", media_dir.as_str())];
    let ended = run(&[&call[..], &[asked.as_str()]].concat(), &environment);
    (ended, home.to_owned())
}

#[test]
fn an_unfilled_media_folder_opens_no_folder_and_not_the_home() {
    for value in [
        "${user_config.folders}",
        "${input:folders}",
        "undefined",
        "null",
        " ",
        "''",
        "{{folders}}",
    ] {
        let (ended, home) = upload_from_home(value, &[]);
        assert_eq!(ended.code, 1, "{value}: {}", ended.stdout);
        assert!(
            ended.stderr.contains("no file is read by path"),
            "{}",
            ended.stderr
        );
        assert!(
            !ended.stderr.contains(&format!("({home}")),
            "{}",
            ended.stderr
        );
    }
    assert_eq!(upload_from_home("", &[]).0.code, 0);
}

#[test]
fn a_media_folder_that_is_away_is_a_warning_and_opens_nothing_else() {
    let away = "the media directory /Volumes/Stick does not exist";
    let (ended, _) = upload_from_home("HOME_DIR/Pictures:/Volumes/Stick", &["~/Pictures/a.png"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains(away), "{}", ended.stderr);
    for value in [
        "/Volumes/Stick",
        "HOME_DIR/Pictures:/Volumes/Stick",
        "HOME_DIR/Pictures:${user_config.more}",
    ] {
        let (ended, _) = upload_from_home(value, &["~/a.png"]);
        assert_eq!(ended.code, 1, "{value}: {}", ended.stdout);
        assert!(
            ended.stderr.contains("does not exist. No file"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn blanks_quotes_and_an_end_without_a_folder_do_not_hide_a_media_folder() {
    for value in [
        "\"HOME_DIR/Pictures\"",
        " HOME_DIR/Pictures\n",
        "HOME_DIR/Pictures:",
    ] {
        let (ended, _) = upload_from_home(value, &["~/Pictures/a.png"]);
        assert_eq!(ended.code, 0, "{value}: {}", ended.stderr);
        assert_eq!(ended.stderr, "", "{value}");
        assert_eq!(upload_from_home(value, &["~/a.png"]).0.code, 1, "{value}");
    }
}

#[test]
fn a_path_may_begin_with_the_variable_of_the_home_directory() {
    for path in [
        "$HOME/a.png",
        "${HOME}/Pictures/a.png",
        "%USERPROFILE%/a.png",
        "$env:HOME/a.png",
        "\"$HOME/a.png\"",
        "file://~/a.png",
    ] {
        let (ended, _) = upload_from_home("HOME_DIR", &[path]);
        assert_eq!(ended.code, 0, "{path}: {}", ended.stderr);
        assert!(ended.stdout.contains("a.png"), "{path}: {}", ended.stdout);
    }
}

#[test]
fn a_media_folder_may_lie_in_the_home_directory_by_its_variable() {
    for value in ["~/Pictures", "$HOME/Pictures", "${HOME}/Pictures"] {
        let (ended, _) = upload_from_home(value, &["~/Pictures/a.png"]);
        assert_eq!(ended.code, 0, "{value}: {}", ended.stderr);
    }
}
