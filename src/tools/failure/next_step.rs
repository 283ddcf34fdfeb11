//! Next step: one sentence after a failed call that names the tool to call, or what a person does.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;

use super::field_error_lines::MappedField;
use super::plan_usage::PlanUsage;
use crate::saki::{Error, ErrorResponse, NetworkFailure};
use crate::tools::resource_path::{Collection, ResourcePath};

const WRONG_ADDRESS: &str = "Saki does not offer this call at that address, so the base URL is probably wrong. A person \
    checks SAKI_BASE_URL (https://app.usesaki.com/api).";
const CHANGE_PLAN: &str = "A person changes the plan in Saki.";

/// After an answer with an HTTP status other than 2xx and 422.
pub(super) fn after_status(
    answer: &ErrorResponse,
    error: &Error,
    plan: Option<&PlanUsage>,
) -> String {
    let path = ResourcePath::from_answer(answer);
    let is_read = answer.method.is_safe();
    let unchanged = if is_read { "" } else { "Nothing was changed. " };
    match answer.status {
        300..=399 => format!(
            "This redirect{} is not followed, because it would carry the key. A person corrects SAKI_BASE_URL \
             (https://app.usesaki.com/api).",
            answer.location.as_ref().map(|to| format!(" to {to}")).unwrap_or_default()
        ),
        401 => {
            let place = match &answer.key_origin {
                Some(origin) => format!("puts it where this one comes from: {origin}."),
                None => "puts it where `saki-mcp auth status` shows this one: SAKI_API_KEY in the client's entry wins over `saki-mcp auth set`.".to_owned(),
            };
            format!(
                "The API key is wrong or revoked, or more was copied with it, so the same call fails again. A person creates a new key in Saki \
                 under Settings > API and {place}"
            )
        }
        402 => payment_required(&path, plan),
        // Saki answers in JSON, so a page is from something else.
        403 if !is_json(answer) => "Something in front of Saki, such as a bot check, refused this call, so it says nothing of \
            the key. A person asks Saki's support to let API calls from this machine through."
            .to_owned(),
        403 => forbidden(&path),
        404 if !is_json(answer) => WRONG_ADDRESS.to_owned(),
        404 => match path.not_found() {
            Some(not_found) => {
                let next = match &not_found.list_call {
                    Some(call) => format!("{call} shows what there is."),
                    None => "upload_media uploads a file and returns its id.".to_owned(),
                };
                format!("{}, or this key has no access to it. {next}", not_found.sentence)
            }
            None => WRONG_ADDRESS.to_owned(),
        },
        407 => "The proxy of this machine wants a login, and nothing reached Saki. A person sets HTTPS_PROXY with user and \
            password."
            .to_owned(),
        405 | 419 => WRONG_ADDRESS.to_owned(),
        409 => {
            let next = path.verifying_call().map(|call| format!(" Call {call}, then decide."));
            format!(
                "{unchanged}Something else changed it at the same time.{}",
                next.unwrap_or_default()
            )
        }
        413 => format!("{unchanged}The request is too large for Saki. Send a smaller file or a shorter text."),
        429 => format!("{unchanged}Too many calls. Call again {}.", retry_time(answer, error, "in a minute")),
        400..=499 if answer.status != 408 => format!("{unchanged}Correct the call and try again."),
        503 if is_read => format!(
            "Saki is in maintenance or overloaded. Call again {}.",
            retry_time(answer, error, "in a while")
        ),
        _ if is_read => format!("The fault is at Saki. Call again {}.", retry_time(answer, error, "in a while")),
        _ => format!("The fault is at Saki. {}", after_unknown_outcome(&path)),
    }
}

