//! The limits that a request sets for itself: they add to those of the server, and are never misunderstood in silence.

use rstest::rstest;
use serde_json::json;

use crate::support::team_server::{Files, TeamServer};

#[tokio::test(flavor = "multi_thread")]
async fn headers_limit_one_request_and_the_list_of_tools_follows() {
    let server = TeamServer::start(Files::new(), &["sk-one"], &["--mode", "drafts-only"]).await;
    let all = server.tools(&[]).await;
    let reading = server.tools(&[("x-saki-mode", "read-only")]).await;
    assert!(all.contains(&"create_post".to_owned()));
    assert!(!reading.contains(&"create_post".to_owned()));
    // A wider mode than that of the server changes nothing.
    assert_eq!(server.tools(&[("x-saki-mode", "full")]).await, all);
    let posts = server
        .tools(&[
            ("x-saki-toolsets", "posts,media"),
            ("x-saki-mode", "read-only"),
        ])
        .await;
    assert_eq!(posts, ["get_post", "list_posts"]);
    let draft = json!({"account_ids": [11], "content": "Hello", "publish": "draft"});
    for limit in [
        ("x-saki-space", "2"),
        ("x-saki-accounts", "21"),
        ("x-saki-mode", "read-only"),
    ] {
        let refused = server.call(&[limit], "create_post", draft.clone()).await;
        refused.failed();
    }
    assert_eq!(
        server.saki.worlds["sk-one"]
            .log()
            .iter()
            .filter(|one| one.method != "GET")
            .count(),
        0
    );
    server
        .call(
            &[("x-saki-space", "1"), ("x-saki-accounts", "11")],
            "create_post",
            draft,
        )
        .await
        .ok();
}

#[rstest]
#[case("x-saki-mode", "careful", "say full, drafts-only or read-only")]
#[case("x-saki-toolsets", "post", "unknown toolset")]
#[case("x-saki-space", "Studio", "expected an id")]
#[case("x-saki-accounts", "11,x", "expected an id")]
#[case("x-saki-space", "9", "no space is left")]
#[case("x-saki-spaces", "1", "is not known")]
#[case("x-saki-mode", "", "limit nothing")]
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_is_not_understood_is_refused(
    #[case] header: &str,
    #[case] value: &str,
    #[case] says: &str,
) {
    let server = TeamServer::start(Files::new(), &["sk-one"], &["--space", "1"]).await;
    let refused = server
        .call(&[(header, value)], "list_spaces", json!({}))
        .await;
    let (word, sentence) = refused.refused(400);
    assert_eq!(word, "invalid_request");
    assert!(sentence.contains(says), "{sentence}");
    assert!(server.saki.take_seen().is_empty());
}
