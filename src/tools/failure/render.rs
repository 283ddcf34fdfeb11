//! Error rendering: a client error as text for an agent (what happened, then the next step) and as facts for programs.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::field_error_lines::{FieldMapper, MappedField, error_lines};
use super::next_step::{
    after_network_error, after_refusal_in_body, after_status, after_unreadable_body,
    after_validation,
};
use super::plan_usage::PlanUsage;
use super::remaining_words::remaining_words;
use super::{Failure, FailureClass, FailureFacts};
use crate::saki::field_errors::{FieldError, field_errors};
use crate::saki::{Error, ErrorResponse, NetworkFailure};
use crate::write::quote_text::{quote_at_most, quote_truncated, single_line};

/// The most characters of a body that is no JSON.
const MAX_BODY: usize = 4000;

/// Renders an error of the client as a failure.
pub(super) fn render(
    error: &Error,
    mapper: &impl FieldMapper,
    plan: Option<&PlanUsage>,
) -> Failure {
    let mapped: Vec<(FieldError, MappedField)> = field_errors(error)
        .into_iter()
        .map(|field_error| {
            let field = mapper.map_field(&field_error.field);
            (field_error, field)
        })
        .collect();
    let mut failure = Failure::new(error_text(error, &mapped, plan));
    *failure.facts = FailureFacts {
        status: error.status(),
        retry_after: error.retry_after().map(|wait| wait.as_secs()),
        errors: messages_by_field(mapped),
        class: class(error),
        ..FailureFacts::default()
    };
    failure
}

fn messages_by_field(mapped: Vec<(FieldError, MappedField)>) -> Map<String, Value> {
    let mut errors = Map::new();
    for (field_error, field) in mapped {
        let messages = errors.entry(field.field).or_insert_with(|| json!([]));
        if let Value::Array(messages) = messages {
            messages.push(field_error.message.into());
        }
    }
    errors
}

fn error_text(
    error: &Error,
    mapped: &[(FieldError, MappedField)],
    plan: Option<&PlanUsage>,
) -> String {
    match error {
        Error::NoKey => "No Saki API key is set, so no call can reach Saki. A person creates a key in Saki under \
            Settings > API, stores it with `saki-mcp auth set` (or sets it as SAKI_API_KEY in the `env` block of the MCP \
            client's configuration), and restarts this server."
            .to_owned(),
        Error::Key(why) => format!(
            "The Saki API key cannot be used: {why}. A person corrects SAKI_API_KEY (or the file named by \
            SAKI_API_KEY_FILE) in the configuration of this server. Keys are created in Saki under Settings > API."
        ),
        Error::BaseUrl(why) => format!("SAKI_BASE_URL {why}."),
        Error::ClientSetup(why) => format!("The HTTP client could not be set up: {why}. `SAKI_LOG=debug` shows more."),
        Error::InvalidPathSegment { field, given } => format!(
            "`{field}`: {} is not an id, so nothing was sent. Take the id from the matching list tool.",
            quote_truncated(given)
        ),
        Error::InvalidRequest(why) => format!("Nothing was sent: {why}."),
        Error::UnsupportedByShortForm(features, answer) => format!(
            "{}\nNothing was changed. This Saki accepts only one text for all accounts, with a time to publish it. It does not \
             support {}. Leave that out and pass a `scheduled_at`, or let a person do it in Saki's web app.",
            refusal_text("", answer, mapped),
            features.join(", ")
        ),
        Error::DueTooSoon { at } => format!(
            "Nothing was sent: the time {at} came too close while waiting for Saki. A post whose time has passed may go \
             out at once. Pass a later `scheduled_at`."
        ),
        Error::Status(answer) => status_text(answer, error, mapped, plan),
        Error::RefusedInBody(answer) => then(
            refusal_text(", and refused it in its answer", answer, mapped),
            &after_refusal_in_body(answer),
        ),
        Error::NotJson(answer) => format!(
            "Saki answered {} to {} {}{}, but {}. {}",
            answer.status,
            answer.method,
            answer.path,
            after_tries(error),
            unreadable_body(&answer.body),
            after_unreadable_body(answer)
        ),
        Error::Network { method, path, failure, reason, .. } => format!(
            "{} ({method} {path}{}: {reason}). {}",
            network_text(*failure),
            after_tries(error),
            after_network_error(method, path, *failure)
        ),
    }
}

