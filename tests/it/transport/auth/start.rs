//! What the server demands before it starts, and what it lets in without any way to log in.

use rstest::rstest;
use serde_json::json;

use crate::support::child_process::{Serving, run};
use crate::support::team_server::{Files, TeamServer, new_token};

#[rstest]
#[case("0.0.0.0:0")]
#[case("[::]:0")]
#[case("192.0.2.7:0")]
fn an_open_address_needs_a_way_to_log_in(#[case] bind: &str) {
    let ended = run(&["--sandbox", "http", "--bind", bind], &[]);
    assert_eq!(ended.code, 2);
    for flag in [
        "--auth-tokens",
        "--oauth-issuer",
        "--key-from-header",
        "--insecure-no-auth",
    ] {
        assert!(ended.stderr.contains(flag), "{}", ended.stderr);
    }
}

#[test]
fn a_public_address_needs_a_way_to_log_in() {
    let ended = run(
        &[
            "--sandbox",
            "http",
            "--public-url",
            "https://mcp.example.com",
        ],
        &[],
    );
    assert_eq!(ended.code, 2);
    for words in [
        "https://mcp.example.com",
        "--auth-tokens",
        "leave out --public-url",
    ] {
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
}

#[rstest]
#[case(&["--key-from-header"])]
#[case(&["--insecure-no-auth"])]
fn an_open_address_with_a_login_or_a_promise_is_served(#[case] flags: &[&str]) {
    let all = [&["--sandbox", "http", "--bind", "0.0.0.0:0"], flags].concat();
    let mut serving = Serving::start(&all, &[]);
    serving.logged_between("Streamable HTTP at ", "/mcp");
    let warns = serving
        .logged
        .iter()
        .any(|line| line.contains("can post in your name"));
    assert_eq!(
        warns,
        flags == ["--insecure-no-auth"],
        "{:?}",
        serving.logged
    );
}

#[rstest]
#[case("http://localhost:8790", &[], false)]
#[case("https://[::1]:8443", &[], false)]
#[case("https://saki.example.com", &["--insecure-no-auth"], true)]
fn a_public_url_of_this_machine_is_not_open_and_another_is(
    #[case] url: &str,
    #[case] flags: &[&str],
    #[case] warns: bool,
) {
    let all = [
        "--sandbox",
        "http",
        "--bind",
        "127.0.0.1:0",
        "--public-url",
        url,
    ];
    let mut serving = Serving::start(&[&all, flags].concat(), &[]);
    serving.logged_between("Streamable HTTP at ", "/mcp");
    let logged = serving.logged.concat();
    assert_eq!(logged.contains("can post in your name"), warns, "{logged}");
}

#[rstest]
#[case(&[], "every call fails")]
#[case(&["--key-from-header"], "every call of somebody without a key of their own fails")]
fn the_warning_about_a_missing_key_says_whose_calls_fail(
    #[case] flags: &[&str],
    #[case] says: &str,
) {
    let all = [&["http", "--bind", "127.0.0.1:0"], flags].concat();
    let mut serving = Serving::start(&all, &[]);
    serving.logged_between("Streamable HTTP at ", "/mcp");
    let log = serving.logged.join("\n");
    assert!(log.contains(says), "{log}");
}

#[test]
fn keys_of_principals_need_principals() {
    let ended = run(&["--sandbox", "http", "--keys", "keys"], &[]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("--auth-tokens"), "{}", ended.stderr);
}

#[test]
fn a_promise_of_no_login_contradicts_a_login() {
    let ended = run(
        &[
            "--sandbox",
            "http",
            "--insecure-no-auth",
            "--key-from-header",
        ],
        &[],
    );
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("contradicts"), "{}", ended.stderr);
}

#[test]
fn a_login_that_a_client_left_unfilled_stops_the_start() {
    let ended = run(
        &["--sandbox", "http", "--bind", "127.0.0.1:0"],
        &[("SAKI_AUTH_TOKENS", "${user_config.tokens}")],
    );
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("SAKI_AUTH_TOKENS"),
        "{}",
        ended.stderr
    );
}

#[rstest]
#[case("anna: saki_mcp_abcdef", "line 1: this is the token itself")]
#[case("\nanna HASH", "line 2: expected `name: hash`")]
#[case(
    "anna: HASH mode=careful",
    "line 1: mode=careful is not understood: say full, drafts-only or read-only"
)]
#[case("anna: HASH colour=red", "line 1: colour=red is no limit that exists")]
#[case("anna: HASH key=x", "line 1: key=x needs the flag --keys")]
#[case("anna: HASH confirm=perhaps", "line 1: confirm=perhaps")]
fn a_bad_token_file_stops_the_start_and_names_the_line(#[case] text: &str, #[case] says: &str) {
    let files = Files::new();
    let path = files.write("tokens", &text.replace("HASH", &"0".repeat(64)));
    let ended = run(
        &[
            "--sandbox",
            "http",
            "--bind",
            "127.0.0.1:0",
            "--auth-tokens",
            &path,
        ],
        &[],
    );
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains(says), "{}", ended.stderr);
    assert!(!ended.stderr.contains("saki_mcp_abcdef"));
}

#[cfg(unix)]
#[test]
fn files_that_others_may_change_or_keys_that_others_may_read_stop_the_start() {
    use std::os::unix::fs::PermissionsExt;
    let files = Files::new();
    let key = files.write("anna.key", "sk-anna-1");
    let keys = files.write("keys", &format!("anna: {key}\n"));
    let tokens = files.write("tokens", "");
    let start = || {
        run(
            &[
                "--sandbox",
                "http",
                "--bind",
                "127.0.0.1:0",
                "--keys",
                &keys,
                "--auth-tokens",
                &tokens,
            ],
            &[],
        )
    };
    let open = |path: &str, mode| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    open(&key, 0o644);
    let ended = start();
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("line 1") && ended.stderr.contains("chmod"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("sk-anna-1"));
    open(&key, 0o600);
    open(&keys, 0o666);
    let ended = start();
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("chmod"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_this_machine_nobody_logs_in_until_a_way_is_configured() {
    let open = TeamServer::start(Files::new(), &["sk-one"], &[]).await;
    open.call(&[], "list_spaces", json!({})).await.ok();
    assert_eq!(open.saki.take_seen(), ["Bearer sk-one"]);

    let anna = new_token(&["anna"]);
    let files = Files::new();
    let path = files.write("tokens", &anna.line);
    let closed = TeamServer::start(files, &["sk-one"], &["--auth-tokens", &path]).await;
    let refused = closed.call(&[], "list_spaces", json!({})).await;
    assert_eq!(refused.refused(401).0, "unauthorized");
    let healthy = closed.get("/healthz").send().await.unwrap();
    assert_eq!(healthy.status(), 200);
    assert!(closed.saki.take_seen().is_empty());
}
