//! The page at `/`, as a browser gets it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::http_process::HttpProcess;
use crate::support::team_server::{Files, new_token};

async fn page(request: reqwest::RequestBuilder) -> String {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}

#[tokio::test]
async fn the_page_tells_how_to_connect_to_the_address_that_was_opened() {
    let server = HttpProcess::sandbox(&[]);
    let html = page(server.get("/")).await;
    let address = format!("{}/mcp", server.base);
    for snippet in [
        format!("claude mcp add -s user --transport http saki-sandbox {address}"),
        format!("\"saki-sandbox\": {{ \"url\": \"{address}\" }}"),
        format!("\"type\": \"http\", \"url\": \"{address}\""),
    ] {
        assert!(html.contains(&snippet), "{snippet}");
    }
    assert!(html.contains(concat!("saki-mcp ", env!("CARGO_PKG_VERSION"))));
    assert!(!html.contains("{{"), "a place is not filled in");
    let by_name = server.get("/").header("host", "localhost:8790");
    assert!(page(by_name).await.contains("http://localhost:8790/mcp"));
    let foreign = server.get("/").header("host", "evil.example").send().await;
    assert_eq!(foreign.unwrap().status(), 403);
}

#[tokio::test]
async fn the_page_loads_nothing_and_runs_only_its_own_script() {
    let server = HttpProcess::sandbox(&[]);
    let response = server.get("/").send().await.unwrap();
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    let policy = policy.to_owned();
    let html = response.text().await.unwrap();
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for element in ["style", "script"] {
        let start = format!("<{element}>");
        let inside = html.split(&start).nth(1).unwrap();
        let inside = inside.split(&format!("</{element}>")).next().unwrap();
        let hash = BASE64_STANDARD.encode(Sha256::digest(inside));
        assert!(
            policy.contains(&format!("{element}-src 'sha256-{hash}'")),
            "{element}: {policy}"
        );
    }
    for loads in [" src=", "<link", "@import", "url(", " style=", " onclick="] {
        assert!(!html.contains(loads), "{loads}");
    }
}

#[tokio::test]
async fn the_address_is_the_public_one_or_that_of_a_trusted_proxy() {
    let public = HttpProcess::sandbox(&[
        "--public-url",
        "https://mcp.example.com/saki/",
        "--insecure-no-auth",
    ]);
    let html = page(public.get("/").header("host", "mcp.example.com")).await;
    assert!(html.contains("https://mcp.example.com/saki/mcp"));

    for (arguments, scheme) in [
        (&["--trusted-proxy", "127.0.0.0/8"][..], "https"),
        (&["--trusted-proxy", "10.0.0.0/8"], "http"),
        (&[], "http"),
    ] {
        let server = HttpProcess::sandbox(arguments);
        let request = server
            .get("/")
            .header("host", "localhost")
            .header("x-forwarded-proto", "https");
        let html = page(request).await;
        let address = format!(">{scheme}://localhost/mcp<");
        assert!(html.contains(&address), "{arguments:?}");
    }
}

#[tokio::test]
async fn the_older_transport_is_offered_only_where_it_is_served() {
    let plain = HttpProcess::sandbox(&[]);
    assert!(page(plain.get("/")).await.contains("/sse<"));
    let oauth = HttpProcess::sandbox(&["--oauth-issuer", "http://127.0.0.1:9"]);
    let html = page(oauth.get("/")).await;
    assert!(!html.contains("/sse"), "{html}");
}

#[tokio::test]
async fn the_snippets_carry_the_headers_that_a_client_needs() {
    let files = Files::new();
    let tokens = files.write("tokens", &new_token(&["anna"]).line);
    let token = ["Authorization", "Bearer YOUR-TOKEN"];
    let key = ["X-Saki-Api-Key", "YOUR-SAKI-KEY"];
    let oauth = ["--oauth-issuer", "http://127.0.0.1:9"];
    let all: [(&[&str], &[[&str; 2]]); 5] = [
        (&[], &[]),
        (&["--auth-tokens", &tokens], &[token]),
        (&["--key-from-header"], &[key]),
        (
            &["--key-from-header", "--auth-tokens", &tokens],
            &[token, key],
        ),
        (&oauth, &[]),
    ];
    for (flags, headers) in all {
        let server = HttpProcess::sandbox(flags);
        let html = page(server.get("/")).await;
        let address = format!("{}/mcp", server.base);
        let each = |form: &dyn Fn(&[&str; 2]) -> String, separator: &str| {
            headers.iter().map(form).collect::<Vec<_>>().join(separator)
        };
        let shell = each(
            &|[name, value]| format!(" --header \"{name}: {value}\""),
            "",
        );
        for command in [
            "claude mcp add -s user --transport",
            "gemini mcp add -s user -t",
        ] {
            let whole = format!("{command} http saki-sandbox {address}{shell}</pre>");
            assert!(html.contains(&whole), "{flags:?}: {whole}");
        }
        let expected: Value = headers
            .iter()
            .map(|[name, value]| (*name, json!(value)))
            .collect();
        let none = json!({});
        let snippet = |id: &str| {
            let after = html.split(&format!("<pre id=\"{id}\">")).nth(1).unwrap();
            after.split("</pre>").next().unwrap().to_owned()
        };
        for (id, servers) in [("cursor", "mcpServers"), ("vs-code", "servers")] {
            let entry: Value = serde_json::from_str(&snippet(id)).unwrap();
            let entry = &entry[servers]["saki-sandbox"];
            assert_eq!(entry["url"], address);
            assert_eq!(entry.get("headers").unwrap_or(&none), &expected);
        }
        let codex: toml_edit::DocumentMut = snippet("codex").parse().unwrap();
        let codex = &codex["mcp_servers"]["saki-sandbox"];
        for [name, value] in headers {
            assert_eq!(codex["http_headers"][name].as_str(), Some(*value));
        }
        assert_eq!(codex.get("http_headers").is_none(), headers.is_empty());
        let remote: Value = serde_json::from_str(&snippet("mcp-remote")).unwrap();
        let remote = &remote["mcpServers"]["saki-sandbox"];
        let arguments = remote["args"].to_string();
        for [name, value] in headers {
            let (_, variable) = arguments.split_once(&format!("\"{name}:${{")).unwrap();
            let (variable, _) = variable.split_once('}').unwrap();
            assert_eq!(remote["env"][variable], *value);
        }
        // The apps of Claude cannot send a header.
        assert_eq!(html.contains("claude-web"), headers.is_empty(), "{flags:?}");
        assert!(!html.contains("{{") && !html.contains("<!-- "), "{html}");
    }
}

#[tokio::test]
async fn beside_a_login_the_page_says_where_a_token_goes() {
    let files = Files::new();
    let tokens = files.write("tokens", &new_token(&["anna"]).line);
    let flags = [
        "--oauth-issuer",
        "http://127.0.0.1:9",
        "--auth-tokens",
        &tokens,
    ];
    let server = HttpProcess::sandbox(&flags);
    let html = page(server.get("/")).await;
    assert!(html.contains("leads you to the login"), "{html}");
    assert!(html.contains(&format!("<code>{}/key/mcp</code>", server.base)));
}
