//! Server info and instructions: what a client and a model are told once, in the answer to `initialize`.

use rmcp::model::{Implementation, ServerCapabilities, ServerConfig};

use super::description_filter::filter_instructions;
use super::permitted_tools;
use crate::tools::Settings;

/// What server info and instructions depend on besides the settings.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The name that the operator gave the server, so that clients tell two of them apart.
    pub name: Option<String>,
    /// Whether the server talks to the embedded Saki.
    pub sandbox: bool,
    /// Whether a usable key is set.
    pub has_key: bool,
}

pub(super) fn config(identity: &Identity, settings: &Settings) -> ServerConfig {
    let (name, title) = match (&identity.name, identity.sandbox) {
        (Some(name), _) => (name.as_str(), format!("Saki ({name})")),
        (None, true) => ("saki-sandbox", "Saki (sandbox)".to_owned()),
        (None, false) => ("saki", "Saki".to_owned()),
    };
    let implementation = Implementation::new(name, env!("CARGO_PKG_VERSION"))
        .with_title(title)
        .with_description("Plan, schedule, check and repair social-media posts in Saki.")
        .with_website_url("https://usesaki.com");
    ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
        .with_server_info(implementation)
        .with_instructions(instructions(identity, settings))
}

fn instructions(identity: &Identity, settings: &Settings) -> String {
    let text = include_str!("instructions.md").trim_end();
    let mut text = filter_instructions(&settings.policy, text);
    match settings.timezone.as_ref().and_then(|zone| zone.iana_name()) {
        Some(zone) => text.push_str(&format!("\nTimes without a zone are read in {zone}.")),
        None => text.push_str(
            "\nNo default time zone is set: give every time with `timezone` or an offset.",
        ),
    }
    if let Some(line) = permitted_tools::instructions_line(&settings.policy) {
        text.push('\n');
        text.push_str(&line);
    }
    if identity.sandbox {
        text.push_str("\nThis is a sandbox: an invented Saki in memory. Nothing is ever published, and its data ends with the server.");
    } else if !identity.has_key {
        text.push_str("\nNo API key is set yet: every call fails and says how to set it.");
    }
    text
}
