//! The tools as `tools/list` shows them.

use serde_json::Value;

use crate::support::server_under_test::World;

/// The list as it goes over the wire.
pub(crate) async fn listed() -> Vec<Value> {
    let world = World::new().await;
    let tools = world.tools().await;
    tools
        .iter()
        .map(|tool| serde_json::to_value(tool).unwrap())
        .collect()
}

pub(crate) fn name(tool: &Value) -> &str {
    tool["name"].as_str().unwrap()
}

pub(crate) fn none(breaches: Vec<String>) {
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}
