//! The `Host` and `Origin` rules, on every route of both HTTP transports.

use saki_mcp::transport::http::HttpOptions;
use serde_json::json;

use crate::support::fixture_server::{Server, add, initialize, json_of, text, within};

/// Each route with the status that a permitted request gets.
const ROUTES: [(&str, &str, u16); 6] = [
    ("POST", "/mcp", 200),
    ("GET", "/mcp", 405),
    ("GET", "/sse", 200),
    ("POST", "/message?sessionId=none", 404),
    ("GET", "/.well-known/x", 404),
    ("OPTIONS", "/mcp", 405),
];

async fn status_and_text(
    server: &Server,
    (method, path): (&str, &str),
    headers: &[(&'static str, &str)],
) -> (u16, String) {
    let url = format!("{}{path}", server.base);
    let mut request = server
        .client
        .request(method.parse().unwrap(), url)
        .header("content-type", "application/json")
        .header("accept", "*/*")
        .body(initialize("2025-11-25").to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = within(request.send()).await.unwrap();
    let status = response.status().as_u16();
    // The body of an open stream does not end.
    let text = if status == 403 {
        response.text().await.unwrap()
    } else {
        String::new()
    };
    (status, text)
}

#[tokio::test]
async fn a_foreign_host_is_refused_on_every_route_and_a_local_one_is_not() {
    let server = Server::start(HttpOptions::default()).await;
    for (method, path, usual) in ROUTES {
        for host in [
            "evil.example",
            "evil.example:8790",
            "localhost.evil.example",
        ] {
            let (status, text) = status_and_text(&server, (method, path), &[("host", host)]).await;
            assert_eq!(status, 403, "{method} {path} {host}");
            assert!(text.contains(&format!("--allowed-host {host}")), "{text}");
            let body: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(body["error"], "forbidden", "{method} {path}");
        }
        for host in ["localhost", "LOCALHOST:99", "127.0.0.1:1", "[::1]:8790"] {
            let (status, _) = status_and_text(&server, (method, path), &[("host", host)]).await;
            assert_eq!(status, usual, "{method} {path} {host}");
        }
    }
}

#[tokio::test]
async fn a_foreign_origin_is_refused_on_every_route_and_a_local_one_is_not() {
    let server = Server::start(HttpOptions::default()).await;
    for (method, path, usual) in ROUTES {
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost.evil.example",
        ] {
            let headers = [("origin", origin)];
            let (status, text) = status_and_text(&server, (method, path), &headers).await;
            assert_eq!(status, 403, "{method} {path} {origin}");
            let advice = format!("--allowed-origin {origin}");
            // `null` is the origin of many pages at once, so it cannot be allowed.
            assert_eq!(text.contains(&advice), origin != "null", "{text}");
        }
        for origin in [
            "http://localhost:6274",
            "https://127.0.0.1",
            "http://[::1]:1",
        ] {
            let headers = [("origin", origin)];
            let (status, _) = status_and_text(&server, (method, path), &headers).await;
            assert_eq!(status, usual, "{method} {path} {origin}");
        }
    }
}

#[tokio::test]
async fn an_allowed_name_is_let_in_and_its_neighbours_are_not() {
    let server = Server::start(HttpOptions {
        allowed_hosts: vec!["mcp.example.com".parse().unwrap()],
        allowed_origins: vec!["https://app.example.com".parse().unwrap()],
        ..HttpOptions::default()
    })
    .await;
    let good = [
        ("host", "mcp.example.com"),
        ("origin", "https://app.example.com"),
    ];
    assert_eq!(
        status_and_text(&server, ("POST", "/mcp"), &good).await.0,
        200
    );
    for bad in [
        [good[0], ("origin", "http://app.example.com")],
        [good[0], ("origin", "https://app.example.com:8443")],
        [("host", "x.mcp.example.com"), good[1]],
    ] {
        assert_eq!(
            status_and_text(&server, ("POST", "/mcp"), &bad).await.0,
            403,
            "{bad:?}"
        );
    }
    assert_eq!(
        text(&json_of(server.mcp(&add(1))).await.1),
        "5",
        "the defaults stay"
    );
}

#[tokio::test]
async fn a_web_page_may_read_answers_only_from_an_allowed_origin() {
    let server = Server::start(HttpOptions {
        allowed_origins: vec!["https://app.example.com".parse().unwrap()],
        ..HttpOptions::default()
    })
    .await;
    let preflight = |origin| {
        server
            .client
            .request(reqwest::Method::OPTIONS, format!("{}/mcp", server.base))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "content-type,mcp-protocol-version",
            )
            .send()
    };
    let named = preflight("https://app.example.com").await.unwrap();
    assert_eq!(named.status(), 204);
    assert_eq!(
        named.headers()["access-control-allow-origin"],
        "https://app.example.com"
    );
    assert_eq!(
        named.headers()["access-control-allow-headers"],
        "content-type,mcp-protocol-version"
    );
    let call = server
        .mcp(&add(1))
        .header("origin", "https://app.example.com");
    let called = call.send().await.unwrap();
    assert_eq!(
        called.headers()["access-control-allow-origin"],
        "https://app.example.com"
    );
    let readable = &called.headers()["access-control-expose-headers"];
    assert!(readable.to_str().unwrap().contains("mcp-session-id"));
    assert_eq!(text(&called.json().await.unwrap()), "5");

    for origin in ["http://localhost:3000", "https://evil.example"] {
        let refused = preflight(origin).await.unwrap();
        assert!(refused.status().is_client_error(), "{origin}");
        assert_eq!(refused.headers().get("access-control-allow-origin"), None);
    }
    let local = server
        .mcp(&add(1))
        .header("origin", "http://localhost:3000");
    let local = local.send().await.unwrap();
    assert_eq!(local.headers().get("access-control-allow-origin"), None);
    assert_eq!(
        local.json::<serde_json::Value>().await.unwrap()["id"],
        json!(1)
    );
}
