//! What the operator's policy leaves of the catalogue: the tools that there are, and `space_id` where it can only be one.

use rmcp::model::{JsonObject, Tool};
use serde_json::Value;

use crate::write::policy::{Mode, Policy, PolicyViolation};

/// The tools that can leave nothing but drafts behind.
///
/// One that is new stays out of `drafts-only` until somebody decides about it.
const DRAFTING: [&str; 5] = [
    "create_post",
    "update_post",
    "update_cluster",
    "delete_post",
    "upload_media",
];

/// Whether a tool may be called at all.
///
/// # Errors
///
/// The limit that forbids it as a whole.
pub(super) fn allow(policy: &Policy, tool: &Tool) -> Result<(), PolicyViolation> {
    let name = &*tool.name;
    if let Some(choice) = policy.tool_choices().iter().find(|one| !one.allows(name)) {
        let why = format!("{name} is not among the tools that it leaves");
        return Err(PolicyViolation::new(&choice.flag, why, LISTED));
    }
    let hints = tool.annotations.as_ref();
    if hints.and_then(|hints| hints.read_only_hint) == Some(true) {
        return Ok(());
    }
    let refuse = |limit: String, why: &str| {
        Err(PolicyViolation::new(limit, format!("{name} {why}"), LISTED))
    };
    let flag = || format!("--mode {}", policy.mode().word());
    match policy.mode() {
        Mode::ReadOnly => return refuse(flag(), "changes something"),
        Mode::DraftsOnly if !DRAFTING.contains(&name) => {
            return refuse(flag(), "is about more than drafts");
        }
        Mode::DraftsOnly | Mode::Full => {}
    }
    if let Some(limit) = policy.limit_of_spaces()
        && matches!(name, "create_space" | "delete_space")
    {
        return refuse(limit, "changes which spaces there are");
    }
    if let Some(limit) = policy.limit_of_accounts()
        && name == "delete_space"
    {
        return refuse(limit, "takes other accounts along");
    }
    Ok(())
}

const LISTED: &str = "the tools that tools/list names";

/// An input schema where a pinned space is not asked for.
pub(super) fn without_space(schema: &mut JsonObject) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.shift_remove("space_id");
    }
    space_is_optional(schema);
}

/// An input schema where the space may be left out; one that is named all the same is still looked at.
pub(super) fn space_is_optional(schema: &mut JsonObject) {
    let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) else {
        return;
    };
    required.retain(|name| name != "space_id");
    if required.is_empty() {
        schema.shift_remove("required");
    }
}

/// What the instructions say of it, in one line.
pub(super) fn line(policy: &Policy) -> Option<String> {
    let said = policy.flags();
    (!said.is_empty()).then(|| {
        format!(
            "The operator's policy, which no call can change: {}.",
            said.join(", ")
        )
    })
}
