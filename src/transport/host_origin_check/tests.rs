use super::*;

fn check(hosts: &[&str], origins: &[&str]) -> HostOriginCheck {
    HostOriginCheck {
        hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
        origins: origins
            .iter()
            .map(|origin| origin.parse().unwrap())
            .collect(),
    }
}

#[test]
fn loopback_names_are_allowed_on_any_port_and_others_are_not() {
    let check = check(&[], &[]);
    for host in [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1:8790",
        "[::1]",
        "[::1]:80",
    ] {
        assert!(check.allows_host(host), "{host}");
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "evil.example:80",
        "::1",
        "localhost:x",
        "localhost:99999",
        "localhost/",
        "",
        ":80",
        "0.0.0.0",
    ] {
        assert!(!check.allows_host(host), "{host}");
    }
}

#[test]
fn loopback_origins_are_allowed_over_http_only() {
    let check = check(&[], &[]);
    for origin in [
        "http://localhost:6274",
        "https://127.0.0.1",
        "http://[::1]:3000",
    ] {
        assert!(check.allows_origin(origin), "{origin}");
        assert!(!check.lists_origin(origin), "{origin}");
    }
    for origin in [
        "null",
        "",
        "localhost",
        "http://evil.example",
        "file://",
        "ftp://localhost",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "http://localhost/path",
    ] {
        assert!(!check.allows_origin(origin), "{origin}");
    }
}

#[test]
fn a_host_without_a_port_means_every_port_and_a_port_only_itself() {
    let check = check(&["mcp.example.com", "other.example:8443"], &[]);
    assert!(check.allows_host("mcp.example.com") && check.allows_host("MCP.example.com:1"));
    assert!(check.allows_host("other.example:8443"));
    assert!(!check.allows_host("other.example:8444") && !check.allows_host("other.example"));
    assert!(
        check.allows_host("localhost:1"),
        "the lists extend the defaults"
    );
}

#[test]
fn an_origin_without_a_port_means_the_scheme_s_own() {
    let check = check(
        &[],
        &[
            "https://app.example.com",
            "http://dev.example:*",
            "http://p.example:8080",
        ],
    );
    for origin in [
        "https://app.example.com",
        "https://app.example.com:443",
        "HTTPS://APP.example.com",
        "http://dev.example",
        "http://dev.example:99",
        "http://p.example:8080",
    ] {
        assert!(check.lists_origin(origin), "{origin}");
    }
    for origin in [
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://dev.example",
        "http://p.example",
        "https://sub.app.example.com",
    ] {
        assert!(!check.allows_origin(origin), "{origin}");
    }
}

#[test]
fn entries_of_another_kind_are_refused() {
    for host in [
        "",
        "*",
        "https://example.com",
        "example.com/",
        "a b",
        "example.com:",
    ] {
        assert!(host.parse::<AllowedHost>().is_err(), "{host}");
    }
    for origin in [
        "",
        "*",
        "null",
        "example.com",
        "https://",
        "https://example.com/",
        "://x",
    ] {
        let error = origin.parse::<AllowedOrigin>().unwrap_err();
        assert!(
            error.to_string().contains("https://app.example.com"),
            "{error}"
        );
    }
}
