//! Streamable HTTP at `/mcp`, and what every route of the HTTP server has in common.

use saki_mcp::transport::http::HttpOptions;
use serde_json::json;

use crate::support::fixture_server::{
    Events, MODERN, OLDER, Server, add, call, initialize, json_of, modern, request, taken, text,
    within,
};

const LIMIT: usize = 16 * 1024 * 1024;

async fn started() -> Server {
    Server::start(HttpOptions::default()).await
}

#[tokio::test]
async fn every_older_revision_is_negotiated_and_its_calls_are_answered() {
    let server = started().await;
    for version in OLDER {
        let response = server.mcp(&initialize(version)).send().await.unwrap();
        assert_eq!(
            response.headers().get("mcp-session-id"),
            None,
            "no sessions"
        );
        let answer: serde_json::Value = response.json().await.unwrap();
        assert_eq!(answer["result"]["protocolVersion"], version);
        let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        assert_eq!(server.mcp(&note).send().await.unwrap().status(), 202);
        let called = server.mcp(&add(1)).header("mcp-protocol-version", version);
        assert_eq!(text(&json_of(called).await.1), "5");
    }
    assert_eq!(
        text(&json_of(server.mcp(&add(2))).await.1),
        "5",
        "without the header"
    );
}

#[tokio::test]
async fn the_modern_revision_is_discovered_and_called_without_a_handshake() {
    let server = started().await;
    let discover = modern(request(1, "server/discover", json!({})));
    let (status, answer) = json_of(server.mcp(&discover)).await;
    let versions = answer["result"]["supportedVersions"].as_array().unwrap();
    assert!(
        status == 200 && versions.contains(&json!(MODERN)),
        "{answer}"
    );
    let (status, answer) = json_of(server.mcp(&modern(add(2)))).await;
    assert_eq!((status, text(&answer)), (200, "5"));
}

#[tokio::test]
async fn an_accept_header_that_is_missing_or_takes_anything_is_completed() {
    let server = started().await;
    let body = add(1).to_string();
    for accept in [
        "*/*",
        "text/html, */*;q=0.8",
        "application/json, text/event-stream",
    ] {
        let request = server.post("/mcp", body.clone()).header("accept", accept);
        assert_eq!(text(&json_of(request).await.1), "5", "{accept}");
    }
    let refused = server
        .post("/mcp", body.clone())
        .header("accept", "text/html");
    let (status, answer) = json_of(refused).await;
    assert_eq!(
        (status, &answer["error"]["code"], &answer["id"]),
        (406, &json!(-32600), &json!(1))
    );

    // reqwest always sends the header, so this one is written by hand.
    let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json";
    let raw = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let answer = raw_exchange(&server, &raw).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains(r#""text":"5""#),
        "{answer}"
    );
}

async fn raw_exchange(server: &Server, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = server.base.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

#[tokio::test]
async fn a_body_that_is_not_json_rpc_gets_an_error_with_the_reason() {
    let server = started().await;
    for (body, code, id) in [
        ("", -32700, json!(null)),
        ("hello", -32700, json!(null)),
        ("{\"jsonrpc\":", -32700, json!(null)),
        ("[]", -32600, json!(null)),
        ("{\"a\":1}", -32600, json!(null)),
        ("7", -32600, json!(null)),
        (
            r#"{"id":4,"method":"tools/list","result":1}"#,
            -32600,
            json!(4),
        ),
    ] {
        let request = server.post("/mcp", body).header("accept", "*/*");
        let (status, answer) = json_of(request).await;
        assert_eq!(
            (status, &answer["error"]["code"], &answer["id"]),
            (400, &json!(code), &id),
            "{body}"
        );
    }
    let request = server
        .post("/mcp", b"\"\xff\"".to_vec())
        .header("accept", "*/*");
    assert_eq!(json_of(request).await.1["error"]["code"], -32700);
    assert_eq!(text(&json_of(server.mcp(&add(1))).await.1), "5");
}

#[tokio::test]
async fn rmcp_s_own_refusals_reach_the_client_as_json_rpc_errors() {
    let server = started().await;
    let unknown = server
        .mcp(&add(1))
        .header("mcp-protocol-version", "1999-01-01");
    let (status, answer) = json_of(unknown).await;
    assert_eq!((status, &answer["id"]), (400, &json!(1)));
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("1999-01-01")
    );
    let plain = server.client.post(format!("{}/mcp", server.base));
    let plain = plain
        .header("content-type", "text/plain")
        .body(add(1).to_string());
    let (status, answer) = json_of(plain).await;
    assert_eq!((status, &answer["error"]["code"]), (415, &json!(-32600)));
}

