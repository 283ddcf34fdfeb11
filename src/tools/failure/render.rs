//! What is said about an error of the API or the wire, and which facts stand beside it.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::field_mapper::{FieldMapper, MappedField, lines};
use super::next_step::{next_step, unknown_outcome};
use super::plan_usage::PlanUsage;
use super::resource_path::ResourcePath;
use super::{Failure, shown};
use crate::saki::field_errors::{FieldError, field_errors};
use crate::saki::{Error, ErrorResponse, NetworkFailure};

/// The error in words, and as facts.
pub(super) fn render(error: &Error, names: &impl FieldMapper, plan: Option<&PlanUsage>) -> Failure {
    let said: Vec<(FieldError, MappedField)> = field_errors(error)
        .into_iter()
        .map(|field_error| {
            let named = names.named(&field_error.field);
            (field_error, named)
        })
        .collect();
    let mut failure = Failure {
        text: text(error, &said, plan),
        facts: Map::new(),
        quotes: false,
    };
    let mut fact = |name: &str, value: Value| failure.facts.insert(name.to_owned(), value);
    if let Some(status) = error.status() {
        fact("status", status.into());
    }
    if let Some(wait) = error.retry_after() {
        fact("retry_after", wait.as_secs().into());
    }
    let mut errors = Map::new();
    for (field_error, named) in said {
        let of_field = errors.entry(named.field).or_insert_with(|| json!([]));
        if let Value::Array(of_field) = of_field {
            of_field.push(field_error.message.into());
        }
    }
    if !errors.is_empty() {
        fact("errors", errors.into());
    }
    match class(error) {
        Some(class) => failure.class(class),
        None => failure,
    }
}

fn text(error: &Error, said: &[(FieldError, MappedField)], plan: Option<&PlanUsage>) -> String {
    match error {
        Error::NoKey => "No Saki API key is set, so nothing can be asked of Saki. A person makes a key in Saki under \
            Settings > API and puts it into the environment variable SAKI_API_KEY of this server (in the `env` block of \
            the MCP client's configuration), then restarts it."
            .to_owned(),
        Error::Key(why) => format!(
            "The Saki API key that is set cannot be used: {why}. A person corrects SAKI_API_KEY (or the file named \
            by SAKI_API_KEY_FILE) in the configuration of this server; keys are made in Saki under Settings > API."
        ),
        Error::BaseUrl(why) => format!("SAKI_BASE_URL {why}."),
        Error::ClientSetup(why) => format!("The HTTP client could not be set up: {why}. `SAKI_LOG=debug` shows more."),
        Error::InvalidPathSegment { field, given } => format!(
            "`{field}`: {} is not an id, so nothing was sent. Take the id from the matching list tool.",
            shown(given)
        ),
        Error::InvalidRequest(why) => format!("Nothing was sent: {why}."),
        Error::UnsupportedByShortForm(what) => format!(
            "Nothing was changed. This Saki takes only one text for all accounts, published at a time that is given; \
             it has no words for {}. Leave that out and pass a `scheduled_at`, or let a person do it in Saki's web app.",
            what.join(", ")
        ),
        Error::DueTooSoon { at } => format!(
            "Nothing was sent: the time {at} came too close while waiting for Saki, and a post whose time has passed may go \
             out at once. Give a later `scheduled_at`."
        ),
        Error::Status(answer) => status_text(answer, error, said, plan),
        Error::NotJson(answer) => format!(
            "Saki answered {} to {} {}{}, but {}. {}",
            answer.status,
            answer.method,
            answer.path,
            tried(error),
            not_json(&answer.body),
            match answer.method.is_safe() {
                true => "A person checks SAKI_BASE_URL, which should end in /api.".to_owned(),
                false => unknown_outcome(&ResourcePath::of_answer(answer)),
            }
        ),
        Error::Network { method, path, failure, reason, .. } => {
            lost_text(method, path, *failure, &format!("{}: {reason}", tried(error)))
        }
    }
}

/// For a read that got no answer there is nothing that could be unknown.
fn class(error: &Error) -> Option<&'static str> {
    let read = match error {
        Error::Network { method, .. } => method.is_safe(),
        _ => error
            .response()
            .is_some_and(|answer| answer.method.is_safe()),
    };
    match error {
        _ if error.was_never_sent() => Some("not_sent"),
        _ if error.outcome_unknown() => (!read).then_some("unknown_outcome"),
        _ => Some("rejected"),
    }
}

fn not_json(body: &str) -> String {
    match body.trim() {
        "" => "its answer is empty".to_owned(),
        body => format!("its answer is not JSON: {}", shown(&without_tags(body))),
    }
}

