//! What one principal may take: calls at a time, time for a call, and requests to Saki when it says that there are too many.

use serde_json::{Value, json};

use crate::support::child_process::Alone;
use crate::support::fixture_server::{call, initialize, json_of, modern, request, within};
use crate::support::http_process::HttpProcess;
use crate::support::team_server::{Files, NewToken, new_token, reply};

struct Team {
    saki: Alone,
    server: HttpProcess,
    anna: NewToken,
    ben: NewToken,
    eve: NewToken,
    _files: Files,
}

impl Team {
    fn start(flags: &[&str]) -> Self {
        let saki = Alone::start(&[]);
        let [anna, ben, eve] = ["anna", "ben", "eve"].map(|name| new_token(&[name]));
        let files = Files::new();
        let tokens = files.write("tokens", &[&*anna.line, &ben.line, &eve.line].join("\n"));
        let flags = [&["--auth-tokens", &tokens], flags].concat();
        let environment = [("SAKI_BASE_URL", &*saki.base_url), ("SAKI_API_KEY", "sk-1")];
        let server = HttpProcess::start(&flags, &environment);
        Self {
            saki,
            server,
            anna,
            ben,
            eve,
            _files: files,
        }
    }

    fn ask(&self, who: &NewToken, message: &Value) -> reqwest::RequestBuilder {
        self.server.mcp(message).bearer_auth(&who.token)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_principals_calls_leave_room_for_those_of_others() {
    let team = Team::start(&["--max-calls-per-principal", "1"]);
    let delay = json!({"path": "/spaces", "kind": "delay", "ms": 3000});
    team.saki.fault(&delay).await;
    let list = call(1, "list_spaces", json!({}));
    let first = tokio::spawn(json_of(team.ask(&team.anna, &list)));
    team.saki.log(1).await;
    let second = reply(team.ask(&team.anna, &call(7, "list_spaces", json!({})))).await;
    assert_eq!((second.status, second.header("retry-after")), (429, "1"));
    assert_eq!(second.body["id"], 7);
    let why = second.body["error"]["message"].as_str().unwrap();
    assert!(why.contains("1 calls of yours"), "{why}");
    // What calls no tool costs nothing.
    for free in [
        initialize("2025-11-25"),
        request(2, "tools/list", json!({})),
    ] {
        assert_eq!(reply(team.ask(&team.anna, &free)).await.status, 200);
    }
    assert_eq!(reply(team.ask(&team.ben, &list)).await.status, 200);
    assert_eq!(first.await.unwrap().0, 200);
    assert_eq!(reply(team.ask(&team.anna, &list)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_principals_streams_leave_room_for_those_of_others() {
    let team = Team::start(&["--max-streams-per-principal", "1"]);
    let open = |who: &NewToken| {
        let stream = team.server.get("/sse").bearer_auth(&who.token);
        async move { within(stream.send()).await.unwrap() }
    };
    let first = open(&team.anna).await;
    assert_eq!(first.status(), 200);
    let second = reply(team.server.get("/sse").bearer_auth(&team.anna.token)).await;
    let (word, why) = second.refused(429);
    assert_eq!(
        (word, second.header("retry-after")),
        ("too_many_requests", "1")
    );
    assert!(why.contains("1 streams of yours"), "{why}");
    let listen = json!({"notifications": {"toolsListChanged": true}});
    let listen = modern(request(1, "subscriptions/listen", listen));
    let subscription = reply(team.ask(&team.anna, &listen)).await;
    assert_eq!(
        (subscription.status, subscription.header("retry-after")),
        (429, "1")
    );
    assert_eq!(subscription.body["id"], 1);
    let of_ben = open(&team.ben).await;
    assert_eq!(of_ben.status(), 200);
    drop(first);
    // The server learns of the end of a stream when its connection is closed.
    within(async {
        while open(&team.anna).await.status() != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn callers_who_are_not_told_apart_have_the_whole_server() {
    let saki = Alone::start(&[]);
    let environment = [("SAKI_BASE_URL", &*saki.base_url), ("SAKI_API_KEY", "sk-1")];
    let server = HttpProcess::start(&["--max-calls-per-principal", "1"], &environment);
    let delay = json!({"path": "/spaces", "kind": "delay", "ms": 500});
    saki.fault(&delay).await;
    let list = call(1, "list_spaces", json!({}));
    let both = tokio::join!(json_of(server.mcp(&list)), json_of(server.mcp(&list)));
    assert_eq!((both.0.0, both.1.0), (200, 200));
}

#[tokio::test]
async fn a_call_that_takes_too_long_says_what_may_have_happened() {
    let saki = Alone::start(&[]);
    let environment = [("SAKI_BASE_URL", &*saki.base_url), ("SAKI_API_KEY", "sk-1")];
    let server = HttpProcess::start(&["--call-timeout", "1s"], &environment);
    let slow = json!({"method": "POST", "kind": "delay", "ms": 4000});
    saki.fault(&slow).await;
    let slot = json!({"space_id": 1, "weekday": "monday", "time": "09:30"});
    let (_, answer) = json_of(server.mcp(&call(1, "create_slot", slot))).await;
    let result = &answer["result"];
    assert_eq!(result["isError"], true, "{answer}");
    assert_eq!(result["_meta"]["class"], "unknown_outcome");
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("more than 1s") && text.contains("list_slots"),
        "{text}"
    );
    let (_, in_time) = json_of(server.mcp(&call(2, "list_spaces", json!({})))).await;
    assert!(in_time["result"]["isError"].is_null() || in_time["result"]["isError"] == false);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_saki_asks_to_wait_nobody_with_that_key_asks_it_meanwhile() {
    let team = Team::start(&[]);
    let refusal = json!({
        "path": "/spaces", "kind": "status", "status": 429, "headers": {"Retry-After": "4"}, "count": 100,
    });
    team.saki.fault(&refusal).await;
    let call = call(1, "list_spaces", json!({}));
    let first = tokio::spawn(json_of(team.ask(&team.anna, &call)));
    team.saki.log(1).await;
    let second = tokio::spawn(json_of(team.ask(&team.eve, &call)));
    // By then, the second one would have been refused too.
    for _ in 0..20 {
        reply(team.ask(&team.eve, &request(2, "tools/list", json!({})))).await;
    }
    team.saki.clear_faults().await;
    for answer in [first, second] {
        let (_, answer) = answer.await.unwrap();
        assert_eq!(
            answer["result"]["structuredContent"]["data"][0]["id"], 1,
            "{answer}"
        );
    }
    let log = team.saki.log(1).await;
    let refused = log.iter().filter(|request| request["status"] == 429);
    assert_eq!(refused.count(), 1, "{log:#?}");
}
