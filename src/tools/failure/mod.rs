//! What an agent is told when a call fails: what happened, then what to do next.

use std::fmt::{Display, Write};

use rmcp::ErrorData;
use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, MetaObject};
use serde_json::{Map, Value, json};

use crate::saki::refusal::complaints;
use crate::saki::{Answer, Error, Lost};

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
                "Nothing was created. This Saki takes posts only as one text for all accounts at one time, which cannot \
                 say: {}. Leave that out and schedule with `publish: \"schedule\"` and `scheduled_at`, or make this post in \
                 Saki's web app.",
                what.join(", ")
            ),
            Error::Status(answer) => status_text(answer, &error),
            Error::NotJson(answer) if is_read(answer) => format!(
                "Saki's answer to {} {} is not JSON but {}. The base URL (SAKI_BASE_URL) may be wrong: it should end in /api.",
                answer.method, answer.path, shown(&answer.body)
            ),
            Error::NotJson(answer) => format!(
                "Saki took {} {} (status {}), but its answer cannot be read: {}. The change may have been made. Look \
                 with the matching list tool before doing anything again.",
                answer.method, answer.path, answer.status, shown(&answer.body)
            ),
            Error::Lost { method, path, lost, reason } => lost_text(method.is_safe(), path, *lost, reason),
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
            let errors: Map<_, _> = said
                .into_iter()
                .map(|one| (one.field, json!([one.message])))
                .collect();
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

fn lost_text(read: bool, path: &str, lost: Lost, reason: &str) -> String {
    let what = match lost {
        Lost::Dns => "Saki's host name could not be resolved, so nothing was sent",
        Lost::Connect => "No connection to Saki could be made, so nothing was sent",
        Lost::Tls => "The secure connection to Saki failed, so nothing was sent",
        Lost::Timeout => "Saki did not answer in time",
        Lost::Reset => "The connection ended before Saki's whole answer was there",
    };
    let next = match lost {
        Lost::Dns | Lost::Connect => {
            "Check the network and SAKI_BASE_URL; behind a proxy, set HTTPS_PROXY in this server's environment. The same call may be tried again."
        }
        Lost::Tls => {
            "Where a company's proxy opens TLS, its certificate belongs into the system's trust store (or SSL_CERT_FILE)."
        }
        Lost::Timeout | Lost::Reset if read => "The same call may be tried again.",
        Lost::Timeout | Lost::Reset => {
            "The change may or may not have been made. Look with the matching list tool before doing anything again; do not simply repeat this call."
        }
    };
    format!("{what} ({path}: {}). {next}", shown(reason))
}

fn status_text(answer: &Answer, error: &Error) -> String {
    let mut text = format!(
        "Saki answered {} to {} {}",
        answer.status, answer.method, answer.path
    );
    let _ = match said(answer) {
        Some(words) => write!(text, ": {}.", words.trim_end_matches('.')),
        None => write!(text, "."),
    };
    for complaint in complaints(error) {
        let _ = write!(text, "\n- {}: {}", complaint.field, complaint.message);
    }
    text.push(if error.is_validation() { '\n' } else { ' ' });
    text.push_str(&next_step(answer, error));
    text
}

fn next_step(answer: &Answer, error: &Error) -> String {
    match answer.status {
        300..=399 => format!(
            "A redirect{} means that the base URL is wrong; it is not followed, since it would carry the key. A person \
             corrects SAKI_BASE_URL (https://app.usesaki.com/api).",
            answer.location.as_ref().map(|to| format!(" to {to}")).unwrap_or_default()
        ),
        401 => "The API key is missing, wrong or revoked. A person makes a new one in Saki under Settings > API and sets \
                SAKI_API_KEY; trying again with the same key will not help."
            .to_owned(),
        402 => "The plan does not cover this. get_subscription shows the plan, its limits and what is left of them.".to_owned(),
        403 => "This key may not do this. Whoever owns the space in Saki can change that; list_spaces shows what the key may see.".to_owned(),
        404 => "No such thing exists, or this key may not see it. Take ids from list_spaces, list_posts or the matching list tool.".to_owned(),
        409 => "Something else changed it at the same time. Read it again, then decide.".to_owned(),
        413 => "What was sent is too large for Saki. Send a smaller file or a shorter text.".to_owned(),
        422 => "Nothing was changed. Correct what is named and call again.".to_owned(),
        429 => match error.retry_after() {
            Some(wait) => format!("Too many requests; nothing was done. Call again in {} s.", wait.as_secs().max(1)),
            None => "Too many requests; nothing was done. Call again in a minute.".to_owned(),
        },
        400..=499 if answer.status != 408 => "Nothing was changed. Correct the call, or ask the person who runs Saki.".to_owned(),
        _ if is_read(answer) => "That is a fault at Saki. The same call may be tried again in a while.".to_owned(),
        _ => "That is a fault at Saki, and the change may or may not have been made. Look with the matching list tool \
              before doing anything again; do not simply repeat this call."
            .to_owned(),
    }
}

/// Saki's own words, of JSON its message and of anything else the beginning.
fn said(answer: &Answer) -> Option<String> {
    let body = answer.body.trim();
    if body.is_empty() {
        return None;
    }
    let json = serde_json::from_str::<Value>(body).ok();
    let message = json.as_ref().and_then(|json| {
        ["message", "error", "detail", "title"]
            .iter()
            .find_map(|name| json.get(name)?.as_str().map(str::to_owned))
    });
    match (message, json) {
        (Some(message), _) => Some(message),
        (None, Some(json)) => Some(shown(&json.to_string())),
        (None, None) => Some(shown(&without_tags(body))),
    }
}

fn without_tags(body: &str) -> String {
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
