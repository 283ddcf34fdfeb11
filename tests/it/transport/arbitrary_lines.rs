//! Arbitrary lines on standard input: each is answered or ignored, and the next good call is answered.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::support::arbitrary::{config, damages, json, mutated};
use crate::support::fixture_server::{call, request};
use crate::support::line_client::Lines;
use crate::support::server_under_test::World;

/// Messages that are understood, before they are damaged.
fn messages() -> Vec<Value> {
    vec![
        call(1, "list_spaces", json!({})),
        call(2, "get_post", json!({"space_id": 1, "post_id": 106})),
        call(
            3,
            "create_post",
            json!({"space_id": 1, "account_ids": [11], "content": "A", "publish": "draft"}),
        ),
        request(4, "tools/list", json!({})),
        request(5, "ping", json!({})),
        request(6, "resources/list", json!({})),
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1, "reason": "x"}}),
        json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": 1, "progress": 0.5}}),
        json!({"jsonrpc": "2.0", "id": 9, "result": {}}),
        json!({"jsonrpc": "2.0", "id": 9, "error": {"code": -1, "message": "m"}}),
    ]
}

#[test]
fn arbitrary_lines_leave_the_next_call_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = runtime.block_on(World::new());
    let messages = messages();
    let number = std::cell::Cell::new(0);
    let line = (
        any::<Index>(),
        prop::collection::vec((any::<Index>(), json()), 0..3),
        damages(),
        prop::sample::select(vec![1, 1, 1, 1, 1, 1, 1, 20_000]),
    );
    let lines = prop::collection::vec(line, 1..8);
    let outcome = TestRunner::new(config(150)).run(&lines, |lines| {
        number.set(number.get() + 1);
        runtime.block_on(async {
            let mut client = Lines::initialized(world.handler.clone()).await;
            let mut sent = Vec::new();
            for (message, changes, damage, padding) in lines {
                let message = mutated(message.get(&messages).clone(), changes);
                let mut bytes = damage.done_to(message.to_string().into_bytes());
                // Long lines, up to a few megabytes.
                if padding > 1 {
                    bytes.extend(b"{\"long\": ".repeat(padding));
                }
                bytes.push(b'\n');
                client.write(&bytes).await;
                sent.push(String::from_utf8_lossy(&bytes[..bytes.len().min(500)]).into_owned());
            }
            let id = format!("good-{}", number.get());
            let mut good = call(0, "list_spaces", json!({}));
            good["id"] = json!(id);
            client.send(&good).await;
            loop {
                let line = client.line().await;
                let answer: Value = serde_json::from_str(&line).unwrap();
                // A line that is a batch gets a batch of answers.
                let answers = answer
                    .as_array()
                    .map_or(std::slice::from_ref(&answer), Vec::as_slice);
                prop_assert!(
                    answers.iter().all(|answer| answer["jsonrpc"] == "2.0"),
                    "{}",
                    line
                );
                if answer["id"] == *id {
                    prop_assert_eq!(
                        &answer["result"]["structuredContent"]["data"][0]["id"],
                        1,
                        "{:?}",
                        sent
                    );
                    return Ok(());
                }
            }
        })
    });
    outcome.unwrap();
}
