//! The binary and its key: where it comes from, what is said without one, and that it never shows.

use std::fs;

use rstest::rstest;
use serde_json::json;

use crate::cli::settings::stopped;
use crate::support::child_process::{Alone, Serving, run};
use crate::support::fixture_server::{call, json_of, request, text};
use crate::support::http_process::HttpProcess;
use crate::support::post_arguments::new_post;

/// A key that must never be seen anywhere.
const PLANTED: &str = "sk-planted-7f3a9c";

#[test]
fn without_a_key_tools_are_listed_and_a_call_says_how_to_set_one() {
    let mut serving = Serving::initialized(&[], &[]);
    let list = serving.ask(&request(1, "tools/list", json!({})));
    assert_eq!(list["result"]["tools"].as_array().unwrap().len(), 27);
    let answer = serving.ask(&call(2, "list_spaces", json!({})));
    assert_eq!(answer["result"]["isError"], true);
    assert!(
        text(&answer).contains("SAKI_API_KEY") && text(&answer).contains("Settings > API"),
        "{answer}"
    );
    serving.close_input();
    assert_eq!(serving.ended().code(), Some(0));
}

#[rstest]
#[case("YOUR_API_KEY", "placeholder")]
#[case("Bearer sk-1", "Bearer")]
#[case("two words", "space")]
fn an_implausible_key_is_explained_at_the_start_and_by_every_call(
    #[case] key: &str,
    #[case] why: &str,
) {
    let mut serving = Serving::initialized(&[], &[("SAKI_API_KEY", key)]);
    let answer = serving.ask(&call(1, "list_spaces", json!({})));
    assert_eq!(answer["result"]["isError"], true);
    assert!(text(&answer).contains(why), "{answer}");
    serving.close_input();
    assert_eq!(serving.ended().code(), Some(0));
    let log = serving.logged.join("\n");
    assert!(log.contains(why), "{log}");
    assert!(
        !log.contains(key) && !answer.to_string().contains(key),
        "{log}\n{answer}"
    );
}

#[test]
fn a_key_comes_from_a_file_too_and_is_trimmed() {
    let saki = Alone::start(&["--key", PLANTED]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    fs::write(&path, format!("  {PLANTED}\n")).unwrap();
    let path = path.to_str().unwrap();
    let base = ("SAKI_BASE_URL", saki.base_url.as_str());
    for (arguments, environment) in [
        (vec!["--api-key-file", path], vec![base]),
        (vec![], vec![base, ("SAKI_API_KEY_FILE", path)]),
        (vec![], vec![base, ("SAKI_API_KEY", PLANTED)]),
        // The file is named on purpose, a variable may be left over.
        (
            vec!["--api-key-file", path],
            vec![base, ("SAKI_API_KEY", "sk-old")],
        ),
    ] {
        let ended = run(
            &[arguments, vec!["call", "list_spaces"]].concat(),
            &environment,
        );
        assert_eq!(ended.code, 0, "{ended:#?}");
    }
    let other = run(
        &["call", "list_spaces"],
        &[base, ("SAKI_API_KEY", "sk-other")],
    );
    assert_eq!(other.code, 1);
    assert!(other.stderr.contains("401"), "{}", other.stderr);
}

#[test]
fn a_file_that_holds_no_key_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large");
    fs::write(&large, vec![b'x'; 20_000]).unwrap();
    let binary = folder.path().join("binary");
    fs::write(&binary, b"\xff\xfe\x00").unwrap();
    for (path, said) in [
        (folder.path(), "API key file"),
        (&large, "too large for a key"),
        (&binary, "API key file"),
    ] {
        stopped(&["--api-key-file", path.to_str().unwrap()], &[], said);
    }
}

#[test]
fn a_key_is_read_from_a_file_however_an_editor_saved_it() {
    let saki = Alone::start(&["--key", PLANTED]);
    let utf16 = |unit: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    };
    let marked = format!("\u{feff}{PLANTED}\r\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let call = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let file = ("SAKI_API_KEY_FILE", path.to_str().unwrap());
        let base = ("SAKI_BASE_URL", saki.base_url.as_str());
        run(&["call", "list_spaces"], &[base, file])
    };
    for bytes in [
        marked.clone().into_bytes(),
        utf16(u16::to_le_bytes, &marked),
        utf16(u16::to_be_bytes, &marked),
        utf16(u16::to_le_bytes, PLANTED),
        format!("SAKI_API_KEY={PLANTED}\n").into_bytes(),
        format!("\"{PLANTED}\"\n").into_bytes(),
        format!("# my key\n\n{PLANTED}\n").into_bytes(),
        format!("SAKI_API_KEY: {PLANTED}\n").into_bytes(),
        format!("SAKI_KEY = {PLANTED}\n").into_bytes(),
        format!("export SAKI_TOKEN='{PLANTED}';\n").into_bytes(),
        format!("$env:SAKI_API_KEY = \"{PLANTED}\"\r\n").into_bytes(),
        utf16(
            u16::to_le_bytes,
            &format!("\u{feff}set SAKI_API_KEY={PLANTED}\r\n"),
        ),
        format!("# the key of the shop\r\nexport SAKI_API_KEY='{PLANTED}'\r\nOTHER=1\r\n")
            .into_bytes(),
    ] {
        let ended = call(&bytes);
        assert_eq!(ended.code, 0, "{bytes:?}: {}", ended.stderr);
    }
    for (text, said) in [
        (format!("{{\"key\": \"{PLANTED}\"}}"), "is JSON or RTF"),
        (format!("{{\\rtf1 {PLANTED}}}"), "is JSON or RTF"),
        (format!("{PLANTED}\n{PLANTED}"), "a line break"),
        (format!("Bearer {PLANTED}"), "Bearer"),
        (format!("Authorization: Bearer {PLANTED}"), "Bearer"),
        (format!("name,{PLANTED} key"), "a space"),
        (format!("\"{PLANTED}"), "a quotation mark"),
    ] {
        let ended = call(text.as_bytes());
        assert_eq!(ended.code, 1, "{said}");
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
        assert!(!ended.stderr.contains("planted"), "{}", ended.stderr);
    }
}

