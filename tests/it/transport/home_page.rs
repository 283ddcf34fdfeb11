//! The page at `/`, as a browser gets it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::support::http_process::HttpProcess;

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
