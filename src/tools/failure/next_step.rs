//! What to do after a failed call: one sentence that names the tool to call, or what a person does.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::plan_usage::PlanUsage;
use super::resource_path::ResourcePath;
use crate::saki::{Error, ErrorResponse};

const WRONG_ADDRESS: &str = "Saki does not take this call at that address, so the base URL is probably wrong. A person \
    checks SAKI_BASE_URL (https://app.usesaki.com/api).";

/// What to do after an answer; a refusal of content says it beside its fields.
pub(super) fn next_step(answer: &ErrorResponse, error: &Error, plan: Option<&PlanUsage>) -> String {
    let place = ResourcePath::of_answer(answer);
    let is_read = answer.method.is_safe();
    match answer.status {
        300..=399 => format!(
            "That is a redirect{}, which is not followed, since it would carry the key. A person corrects SAKI_BASE_URL \
             (https://app.usesaki.com/api).",
            answer.location.as_ref().map(|to| format!(" to {to}")).unwrap_or_default()
        ),
        401 => "The API key is wrong or revoked, and the same call will not work again with it. A person makes a new key in \
                Saki under Settings > API and sets SAKI_API_KEY."
            .to_owned(),
        402 => no_plan(&place, plan),
        403 => forbidden(&place),
        404 if !is_json(answer) => WRONG_ADDRESS.to_owned(),
        404 => match place.missing() {
            Some(missing) => {
                let next = match &missing.listed {
                    Some(list) => format!("{list} shows what there is."),
                    None => "upload_media makes a file and returns its id.".to_owned(),
                };
                format!("{}, or this key may not see it. {next}", missing.what)
            }
            None => WRONG_ADDRESS.to_owned(),
        },
        405 | 419 => WRONG_ADDRESS.to_owned(),
        409 => match place.look() {
            Some(list) => format!(
                "Nothing was changed: something else changed it at the same time. Call {list}, then decide."
            ),
            None => "Nothing was changed: something else changed it at the same time.".to_owned(),
        },
        413 => "Nothing was done: it is too large for Saki. Send a smaller file or a shorter text.".to_owned(),
        429 => format!("Nothing was done: too many calls. Call again {}.", later(answer, error, "in a minute")),
        400..=499 if answer.status != 408 && is_read => "Correct the call and try again.".to_owned(),
        400..=499 if answer.status != 408 => "Nothing was changed. Correct the call and try again.".to_owned(),
        _ if is_read => format!("That is a fault at Saki. Call again {}.", later(answer, error, "in a while")),
        _ => format!("That is a fault at Saki. {}", unknown_outcome(&place)),
    }
}

/// What to do about a write of which nobody knows whether it happened.
pub(super) fn unknown_outcome(place: &ResourcePath) -> String {
    match place.look() {
        Some(list) => format!(
            "The change may or may not have been made: call {list} first, and do not simply repeat this call."
        ),
        None => "The change may or may not have been made, and Saki has no list of media to look at. Doing it again does no harm.".to_owned(),
    }
}

fn no_plan(place: &ResourcePath, plan: Option<&PlanUsage>) -> String {
    let who = "A person changes the plan in Saki.";
    if place.is_about("subscription") {
        return format!("The plan does not cover this. {who}");
    }
    match plan.and_then(|plan| Some((plan.name(), plan.numbers()?))) {
        Some((name, numbers)) => format!("{name} does not cover this: {numbers}. {who}"),
        None => format!(
            "The plan does not cover this. get_subscription shows the plan, its limits and what is left of them. {who}"
        ),
    }
}

fn forbidden(place: &ResourcePath) -> String {
    let action = place.action();
    match place.space() {
        Some(space) => format!(
            "This key may not {action}. Whoever owns space {space} can change that in Saki; list_spaces shows the spaces this key may see."
        ),
        None => format!(
            "This key may not {action}. A person changes in Saki what the user of the key may do."
        ),
    }
}

/// When to call again: in so many seconds, and when that is by Saki's own clock.
fn later(answer: &ErrorResponse, error: &Error, otherwise: &str) -> String {
    let Some(wait) = error.retry_after() else {
        return otherwise.to_owned();
    };
    let wait = wait.max(Duration::from_secs(1));
    let now = answer.date.and_then(|now| Timestamp::from_second(now).ok());
    match now.and_then(|now| now.checked_add(wait).ok()) {
        Some(at) => format!("in {} s (at {at})", wait.as_secs()),
        None => format!("in {} s", wait.as_secs()),
    }
}

fn is_json(answer: &ErrorResponse) -> bool {
    serde_json::from_str::<Value>(&answer.body).is_ok()
}
