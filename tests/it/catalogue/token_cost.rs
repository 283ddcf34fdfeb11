//! What the catalogue costs a model, in its tokens.

use saki_mcp::server::{Identity, McpHandler};

use crate::support::fixture_server::initialize;
use crate::support::line_client::Lines;
use crate::support::server_under_test::World;
use crate::support::tool_list::{listed, name};

/// What the model reads.
const MOST_TOKENS: usize = 5000;
const MOST_TOKENS_OF_ONE: usize = 900;
const MOST_TOKENS_OF_INSTRUCTIONS: usize = 400;

pub(crate) fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton()
        .encode_ordinary(text)
        .len()
}

#[tokio::test]
async fn the_tool_list_stays_within_its_token_budget() {
    let mut all = 0;
    for tool in listed().await {
        let schema = tool["inputSchema"].to_string();
        let text = [name(&tool), tool["description"].as_str().unwrap(), &schema].join("\n");
        let cost = tokens(&text);
        eprintln!("{cost:5} {}", name(&tool));
        assert!(cost <= MOST_TOKENS_OF_ONE, "{}: {cost} tokens", name(&tool));
        all += cost;
    }
    eprintln!("{all:5} all");
    assert!(all <= MOST_TOKENS, "{all} tokens");
}

#[tokio::test]
async fn the_instructions_are_short_for_every_kind_of_server() {
    let world = World::new().await;
    let tools = world.handler.tools();
    for (sandbox, has_key) in [(true, true), (false, true), (false, false)] {
        let handler = McpHandler::new(
            tools.clone(),
            &Identity {
                name: None,
                sandbox,
                has_key,
            },
        );
        let mut lines = Lines::to(handler);
        let answer = lines.ask(&initialize("2025-11-25")).await;
        let text = answer["result"]["instructions"].as_str().unwrap();
        eprintln!("{:5} sandbox {sandbox}, key {has_key}", tokens(text));
        assert!(
            tokens(text) <= MOST_TOKENS_OF_INSTRUCTIONS,
            "{} tokens: {text}",
            tokens(text)
        );
        for word in ["space", "cluster", "slot", "timezone", "page", "now"] {
            assert!(text.contains(word), "nothing about {word}: {text}");
        }
    }
}
