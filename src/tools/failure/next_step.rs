//! What to do after a failed call: one sentence that names the tool to call, or what a person does.

use serde_json::Value;

use crate::saki::{Answer, Error};

const WRONG_ADDRESS: &str = "Saki does not take this call at that address, so the base URL is probably wrong. A person \
    checks SAKI_BASE_URL (https://app.usesaki.com/api).";

pub(super) fn next_step(answer: &Answer, error: &Error) -> String {
    match answer.status {
        300..=399 => format!(
            "That is a redirect{}, which is not followed, since it would carry the key. A person corrects SAKI_BASE_URL \
             (https://app.usesaki.com/api).",
            answer.location.as_ref().map(|to| format!(" to {to}")).unwrap_or_default()
        ),
        401 => "The API key is wrong or revoked, and the same call will not work again with it. A person makes a new key in \
                Saki under Settings > API and sets SAKI_API_KEY."
            .to_owned(),
        402 => "The plan does not cover this. get_subscription shows the plan, its limits and what is left of them.".to_owned(),
        403 => "This key may not do that. list_spaces shows the spaces it may see; whoever owns the space can change that in Saki.".to_owned(),
        404 if !is_json(answer) => WRONG_ADDRESS.to_owned(),
        404 => match list_tool(&answer.path) {
            Some(tool) => {
                format!("There is no such thing, or this key may not see it. {tool} shows what there is.")
            }
            None if answer.path.starts_with("/media") => {
                "There is no such file, or this key may not see it. upload_media makes one and returns its id.".to_owned()
            }
            None => WRONG_ADDRESS.to_owned(),
        },
        405 | 419 => WRONG_ADDRESS.to_owned(),
        409 => match list_tool(&answer.path) {
            Some(tool) => format!("Something else changed it at the same time. Look with {tool}, then decide."),
            None => "Something else changed it at the same time.".to_owned(),
        },
        413 => "Nothing was done: it is too large for Saki. Send a smaller file or a shorter text.".to_owned(),
        422 => "Nothing was changed. Correct what is named and call again.".to_owned(),
        429 => match error.retry_after() {
            Some(wait) => format!("Nothing was done: too many calls. Call again in {} s.", wait.as_secs().max(1)),
            None => "Nothing was done: too many calls. Call again in a minute.".to_owned(),
        },
        400..=499 if answer.status != 408 => "Nothing was changed. Correct the call and try again.".to_owned(),
        _ if answer.method.is_safe() => match error.retry_after() {
            Some(wait) => format!("That is a fault at Saki. Call again in {} s.", wait.as_secs().max(1)),
            None => "That is a fault at Saki. Call again in a while.".to_owned(),
        },
        _ => format!("That is a fault at Saki. {}", unknown_outcome(&answer.path)),
    }
}

/// What to do about a write of which nobody knows whether it happened.
pub(super) fn unknown_outcome(path: &str) -> String {
    match list_tool(path) {
        Some(tool) => format!(
            "The change may or may not have been made: look with {tool} first, and do not simply repeat this call."
        ),
        None => "The change may or may not have been made, and Saki has no list of media to look at. Doing it again does no harm.".to_owned(),
    }
}

/// The tool that shows what stands below a path of the API; there is none for media.
fn list_tool(path: &str) -> Option<&'static str> {
    let has = |collection: &str| path.split('/').any(|segment| segment == collection);
    [
        ("media", None),
        ("subscription", None),
        ("posts", Some("list_posts")),
        ("clusters", Some("list_posts")),
        ("accounts", Some("list_accounts")),
        ("slots", Some("list_slots")),
        ("webhooks", Some("list_webhooks")),
    ]
    .into_iter()
    .find(|(collection, _)| has(collection))
    .map_or(Some("list_spaces"), |(_, tool)| tool)
}

fn is_json(answer: &Answer) -> bool {
    serde_json::from_str::<Value>(&answer.body).is_ok()
}
