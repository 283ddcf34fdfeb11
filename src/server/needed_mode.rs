//! Needed mode: how much a call must be allowed to change, as far as its tool and arguments say before it runs.

use serde_json::{Map, Value};

use super::McpHandler;
use super::catalogue::ToolCatalogue;
use crate::tools::{Access, ToolTraits, WriteScope};
use crate::write::policy::Mode;

impl McpHandler {
    /// The least that an access token must allow for a call. The policy judges the effects of the call, which may need more.
    pub fn needed_mode(&self, tool: &str, arguments: &Map<String, Value>) -> Mode {
        let ToolCatalogue { details, .. } = self.tool_catalogue();
        let details = details.get(self.resolve_tool_name(tool));
        // A tool that does not exist does nothing.
        details.map_or(Mode::ReadOnly, |details| {
            needed_mode(&details.traits, arguments)
        })
    }
}

fn needed_mode(traits: &ToolTraits, arguments: &Map<String, Value>) -> Mode {
    match traits.access {
        Access::Read => Mode::ReadOnly,
        Access::Write(WriteScope::Drafts) if !traits.deletes => {
            match goes_public(traits, arguments) {
                true => Mode::Full,
                false => Mode::DraftsOnly,
            }
        }
        Access::Write(_) => Mode::Full,
    }
}

/// Whether the arguments alone say that a post goes public, or is set to.
fn goes_public(traits: &ToolTraits, arguments: &Map<String, Value>) -> bool {
    let given = |name: &str| arguments.get(name).filter(|value| !value.is_null());
    match given("publish").and_then(Value::as_str).map(str::trim) {
        Some(publish) => !publish.eq_ignore_ascii_case("draft"),
        // A new post with a time is scheduled.
        None if traits.adds() && given("scheduled_at").is_some() => true,
        None => {
            given("status").is_some_and(|status| !["0", "\"0\""].contains(&&*status.to_string()))
        }
    }
}