#[test]
fn a_key_with_quotes_or_a_name_around_it_is_taken_and_a_401_mentions_such_text() {
    let saki = Alone::start(&["--key", PLANTED]);
    let base = ("SAKI_BASE_URL", saki.base_url.as_str());
    for key in [
        format!("\"{PLANTED}\""),
        format!(" {PLANTED}\t"),
        format!("SAKI_API_KEY={PLANTED}"),
    ] {
        let ended = run(&["call", "list_spaces"], &[base, ("SAKI_API_KEY", &key)]);
        assert_eq!(ended.code, 0, "{key}: {}", ended.stderr);
    }
    let more = format!("key-is-{PLANTED}");
    let ended = run(&["call", "list_spaces"], &[base, ("SAKI_API_KEY", &more)]);
    assert!(
        ended.stderr.contains("more was copied with it"),
        "{ended:#?}"
    );
}

/// Everything that a server and its client can see of a server with this key, over good calls and bad ones.
fn seen_with(key: &str, base_url: &str, level: &str) -> String {
    let environment = [
        ("SAKI_API_KEY", key),
        ("SAKI_BASE_URL", base_url),
        ("SAKI_LOG", level),
    ];
    let mut serving = Serving::initialized(&[], &environment);
    serving.ask(&request(1, "tools/list", json!({})));
    let calls = [
        ("list_spaces", json!({})),
        ("get_space", json!({"space_id": 77})),
        ("create_space", json!({})),
        ("get_post", json!({"space_id": 1, "post_id": "x"})),
        ("create_post", new_post("A").draft()),
        (
            "upload_media",
            json!({"data": crate::support::example_calls::PIXEL}),
        ),
    ];
    // All at once: where nobody answers, each of them is tried again for some seconds.
    let count = calls.len();
    for (id, (tool, arguments)) in (2..).zip(calls) {
        serving.send(&call(id, tool, arguments));
    }
    (0..count).for_each(|_| drop(serving.answer()));
    let command_line = fs::read(format!("/proc/{}/cmdline", serving.id())).unwrap_or_default();
    serving.close_input();
    serving.ended();
    let command_line = String::from_utf8_lossy(&command_line).into_owned();
    [
        serving.said.join("\n"),
        serving.logged.join("\n"),
        command_line,
    ]
    .join("\n")
}

#[test]
fn a_key_never_shows_in_answers_logs_or_the_command_line() {
    let good = Alone::start(&["--key", PLANTED]);
    let refusing = Alone::start(&["--key", "sk-another"]);
    let nobody = "http://127.0.0.1:9/api".to_owned();
    std::thread::scope(|all| {
        for level in ["error", "info", "debug", "trace"] {
            for base_url in [&good.base_url, &refusing.base_url, &nobody] {
                all.spawn(move || {
                    let seen = seen_with(PLANTED, base_url, level);
                    assert!(seen.contains("2025-11-25"));
                    assert!(
                        !seen.contains(PLANTED) && !seen.contains("planted"),
                        "{level} {base_url}"
                    );
                });
            }
        }
    });
}

#[test]
fn a_refused_start_does_not_repeat_the_key() {
    for (arguments, environment) in [
        (
            vec!["--base-url", "https://sk-planted-7f3a9c@saki.example/api"],
            vec![],
        ),
        (
            vec![
                "--base-url",
                "https://saki.example/api?key=sk-planted-7f3a9c",
            ],
            vec![],
        ),
        (
            vec![],
            vec![(
                "SAKI_BASE_URL",
                "https://me:sk-planted-7f3a9c@saki.example/api",
            )],
        ),
    ] {
        let ended = run(&arguments, &environment);
        assert_eq!(ended.code, 2, "{ended:#?}");
        assert!(!ended.stderr.contains("planted"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_401_names_where_the_key_comes_from_and_only_to_its_owner() {
    let saki = Alone::start(&["--key", PLANTED]);
    let base = ("SAKI_BASE_URL", saki.base_url.as_str());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old-key");
    fs::write(&path, "sk-other-1").unwrap();
    let path = path.to_str().unwrap();
    for (more, origin) in [
        (("SAKI_API_KEY_FILE", path), format!("the file {path}")),
        (
            ("SAKI_API_KEY", "sk-other-1"),
            "the variable SAKI_API_KEY".to_owned(),
        ),
    ] {
        let refused = run(&["call", "list_spaces"], &[base, more]);
        let said = format!("puts it where this one comes from: {origin}.");
        assert!(refused.stderr.contains(&said), "{}", refused.stderr);
    }
    let server = HttpProcess::start(&[], &[base, ("SAKI_API_KEY_FILE", path)]);
    let (_, answer) = json_of(server.mcp(&call(1, "list_spaces", json!({})))).await;
    assert!(text(&answer).contains("401"), "{answer}");
    assert!(!text(&answer).contains("old-key"), "{answer}");
}