/// After a refused validation (422).
pub(super) fn after_validation<'a>(
    answer: &ErrorResponse,
    fields: impl Iterator<Item = &'a MappedField>,
    plan: Option<&PlanUsage>,
) -> String {
    let mut steps: Vec<String> = Vec::new();
    if !answer.method.is_safe() {
        steps.push("Nothing was changed.".to_owned());
    }
    let exceeded = plan.filter(|plan| plan.is_exceeded());
    if let Some((plan, usage)) = exceeded.and_then(|plan| Some((plan, plan.usage()?))) {
        steps.push(format!(
            "{} does not have enough left: {usage}.",
            plan.name()
        ));
        steps.push(CHANGE_PLAN.to_owned());
        return steps.join(" ");
    }
    let mut has_fields = false;
    for field in fields {
        has_fields = true;
        if let Some(hint) = field.hint.as_ref().filter(|hint| !steps.contains(hint)) {
            steps.push(hint.clone());
        }
    }
    steps.push(match has_fields {
        true => "Correct these fields and call again.".to_owned(),
        false => "Saki names no field. If it is about the plan, get_subscription shows its limits."
            .to_owned(),
    });
    steps.join(" ")
}

/// After an answer of 2xx whose body refuses the call.
pub(super) fn after_refusal_in_body(answer: &ErrorResponse) -> String {
    match answer.method.is_safe() {
        true => "This is no result. Correct what it names, or call again.".to_owned(),
        false => {
            let verify = ResourcePath::from_answer(answer).verifying_call();
            let verify = verify.map(|call| format!(" {call} shows the present state."));
            format!(
                "It is not done, by Saki's words.{}",
                verify.unwrap_or_default()
            )
        }
    }
}

/// After a request that got no answer.
pub(super) fn after_network_error(method: &Method, path: &str, lost: NetworkFailure) -> String {
    match lost {
        NetworkFailure::Dns | NetworkFailure::Connect => {
            "Call again in a while. If that does not help, a person checks the network, SAKI_BASE_URL and, behind a proxy, HTTPS_PROXY.".to_owned()
        }
        NetworkFailure::Tls => {
            "A person checks SAKI_BASE_URL. If a company's proxy intercepts TLS, its certificate must be in the system's trust store, or in a file named by SAKI_CA_CERT. `saki-mcp doctor` shows more.".to_owned()
        }
        NetworkFailure::Timeout | NetworkFailure::Reset if method.is_safe() => "Call again.".to_owned(),
        NetworkFailure::Timeout | NetworkFailure::Reset => after_unknown_outcome(&ResourcePath::new(method, path)),
    }
}

/// After an answer of 2xx whose body cannot be read.
pub(super) fn after_unreadable_body(answer: &ErrorResponse) -> String {
    match answer.method.is_safe() {
        true => "A person checks SAKI_BASE_URL, which should end in /api.".to_owned(),
        false => after_unknown_outcome(&ResourcePath::from_answer(answer)),
    }
}

/// After a write that may or may not have happened.
fn after_unknown_outcome(path: &ResourcePath) -> String {
    match path.verifying_call() {
        Some(call) => format!(
            "The change may or may not have been made. Call {call} first, and do not simply repeat this call."
        ),
        None => "The change may or may not have been made. Saki cannot list media, so it cannot be checked. Repeating the call does no harm.".to_owned(),
    }
}

fn payment_required(path: &ResourcePath, plan: Option<&PlanUsage>) -> String {
    if path.collection() == Some(Collection::Subscription) {
        return format!("The plan does not cover this. {CHANGE_PLAN}");
    }
    match plan.and_then(|plan| Some((plan.name(), plan.usage()?))) {
        Some((name, usage)) => format!("{name} does not cover this: {usage}. {CHANGE_PLAN}"),
        None => format!(
            "The plan does not cover this. get_subscription shows the plan, its limits and what is left of them. {CHANGE_PLAN}"
        ),
    }
}

fn forbidden(path: &ResourcePath) -> String {
    let action = path.action();
    match path.space() {
        Some(space) => format!(
            "This key may not {action}. The owner of space {space} can change that in Saki; list_spaces shows the spaces that this key has access to."
        ),
        None => format!(
            "This key may not {action}. A person changes the rights of the key's user in Saki."
        ),
    }
}

/// When to retry (`Retry-After`): in how many seconds, and at what time by Saki's clock.
fn retry_time(answer: &ErrorResponse, error: &Error, default: &str) -> String {
    let Some(wait) = error.retry_after() else {
        return default.to_owned();
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
