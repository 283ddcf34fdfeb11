//! TLS, with certificates of an authority that only the test knows.

use std::path::Path;

use serde_json::json;

use crate::support::child_process::{Serving, run};
use crate::support::fixture_server::{call, json_of, within};
use crate::support::test_authority::TestAuthority;

fn serving(certificate: &Path, key: &Path) -> (Serving, String) {
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let arguments = [
        "http",
        "--bind",
        "127.0.0.1:0",
        "--tls-cert",
        certificate,
        "--tls-key",
        key,
        "--sandbox",
    ];
    let mut serving = Serving::start(&arguments, &[]);
    let at = serving.logged_between("https://", "/mcp");
    (serving, at)
}

/// Whether a client of this authority is served.
async fn serves(authority: &TestAuthority, at: &str) -> bool {
    let request = authority.client().get(format!("https://{at}/healthz"));
    within(request.send()).await.is_ok()
}

/// Waits until a client of this authority is served.
async fn comes_to_serve(authority: &TestAuthority, at: &str) {
    for _ in 0..600 {
        if serves(authority, at).await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the new certificate is not served");
}

#[tokio::test]
async fn calls_are_answered_over_tls_and_plain_http_is_told_where_to_go() {
    let (authority, stranger) = (TestAuthority::new(), TestAuthority::new());
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = authority.issue(directory.path());
    let (_serving, at) = serving(&certificate, &key);
    let post = authority
        .client()
        .post(format!("https://{at}/mcp"))
        .header("accept", "application/json, text/event-stream")
        .json(&call(1, "list_spaces", json!({})));
    let (status, answer) = json_of(post).await;
    assert_eq!(status, 200);
    assert_eq!(answer["result"]["structuredContent"]["data"][0]["id"], 1);
    assert!(!serves(&stranger, &at).await);

    let plain = reqwest::Client::builder().no_proxy().build().unwrap();
    let (status, body) = json_of(plain.get(format!("http://{at}/healthz"))).await;
    assert_eq!((status, &body["error"]), (400, &json!("https_only")));
}

#[tokio::test]
async fn a_changed_certificate_is_served_without_a_restart() {
    let (first, second) = (TestAuthority::new(), TestAuthority::new());
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = first.issue(directory.path());
    let (mut serving, at) = serving(&certificate, &key);
    assert!(serves(&first, &at).await);

    std::fs::write(&certificate, "-----BEGIN CERTIFICATE-----\nbroken").unwrap();
    serving.logged_between(
        "the certificate cannot be used, so the earlier one ",
        " in use",
    );
    assert!(serves(&first, &at).await);

    second.issue(directory.path());
    comes_to_serve(&second, &at).await;
    assert!(!serves(&first, &at).await);
}

#[cfg(unix)]
#[tokio::test]
async fn sighup_reads_the_certificate_anew_and_ends_nothing() {
    let (first, second) = (TestAuthority::new(), TestAuthority::new());
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = first.issue(directory.path());
    let (mut serving, at) = serving(&certificate, &key);
    second.issue(directory.path());
    serving.hang_up();
    comes_to_serve(&second, &at).await;
    serving.terminate();
    assert_eq!(serving.ended().code(), Some(0));
}

#[test]
fn a_certificate_that_cannot_be_used_stops_the_start_and_is_named() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let authority = TestAuthority::new();
    let (certificate, key) = authority.issue(one.path());
    let (_, other_key) = authority.issue(other.path());
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let away = one.path().join("away.pem");
    for (certificate, key, expected) in [
        (&certificate, &other_key, "cannot be used together"),
        (&away, &key, "cannot read"),
        (&key, &key, "holds no certificate"),
        (&certificate, &certificate, "holds no private key"),
    ] {
        let (certificate, key) = (path(certificate), path(key));
        let arguments = [
            "http",
            "--sandbox",
            "--bind",
            "127.0.0.1:0",
            "--tls-cert",
            &certificate,
            "--tls-key",
            &key,
        ];
        let ended = run(&arguments, &[]);
        assert_eq!(ended.code, 1, "{expected}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        assert!(
            ended.stderr.contains(one.path().to_str().unwrap()),
            "{}",
            ended.stderr
        );
    }
    let alone = run(&["http", "--tls-cert", &path(&certificate)], &[]);
    assert_eq!(alone.code, 2);
    assert!(alone.stderr.contains("--tls-key"), "{}", alone.stderr);
}