/// None for a read that got no answer, since it leaves nothing unknown.
fn class(error: &Error) -> Option<FailureClass> {
    let method = match error {
        Error::Network { method, .. } => Some(method),
        _ => error.response().map(|answer| &answer.method),
    };
    if error.was_never_sent() {
        Some(FailureClass::NotSent)
    } else if !error.outcome_unknown() {
        Some(FailureClass::Rejected)
    } else {
        let is_read = method.is_some_and(Method::is_safe);
        (!is_read).then_some(FailureClass::UnknownOutcome)
    }
}

fn unreadable_body(body: &str) -> String {
    match body.trim() {
        "" => "its answer is empty".to_owned(),
        body => format!(
            "its answer is not JSON: {}",
            quote_truncated(&strip_html(body))
        ),
    }
}

/// ` after 3 tries`, where there was more than one.
fn after_tries(error: &Error) -> String {
    match error.attempts() {
        0 | 1 => String::new(),
        tries => format!(" after {tries} tries"),
    }
}

fn network_text(lost: NetworkFailure) -> &'static str {
    match lost {
        NetworkFailure::Dns => "Nothing was sent: the host name of Saki could not be resolved",
        NetworkFailure::Connect => "Nothing was sent: no connection to Saki could be made",
        NetworkFailure::Tls => "Nothing was sent: the TLS connection to Saki failed",
        NetworkFailure::Timeout => "Saki did not answer in time",
        NetworkFailure::Reset => "The connection to Saki ended before the whole answer arrived",
    }
}

fn status_text(
    answer: &ErrorResponse,
    error: &Error,
    mapped: &[(FieldError, MappedField)],
    plan: Option<&PlanUsage>,
) -> String {
    let text = refusal_text(&after_tries(error), answer, mapped);
    if error.is_validation() {
        let fields = mapped.iter().map(|(_, field)| field);
        format!("{text}\n{}", after_validation(answer, fields, plan))
    } else {
        then(text, &after_status(answer, error, plan))
    }
}

/// A text and the next step, which never stands on a line of Saki's words.
fn then(text: String, next: &str) -> String {
    let separator = if text.contains('\n') { '\n' } else { ' ' };
    format!("{text}{separator}{next}")
}

/// What Saki answered, with all its words.
fn refusal_text(
    manner: &str,
    answer: &ErrorResponse,
    mapped: &[(FieldError, MappedField)],
) -> String {
    let mut text = format!(
        "Saki answered {} to {} {}{manner}",
        answer.status, answer.method, answer.path
    );
    match body_message(answer, mapped) {
        Some(message) => text.push_str(&format!(": {}.", message.trim_end_matches('.'))),
        None if mapped.is_empty() => text.push('.'),
        None => text.push(':'),
    }
    for line in error_lines(mapped) {
        text.push('\n');
        text.push_str(&line);
    }
    let status = answer.status.to_string();
    let is_said = |word: &str| {
        let is_message = |(error, _): &(FieldError, MappedField)| {
            single_line(&error.message).contains(word) || error.field == word
        };
        text.contains(word.trim_end_matches('.'))
            || word == status
            || mapped.iter().any(is_message)
            || repeats_field_error(word, mapped)
    };
    let body = serde_json::from_str(&answer.body).unwrap_or_default();
    if let Some(words) = remaining_words(&body, is_said) {
        text.push_str(&format!("\nSaki also says: {words}"));
    }
    text
}

/// What the body says beside its field errors: the message of a JSON body, or any other body.
fn body_message(answer: &ErrorResponse, mapped: &[(FieldError, MappedField)]) -> Option<String> {
    let body = answer.body.trim();
    if body.is_empty() {
        return None;
    }
    let Ok(json) = serde_json::from_str::<Value>(body) else {
        return Some(quote_at_most(&strip_html(body), MAX_BODY));
    };
    let text = |name: &&str| json.get(*name)?.as_str();
    let message = ["message", "error", "detail", "title"]
        .iter()
        .find_map(text);
    let message = message.or(json.as_str()).map(single_line)?;
    let is_new = !message.is_empty() && !repeats_field_error(&message, mapped);
    is_new.then(|| message.into_owned())
}

/// Laravel's message is its first field error once more, and how many there are.
fn repeats_field_error(message: &str, mapped: &[(FieldError, MappedField)]) -> bool {
    let first = message.split(" (and ").next().unwrap_or_default();
    mapped
        .iter()
        .any(|(field_error, _)| single_line(&field_error.message).starts_with(first))
}

/// The text of an HTML page, without its head where it has a body.
fn strip_html(page: &str) -> String {
    let body = page.find("<body").map_or(page, |at| &page[at..]);
    let mut text = String::new();
    let mut in_tag = false;
    for c in body.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push(' ');
            }
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    single_line(&text).into_owned()
}
