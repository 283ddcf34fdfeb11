//! What an agent is told when a call fails: what happened, then what to do next.

mod next_step;

use std::fmt::Display;

use reqwest::Method;
use rmcp::ErrorData;
use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, MetaObject};
use serde_json::{Map, Value, json};

use crate::saki::refusal::{Complaint, complaints};
use crate::saki::{Answer, Error, Lost};
use next_step::{next_step, unknown_outcome};

/// A failed call as text for an agent, with facts for programs.
#[derive(Debug)]
pub struct Failure {
    text: String,
    facts: Map<String, Value>,
}

impl Failure {
    /// The call asks for something that cannot be; nothing was sent.
    pub fn refused(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            facts: Map::new(),
        }
        .class("not_sent")
    }

    /// An argument is not what it should be; nothing was sent.
    pub fn argument(field: &str, why: impl Display) -> Self {
        Self::refused(format!("`{field}`: {why}"))
    }

    /// It is not known whether a write happened.
    pub fn unknown_outcome(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            facts: Map::new(),
        }
        .class("unknown_outcome")
    }

    /// The server itself failed in the middle of a call.
    pub fn internal() -> Self {
        Self::unknown_outcome(
            "This call failed inside saki-mcp, which is a bug. Other calls still work. If this was a write, look \
             with list_posts or the matching list tool before trying again.",
        )
    }

    /// The text as an agent reads it.
    pub fn text(&self) -> &str {
        &self.text
    }

    #[must_use]
    fn class(mut self, class: &str) -> Self {
        self.facts.insert("class".to_owned(), class.into());
        self
    }
}

impl IntoCallToolResult for Failure {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        let mut result = CallToolResult::error(vec![ContentBlock::text(self.text)]);
        result.meta = Some(MetaObject(self.facts));
        Ok(result.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let tried = tried(&error);
        let text = match &error {
            Error::NoKey => "No Saki API key is set, so nothing can be asked of Saki. A person makes a key in Saki under \
                Settings > API and puts it into the environment variable SAKI_API_KEY of this server (in the `env` block of \
                the MCP client's configuration), then restarts it."
                .to_owned(),
            Error::Key(why) => format!(
                "The Saki API key that is set cannot be used: {why}. A person corrects SAKI_API_KEY (or the file named \
                by SAKI_API_KEY_FILE) in the configuration of this server; keys are made in Saki under Settings > API."
            ),
            Error::BaseUrl(why) => format!("SAKI_BASE_URL {why}."),
            Error::Setup(why) => format!("The HTTP client could not be set up: {why}. `SAKI_LOG=debug` shows more."),
            Error::Segment { field, given } => format!(
                "`{field}`: {} is not an id, so nothing was sent. Take the id from the matching list tool.",
                shown(given)
            ),
            Error::Unwritable(why) => format!("Nothing was sent: {why}."),
            Error::Unsayable(what) => format!(
                "Nothing was changed. This Saki takes only one text for all accounts, published at a time that is given; \
                 it has no words for {}. Leave that out and pass a `scheduled_at`, or let a person do it in Saki's web app.",
                what.join(", ")
            ),
            Error::TooClose { at } => format!(
                "Nothing was sent: the time {at} came too close while waiting for Saki, and a post whose time has passed may go \
                 out at once. Give a later `scheduled_at`."
            ),
            Error::Status(answer) => status_text(answer, &error),
            Error::NotJson(answer) if is_read(answer) => format!(
                "Saki answered {} to {} {}{tried}, but {}. A person checks SAKI_BASE_URL, which should end in /api.",
                answer.status, answer.method, answer.path, not_json(&answer.body)
            ),
            Error::NotJson(answer) => format!(
                "Saki answered {} to {} {}{tried}, but {}. {}",
                answer.status, answer.method, answer.path, not_json(&answer.body), unknown_outcome(&answer.path)
            ),
            Error::Lost { method, path, lost, reason, .. } => {
                lost_text(method, path, *lost, &format!("{tried}: {reason}"))
            }
        };
        let mut failure = Self {
            text,
            facts: Map::new(),
        };
        if let Some(answer) = error.answer() {
            failure
                .facts
                .insert("status".to_owned(), answer.status.into());
        }
        if let Some(wait) = error.retry_after() {
            failure
                .facts
                .insert("retry_after".to_owned(), wait.as_secs().into());
        }
        let said = complaints(&error);
        if !said.is_empty() {
            let mut errors = Map::new();
            for one in said {
                let of_field = errors.entry(one.field).or_insert_with(|| json!([]));
                if let Value::Array(of_field) = of_field {
                    of_field.push(one.message.into());
                }
            }
            failure.facts.insert("errors".to_owned(), errors.into());
        }
        match class(&error) {
            Some(class) => failure.class(class),
            None => failure,
        }
    }
}

