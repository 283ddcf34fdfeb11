//! The keys of the authorization server: rotation, outages, and metadata that is not to be trusted.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;

use crate::support::child_process::run;
use crate::support::team_server::{Files, TeamServer};
use crate::support::token_issuer::{Issuer, IssuerKey};

async fn server(issuer: &Issuer) -> (TeamServer, String) {
    // As many calls of one principal at a time as these tests make.
    let flags = [
        "--oauth-issuer",
        &issuer.url,
        "--max-calls-per-principal=20",
    ];
    let server = TeamServer::start(Files::new(), &["sk-one"], &flags).await;
    let resource = format!("{}/mcp", server.base);
    (server, resource)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_fetched_once_and_the_withdrawn_one_ends() {
    let (old, new) = (IssuerKey::new("old"), IssuerKey::new("new"));
    let issuer = Issuer::start(&[&old]).await;
    let (server, resource) = server(&issuer).await;
    let claims = issuer.claims(&resource, "anna", "saki:read");
    let (by_old, by_new) = (old.sign(&claims), new.sign(&claims));
    server.call_as(&by_old, "list_spaces", json!({})).await.ok();
    let before = issuer.key_fetches();
    issuer.publish(&[&new]);
    let calls = (0..20).map(|_| server.call_as(&by_new, "list_spaces", json!({})));
    for reply in join_all(calls).await {
        reply.ok();
    }
    assert_eq!(issuer.key_fetches(), before + 1);
    server
        .call_as(&by_old, "list_spaces", json!({}))
        .await
        .refused(401);
    // Whoever makes key ids up causes no more than one fetch a minute.
    for kid in ["a", "b", "c"] {
        let unknown = IssuerKey::new(kid).sign(&claims);
        server
            .call_as(&unknown, "list_spaces", json!({}))
            .await
            .refused(401);
    }
    assert_eq!(issuer.key_fetches(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_starts_without_the_issuer_and_says_that_it_cannot_check() {
    let key = IssuerKey::new("one");
    let issuer = Issuer::start(&[&key]).await;
    issuer.set_away(true);
    let (server, resource) = server(&issuer).await;
    let token = key.sign(&issuer.claims(&resource, "anna", "saki:read"));
    let away = server.call_as(&token, "list_spaces", json!({})).await;
    assert_eq!(away.refused(503).0, "temporarily_unavailable");
    assert!(!away.header("retry-after").is_empty());
    issuer.set_away(false);
    server.until(&token, 200).await;
    // Known keys outlive an outage.
    issuer.set_away(true);
    let unknown = IssuerKey::new("two").sign(&issuer.claims(&resource, "anna", ""));
    server
        .call_as(&unknown, "list_spaces", json!({}))
        .await
        .refused(401);
    server.call_as(&token, "list_spaces", json!({})).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_with_the_name_of_another_issuer_is_not_used() {
    let key = IssuerKey::new("one");
    let issuer = Issuer::start(&[&key]).await;
    issuer.rename("https://another.example.com");
    let (server, resource) = server(&issuer).await;
    let token = key.sign(&issuer.claims(&resource, "anna", "saki:read"));
    server
        .call_as(&token, "list_spaces", json!({}))
        .await
        .refused(503);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(issuer.key_fetches(), 0);
}

#[test]
fn an_issuer_elsewhere_needs_https() {
    for issuer in [
        "http://id.example.com",
        "id.example.com",
        "https://id.example.com?x=1",
    ] {
        let ended = run(
            &[
                "--sandbox",
                "http",
                "--bind",
                "127.0.0.1:0",
                "--oauth-issuer",
                issuer,
            ],
            &[],
        );
        assert_eq!(ended.code, 2, "{issuer}");
        assert!(ended.stderr.contains("--oauth-issuer"), "{}", ended.stderr);
    }
}
