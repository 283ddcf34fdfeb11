//! Limits of a policy, and a world in which they hold.

use jiff::SignedDuration;
use saki_mcp::sandbox::SandboxOptions;
use saki_mcp::write::policy::{Limit, Policy, QuietHours, ToolChoice};

use crate::support::fixture_server::initialize;
use crate::support::line_client::Lines;
use crate::support::server_under_test::World;

/// A world where these limits hold.
pub(crate) async fn limited(limits: impl IntoIterator<Item = Limit>) -> World {
    let policy = limits.into_iter().fold(Policy::default(), Policy::limited);
    World::with(SandboxOptions::default(), |settings| {
        settings.policy = policy;
    })
    .await
}

pub(crate) fn spaces(ids: &[u64]) -> Limit {
    Limit::Spaces(ids.iter().copied().collect())
}

pub(crate) fn accounts(ids: &[u64]) -> Limit {
    Limit::Accounts(ids.iter().copied().collect())
}

pub(crate) fn quiet(hours: &str) -> Limit {
    let zone = saki_mcp::write::when::zone("Europe/Berlin").unwrap();
    Limit::QuietHours(QuietHours::new(hours.parse().unwrap(), zone))
}

pub(crate) fn lead(hours: i64) -> Limit {
    Limit::MinLead(SignedDuration::from_hours(hours))
}

pub(crate) fn tools(flag: &str, names: &[&str]) -> Limit {
    Limit::Tools(ToolChoice {
        flag: format!("{flag} {}", names.join(",")),
        tools: names.iter().map(|name| (*name).to_owned()).collect(),
        excludes: flag == "--exclude-tools",
    })
}

pub(crate) async fn instructions(world: &World) -> String {
    let answer = Lines::to(world.handler.clone())
        .ask(&initialize("2025-11-25"))
        .await;
    answer["result"]["instructions"]
        .as_str()
        .unwrap()
        .to_owned()
}