fn is_read(answer: &Answer) -> bool {
    answer.method.is_safe()
}

/// For a read that got no answer there is nothing that could be unknown.
fn class(error: &Error) -> Option<&'static str> {
    let read = match error {
        Error::Lost { method, .. } => method.is_safe(),
        _ => error.answer().is_some_and(is_read),
    };
    match error {
        _ if error.was_never_sent() => Some("not_sent"),
        _ if error.leaves_a_write_open() => (!read).then_some("unknown_outcome"),
        _ => Some("rejected"),
    }
}

/// How often it was tried, where that was more than once.
fn tried(error: &Error) -> String {
    match error.tries() {
        0 | 1 => String::new(),
        tries => format!(" after {tries} tries"),
    }
}

fn not_json(body: &str) -> String {
    match body.trim() {
        "" => "its answer is empty".to_owned(),
        body => format!("its answer is not JSON: {}", shown(&without_tags(body))),
    }
}

fn lost_text(method: &Method, path: &str, lost: Lost, how: &str) -> String {
    let what = match lost {
        Lost::Dns => "Nothing was sent: the host name of Saki is not known here",
        Lost::Connect => "Nothing was sent: no connection to Saki could be made",
        Lost::Tls => "Nothing was sent: the secure connection to Saki failed",
        Lost::Timeout => "Saki did not answer in time",
        Lost::Reset => "The connection to Saki ended before its whole answer was there",
    };
    let next = match lost {
        Lost::Dns | Lost::Connect => {
            "Call again in a while. If it stays so, a person checks the network and SAKI_BASE_URL, and behind a proxy HTTPS_PROXY.".to_owned()
        }
        Lost::Tls => {
            "A person checks SAKI_BASE_URL; where a company's proxy opens TLS, its certificate belongs into the system's trust store or SSL_CERT_FILE.".to_owned()
        }
        Lost::Timeout | Lost::Reset if method.is_safe() => "Call again.".to_owned(),
        Lost::Timeout | Lost::Reset => unknown_outcome(path),
    };
    format!("{what} ({method} {path}{how}). {next}")
}

fn status_text(answer: &Answer, error: &Error) -> String {
    let mut text = format!(
        "Saki answered {} to {} {}{}",
        answer.status,
        answer.method,
        answer.path,
        tried(error)
    );
    let complaints = complaints(error);
    match said(answer, &complaints) {
        Some(words) => text.push_str(&format!(": {}.", words.trim_end_matches('.'))),
        None if complaints.is_empty() => text.push('.'),
        None => text.push(':'),
    }
    for complaint in complaints {
        text.push_str(&format!("\n- {}: {}", complaint.field, complaint.message));
    }
    text.push(if error.is_validation() { '\n' } else { ' ' });
    text.push_str(&next_step(answer, error));
    text
}

/// Saki's own words beside its complaints: of JSON its message, and of anything else the beginning.
fn said(answer: &Answer, complaints: &[Complaint]) -> Option<String> {
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
        Some(message) => (!repeats(message, complaints)).then(|| message.to_owned()),
        None => complaints.is_empty().then(|| shown(&json.to_string())),
    }
}

/// Laravel's message is its first complaint once more, and how many there are.
fn repeats(message: &str, complaints: &[Complaint]) -> bool {
    let first = message.split(" (and ").next().unwrap_or_default();
    complaints
        .iter()
        .any(|complaint| complaint.message.starts_with(first))
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

/// Text from elsewhere, quoted, on one line and cut.
pub(crate) fn shown(text: &str) -> String {
    const KEPT: usize = 200;
    let cut: String = text.chars().take(KEPT).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{cut:?}{more}")
}
