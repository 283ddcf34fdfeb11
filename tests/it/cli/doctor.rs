//! Doctor in a sound world and in broken ones: each names the cause and the fix.

use serde_json::{Value, json};

use crate::support::child_process::{Alone, Ended, run};
use crate::support::corporate_proxy::{CorporateProxy, ProxyAnswer};

/// A key that must never be seen whole.
const PLANTED: &str = "sk-planted-7f3a9c-0001";
const KEY: (&str, &str) = ("SAKI_API_KEY", PLANTED);
const ZONE: (&str, &str) = ("SAKI_TIMEZONE", "Europe/Berlin");

fn doctor(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let home = tempfile::tempdir().unwrap();
    let home = ("HOME", home.path().to_str().unwrap());
    let environment = [&[home, ZONE][..], environment].concat();
    let ended = run(&[&["doctor"], arguments].concat(), &environment);
    let seen = format!("{}{}", ended.stdout, ended.stderr);
    assert!(!seen.contains("planted"), "{seen}");
    ended
}

/// A broken world: a ✗ with this cause, and a fix in the line below it.
fn broken(world: &str, environment: &[(&str, &str)], subject: &str, cause: &str, fix: &str) {
    let ended = doctor(&[], environment);
    eprintln!("=== {world}\n{}", ended.stdout);
    assert_eq!(ended.code, 1, "{world}: {ended:#?}");
    let mut lines = ended.stdout.lines();
    let named = lines.find(|line| line.starts_with(&format!("✗ {subject}")));
    let named = named.unwrap_or_else(|| panic!("{world}: no ✗ {subject}: {}", ended.stdout));
    assert!(named.contains(cause), "{world}: {named}");
    let next = lines.next().unwrap_or_default();
    assert!(next.trim().starts_with('→'), "{world}: {next}");
    assert!(next.contains(fix), "{world}: {next}");
}

