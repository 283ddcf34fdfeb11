//! Faults on order: a delay, a status, a dropped connection, a spoiled reply.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::{Answer, Content};

/// A fault that waits for the calls it is meant for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// The only method that is meant; any when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A path template such as `/spaces/{space_id}/posts`, or a part of the raw path below `/api`; any path when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How many calls that are meant go well before.
    #[serde(default)]
    pub skip: u32,
    /// How many calls run into the fault.
    #[serde(default = "once")]
    pub count: u32,
    /// What happens.
    #[serde(flatten)]
    pub kind: Kind,
}

fn once() -> u32 {
    1
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// The answer takes longer.
    Delay {
        /// How much longer, in milliseconds.
        ms: u64,
        /// Whether the call takes effect before the wait; a client that gives up earlier prevents it otherwise.
        #[serde(default)]
        after_write: bool,
    },
    /// Another answer is given.
    Status {
        /// The HTTP status.
        status: u16,
        /// Headers to add, such as `Retry-After`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// A text is sent as HTML, anything else as JSON; a body that fits the status when left out.
        #[serde(default)]
        body: Option<Value>,
        /// Whether the call takes effect all the same.
        #[serde(default)]
        after_write: bool,
    },
    /// The connection ends before the call takes effect.
    DropBefore,
    /// The connection ends after the call took effect.
    DropAfter,
    /// The call takes effect, and half of the reply's body arrives.
    Truncate,
    /// The call takes effect, and the reply has no body.
    Empty,
    /// The call takes effect, and the reply is 200 with an HTML page.
    Html,
    /// The call takes effect, and the reply's body claims to be JSON and is not.
    Garbage,
    /// The call takes effect, and the reply's body is this one.
    Json {
        /// The body.
        body: Value,
    },
}

impl Fault {
    /// A fault that the next call runs into.
    pub fn new(kind: Kind) -> Self {
        Self {
            method: None,
            path: None,
            skip: 0,
            count: 1,
            kind,
        }
    }

    /// A status instead of the answer, without effect.
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Status {
            status,
            headers: BTreeMap::new(),
            body: None,
            after_write: false,
        })
    }

    /// The same with a header, where it is a status.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Kind::Status { headers, .. } = &mut self.kind {
            headers.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// The same for calls of one method and path only.
    #[must_use]
    pub fn on(mut self, method: &Method, path: &str) -> Self {
        self.method = Some(method.to_string());
        self.path = Some(path.to_owned());
        self
    }

    /// The same for so many calls.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self { count, ..self }
    }

    fn is_meant(&self, method: &str, path: &str, template: Option<&str>) -> bool {
        let wanted = self.path.as_deref();
        let by_path = wanted.is_none_or(|wanted| template == Some(wanted) || path.contains(wanted));
        let wanted = self.method.as_deref();
        by_path && wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
    }
}

/// What one call runs into.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Trouble {
    pub(super) wait_before: u64,
    pub(super) wait_after: u64,
    pub(super) kind: Option<Kind>,
}

impl Trouble {
    /// The word for the log.
    pub(super) fn name(&self) -> Option<String> {
        let word = match &self.kind {
            Some(kind) => json!(kind)["kind"].as_str().map(str::to_owned),
            None => None,
        };
        let waits = self.wait_before + self.wait_after > 0;
        word.or_else(|| waits.then(|| "delay".to_owned()))
    }

    /// The answer that stands in for the real one without its effect.
    pub(super) fn instead(&self) -> Option<Answer> {
        match &self.kind {
            Some(Kind::Status {
                after_write: false, ..
            }) => self.spoil(Answer::nothing(200)).into(),
            _ => None,
        }
    }

    /// The real answer, or what the fault makes of it.
    pub(super) fn spoil(&self, mut answer: Answer) -> Answer {
        match &self.kind {
            Some(Kind::Status {
                status,
                headers,
                body,
                ..
            }) => {
                let mut other = match body {
                    Some(Value::String(page)) => {
                        let mut other = Answer::html(*status, "");
                        other.body = Content::Html(page.clone());
                        other
                    }
                    Some(body) => Answer::json(*status, body.clone()),
                    None if *status >= 500 => Answer::html(*status, reason(*status)),
                    None => Answer::json(*status, json!({"message": reason(*status)})),
                };
                other.headers.extend(headers.clone());
                other
            }
            Some(Kind::Empty) => {
                answer.body = Content::None;
                answer
            }
            Some(Kind::Html) => Answer::html(200, "Saki"),
            Some(Kind::Garbage) => {
                answer.body = Content::Claimed("{\"data\": [{\"id\": 1, \"content\": ".to_owned());
                answer
            }
            Some(Kind::Json { body }) => {
                answer.body = Content::Json(body.clone());
                answer
            }
            _ => answer,
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        401 => "Unauthenticated.",
        402 => "Payment required.",
        403 => "This action is unauthorized.",
        409 => "Conflict.",
        413 => "The POST data is too large.",
        429 => "Too Many Attempts.",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        500.. => "Server Error",
        _ => "Refused.",
    }
}

/// All delays that are meant for a call and the first other fault, each used up by one.
pub(super) fn take(
    faults: &mut Vec<Fault>,
    method: &str,
    path: &str,
    template: Option<&str>,
) -> Trouble {
    let mut trouble = Trouble::default();
    for fault in faults.iter_mut() {
        let is_delay = matches!(fault.kind, Kind::Delay { .. });
        if !fault.is_meant(method, path, template) || (trouble.kind.is_some() && !is_delay) {
            continue;
        }
        if fault.skip > 0 {
            fault.skip -= 1;
            continue;
        }
        if fault.count == 0 {
            continue;
        }
        fault.count -= 1;
        match &fault.kind {
            Kind::Delay {
                ms,
                after_write: false,
            } => trouble.wait_before += ms,
            Kind::Delay { ms, .. } => trouble.wait_after += ms,
            kind => trouble.kind = Some(kind.clone()),
        }
    }
    faults.retain(|fault| fault.count > 0);
    trouble
}

#[cfg(test)]
mod tests;
