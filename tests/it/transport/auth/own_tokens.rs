//! Tokens of the server: how they are made, who comes in with one, and what their lines limit.

use serde_json::json;

use crate::support::child_process::run;
use crate::support::fixture_server::{Events, initialize, within};
use crate::support::team_server::{Files, TeamServer, new_token, reply};

async fn team(lines: &str) -> TeamServer {
    let files = Files::new();
    let path = files.write("tokens", lines);
    TeamServer::start(files, &["sk-team-9d1f"], &["--auth-tokens", &path]).await
}

#[test]
fn a_token_is_made_with_limits_that_are_checked() {
    let (one, two) = (
        new_token(&["anna"]),
        new_token(&["anna", "mode=drafts-only", "space=12"]),
    );
    assert_ne!(one.token, two.token);
    assert_eq!(one.token.len(), "saki_mcp_".len() + 43);
    assert!(
        two.line.ends_with(" mode=drafts-only space=12"),
        "{}",
        two.line
    );
    assert!(!two.line.contains(&two.token));
    for (wrong, says) in [
        (&["an na"][..], "letters, digits"),
        (
            &["anna", "mode=careful"],
            "say full, drafts-only or read-only",
        ),
        (&["anna", "spaces=1"], "spaces=1 is no limit"),
        (&["anna", "mode"], "write name=value"),
        (&["anna", "confirm=perhaps"], "auto, never or always"),
    ] {
        let ended = run(&[&["token", "new"], wrong].concat(), &[]);
        assert_eq!(ended.code, 2, "{wrong:?}");
        assert!(ended.stderr.contains(says), "{}", ended.stderr);
        assert!(ended.stdout.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_holder_of_a_token_comes_in_and_the_token_goes_no_further() {
    let anna = new_token(&["anna"]);
    let server = team(&anna.line).await;
    server
        .call_as(&anna.token, "list_spaces", json!({}))
        .await
        .ok();
    assert_eq!(server.saki.take_seen(), ["Bearer sk-team-9d1f"]);

    let cut = &anna.token[..anna.token.len() - 1];
    let hash = anna.line.split(' ').nth(1).unwrap();
    for wrong in [cut, hash, "saki_mcp_", "a.b.c", &anna.token.to_uppercase()] {
        let refused = server.call_as(wrong, "list_spaces", json!({})).await;
        assert_eq!(refused.refused(401).0, "invalid_token", "{wrong}");
        let challenge = refused.header("www-authenticate");
        assert_eq!(
            challenge,
            "Bearer realm=\"saki-mcp\", error=\"invalid_token\""
        );
    }
    for (headers, status) in [
        (&[("authorization", "Basic YTpi")][..], 401),
        (
            &[("authorization", "Bearer x"), ("authorization", "Bearer y")],
            400,
        ),
    ] {
        let refused = server.call(headers, "list_spaces", json!({})).await;
        refused.refused(status);
    }
    let path = format!("/mcp?access_token={}", anna.token);
    let in_query = server.send(&path, &[], &initialize("2025-11-25")).await;
    assert!(in_query.refused(400).1.contains("Authorization header"));
    assert!(server.saki.take_seen().is_empty());
    let log = server.log();
    assert!(log.contains("was refused"), "{log}");
    for secret in [&anna.token[..], "9d1f", hash] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_holds_at_once_and_a_bad_one_keeps_the_old() {
    let (anna, ben) = (new_token(&["anna"]), new_token(&["ben"]));
    let server = team(&anna.line).await;
    server.until(&ben.token, 401).await;
    server
        .files
        .write("tokens", &format!("{}\n{}\n", anna.line, ben.line));
    server.until(&ben.token, 200).await;
    server
        .files
        .write("tokens", &format!("{}\nben: nonsense\n", anna.line));
    let mut server = server;
    let line = server.serving.logged_between(
        "the token file cannot be used, so the earlier one stays in use: ",
        "the hash must",
    );
    assert!(line.contains("line 2"), "{line}");
    server.until(&ben.token, 200).await;
    server.files.write("tokens", &ben.line);
    server.until(&anna.token, 401).await;
    server.until(&ben.token, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_a_line_hold_for_its_holder_alone() {
    let (anna, ben) = (
        new_token(&["anna", "mode=drafts-only", "space=1", "max-live-per-hour=1"]),
        new_token(&["ben", "max-live-per-hour=1", "confirm=always"]),
    );
    let server = team(&format!("{}\n{}\n", anna.line, ben.line)).await;
    let draft = json!({"account_ids": [11], "content": "Hello", "publish": "draft"});
    server.call_as(&anna.token, "create_post", draft).await.ok();
    let publish = json!({"account_ids": [11], "content": "Hello", "publish": "schedule", "scheduled_at": "2030-01-01T10:00:00Z"});
    let refused = server
        .call_as(&anna.token, "create_post", publish.clone())
        .await;
    assert!(
        refused.failed().contains("--mode drafts-only"),
        "{refused:?}"
    );
    let bearer = |token: &str| format!("Bearer {token}");
    let (of_anna, of_ben) = (bearer(&anna.token), bearer(&ben.token));
    let anna_sees = server.tools(&[("authorization", &of_anna)]).await;
    let ben_sees = server.tools(&[("authorization", &of_ben)]).await;
    assert!(!anna_sees.contains(&"delete_space".to_owned()));
    assert!(ben_sees.contains(&"delete_space".to_owned()));

    server
        .call_as(&ben.token, "create_post", publish.clone())
        .await
        .ok();
    let mut another = publish;
    another["content"] = json!("Another");
    another["space_id"] = json!(1);
    let refused = server.call_as(&ben.token, "create_post", another).await;
    assert!(
        refused.failed().contains("max-live-per-hour=1"),
        "{refused:?}"
    );
    let now = json!({"account_ids": [11], "content": "Now", "publish": "now"});
    let refused = server.call_as(&ben.token, "create_post", now).await;
    refused.failed();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_the_older_transport_belongs_to_who_opened_it() {
    let (anna, ben) = (new_token(&["anna"]), new_token(&["ben"]));
    let server = team(&format!("{}\n{}\n", anna.line, ben.line)).await;
    assert_eq!(reply(server.get("/sse")).await.status, 401);
    let bearer = |token: &str| format!("Bearer {token}");
    let stream = server
        .get("/sse")
        .header("authorization", bearer(&anna.token));
    let mut events = Events::open(stream).await;
    let (_, address) = events.next().await.unwrap();
    let post = |headers: Vec<(&'static str, String)>, message| {
        let mut post = server.post(&address, &message);
        for (name, value) in headers {
            post = post.header(name, value);
        }
        async move { within(post.send()).await.unwrap().status().as_u16() }
    };
    let own = || vec![("authorization", bearer(&anna.token))];
    let hello = || initialize("2024-11-05");
    assert_eq!(post(vec![], hello()).await, 401);
    assert_eq!(
        post(vec![("authorization", bearer(&ben.token))], hello()).await,
        404
    );
    assert_eq!(post(own(), hello()).await, 202);
    events.message().await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let count = |message: serde_json::Value| message["result"]["tools"].as_array().unwrap().len();
    assert_eq!(post(own(), list.clone()).await, 202);
    let all = count(events.message().await);
    let limited = [own(), vec![("x-saki-mode", "read-only".to_owned())]].concat();
    assert_eq!(post(limited, list).await, 202);
    let fewer = count(events.message().await);
    assert!(fewer < all, "{fewer} of {all}");
}
