//! Metrics, as Prometheus gets them.

use serde_json::json;

use crate::support::child_process::Alone;
use crate::support::fixture_server::{call, json_of};
use crate::support::http_process::HttpProcess;

const METRICS: [&str; 2] = ["--metrics-bind", "127.0.0.1:0"];

/// The metrics of a server whose address was logged before that of the server itself.
async fn metrics(server: &HttpProcess) -> String {
    let logged = server.serving.logged.join("\n");
    let at = logged.split_once("metrics at ").unwrap().1;
    let url = at.split('"').next().unwrap();
    let response = server.client.get(url).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let kind = response.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    response.text().await.unwrap()
}

fn has(text: &str, line: &str) {
    assert!(
        text.lines().any(|one| one == line),
        "{line} is not in\n{text}"
    );
}

#[tokio::test]
async fn calls_are_counted_by_tool_and_outcome() {
    let saki = Alone::start(&[]);
    saki.fault(&json!({"path": "/spaces", "kind": "status", "status": 503}))
        .await;
    let environment = [("SAKI_BASE_URL", &*saki.base_url), ("SAKI_API_KEY", "sk-1")];
    let arguments = [&METRICS[..], &["--mode", "read-only"]].concat();
    let server = HttpProcess::start(&arguments, &environment);
    let calls = [
        ("list_spaces", json!({})),
        ("list_spaces", json!({})),
        ("get_space", json!({"space_id": 77})),
        ("delete_space", json!({"space_id": 1})),
        ("rm -rf\n\"", json!({})),
    ];
    for (tool, arguments) in calls {
        json_of(server.mcp(&call(1, tool, arguments))).await;
    }
    let text = metrics(&server).await;
    for line in [
        r#"saki_mcp_calls_total{tool="list_spaces",outcome="done"} 2"#,
        r#"saki_mcp_calls_total{tool="get_space",outcome="failed"} 1"#,
        r#"saki_mcp_calls_total{tool="unknown",outcome="invalid_request"} 1"#,
        "saki_mcp_calls_in_flight 0",
        "saki_mcp_call_duration_seconds_count 5",
        r#"saki_mcp_upstream_requests_total{status="503"} 1"#,
        r#"saki_mcp_upstream_requests_total{status="404"} 1"#,
        "saki_mcp_upstream_retries_total 1",
        "saki_mcp_policy_refusals_total 1",
        "saki_mcp_panics_total 0",
        "# EOF",
    ] {
        has(&text, line);
    }
    assert!(!text.contains("sk-1"));
}

// The client must go away while the test waits for the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_in_flight_is_counted_as_one() {
    let saki = Alone::start(&[]);
    saki.fault(&json!({"path": "/spaces", "kind": "delay", "ms": 60_000}))
        .await;
    let environment = [("SAKI_BASE_URL", &*saki.base_url), ("SAKI_API_KEY", "sk-1")];
    let mut server = HttpProcess::start(&METRICS, &environment);
    let calling = tokio::spawn(server.mcp(&call(1, "list_spaces", json!({}))).send());
    saki.log(1).await;
    has(&metrics(&server).await, "saki_mcp_calls_in_flight 1");
    calling.abort();
    server.access_line();
    let text = metrics(&server).await;
    has(&text, "saki_mcp_calls_in_flight 0");
    has(
        &text,
        r#"saki_mcp_calls_total{tool="list_spaces",outcome="cancelled"} 1"#,
    );
}

#[tokio::test]
async fn metrics_are_only_where_they_were_asked_for() {
    let server = HttpProcess::sandbox(&METRICS);
    let (status, _) = json_of(server.get("/metrics")).await;
    assert_eq!(status, 404);
    let logged = server.serving.logged.join("\n");
    assert!(logged.contains("metrics at http://127.0.0.1:"), "{logged}");
    let without = HttpProcess::sandbox(&[]);
    assert!(!without.serving.logged.join("\n").contains("metrics at"));
}
