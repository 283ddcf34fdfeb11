//! Request ids and the line in the log that each call has, with the client as trusted proxies tell it.

use serde_json::json;

use crate::support::child_process::{Alone, Serving};
use crate::support::fixture_server::{call, json_of};
use crate::support::http_process::HttpProcess;

const PROXY: [&str; 2] = ["--trusted-proxy", "127.0.0.1"];

async fn id_of(request: reqwest::RequestBuilder) -> String {
    let response = request.send().await.unwrap();
    let ids: Vec<_> = response.headers().get_all("x-request-id").iter().collect();
    assert_eq!(ids.len(), 1);
    ids[0].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_answer_carries_an_id_of_its_own() {
    let server = HttpProcess::sandbox(&[]);
    let mut ids = Vec::new();
    for path in ["/healthz", "/readyz", "/", "/mcp", "/nothing"] {
        ids.push(id_of(server.get(path)).await);
        ids.push(id_of(server.get(path).header("host", "evil.example")).await);
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "{ids:#?}");
}

#[tokio::test]
async fn only_a_trusted_proxy_names_the_request() {
    let trusting = HttpProcess::sandbox(&PROXY);
    let doubting = HttpProcess::sandbox(&[]);
    let given = "proxy-7f/3.b";
    let with = |server: &HttpProcess, id: &str| server.get("/healthz").header("x-request-id", id);
    assert_eq!(id_of(with(&trusting, given)).await, given);
    assert_ne!(id_of(with(&doubting, given)).await, given);
    let long = "a".repeat(200);
    for ugly in ["", "a b", "a\"b", "a<b>", long.as_str()] {
        assert_ne!(id_of(with(&trusting, ugly)).await, ugly);
    }
}

#[tokio::test]
async fn a_failed_call_a_log_line_and_the_answer_share_the_id() {
    let mut server = HttpProcess::sandbox(&PROXY);
    let request = server
        .mcp(&call(1, "get_space", json!({"space_id": 77})))
        .header("x-request-id", "req-1")
        .header("x-forwarded-for", "198.51.100.7");
    let (_, answer) = json_of(request).await;
    assert_eq!(answer["result"]["isError"], true);
    assert_eq!(answer["result"]["_meta"]["request_id"], "req-1");
    let line = server.access_line();
    assert_eq!(line["request_id"], "req-1");
    assert_eq!(line["client"], "198.51.100.7");
    assert_eq!(line["tool"], "get_space");
    assert_eq!(line["outcome"], "failed");
    assert_eq!(line["class"], "rejected");
    assert_eq!(line["status"], 404);
    assert_eq!(line["level"], "INFO");
    assert!(line["timestamp"].is_string(), "{line}");

    let fine = server.mcp(&call(2, "list_spaces", json!({})));
    let (_, answer) = json_of(fine).await;
    assert!(answer["result"]["_meta"]["request_id"].is_null());
    let line = server.access_line();
    assert_eq!(
        (&line["outcome"], &line["status"]),
        (&json!("done"), &json!(200))
    );
    assert_eq!(line["client"], "127.0.0.1");
    assert!(line["class"].is_null());
}

#[tokio::test]
async fn a_client_that_no_proxy_vouches_for_cannot_name_itself() {
    let mut server = HttpProcess::sandbox(&[]);
    let request = server
        .mcp(&call(1, "list_spaces", json!({})))
        .header("x-forwarded-for", "198.51.100.7");
    json_of(request).await;
    assert_eq!(server.access_line()["client"], "127.0.0.1");
}

#[tokio::test]
async fn the_line_of_a_call_tells_its_outcome_and_its_retries() {
    let saki = Alone::start(&[]);
    let environment = [("SAKI_BASE_URL", &*saki.base_url), ("SAKI_API_KEY", "sk-1")];
    let mut server = HttpProcess::start(&[], &environment);
    saki.fault(&json!({"path": "/spaces", "kind": "status", "status": 503}))
        .await;
    json_of(server.mcp(&call(1, "list_spaces", json!({})))).await;
    let line = server.access_line();
    assert_eq!(line["outcome"], "done");
    assert_eq!(
        (&line["upstream_requests"], &line["retries"]),
        (&json!(2), &json!(1))
    );

    let draft = json!({"space_id": 1, "account_ids": [11], "publish": "draft", "content": "Hi"});
    let mut preview = draft.clone();
    preview["dry_run"] = json!(true);
    for (arguments, outcome) in [
        (&preview, "preview"),
        (&draft, "done"),
        (&draft, "replayed"),
    ] {
        json_of(server.mcp(&call(2, "create_post", arguments.clone()))).await;
        let line = server.access_line();
        assert_eq!(line["outcome"], outcome, "{line}");
    }
    json_of(server.mcp(&call(3, "no_such_tool", json!({})))).await;
    let line = server.access_line();
    assert_eq!(
        (&line["tool"], &line["outcome"]),
        (&json!("no_such_tool"), &json!("invalid_request"))
    );
}

// The client must go away while the test waits for the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_cancels_its_read() {
    let saki = Alone::start(&[]);
    saki.fault(&json!({"path": "/spaces", "kind": "delay", "ms": 60_000}))
        .await;
    let environment = [("SAKI_BASE_URL", &*saki.base_url), ("SAKI_API_KEY", "sk-1")];
    let mut server = HttpProcess::start(&[], &environment);
    let calling = tokio::spawn(server.mcp(&call(1, "list_spaces", json!({}))).send());
    saki.log(1).await;
    calling.abort();
    let line = server.access_line();
    assert_eq!(line["outcome"], "cancelled");
}

#[tokio::test]
async fn in_text_a_call_is_one_line_too() {
    let mut serving = Serving::start(&["http", "--bind", "127.0.0.1:0", "--sandbox"], &[]);
    let at = serving.logged_between("Streamable HTTP at http://", "/mcp");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = client
        .post(format!("http://{at}/mcp"))
        .header("accept", "application/json, text/event-stream")
        .json(&call(1, "list_spaces", json!({})));
    json_of(post).await;
    let line = serving.logged_between("INFO call ", "\n");
    assert!(
        line.contains("tool=\"list_spaces\" outcome=\"done\""),
        "{line}"
    );
}
