//! Access tokens: which are accepted, what their scopes allow, and how a client learns where to get one.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::team_server::{Files, TeamServer, new_token, reply};
use crate::support::token_issuer::{Issuer, IssuerKey, now};

const RESOURCE: &str = "https://saki.example.com/mcp";
const METADATA: &str = "https://saki.example.com/.well-known/oauth-protected-resource/mcp";

struct World {
    server: TeamServer,
    issuer: Issuer,
    key: IssuerKey,
}

async fn world(flags: &[&str]) -> World {
    let key = IssuerKey::new("one");
    let issuer = Issuer::start(&[&key]).await;
    let all = [
        &[
            "--oauth-issuer",
            &issuer.url,
            "--public-url",
            "https://saki.example.com",
        ],
        flags,
    ]
    .concat();
    let server = TeamServer::start(Files::new(), &["sk-team-9d1f"], &all).await;
    World {
        server,
        issuer,
        key,
    }
}

impl World {
    fn token(&self, scope: &str) -> String {
        self.key.sign(&self.issuer.claims(RESOURCE, "anna", scope))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_led_to_the_authorization_server() {
    let world = world(&[]).await;
    let refused = world.server.call(&[], "list_spaces", json!({})).await;
    assert_eq!(refused.refused(401).0, "unauthorized");
    assert_eq!(
        refused.header("www-authenticate"),
        format!(
            "Bearer resource_metadata=\"{METADATA}\", scope=\"saki:read saki:write saki:publish\""
        )
    );
    let path = METADATA.trim_start_matches("https://saki.example.com");
    let foreign_page = world.server.get(path).header("origin", "https://claude.ai");
    let metadata = reply(foreign_page).await;
    assert_eq!(metadata.status, 200);
    assert_eq!(metadata.header("access-control-allow-origin"), "*");
    assert_eq!(metadata.body["resource"], RESOURCE);
    assert_eq!(
        metadata.body["authorization_servers"],
        json!([world.issuer.url])
    );
    assert_eq!(
        metadata.body["scopes_supported"],
        json!(["saki:read", "saki:write", "saki:publish"])
    );
    for nothing in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/key/mcp",
    ] {
        assert_eq!(
            reply(world.server.get(nothing)).await.status,
            404,
            "{nothing}"
        );
    }
    let narrow = self::world(&["--mode", "read-only"]).await;
    let refused = narrow.server.call(&[], "list_spaces", json!({})).await;
    assert!(
        refused
            .header("www-authenticate")
            .ends_with("scope=\"saki:read\"")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_token_comes_in_and_never_goes_to_saki() {
    let world = world(&[]).await;
    let token = world.token("saki:read");
    world
        .server
        .call_as(&token, "list_spaces", json!({}))
        .await
        .ok();
    assert_eq!(world.server.saki.take_seen(), ["Bearer sk-team-9d1f"]);
    let mut claims = world.issuer.claims(RESOURCE, "anna", "");
    claims["aud"] = json!(["https://other.example.com", RESOURCE]);
    claims["scp"] = json!(["openid", "saki:write"]);
    claims["nbf"] = json!(now() - 5);
    let header = json!({"alg": "ES256", "typ": "JWT"});
    let other = world.key.sign_with_header(&header, &claims);
    world
        .server
        .call_as(&other, "list_spaces", json!({}))
        .await
        .ok();
    let log = world.server.log();
    for token in [token, other] {
        for part in token.split('.').filter(|part| part.len() > 20) {
            assert!(!log.contains(part), "{log}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_transport_is_off_beside_oauth_unless_asked_for() {
    for (flags, status) in [(&[][..], 404), (&["--sse"], 401)] {
        let world = world(flags).await;
        assert_eq!(reply(world.server.get("/sse")).await.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_transport_is_a_resource_with_metadata_of_its_own() {
    let world = world(&["--sse"]).await;
    let path = "/.well-known/oauth-protected-resource/sse";
    let refused = reply(world.server.get("/sse")).await;
    let challenge = refused.header("www-authenticate");
    let address = format!("https://saki.example.com{path}");
    assert!(challenge.contains(&address), "{challenge}");
    let metadata = reply(world.server.get(path)).await;
    assert_eq!(metadata.body["resource"], "https://saki.example.com/sse");
    let for_sse = world
        .issuer
        .claims("https://saki.example.com/sse", "anna", "saki:read");
    let for_sse = world.key.sign(&for_sse);
    for (token, address, status) in [
        (&for_sse, "/sse", 200),
        (&world.token("saki:read"), "/sse", 200),
        (&for_sse, "/mcp", 401),
    ] {
        let asked = match address {
            "/sse" => world.server.get(address),
            _ => world.server.post(address, &json!({})),
        };
        let answer = asked.bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), status, "{address}");
    }
    let without = self::world(&[]).await;
    assert_eq!(reply(without.server.get(path)).await.status, 404);
}

#[rstest]
#[case::other_audience(|claims: &mut Value| claims["aud"] = json!("https://other.example.com/mcp"))]
#[case::audience_with_a_slash(|claims: &mut Value| claims["aud"] = json!(format!("{RESOURCE}/")))]
#[case::no_audience(|claims: &mut Value| remove(claims, "aud"))]
#[case::no_issuer(|claims: &mut Value| remove(claims, "iss"))]
#[case::other_issuer(|claims: &mut Value| claims["iss"] = json!("https://evil.example.com"))]
#[case::issuer_with_a_slash(|claims: &mut Value| claims["iss"] = json!(format!("{}/", claims["iss"].as_str().unwrap())))]
#[case::no_subject(|claims: &mut Value| remove(claims, "sub"))]
#[case::empty_subject(|claims: &mut Value| claims["sub"] = json!(" "))]
#[case::no_expiry(|claims: &mut Value| remove(claims, "exp"))]
#[case::expired(|claims: &mut Value| claims["exp"] = json!(now() - 120))]
#[case::expiry_as_text(|claims: &mut Value| claims["exp"] = json!((now() + 300).to_string()))]
#[case::not_yet(|claims: &mut Value| claims["nbf"] = json!(now() + 3600))]
#[case::id_token(|claims: &mut Value| claims["nonce"] = json!("n"))]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_wrong_claims_is_refused(#[case] change: fn(&mut Value)) {
    let world = world(&[]).await;
    let mut claims = world.issuer.claims(RESOURCE, "anna", "saki:publish");
    world
        .server
        .call_as(&world.key.sign(&claims), "list_spaces", json!({}))
        .await
        .ok();
    world.server.saki.take_seen();
    change(&mut claims);
    let refused = world
        .server
        .call_as(&world.key.sign(&claims), "list_spaces", json!({}))
        .await;
    assert_eq!(refused.refused(401).0, "invalid_token");
    let challenge = refused.header("www-authenticate");
    assert!(
        challenge.starts_with("Bearer error=\"invalid_token\", resource_metadata="),
        "{challenge}"
    );
    assert!(world.server.saki.take_seen().is_empty());
}

fn remove(claims: &mut Value, name: &str) {
    claims.as_object_mut().unwrap().remove(name).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_issuer_did_not_sign_is_refused() {
    let world = world(&[]).await;
    let claims = world.issuer.claims(RESOURCE, "anna", "saki:publish");
    let good = world.key.sign(&claims);
    let (start, signature) = good.rsplit_once('.').unwrap();
    let other_claims = world
        .key
        .sign(&world.issuer.claims(RESOURCE, "ben", "saki:publish"));
    let forged = [
        world.key.unsigned_token(&claims),
        world.key.sign_with_public_key(&claims),
        IssuerKey::new("one").sign(&claims),
        format!("{start}."),
        format!("{}.{signature}", other_claims.rsplit_once('.').unwrap().0),
        world.key.sign_with_header(
            &json!({"alg": "ES256", "kid": "one", "crit": ["x"], "x": 1}),
            &claims,
        ),
        world
            .key
            .sign_with_header(&json!({"alg": "RS256", "kid": "one"}), &claims),
        world.key.sign_with_header(
            &json!({"alg": "ES256", "kid": "one", "typ": "dpop+jwt"}),
            &claims,
        ),
        "a.b.c".to_owned(),
        "x".repeat(300),
    ];
    for token in &forged {
        let refused = world.server.call_as(token, "list_spaces", json!({})).await;
        assert_eq!(refused.refused(401).0, "invalid_token", "{token}");
    }
    world
        .server
        .call_as(&good, "list_spaces", json!({}))
        .await
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_beyond_its_scopes_names_those_that_are_held_and_needed() {
    let world = world(&[]).await;
    let draft = json!({"space_id": 1, "account_ids": [11], "content": "x", "publish": "draft"});
    let schedule = json!({"space_id": 1, "account_ids": [11], "content": "x", "scheduled_at": "2030-01-01T10:00:00Z"});
    let delete = json!({"space_id": 1, "post_id": 112});
    let calls = [
        ("list_spaces", json!({}), 0),
        ("create_post", draft, 1),
        ("create_post", schedule, 2),
        ("delete_post", delete, 2),
        (
            "saki__delete_webhook",
            json!({"space_id": 1, "webhook_id": 9}),
            2,
        ),
    ];
    let scopes = ["saki:read", "saki:write", "saki:publish"];
    for held in 0..3 {
        let token = world.token(&format!("openid {}", scopes[held]));
        let bearer = format!("Bearer {token}");
        // A tool that is not listed would never be called.
        assert!(
            world
                .server
                .tools(&[("authorization", &bearer)])
                .await
                .contains(&"delete_space".to_owned())
        );
        for (tool, arguments, needed) in &calls {
            let reply = world.server.call_as(&token, tool, arguments.clone()).await;
            if *needed <= held {
                assert_eq!(reply.status, 200, "{tool} with {}: {reply:?}", scopes[held]);
                continue;
            }
            let (word, sentence) = reply.refused(403);
            assert_eq!(word, "insufficient_scope");
            assert!(
                sentence.contains(scopes[held]) && sentence.contains(scopes[*needed]),
                "{sentence}"
            );
            let union = scopes[..=*needed].join(" ");
            assert_eq!(
                reply.header("www-authenticate"),
                format!(
                    "Bearer error=\"insufficient_scope\", resource_metadata=\"{METADATA}\", scope=\"{union}\""
                )
            );
        }
    }
    let none = world.token("openid");
    world
        .server
        .call_as(&none, "list_spaces", json!({}))
        .await
        .refused(403);
    // The server repairs half a character, so the call in such a message must be seen too.
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_spaces","arguments":{"x":"\ud83d"}}}"#;
    world.server.post_as(&none, call).await.refused(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_post_became_since_decides_too() {
    let world = world(&[]).await;
    let token = world.token("saki:write");
    let posts = world
        .server
        .call_as(
            &token,
            "list_posts",
            json!({"space_id": 1, "status": "published"}),
        )
        .await;
    let post = posts.ok()["data"][0]["id"].clone();
    let edit = json!({"space_id": 1, "post_id": post, "content": "Changed"});
    world.server.saki.take_seen();
    // Other calls of a batch may have been done, so it is answered call by call.
    let one = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "update_post", "arguments": edit}});
    let batch = json!([one]).to_string();
    let batch = world.server.post_as(&token, &batch).await;
    assert_eq!(batch.status, 200, "{batch:?}");
    let said = batch.body[0]["result"]["content"][0]["text"].to_string();
    assert!(said.contains("with scope saki:publish, this too"), "{said}");
    let refused = world.server.call_as(&token, "update_post", edit).await;
    let (word, why) = refused.refused(403);
    assert_eq!(word, "insufficient_scope");
    assert!(
        why.contains("needs the scope saki:publish; the access token has saki:write: post"),
        "{why}"
    );
    let challenge = refused.header("www-authenticate");
    assert!(
        challenge.contains("scope=\"saki:read saki:write saki:publish\""),
        "{challenge}"
    );
    let writes = world.server.saki.worlds["sk-team-9d1f"].log();
    assert!(writes.iter().all(|logged| logged.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn own_tokens_and_keys_have_an_address_without_the_login() {
    let key = IssuerKey::new("one");
    let issuer = Issuer::start(&[&key]).await;
    let (files, anna) = (Files::new(), new_token(&["anna"]));
    let tokens = files.write("tokens", &anna.line);
    let flags = ["--oauth-issuer", &issuer.url, "--auth-tokens", &tokens];
    let server = TeamServer::start(files, &["sk-one"], &flags).await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let bearer = format!("Bearer {}", anna.token);
    let token = [("authorization", &*bearer)];
    for path in ["/key/mcp", "/mcp"] {
        assert_eq!(server.send(path, &token, &list).await.status, 200, "{path}");
    }
    let refused = server.send("/key/mcp", &[], &list).await;
    assert_eq!(refused.status, 401);
    assert!(
        !refused
            .header("www-authenticate")
            .contains("resource_metadata")
    );
    let resource = format!("{}/mcp", server.base);
    let access = format!(
        "Bearer {}",
        key.sign(&issuer.claims(&resource, "anna", "saki:read"))
    );
    let access = [("authorization", &*access)];
    assert_eq!(server.send("/mcp", &access, &list).await.status, 200);
    assert_eq!(server.send("/key/mcp", &access, &list).await.status, 401);

    let flags = ["--oauth-issuer", &issuer.url, "--key-from-header"];
    let server = TeamServer::start(Files::new(), &["sk-one"], &flags).await;
    let own_key = [("x-saki-api-key", "sk-one")];
    assert_eq!(server.send("/key/mcp", &own_key, &list).await.status, 200);
    assert_eq!(server.send("/mcp", &own_key, &list).await.status, 401);
}