/// How often it was tried, where that was more than once.
fn tried(error: &Error) -> String {
    match error.attempts() {
        0 | 1 => String::new(),
        tries => format!(" after {tries} tries"),
    }
}

fn lost_text(method: &Method, path: &str, lost: NetworkFailure, how: &str) -> String {
    let what = match lost {
        NetworkFailure::Dns => "Nothing was sent: the host name of Saki is not known here",
        NetworkFailure::Connect => "Nothing was sent: no connection to Saki could be made",
        NetworkFailure::Tls => "Nothing was sent: the secure connection to Saki failed",
        NetworkFailure::Timeout => "Saki did not answer in time",
        NetworkFailure::Reset => "The connection to Saki ended before its whole answer was there",
    };
    let next = match lost {
        NetworkFailure::Dns | NetworkFailure::Connect => {
            "Call again in a while. If it stays so, a person checks the network and SAKI_BASE_URL, and behind a proxy HTTPS_PROXY.".to_owned()
        }
        NetworkFailure::Tls => {
            "A person checks SAKI_BASE_URL; where a company's proxy opens TLS, its certificate belongs into the system's trust store or SSL_CERT_FILE.".to_owned()
        }
        NetworkFailure::Timeout | NetworkFailure::Reset if method.is_safe() => "Call again.".to_owned(),
        NetworkFailure::Timeout | NetworkFailure::Reset => unknown_outcome(&ResourcePath::of(method, path)),
    };
    format!("{what} ({method} {path}{how}). {next}")
}

fn status_text(
    answer: &ErrorResponse,
    error: &Error,
    said: &[(FieldError, MappedField)],
    plan: Option<&PlanUsage>,
) -> String {
    let mut text = format!(
        "Saki answered {} to {} {}{}",
        answer.status,
        answer.method,
        answer.path,
        tried(error)
    );
    match words(answer, said) {
        Some(words) => text.push_str(&format!(": {}.", words.trim_end_matches('.'))),
        None if said.is_empty() => text.push('.'),
        None => text.push(':'),
    }
    for line in lines(said) {
        text.push('\n');
        text.push_str(&line);
    }
    if error.is_validation() {
        text.push('\n');
        text.push_str(&correct(answer, said, plan));
    } else {
        text.push(' ');
        text.push_str(&next_step(answer, error, plan));
    }
    text
}

/// What to do after a refusal of content.
fn correct(
    answer: &ErrorResponse,
    said: &[(FieldError, MappedField)],
    plan: Option<&PlanUsage>,
) -> String {
    let mut next: Vec<&str> = Vec::new();
    if !answer.method.is_safe() {
        next.push("Nothing was changed.");
    }
    let used_up = plan.filter(|plan| plan.is_used_up());
    if let Some((plan, numbers)) = used_up.and_then(|plan| Some((plan, plan.numbers()?))) {
        let left = format!(
            "{} has less left than this asks for: {numbers}.",
            plan.name()
        );
        return [
            next.join(" "),
            left,
            "A person changes the plan in Saki.".to_owned(),
        ]
        .join(" ");
    }
    for (_, named) in said {
        if let Some(help) = named.next.as_deref().filter(|help| !next.contains(help)) {
            next.push(help);
        }
    }
    next.push(match said.is_empty() {
        true => "Saki names no field; if it is about the plan, get_subscription shows its limits.",
        false => "Correct what is named and call again.",
    });
    next.join(" ")
}

/// Saki's own words beside its field_errors: of JSON its message, and of anything else the beginning.
fn words(answer: &ErrorResponse, said: &[(FieldError, MappedField)]) -> Option<String> {
    let body = answer.body.trim();
    if body.is_empty() {
        return None;
    }
    let Ok(json) = serde_json::from_str::<Value>(body) else {
        return Some(shown(&without_tags(body)));
    };
    let message = ["message", "error", "detail", "title"]
        .iter()
        .find_map(|name| json.get(name)?.as_str());
    match message {
        Some(message) => (!repeats(message, said)).then(|| message.to_owned()),
        None => said.is_empty().then(|| shown(&json.to_string())),
    }
}

/// Laravel's message is its first field error once more, and how many there are.
fn repeats(message: &str, said: &[(FieldError, MappedField)]) -> bool {
    let first = message.split(" (and ").next().unwrap_or_default();
    said.iter()
        .any(|(field_error, _)| field_error.message.starts_with(first))
}

/// What a page says, without its head where it has a body.
fn without_tags(page: &str) -> String {
    let body = page.find("<body").map_or(page, |at| &page[at..]);
    let mut text = String::new();
    let mut inside = false;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
