//! Two principals interleaved: nothing of one is ever seen by the other, with keys of their own and with one key for both.

use serde_json::{Value, json};

use crate::support::team_server::{Files, TeamServer, new_token};

/// A principal, and the words that only this one may see.
struct Person {
    token: String,
    word: &'static str,
}

async fn two_with_keys_of_their_own() -> (TeamServer, [Person; 2]) {
    let files = Files::new();
    let tokens = [new_token(&["anna"]), new_token(&["ben"])];
    let lines = format!("{}\n{}", tokens[0].line, tokens[1].line);
    let path = files.write("tokens", &lines);
    let (anna, ben) = (
        files.write("anna.key", "sk-anna-1"),
        files.write("ben.key", "sk-ben-1"),
    );
    let keys = files.write("keys", &format!("anna: {anna}\nben: {ben}"));
    let server = TeamServer::start(
        files,
        &["sk-anna-1", "sk-ben-1"],
        &["--auth-tokens", &path, "--keys", &keys],
    )
    .await;
    let [anna, ben] = tokens.map(|token| token.token);
    let people = [
        Person {
            token: anna,
            word: "Lighthouse",
        },
        Person {
            token: ben,
            word: "Windmill",
        },
    ];
    for person in &people {
        let name = format!("{} Studio", person.word);
        let renamed = json!({"space_id": 1, "name": name});
        server
            .call_as(&person.token, "update_space", renamed)
            .await
            .ok();
    }
    (server, people)
}

/// A call that both make, each with the own word in it.
fn random_call(random: &mut fastrand::Rng, word: &str) -> (&'static str, Value) {
    let studio = format!("{word} Studio");
    match random.u8(0..9) {
        0 => ("list_spaces", json!({})),
        1 => ("get_overview", json!({})),
        2 => ("list_accounts", json!({"space_id": studio})),
        3 => ("list_posts", json!({"search": "Lighthouse"})),
        4 => ("list_posts", json!({"search": "Windmill"})),
        5 => (
            "create_post",
            json!({"space_id": studio, "account_ids": [11], "content": format!("{word} {}", random.u8(..)), "publish": "draft"}),
        ),
        6 => ("get_space", json!({"space_id": "Lighthouse Studio"})),
        7 => ("get_space", json!({"space_id": "Windmill Studio"})),
        _ => (
            "create_post",
            json!({"space_id": studio, "account_ids": [11], "content": format!("{word} now"), "publish": "now"}),
        ),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_to_one_holds_a_word_of_the_other() {
    let (server, people) = two_with_keys_of_their_own().await;
    let mut random = fastrand::Rng::with_seed(16);
    let mut seen_own = [0, 0];
    for _ in 0..150 {
        let asked = random.usize(0..2);
        let (own, other) = (&people[asked], &people[1 - asked]);
        let (tool, arguments) = random_call(&mut random, own.word);
        // What the call itself says comes back in refusals.
        let may_be_quoted = arguments.to_string().contains(other.word);
        let reply = server.call_as(&own.token, tool, arguments).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let result = &reply.body["result"];
        let content = &result["structuredContent"];
        let shown = match may_be_quoted {
            true => content["data"].to_string(),
            false => content.to_string(),
        };
        assert!(!shown.contains(other.word), "{tool}: {reply:?}");
        if !may_be_quoted {
            assert!(
                !result.to_string().contains(other.word),
                "{tool}: {reply:?}"
            );
        }
        seen_own[asked] += usize::from(shown.contains(own.word));
    }
    // Each sees what is its own, so the search is for something that exists.
    assert!(seen_own.iter().all(|count| *count > 20), "{seen_own:?}");
    for (key, person) in [("sk-anna-1", &people[1]), ("sk-ben-1", &people[0])] {
        let posts = server.saki.worlds[key]
            .state(|state| format!("{:?}", state.posts.values().collect::<Vec<_>>()));
        assert!(!posts.contains(person.word));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_is_good_for_its_principal_alone_and_once() {
    let files = Files::new();
    let tokens = [new_token(&["anna"]), new_token(&["ben"])];
    let path = files.write("tokens", &format!("{}\n{}", tokens[0].line, tokens[1].line));
    let server = TeamServer::start(files, &["sk-one"], &["--auth-tokens", &path]).await;
    let [anna, ben] = tokens.map(|token| token.token);
    let mut publish =
        json!({"space_id": 1, "account_ids": [11], "content": "Now", "publish": "now"});
    let asked = server.call_as(&anna, "create_post", publish.clone()).await;
    assert_eq!(asked.ok()["outcome"], "confirmation_needed");
    publish["confirmation"] = asked.ok()["confirmation"].clone();
    let stolen = server.call_as(&ben, "create_post", publish.clone()).await;
    assert_eq!(stolen.ok()["outcome"], "confirmation_needed", "{stolen:?}");
    // A limit of the request makes no other principal.
    let bearer = format!("Bearer {anna}");
    let limited = [("authorization", &*bearer), ("x-saki-space", "1")];
    let done = server.call(&limited, "create_post", publish.clone()).await;
    assert_eq!(done.ok()["outcome"], "done", "{done:?}");
    let again = server.call_as(&anna, "create_post", publish).await;
    assert_ne!(again.ok()["outcome"], "done", "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_with_one_key_who_ask_for_the_same_post_get_one() {
    let files = Files::new();
    let tokens = [new_token(&["anna"]), new_token(&["ben"])];
    let path = files.write("tokens", &format!("{}\n{}", tokens[0].line, tokens[1].line));
    let flags = ["--auth-tokens", &path, "--max-live-per-hour", "2"];
    let server = TeamServer::start(files, &["sk-one"], &flags).await;
    let post = |text: &str| json!({"space_id": 1, "account_ids": [11], "content": text, "publish": "schedule", "scheduled_at": "2030-01-01T10:00:00Z"});
    let [anna, ben] = tokens.map(|token| token.token);
    let (one, two) = tokio::join!(
        server.call_as(&anna, "create_post", post("Same")),
        server.call_as(&ben, "create_post", post("Same")),
    );
    let mut outcomes = [&one, &two].map(|reply| reply.ok()["outcome"].as_str().unwrap());
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["done", "replayed"]);
    // The limit of the command line is for the installation.
    server
        .call_as(&ben, "create_post", post("Second"))
        .await
        .ok();
    let third = server.call_as(&anna, "create_post", post("Third")).await;
    assert!(
        third.failed().contains("--max-live-per-hour 2"),
        "{third:?}"
    );
}
