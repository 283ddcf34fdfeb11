//! Whose Saki key is used: the configured one, one of the list, or that of the request.

use serde_json::json;

use crate::support::team_server::{Files, TeamServer, new_token};

#[tokio::test(flavor = "multi_thread")]
async fn each_principal_uses_the_key_of_its_label_or_name() {
    let files = Files::new();
    let (anna, ben, eve) = (
        new_token(&["anna"]),
        new_token(&["ben", "key=studio"]),
        new_token(&["eve"]),
    );
    let lines = [&*anna.line, &*ben.line, &*eve.line].join("\n");
    let tokens = files.write("tokens", &lines);
    let (own, studio) = (
        files.write("anna.key", "sk-anna-1\n"),
        files.write("studio.key", "sk-studio-1"),
    );
    let keys = files.write("keys", &format!("# team\nanna: {own}\nstudio: {studio}\n"));
    let all = ["sk-shared-1", "sk-anna-1", "sk-studio-1", "sk-anna-2"];
    let server = TeamServer::start(files, &all, &["--auth-tokens", &tokens, "--keys", &keys]).await;
    for (token, key) in [
        (&anna, "sk-anna-1"),
        (&ben, "sk-studio-1"),
        (&eve, "sk-shared-1"),
    ] {
        server
            .call_as(&token.token, "list_spaces", json!({}))
            .await
            .ok();
        assert_eq!(server.saki.take_seen(), [format!("Bearer {key}")]);
    }
    // A key that was rotated holds from then on.
    server.files.write("anna.key", "sk-anna-2");
    for tries in 0.. {
        server
            .call_as(&anna.token, "get_subscription", json!({}))
            .await;
        if server.saki.take_seen() == ["Bearer sk-anna-2"] {
            break;
        }
        assert!(tries < 300, "the old key stays in use");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let from_header = server
        .call(
            &[
                ("authorization", &format!("Bearer {}", eve.token)),
                ("x-saki-api-key", "sk-anna-1"),
            ],
            "list_spaces",
            json!({}),
        )
        .await;
    assert!(
        from_header
            .refused(400)
            .1
            .contains("no Saki key from a request")
    );
    assert!(server.saki.take_seen().is_empty());
    let log = server.log();
    assert!(
        !log.contains("sk-anna") && !log.contains("sk-studio"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_request_authenticates_it_where_nothing_else_does() {
    let keys = ["sk-one-77", "sk-two-88"];
    let server = TeamServer::start(Files::new(), &keys, &["--key-from-header"]).await;
    let refused = server.call(&[], "list_spaces", json!({})).await;
    assert!(refused.refused(401).1.contains("X-Saki-Api-Key"));
    assert!(
        refused
            .header("www-authenticate")
            .contains("X-Saki-Api-Key")
    );
    // The configured key is nobody's.
    assert!(server.saki.take_seen().is_empty());
    for (header, key) in [("x-saki-api-key", "sk-two-88"), ("X-Api-Key", "sk-one-77")] {
        server
            .call(&[(header, key)], "list_spaces", json!({}))
            .await
            .ok();
        assert_eq!(server.saki.take_seen(), [format!("Bearer {key}")]);
    }
    let wrong = server
        .call(
            &[("x-saki-api-key", "sk-three-99")],
            "list_spaces",
            json!({}),
        )
        .await;
    assert!(wrong.failed().contains("401"), "{wrong:?}");
    let both = [("x-saki-api-key", "sk-one-77"), ("x-api-key", "sk-two-88")];
    server
        .call(&both, "list_spaces", json!({}))
        .await
        .refused(400);
    let placeholder = [("x-saki-api-key", "YOUR_API_KEY")];
    let said = server.call(&placeholder, "list_spaces", json!({})).await;
    assert!(said.refused(401).1.contains("placeholder"));
    let log = server.log();
    for part in ["one-77", "two-88", "three-99"] {
        assert!(!log.contains(part), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_request_beside_a_token_is_used_and_the_token_asked_for() {
    let files = Files::new();
    let (anna, ben) = (new_token(&["anna"]), new_token(&["ben", "key=studio"]));
    let tokens = files.write("tokens", &format!("{}\n{}", anna.line, ben.line));
    let studio = files.write("studio.key", "sk-studio-1");
    let keys = files.write("keys", &format!("studio: {studio}"));
    let flags = [
        "--key-from-header",
        "--auth-tokens",
        &tokens,
        "--keys",
        &keys,
    ];
    let server = TeamServer::with_environment(files, &["sk-own", "sk-studio-1"], &flags, &[]).await;
    let key = ("x-saki-api-key", "sk-own");
    server
        .call(&[key], "list_spaces", json!({}))
        .await
        .refused(401);
    let bearer = format!("Bearer {}", anna.token);
    let both = [("authorization", &*bearer), key];
    server.call(&both, "list_spaces", json!({})).await.ok();
    assert_eq!(server.saki.take_seen(), ["Bearer sk-own"]);
    let without = server.call_as(&anna.token, "list_spaces", json!({})).await;
    // A login that succeeded is not answered by asking for another.
    assert!(without.refused(403).1.contains("X-Saki-Api-Key"));
    let bearer = format!("Bearer {}", ben.token);
    let chosen = server
        .call(
            &[("authorization", &*bearer), key],
            "list_spaces",
            json!({}),
        )
        .await;
    assert!(chosen.refused(400).1.contains("operator chose"));
    server
        .call_as(&ben.token, "list_spaces", json!({}))
        .await
        .ok();
    assert_eq!(server.saki.take_seen(), ["Bearer sk-studio-1"]);
}
