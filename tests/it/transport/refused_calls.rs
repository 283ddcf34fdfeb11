//! Calls that no handler sees because the transport refuses them: the log, the audit log and the metrics tell of them.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::fixture_server::{Events, call};
use crate::support::team_server::{Files, Reply, TeamServer, new_token};
use crate::support::token_issuer::{Issuer, IssuerKey};

const RESOURCE: &str = "https://saki.example.com/mcp";

fn draft() -> Value {
    json!({"space_id": 1, "account_ids": [11], "publish": "draft", "content": "Planted text"})
}

struct Audited {
    server: TeamServer,
    audit: PathBuf,
}

impl Audited {
    async fn start(files: Files, flags: &[&str]) -> Self {
        let audit = files.path("audit.jsonl");
        let flags = [flags, &["--audit-log", audit.to_str().unwrap()]].concat();
        let server = TeamServer::start(files, &["sk-team-9d1f"], &flags).await;
        Self { server, audit }
    }

    /// The lines of the audit log: principal, tool, outcome, class and limit.
    fn lines(&self) -> Vec<[String; 5]> {
        let text = std::fs::read_to_string(&self.audit).unwrap();
        assert!(!text.contains("Planted"), "{text}");
        let lines = text.lines().map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            ["principal", "tool", "outcome", "class", "policy"]
                .map(|field| line[field].as_str().unwrap_or_default().to_owned())
        });
        lines.collect()
    }
}

fn refused(principal: &str, tool: &str, limit: &str) -> [String; 5] {
    [principal, tool, "failed", "not_sent", limit].map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_beyond_the_scope_is_in_both_logs_and_a_read_not_in_the_audit_log() {
    let key = IssuerKey::new("one");
    let issuer = Issuer::start(&[&key]).await;
    let flags = [
        "--oauth-issuer",
        &issuer.url,
        "--public-url",
        "https://saki.example.com",
    ];
    let audited = Audited::start(Files::new(), &flags).await;
    let token = key.sign(&issuer.claims(RESOURCE, "anna", "saki:read"));
    let anna = format!("subject/{}/anna", issuer.url);
    let write = audited.server.call_as(&token, "create_post", draft()).await;
    assert_eq!(write.status, 403, "{write:?}");
    let batch = json!([
        call(1, "list_spaces", json!({})),
        call(2, "mcp__saki__delete_post", json!({"post_id": 7})),
    ]);
    let refusal = audited.server.post_as(&token, &batch.to_string()).await;
    assert_eq!(refusal.status, 403, "{refusal:?}");
    audited
        .server
        .call_as(&token, "list_spaces", json!({}))
        .await
        .ok();
    assert_eq!(
        audited.lines(),
        [
            refused(&anna, "create_post", "scope saki:read"),
            refused(&anna, "delete_post", "scope saki:read"),
        ]
    );
    let log = audited.server.log();
    assert!(log.contains("tool=\"delete_post\" outcome=\"failed\" class=\"not_sent\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_beyond_the_limits_of_its_principal_is_in_the_audit_log() {
    let anna = new_token(&["anna"]);
    let files = Files::new();
    let tokens = files.write("tokens", &anna.line);
    let flags = ["--auth-tokens", &tokens, "--max-calls-per-principal", "1"];
    let audited = Audited::start(files, &flags).await;
    let server = &audited.server;
    let bearer = format!("Bearer {}", anna.token);
    let mut stream = Events::open(server.get("/sse").bearer_auth(&anna.token)).await;
    let (_, address) = stream.next().await.unwrap();
    let send = |headers: &'static [(&str, &str)], message: Value| {
        let headers = [headers, &[("authorization", bearer.as_str())]].concat();
        let address = address.clone();
        async move { server.send(&address, &headers, &message).await }
    };
    let two = json!([
        call(1, "create_post", draft()),
        call(2, "list_spaces", json!({})),
    ]);
    assert_eq!(send(&[], two).await.status, 400);
    let read_only: Reply = server
        .call(
            &[("authorization", &bearer), ("x-saki-mode", "read-only")],
            "delete_post",
            json!({"post_id": 7}),
        )
        .await;
    assert!(read_only.failed().contains("read-only"));
    assert_eq!(
        audited.lines(),
        [
            refused("token/anna", "create_post", "calls in one batch"),
            refused("token/anna", "delete_post", "--mode read-only"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_what_was_called_where_it_looks_like_a_tool() {
    let server = TeamServer::start(Files::new(), &["sk-team-9d1f"], &["--mode=read-only"]).await;
    for name in [
        "delete_post",
        "no_such_tool",
        "forged\nline",
        "sk-team-9d1f",
    ] {
        server.call(&[], name, json!({})).await;
    }
    let log = server.log();
    for (tool, outcome) in [
        ("delete_post", "failed"),
        ("no_such_tool", "invalid_request"),
        ("unknown", "invalid_request"),
    ] {
        let line = format!("tool=\"{tool}\" outcome=\"{outcome}\"");
        assert!(log.contains(&line), "{line}: {log}");
    }
    let calls = log.lines().filter(|line| line.contains("INFO call "));
    let calls: Vec<_> = calls.collect();
    assert_eq!(calls.len(), 4, "{log}");
    for hidden in ["forged", "9d1f"] {
        assert!(!calls.iter().any(|line| line.contains(hidden)), "{log}");
    }
}
