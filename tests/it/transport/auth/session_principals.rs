//! Sessions and principals: a session is no credential, belongs to who began it, and keeps to the limits of its headers.

use serde_json::{Value, json};

use crate::support::fixture_server::{call, initialize};
use crate::support::team_server::{Files, NewToken, Reply, TeamServer, new_token, reply};

async fn team(flags: &[&str]) -> (TeamServer, [NewToken; 2]) {
    let tokens = [new_token(&["anna"]), new_token(&["ben"])];
    let files = Files::new();
    let lines = files.write("tokens", &[&*tokens[0].line, &tokens[1].line].join("\n"));
    let flags = [&["--auth-tokens", &lines, "--sessions"], flags].concat();
    let server = TeamServer::start(files, &["sk-one"], &flags).await;
    (server, tokens)
}

async fn begin(server: &TeamServer, who: &NewToken, headers: &[(&str, &str)]) -> Reply {
    let mut post = server
        .post("/mcp", &initialize("2025-11-25"))
        .bearer_auth(&who.token);
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
    let begun = begin(&server, &anna, &[]).await;
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
        begin(&server, &anna, &[]).await,
        begin(&server, &ben, &[]).await,
        begin(&server, &anna, &[]).await,
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
    let begun = begin(&server, &anna, &[("x-saki-mode", "read-only")]).await;
    let limited = begun.header("mcp-session-id");
    let token = Some(anna.token.as_str());
    call_in(&server, limited, token, "create_post", draft.clone())
        .await
        .failed();
    call_in(&server, limited, token, "list_spaces", json!({}))
        .await
        .ok();
    let begun = begin(&server, &anna, &[]).await;
    let free = begun.header("mcp-session-id");
    call_in(&server, free, token, "create_post", draft)
        .await
        .ok();
}