#[tokio::test]
async fn an_mcp_header_on_an_older_request_is_not_refused() {
    let server = started().await;
    let begun = server
        .mcp(&initialize("2025-11-25"))
        .header("mcp-method", "initialize");
    assert_eq!(
        json_of(begun).await.1["result"]["protocolVersion"],
        "2025-11-25"
    );
    let odd = server.mcp(&add(1)).header("mcp-method", "something/else");
    assert_eq!(text(&json_of(odd.header("mcp-name", "x")).await.1), "5");
}

#[tokio::test]
async fn a_get_or_delete_of_the_endpoint_is_refused_at_once() {
    let server = started().await;
    let get = server
        .get("/mcp")
        .header("accept", "application/json, text/event-stream");
    let response = within(get.send()).await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "POST");
    let delete = server.client.delete(format!("{}/mcp", server.base));
    assert_eq!(within(delete.send()).await.unwrap().status(), 405);
}

#[tokio::test]
async fn unknown_paths_are_plainly_not_found_and_health_is() {
    let server = started().await;
    for path in [
        "/",
        "/.well-known/oauth-protected-resource/mcp",
        "/mcp/x",
        "/healthz/",
    ] {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert!(
            !response.headers()["content-type"]
                .to_str()
                .unwrap()
                .contains("html")
        );
    }
    assert_eq!(
        json_of(server.get("/healthz")).await,
        (200, json!({"status": "ok"}))
    );
}

#[tokio::test]
async fn a_body_up_to_16_mib_is_read_and_a_larger_one_is_refused() {
    let server = started().await;
    let body = |length: usize| {
        let message = add(1).to_string();
        format!("{message}{}", " ".repeat(length - message.len()))
    };
    let fits = server.post("/mcp", body(LIMIT)).header("accept", "*/*");
    assert_eq!(text(&json_of(fits).await.1), "5");
    let (status, answer) = json_of(server.post("/mcp", body(LIMIT + 1))).await;
    assert_eq!((status, &answer["error"]["code"]), (413, &json!(-32600)));
}

#[tokio::test]
async fn a_call_that_reports_progress_is_streamed_before_it_ends() {
    let server = started().await;
    let mut call = call(1, "progress", json!({}));
    call["params"]["_meta"] = json!({"progressToken": "p"});
    let post = server
        .post("/mcp", call.to_string())
        .header("accept", "*/*");
    let mut events = Events::open(post).await;
    assert_eq!(events.message().await["params"]["progressToken"], "p");
    server.fixture.release.add_permits(1);
    assert_eq!(text(&events.message().await), "finished");
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_disconnect_cancels_the_call_and_a_staying_client_does_not() {
    let server = started().await;
    let calling = tokio::spawn(server.mcp(&call(1, "wait", json!({}))).send());
    taken(&server.fixture.entered).await;
    calling.abort();
    taken(&server.fixture.cancelled).await;

    let calling = tokio::spawn(json_of(server.mcp(&call(2, "wait", json!({})))));
    taken(&server.fixture.entered).await;
    server.fixture.release.add_permits(1);
    assert_eq!(text(&calling.await.unwrap().1), "released");
}