#[test]
fn the_sandbox_is_in_order_and_counted() {
    let ended = doctor(&["--sandbox"], &[]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    for word in [
        "✓ saki-mcp",
        "✓ limits",
        "27 tools",
        "✓ time zone",
        "Europe/Berlin",
        "✓ key",
        "✓ saki ",
        "✓ spaces",
        "✓ plan",
    ] {
        assert!(ended.stdout.contains(word), "{word}: {}", ended.stdout);
    }
    assert!(!ended.stdout.contains('✗'), "{}", ended.stdout);
}

#[test]
fn a_sound_world_shows_the_source_of_the_key_and_exits_with_0() {
    let saki = Alone::start(&["--key", PLANTED]);
    let ended = doctor(&[], &[KEY, ("SAKI_BASE_URL", &saki.base_url)]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    for word in ["****0001", "SAKI_API_KEY", "✓ clock", "✓ tcp"] {
        assert!(ended.stdout.contains(word), "{word}: {}", ended.stdout);
    }
}

#[test]
fn the_json_has_the_same_findings_and_no_secret() {
    let saki = Alone::start(&["--key", "sk-another"]);
    let ended = doctor(&["--json"], &[KEY, ("SAKI_BASE_URL", &saki.base_url)]);
    assert_eq!(ended.code, 1);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["problems"], 1, "{report}");
    let checks = report["checks"].as_array().unwrap();
    let wrong = checks.iter().find(|check| check["status"] == "problem");
    let wrong = wrong.unwrap();
    assert_eq!(wrong["subject"], "saki");
    assert!(wrong["fix"].as_str().unwrap().contains("auth set"));
}

#[test]
fn without_a_key_and_with_one_that_cannot_be_one_the_next_step_is_named() {
    let saki = Alone::start(&[]);
    let base = ("SAKI_BASE_URL", saki.base_url.as_str());
    broken("no key", &[base], "key", "there is no API key", "auth set");
    let left = ("SAKI_API_KEY", "${SAKI_API_KEY}");
    broken(
        "an unfilled key",
        &[base, left],
        "key",
        "SAKI_API_KEY",
        "remove SAKI_API_KEY from the entry",
    );
    let bearer = ("SAKI_API_KEY", "Bearer sk-planted");
    broken(
        "a key with Bearer",
        &[base, bearer],
        "key",
        "Bearer",
        "auth set",
    );
    let file = ("SAKI_API_KEY_FILE", "/no/such/key");
    broken(
        "a file that is gone",
        &[base, file],
        "key",
        "does not exist",
        "SAKI_API_KEY_FILE",
    );
}

#[test]
fn a_wrong_key_is_told_from_one_without_rights() {
    let saki = Alone::start(&["--key", "sk-another"]);
    let base = ("SAKI_BASE_URL", saki.base_url.as_str());
    broken(
        "wrong key",
        &[base, KEY],
        "saki",
        "401",
        "put it into SAKI_API_KEY",
    );
}

/// A Saki whose list of spaces is answered by a fault.
async fn faulty(fault: Value) -> Alone {
    let saki = Alone::start(&[]);
    let mut all = json!({"path": "/spaces", "count": 100});
    let more = fault.as_object().unwrap().clone();
    all.as_object_mut().unwrap().extend(more);
    saki.fault(&all).await;
    saki
}

#[tokio::test]
async fn a_key_without_rights_is_named() {
    let saki = faulty(json!({"kind": "status", "status": 403})).await;
    let base = ("SAKI_BASE_URL", saki.base_url.as_str());
    broken(
        "key without rights",
        &[base, KEY],
        "saki",
        "no right",
        "create a key with access",
    );
}

#[tokio::test]
async fn an_address_that_answers_html_is_named() {
    let saki = faulty(json!({"kind": "html"})).await;
    let base = ("SAKI_BASE_URL", saki.base_url.as_str());
    broken(
        "base URL that answers HTML",
        &[base, KEY],
        "saki",
        "web page",
        "SAKI_BASE_URL",
    );
    let page = json!({"kind": "status", "status": 404, "body": "<html>not here</html>"});
    let saki = faulty(page).await;
    let base = ("SAKI_BASE_URL", saki.base_url.as_str());
    broken(
        "a page that is not there",
        &[base, KEY],
        "saki",
        "404",
        "SAKI_BASE_URL",
    );
}

#[tokio::test]
async fn a_clock_two_hours_off_is_named() {
    for (hours, side) in [(2, "behind"), (-2, "ahead of")] {
        let then = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours);
        let date = then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let spaces = json!({"data": [{"id": 1, "name": "Acme"}]});
        let fault =
            json!({"kind": "status", "status": 200, "headers": {"Date": date}, "body": spaces});
        let saki = faulty(fault).await;
        let base = ("SAKI_BASE_URL", saki.base_url.as_str());
        let cause = format!("2.0 hours {side}");
        broken(
            "clock two hours off",
            &[base, KEY],
            "clock",
            &cause,
            "automatic time",
        );
    }
}

#[test]
fn a_host_without_an_address_and_a_port_without_a_server_are_named() {
    let base = ("SAKI_BASE_URL", "https://saki.invalid/api");
    broken(
        "no DNS",
        &[base, KEY],
        "dns",
        "saki.invalid",
        "SAKI_BASE_URL",
    );
    let base = ("SAKI_BASE_URL", "http://127.0.0.1:9/api");
    broken(
        "nobody listens",
        &[base, KEY],
        "tcp",
        "port 9",
        "SAKI_BASE_URL",
    );
}

#[test]
fn an_unknown_authority_is_named_and_accepted_once_it_is_known() {
    let saki = Alone::start(&[]);
    let network = CorporateProxy::before(&saki.base_url, ProxyAnswer::Tunnel);
    let base_url = format!("https://localhost:{}/api", network.site_port);
    let base = ("SAKI_BASE_URL", base_url.as_str());
    broken(
        "TLS by an unknown authority",
        &[base, KEY],
        "tls",
        "does not know",
        "--ca-cert",
    );
    let authority = network.authority.to_str().unwrap();
    let known = doctor(&[], &[base, KEY, ("SAKI_CA_CERT", authority)]);
    assert_eq!(known.code, 0, "{}", known.stdout);
    assert!(known.stdout.contains("✓ tls"), "{}", known.stdout);
    let file = ("SAKI_CA_CERT", "/no/such/ca.pem");
    broken(
        "no such file",
        &[base, KEY, file],
        "certificates",
        "/no/such/ca.pem",
        "--ca-cert",
    );
    let proxied = [
        ("SAKI_BASE_URL", "https://saki.test/api"),
        ("SAKI_CA_CERT", authority),
        KEY,
    ];
    let proxy = format!("http://{}", network.proxy);
    let through = doctor(&[], &[&proxied[..], &[("HTTPS_PROXY", &proxy)]].concat());
    assert_eq!(through.code, 0, "{}", through.stdout);
    assert!(through.stdout.contains("✓ proxy"), "{}", through.stdout);
}

