//! What a model is told under a policy: nothing of tools and parameters that are not there.

use std::collections::BTreeSet;

use saki_mcp::tools::Tools;
use saki_mcp::write::policy::{Limit, Mode};

use crate::support::policy_limits::{instructions, limited, spaces};
use crate::support::server_under_test::World;

/// The instructions and the description of every listed tool.
async fn texts(world: &World) -> Vec<String> {
    let tools = world.tools().await.into_iter();
    let descriptions = tools.filter_map(|tool| tool.description).map(Into::into);
    let mut texts = vec![instructions(world).await];
    texts.extend(descriptions);
    texts
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_lowercase() && c != '_')
        .collect()
}

#[tokio::test]
async fn without_a_policy_every_text_is_complete() {
    let texts = texts(&World::new().await).await;
    let written = include_str!("../../../../src/server/instructions.md");
    assert!(texts[0].starts_with(written.trim_end()));
    let all = Tools::router().list_all().into_iter();
    let all: Vec<String> = all
        .filter_map(|tool| Some(tool.description?.into()))
        .collect();
    assert_eq!(texts[1..], all);
}

#[tokio::test]
async fn in_read_only_mode_no_text_names_a_writing_tool() {
    let world = limited([Limit::Mode(Mode::ReadOnly)]).await;
    let listed = world.tools().await.into_iter();
    let listed: BTreeSet<String> = listed.map(|tool| tool.name.into()).collect();
    let all = Tools::router().list_all().into_iter();
    let gone = all.map(|tool| String::from(tool.name));
    let gone: Vec<String> = gone.filter(|name| !listed.contains(name)).collect();
    assert_eq!((listed.len(), gone.len()), (11, 16));
    for text in texts(&world).await {
        let words = words(&text);
        let named = gone.iter().find(|name| words.contains(name.as_str()));
        assert_eq!(named, None, "{text}");
        assert!(!text.is_empty());
    }
}

#[tokio::test]
async fn with_a_pinned_space_no_text_asks_for_it() {
    for (limit, asks) in [(spaces(&[1]), false), (spaces(&[1, 2]), true)] {
        let world = limited([limit]).await;
        let texts = texts(&world).await;
        let speak = texts.iter().any(|text| text.contains("space_id"));
        assert_eq!(speak, asks, "{texts:?}");
    }
}
