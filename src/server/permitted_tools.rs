//! Permitted tools: which tools the operator's policy leaves in the catalogue, and `space_id` where the policy pins it.

use rmcp::model::{JsonObject, Tool};
use serde_json::Value;

use crate::tools::{Access, ToolTraits, WriteScope};
use crate::write::policy::{Mode, Policy, PolicyViolation};

/// Whether a tool may be called at all.
///
/// # Errors
///
/// The limit that forbids every call of the tool.
pub(super) fn permit(
    policy: &Policy,
    tool: &Tool,
    traits: &ToolTraits,
) -> Result<(), PolicyViolation> {
    let name = &*tool.name;
    if let Some(choice) = policy.tool_choices().iter().find(|one| !one.allows(name)) {
        let why = format!("{name} is not among the permitted tools");
        return Err(PolicyViolation::new(&choice.flag, why, LISTED));
    }
    let Access::Write(scope) = traits.access else {
        return Ok(());
    };
    let refuse = |limit: String, why: &str| {
        Err(PolicyViolation::new(limit, format!("{name} {why}"), LISTED))
    };
    let flag = || format!("--mode {}", policy.mode().word());
    match policy.mode() {
        Mode::ReadOnly => return refuse(flag(), "changes something"),
        Mode::DraftsOnly if scope != WriteScope::Drafts => {
            return refuse(flag(), "changes more than drafts");
        }
        Mode::DraftsOnly | Mode::Full => {}
    }
    if let Some(limit) = policy.limit_of_spaces()
        && matches!(scope, WriteScope::CreatesSpace | WriteScope::DeletesSpace)
    {
        return refuse(limit, "adds or removes a space");
    }
    if let Some(limit) = policy.limit_of_accounts()
        && scope == WriteScope::DeletesSpace
    {
        return refuse(limit, "also removes other accounts");
    }
    Ok(())
}

const LISTED: &str = "the tools in tools/list";

/// Removes `space_id` from an input schema, where the policy pins the space.
pub(super) fn remove_space(schema: &mut JsonObject) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.shift_remove("space_id");
    }
    make_space_optional(schema);
}

/// Makes `space_id` optional in an input schema; a space that is passed all the same is still checked.
pub(super) fn make_space_optional(schema: &mut JsonObject) {
    let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) else {
        return;
    };
    required.retain(|name| name != "space_id");
    if required.is_empty() {
        schema.shift_remove("required");
    }
}

/// The line about the policy in the instructions.
pub(super) fn instructions_line(policy: &Policy) -> Option<String> {
    let limits = policy.flags();
    (!limits.is_empty()).then(|| {
        format!(
            "The operator's policy, which no call can change: {}.",
            limits.join(", ")
        )
    })
}
