//! The binary as a server: what it writes, and how it comes to its end.

use axum::Router;
use serde_json::{Value, json};

use crate::support::child_process::{Alone, Serving};
use crate::support::fixture_server::{MODERN, call, initialize, modern, request, text};
use crate::support::post_arguments::new_post;
use crate::support::unresponsive_saki;

const SANDBOX: [(&str, &str); 1] = [("SAKI_SANDBOX", "1")];

fn list(id: u64) -> Value {
    request(id, "tools/list", json!({}))
}

/// All that was written is protocol.
fn only_protocol(serving: &Serving) {
    for line in &serving.said {
        let message: Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
    }
}

#[test]
fn standard_output_is_only_protocol_however_much_is_logged() {
    for level in ["info", "debug", "trace"] {
        let mut serving = Serving::initialized(&[], &[SANDBOX[0], ("SAKI_LOG", level)]);
        assert_eq!(
            serving.ask(&list(1))["result"]["tools"]
                .as_array()
                .unwrap()
                .len(),
            27
        );
        serving.ask(&call(2, "list_spaces", json!({})));
        serving.ask(&call(3, "get_space", json!({"space_id": 77})));
        serving.ask(&call(4, "no_such_tool", json!({})));
        serving.close_input();
        assert_eq!(serving.ended().code(), Some(0));
        assert_eq!(serving.said.len(), 5, "{level}: {:#?}", serving.said);
        only_protocol(&serving);
    }
}

#[test]
fn the_end_of_the_input_is_a_clean_exit() {
    for started in [&[][..], &["stdio"]] {
        let mut serving = Serving::initialized(started, &SANDBOX);
        serving.close_input();
        assert_eq!(serving.ended().code(), Some(0));
    }
    // A client that only tries whether the program starts.
    let mut serving = Serving::start(&[], &SANDBOX);
    serving.close_input();
    assert_eq!(serving.ended().code(), Some(0));
    assert!(serving.said.is_empty());
}

#[test]
fn calls_already_read_are_answered_when_the_input_ends() {
    let mut serving = Serving::start(&[], &SANDBOX);
    serving.send(&initialize("2025-11-25"));
    for id in 1..=20 {
        serving.send(&call(id, "list_spaces", json!({})));
    }
    serving.close_input();
    assert_eq!(serving.ended().code(), Some(0));
    let mut ids: Vec<u64> = serving
        .said
        .iter()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["id"]
                .as_u64()
                .unwrap()
        })
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..=20).collect::<Vec<_>>());
}

#[test]
fn the_revision_without_a_handshake_is_served_too() {
    let mut serving = Serving::start(&[], &SANDBOX);
    let known = serving.ask(&modern(request(1, "server/discover", json!({}))));
    assert!(
        known["result"]["supportedVersions"]
            .as_array()
            .unwrap()
            .contains(&json!(MODERN)),
        "{known}"
    );
    let spaces = serving.ask(&modern(call(2, "list_spaces", json!({}))));
    assert_eq!(
        spaces["result"]["structuredContent"]["data"][1]["name"],
        "Studio North"
    );
}

#[test]
fn an_invalid_message_does_not_block_the_next_call() {
    let mut serving = Serving::initialized(&[], &SANDBOX);
    for bytes in [
        &b"hello\n"[..],
        b"\xff\xfe\xfd\n",
        b"{\"jsonrpc\": \"2.0\", \"id\": 7, \"met\n",
        b"[]\n",
        b"\n",
        b"\"\\ud800\"\n",
    ] {
        serving.write(bytes);
    }
    serving.send(&call(8, "list_spaces", json!({})));
    let answer = loop {
        let answer = serving.answer();
        if answer["id"] == 8 {
            break answer;
        }
        assert!(answer["error"]["code"].is_i64(), "{answer}");
    };
    assert_eq!(answer["result"]["structuredContent"]["data"][0]["id"], 1);
    only_protocol(&serving);
}

