//! A Saki that echoes the request: no answer and no question of any tool shows the key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::example_calls;
use crate::support::server_under_test::{KEY, World};

fn bodies() -> Vec<Value> {
    let header = format!("Bearer {KEY}");
    let (first, second) = KEY.split_at(9);
    vec![
        json!({"message": format!("Server Error for {header}")}),
        json!({"message": "x", "trace": [{"headers": {"authorization": header}}]}),
        json!({"errors": {"name": [format!("{first}\n  {second}")]}, "message": "x"}),
        json!({"message": STANDARD.encode(&header)}),
        json!(format!(
            "<html><body>HTTP_AUTHORIZATION: {header}<br>{}</body></html>",
            &KEY[3..]
        )),
        json!({"id": 7, "name": header, "content": &KEY[4..], "data": null}),
    ]
}

#[tokio::test]
async fn no_answer_shows_a_key_that_saki_echoes() {
    let encoded = STANDARD.encode(format!("Bearer {KEY}"));
    for body in bodies() {
        for status in [200, 403, 422, 500] {
            let world = World::new().await;
            for (tool, arguments) in example_calls::full() {
                let kind = FaultKind::Status {
                    status,
                    headers: Default::default(),
                    body: Some(body.clone()),
                    after_write: false,
                };
                world.sandbox().clear_faults();
                world.sandbox().fault(Fault::new(kind).times(20));
                let answer = world.call(tool, arguments).await;
                let shown = format!("{answer:?}").replace(char::is_whitespace, "");
                for part in [&KEY[..8], &KEY[4..12], &encoded[12..24]] {
                    assert!(!shown.contains(part), "{tool}: {status}: {part}: {shown}");
                }
            }
        }
    }
}