#[test]
fn a_proxy_that_refuses_is_named_without_its_password() {
    let base = ("SAKI_BASE_URL", "https://saki.test/api");
    let nobody = ("HTTPS_PROXY", "http://me:planted@127.0.0.1:9");
    broken(
        "proxy that is not there",
        &[base, KEY, nobody],
        "proxy",
        "127.0.0.1:9",
        "HTTPS_PROXY",
    );
    let saki = Alone::start(&[]);
    for (answer, credentials, cause, fix) in [
        (ProxyAnswer::Forbidden, "", "403", "allow this host"),
        (
            ProxyAnswer::TunnelFor("Basic no="),
            "",
            "wants credentials",
            "user:password@",
        ),
        (
            ProxyAnswer::TunnelFor("Basic no="),
            "me:planted@",
            "refuses these credentials",
            "user:password@",
        ),
    ] {
        let network = CorporateProxy::before(&saki.base_url, answer);
        let proxy = format!("http://{credentials}{}", network.proxy);
        let environment = [base, KEY, ("HTTPS_PROXY", proxy.as_str())];
        broken("proxy refused", &environment, "proxy", cause, fix);
    }
}

#[test]
fn limits_that_leave_nothing_and_limits_without_a_value_are_named() {
    let saki = Alone::start(&[]);
    let base = ("SAKI_BASE_URL", saki.base_url.as_str());
    for (limits, subject, cause, fix) in [
        (&[("SAKI_SPACE", "77")][..], "spaces", "77", "SAKI_SPACE"),
        (
            &[("SAKI_ACCOUNTS", "777")],
            "accounts",
            "777",
            "SAKI_ACCOUNTS",
        ),
        (
            &[
                ("SAKI_TOOLS", "list_posts"),
                ("SAKI_EXCLUDE_TOOLS", "list_posts"),
            ],
            "limits",
            "no tool is left",
            "correct the limits",
        ),
        (
            &[("SAKI_MODE", "${user_config.mode}")],
            "environment",
            "SAKI_MODE",
            "correct or remove",
        ),
        (
            &[("SAKI_SPACES", "1")],
            "environment",
            "SAKI_SPACE",
            "correct or remove",
        ),
    ] {
        let environment = [&[base, KEY], limits].concat();
        broken(
            "a limit that leaves nothing",
            &environment,
            subject,
            cause,
            fix,
        );
    }
    let contradicting = doctor(&["--space", "2"], &[base, KEY, ("SAKI_SPACE", "1")]);
    assert_eq!(contradicting.code, 1);
    assert!(
        contradicting.stdout.contains("no space is left"),
        "{}",
        contradicting.stdout
    );
    let allowed = doctor(&["--space", "1", "--mode", "read-only"], &[base, KEY]);
    assert_eq!(allowed.code, 0, "{}", allowed.stdout);
    assert!(
        allowed
            .stdout
            .contains("in force: --mode read-only, --space 1"),
        "{}",
        allowed.stdout
    );
}

#[tokio::test]
async fn a_saki_that_never_answers_does_not_keep_the_doctor() {
    let saki = faulty(json!({"kind": "delay", "ms": 60_000})).await;
    let base = ("SAKI_BASE_URL", saki.base_url.as_str());
    let ended = doctor(&[], &[base, KEY]);
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    assert!(ended.stdout.contains("✗ saki"), "{}", ended.stdout);
}