#[cfg(unix)]
#[test]
fn an_idle_server_ends_on_sigterm() {
    let mut serving = Serving::initialized(&[], &SANDBOX);
    serving.terminate();
    assert_eq!(serving.ended().code(), Some(0));
    assert_eq!(serving.said.len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_read_in_flight_is_ended_by_sigterm_and_not_waited_for() {
    let saki = Alone::start(&[]);
    saki.fault(&json!({"path": "/spaces", "kind": "delay", "ms": 60_000}))
        .await;
    let mut serving = Serving::initialized(
        &[],
        &[("SAKI_BASE_URL", &saki.base_url), ("SAKI_API_KEY", "sk-1")],
    );
    serving.send(&call(1, "list_spaces", json!({})));
    saki.log(1).await;
    serving.terminate();
    let answer = serving.answer();
    assert_eq!(answer["result"]["isError"], true);
    assert_eq!(
        answer["result"]["content"][0]["text"],
        "The server was stopped. The call only reads, so nothing was changed."
    );
    assert_eq!(serving.ended().code(), Some(0));
}

#[cfg(unix)]
#[tokio::test]
async fn a_write_in_flight_is_answered_before_the_end_and_done_once() {
    let saki = Alone::start(&[]);
    saki.fault(&json!({"method": "POST", "path": "/spaces", "kind": "delay", "ms": 1000}))
        .await;
    let mut serving = Serving::initialized(
        &[],
        &[("SAKI_BASE_URL", &saki.base_url), ("SAKI_API_KEY", "sk-1")],
    );
    serving.send(&call(1, "create_space", json!({"name": "Lab"})));
    saki.log(1).await;
    serving.terminate();
    serving.close_input();
    assert_eq!(
        serving.answer()["result"]["structuredContent"]["name"],
        "Lab"
    );
    assert_eq!(serving.ended().code(), Some(0));
    let log = saki.log(1).await;
    assert_eq!((log.len(), &log[0]["status"]), (1, &json!(201)));
}

#[cfg(unix)]
#[tokio::test]
async fn the_http_server_serves_loopback_and_ends_on_sigterm() {
    let mut serving = Serving::start(&["http", "--bind", "127.0.0.1:0"], &SANDBOX);
    let at = serving.logged_between("http://", "/mcp");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let health = client
        .get(format!("http://{at}/healthz"))
        .send()
        .await
        .unwrap();
    assert_eq!(health.status(), 200);
    let response = client
        .post(format!("http://{at}/mcp"))
        .json(&call(1, "list_spaces", json!({})))
        .header("accept", "application/json, text/event-stream")
        .send()
        .await
        .unwrap();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(
        answer["result"]["structuredContent"]["data"][0]["id"], 1,
        "{answer}"
    );
    let upload = client
        .post(format!("http://{at}/mcp"))
        .json(&call(2, "upload_media", json!({"path": "/etc/hostname"})))
        .send()
        .await
        .unwrap();
    let answer: Value = upload.json().await.unwrap();
    assert!(text(&answer).contains("not read over HTTP"), "{answer}");
    serving.terminate();
    assert_eq!(serving.ended().code(), Some(0));
    assert!(serving.said.is_empty(), "{:#?}", serving.said);
}

#[test]
fn two_servers_of_one_binary_introduce_themselves_by_their_own_names() {
    type Start<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str, &'a str);
    const KEY: (&str, &str) = ("SAKI_API_KEY", "k");
    let started: [Start<'_>; 5] = [
        (&[], &[KEY], "saki", "Saki"),
        (&["--sandbox"], &[], "saki-sandbox", "Saki (sandbox)"),
        (
            &["--name", "saki-north"],
            &[KEY],
            "saki-north",
            "Saki (saki-north)",
        ),
        (
            &["--sandbox"],
            &[("SAKI_NAME", "trial")],
            "trial",
            "Saki (trial)",
        ),
        (&[], &[KEY, ("SAKI_NAME", "")], "saki", "Saki"),
    ];
    for (arguments, variables, name, title) in started {
        let mut serving = Serving::start(arguments, variables);
        let answer = serving.ask(&initialize("2025-11-25"));
        let server = &answer["result"]["serverInfo"];
        assert_eq!(
            (&server["name"], &server["title"]),
            (&json!(name), &json!(title))
        );
        serving.close_input();
        assert_eq!(serving.ended().code(), Some(0));
    }
}

#[test]
fn the_name_of_the_server_is_a_prefix_of_its_tools_and_no_other_word_is() {
    let mut serving = Serving::initialized(&["--sandbox", "--name", "north-shop"], &[]);
    let draft = new_post("A").draft();
    for (id, prefix) in (1..).zip(["north-shop_", "mcp_north_shop_", "North-Shop-"]) {
        let answer = serving.ask(&call(id, &format!("{prefix}create_post"), draft.clone()));
        assert_eq!(answer["result"]["isError"], false, "{answer}");
    }
    for (id, prefix) in (10..).zip(["shop_", "undo_north-shop_"]) {
        let answer = serving.ask(&call(id, &format!("{prefix}create_post"), draft.clone()));
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
    serving.close_input();
    assert_eq!(serving.ended().code(), Some(0));
}

/// Memory that a process holds beside its binary, in MB.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn anonymous_memory(id: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("RssAnon:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<usize>()
        .unwrap()
        / 1000
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[tokio::test(flavor = "multi_thread")]
async fn memory_of_a_large_list_goes_back_to_the_system() {
    let posts: Vec<Value> = (0..12_000)
        .map(|id| json!({"id": id, "content": "New on the shelf: Huye Mountain, Rwanda.", "status": 1, "account_id": 11,
            "scheduled_at": "2027-04-10T07:00:00Z", "account": {"id": 11, "social": "twitter", "handler": "acmecoffee"}}))
        .collect();
    let page = json!({"data": posts, "meta": {"current_page": 1, "last_page": 1, "total": 12_000}})
        .to_string();
    let saki =
        unresponsive_saki::serve(Router::new().fallback(move || async move {
            ([("content-type", "application/json")], page.clone())
        }));
    let saki = saki.await;
    let environment = [
        ("SAKI_BASE_URL", saki.as_str()),
        ("SAKI_API_KEY", "sk-large-4711"),
    ];
    let mut serving = Serving::initialized(&[], &environment);
    let before = anonymous_memory(serving.id());
    let listed = serving.ask(&call(2, "list_posts", json!({"space_id": 1, "page": 1})));
    assert_eq!(
        listed["result"]["structuredContent"]["meta"]["count"], 12_000,
        "{listed:.300}"
    );
    let during = anonymous_memory(serving.id());
    assert!(during > before + 15, "{before} MB, then {during} MB");
    let bound = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while anonymous_memory(serving.id()) > before + 10 {
        assert!(
            std::time::Instant::now() < bound,
            "{before} MB, now {} MB",
            anonymous_memory(serving.id())
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
