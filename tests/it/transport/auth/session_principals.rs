//! Sessions and principals: a session is no credential, belongs to who began it, and keeps to the limits of its headers.

use serde_json::{Value, json};

use crate::support::fixture_server::{call, initialize};
use crate::support::team_server::{Files, NewToken, Reply, TeamServer, new_token, reply};
use crate::support::token_issuer::{Issuer, IssuerKey};

async fn team(flags: &[&str]) -> (TeamServer, [NewToken; 2]) {
    let tokens = [new_token(&["anna"]), new_token(&["ben"])];
    let files = Files::new();
    let lines = files.write("tokens", &[&*tokens[0].line, &tokens[1].line].join("\n"));
    let flags = [&["--auth-tokens", &lines, "--sessions"], flags].concat();
    let server = TeamServer::start(files, &["sk-one"], &flags).await;
    (server, tokens)
}

async fn begin(server: &TeamServer, token: &str, headers: &[(&str, &str)]) -> Reply {
    let mut post = server
        .post("/mcp", &initialize("2025-11-25"))
        .bearer_auth(token);
    for (name, value) in headers {
        post = post.header(*name, *value);
    }
    reply(post).await
}

/// A call in a session, whose answer is read as JSON.
async fn call_in(
    server: &TeamServer,
    session: &str,
    token: Option<&str>,
    tool: &str,
    arguments: Value,
) -> Reply {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = client
        .post(format!("{}/mcp", server.base))
        .header("accept", "application/json")
        .header("mcp-session-id", session)
        .json(&call(1, tool, arguments));
    reply(match token {
        Some(token) => post.bearer_auth(token),
        None => post,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_another_principal_is_no_session() {
    let (server, [anna, ben]) = team(&[]).await;
    let begun = begin(&server, &anna.token, &[]).await;
    let session = begun.header("mcp-session-id");
    let list = async |token| call_in(&server, session, token, "list_spaces", json!({})).await;
    list(Some(&anna.token)).await.ok();
    let other = list(Some(&ben.token)).await;
    let unknown = call_in(
        &server,
        "unknown",
        Some(&ben.token),
        "list_spaces",
        json!({}),
    )
    .await;
    assert_eq!((other.status, &other.body), (404, &unknown.body));
    assert_eq!(other.refused(404).0, "no_session");
    for stranger in [None, Some("saki_mcp_wrong")] {
        assert_eq!(list(stranger).await.status, 401);
    }
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = format!("{}/mcp", server.base);
    for request in [
        client.get(&address).header("accept", "text/event-stream"),
        client.delete(&address),
    ] {
        let request = request.header("mcp-session-id", session);
        let by_ben = reply(request.try_clone().unwrap().bearer_auth(&ben.token)).await;
        assert_eq!(by_ben.refused(404).0, "no_session");
        assert_eq!(reply(request).await.status, 401);
    }
    list(Some(&anna.token)).await.ok();
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_principals_sessions_leave_room_for_those_of_others() {
    let (server, [anna, ben]) = team(&["--max-sessions-per-principal", "1"]).await;
    let [first, of_ben, second] = [
        begin(&server, &anna.token, &[]).await,
        begin(&server, &ben.token, &[]).await,
        begin(&server, &anna.token, &[]).await,
    ];
    for (session, who, status) in [
        (&first, &anna, 404),
        (&of_ben, &ben, 200),
        (&second, &anna, 200),
    ] {
        let id = session.header("mcp-session-id");
        let listed = call_in(&server, id, Some(&who.token), "list_spaces", json!({})).await;
        assert_eq!(listed.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_the_first_request_hold_for_the_session() {
    let (server, [anna, _]) = team(&[]).await;
    let draft = json!({"account_ids": [11], "content": "Hello", "publish": "draft"});
    let begun = begin(&server, &anna.token, &[("x-saki-mode", "read-only")]).await;
    let limited = begun.header("mcp-session-id");
    let token = Some(anna.token.as_str());
    call_in(&server, limited, token, "create_post", draft.clone())
        .await
        .failed();
    call_in(&server, limited, token, "list_spaces", json!({}))
        .await
        .ok();
    let begun = begin(&server, &anna.token, &[]).await;
    let free = begun.header("mcp-session-id");
    call_in(&server, free, token, "create_post", draft)
        .await
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_oauth_a_wider_token_of_the_same_subject_counts_at_once() {
    let key = IssuerKey::new("one");
    let issuer = Issuer::start(&[&key]).await;
    let address = "https://saki.example.com";
    let flags = [
        "--oauth-issuer",
        &issuer.url,
        "--public-url",
        address,
        "--sessions",
    ];
    let server = TeamServer::start(Files::new(), &["sk-one"], &flags).await;
    let token = |subject: &str, scope: &str| {
        key.sign(&issuer.claims(&format!("{address}/mcp"), subject, scope))
    };
    let (narrow, wide) = (token("anna", "saki:read"), token("anna", "saki:write"));
    let begun = begin(&server, &narrow, &[]).await;
    let session = begun.header("mcp-session-id");
    let draft = json!({"account_ids": [11], "content": "Hello", "publish": "draft"});
    let create = async |token: &str| {
        call_in(&server, session, Some(token), "create_post", draft.clone()).await
    };
    let refused = create(&narrow).await;
    assert_eq!(refused.refused(403).0, "insufficient_scope");
    assert!(refused.header("www-authenticate").contains("saki:write"));
    create(&wide).await.ok();
    assert_eq!(
        create(&narrow).await.status,
        403,
        "the wide token was not kept"
    );
    let stranger = create(&token("ben", "saki:write")).await;
    assert_eq!(stranger.refused(404).0, "no_session");
    let unknown = call_in(&server, session, None, "list_spaces", json!({})).await;
    assert_eq!(unknown.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_with_different_saki_keys_are_apart() {
    let keys = ["sk-one", "sk-two"];
    let flags = ["--key-from-header", "--sessions"];
    let server = TeamServer::start(Files::new(), &keys, &flags).await;
    let with_key = async |key: &str, session: Option<&str>, message: &Value| {
        let mut headers = vec![("x-saki-api-key", key)];
        headers.extend(session.map(|session| ("mcp-session-id", session)));
        server.send("/mcp", &headers, message).await
    };
    let begun = with_key("sk-one", None, &initialize("2025-11-25")).await;
    let session = Some(begun.header("mcp-session-id"));
    let list = call(1, "list_spaces", json!({}));
    assert_eq!(with_key("sk-one", session, &list).await.status, 200);
    assert_eq!(
        with_key("sk-two", session, &list).await.refused(404).0,
        "no_session"
    );
    assert_eq!(server.saki.take_seen(), ["Bearer sk-one"]);
}
