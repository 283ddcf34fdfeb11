//! What the sandbox was asked for: by which tool, and about which spaces and accounts.

use saki_mcp::sandbox::LoggedRequest;
use serde_json::Value;

/// The tools that write, and the addresses they write to; files that a post brings along are uploaded before it.
const WRITES: [(&str, &str, &str); 18] = [
    ("create_space", "POST", "/spaces"),
    ("update_space", "PUT", "/spaces/{space_id}"),
    ("delete_space", "DELETE", "/spaces/{space_id}"),
    ("create_post", "POST", "/spaces/{space_id}/posts"),
    ("create_post", "POST", "/media"),
    ("update_post", "PUT", "/spaces/{space_id}/posts/{post_id}"),
    (
        "delete_post",
        "DELETE",
        "/spaces/{space_id}/posts/{post_id}",
    ),
    (
        "update_cluster",
        "PUT",
        "/spaces/{space_id}/clusters/{cluster_id}",
    ),
    ("update_cluster", "POST", "/media"),
    (
        "set_account_active",
        "PATCH",
        "/spaces/{space_id}/accounts/{account_id}/activate",
    ),
    (
        "disconnect_account",
        "DELETE",
        "/spaces/{space_id}/accounts/{account_id}",
    ),
    ("upload_media", "POST", "/media"),
    ("delete_media", "DELETE", "/media/{media_id}"),
    ("create_slot", "POST", "/spaces/{space_id}/slots"),
    (
        "delete_slot",
        "DELETE",
        "/spaces/{space_id}/slots/{slot_id}",
    ),
    ("create_webhook", "POST", "/spaces/{space_id}/webhooks"),
    (
        "update_webhook",
        "PUT",
        "/spaces/{space_id}/webhooks/{webhook_id}",
    ),
    (
        "delete_webhook",
        "DELETE",
        "/spaces/{space_id}/webhooks/{webhook_id}",
    ),
];

/// The tools that a write can be of.
pub(crate) fn made_by(logged: &LoggedRequest) -> impl Iterator<Item = &'static str> {
    let is_it = |(_, method, template): &&(&str, &str, &str)| {
        logged.method == *method && logged.endpoint.as_deref() == Some(template)
    };
    WRITES.iter().filter(is_it).map(|(tool, ..)| *tool)
}

/// The ids that the path of a request names.
pub(crate) fn ids(logged: &LoggedRequest) -> impl Iterator<Item = (&str, u64)> {
    let template = logged.endpoint.as_deref().unwrap_or_default();
    let steps = template.split('/').zip(logged.path.split('/'));
    steps.filter_map(|(step, value)| {
        let name = step.strip_prefix('{')?.strip_suffix('}')?;
        Some((name, value.parse().ok()?))
    })
}

/// Whether a request says of anything that is called so, in its path or a field, that it is not within.
pub(crate) fn strays(
    logged: &LoggedRequest,
    word: &str,
    within: impl Fn(u64) -> bool + Copy,
) -> bool {
    // A path that is no address, or an id that is no number, is not known to be within.
    let in_path = match (&logged.endpoint, word) {
        (None, _) => true,
        (Some(template), "space") if template.contains("{space_id}") => {
            !ids(logged).any(|(name, id)| name == "space_id" && within(id))
        }
        _ => ids(logged).any(|(name, id)| name.contains(word) && !within(id)),
    };
    let query = logged.query.iter().flat_map(|query| query.split('&'));
    let in_query = query
        .filter_map(|pair| pair.split_once('='))
        .any(|(name, value)| {
            name.to_lowercase().contains(word) && !is_within(&value.into(), within)
        });
    let in_body = logged
        .body
        .as_ref()
        .is_some_and(|body| names(body, word, within));
    in_path || in_query || in_body
}

/// Whether a field at any depth that is called so says something that is not within.
pub(crate) fn names(value: &Value, word: &str, within: impl Fn(u64) -> bool + Copy) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            let is_it = name.to_lowercase().contains(word);
            is_it && !is_within(value, within) || names(value, word, within)
        }),
        Value::Array(items) => items.iter().any(|item| names(item, word, within)),
        _ => false,
    }
}

fn is_within(value: &Value, within: impl Fn(u64) -> bool + Copy) -> bool {
    match value {
        Value::Array(items) => items.iter().all(|item| is_within(item, within)),
        // A list in a form is sent as text.
        Value::String(text) => {
            serde_json::from_str::<Value>(text).is_ok_and(|value| is_within(&value, within))
        }
        _ => value.as_u64().is_some_and(within),
    }
}
