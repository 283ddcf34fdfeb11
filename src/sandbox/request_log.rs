//! Request log: every request as it arrived, without its key and without the bytes of uploads.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

use super::body_parser::MultipartFile;

/// One request in the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoggedRequest {
    /// HTTP method.
    pub method: String,
    /// Raw path: below `/api`, or the whole path outside of it.
    pub path: String,
    /// Path template of the route; `None` when no route matched.
    pub endpoint: Option<String>,
    /// Raw query without `?`.
    pub query: Option<String>,
    /// JSON body as it was sent, a text when it was not JSON, or the text fields of a multipart body.
    pub body: Option<Value>,
    /// Files of a multipart body.
    pub uploads: Vec<MultipartFile>,
    /// `Accept` header.
    pub accept: Option<String>,
    /// `User-Agent` header.
    pub user_agent: Option<String>,
    /// `Content-Type` header.
    pub content_type: Option<String>,
    /// Status of the response; `None` before the response and for a dropped connection.
    pub status: Option<u16>,
    /// Kind of the injected fault.
    pub fault: Option<String>,
}

/// Beyond this many entries, the oldest entry is dropped.
const MAX_ENTRIES: usize = 20_000;

/// The latest requests, in the order of their arrival.
#[derive(Debug, Default)]
pub(super) struct RequestLog {
    entries: VecDeque<LoggedRequest>,
    dropped: usize,
}

impl RequestLog {
    /// Adds a request and returns its number.
    pub(super) fn add(&mut self, request: LoggedRequest) -> usize {
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(request);
        self.dropped + self.entries.len() - 1
    }

    /// Sets the response status of a request.
    pub(super) fn set_status(&mut self, number: usize, status: u16) {
        let index = number.checked_sub(self.dropped);
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            entry.status = Some(status);
        }
    }

    pub(super) fn clear(&mut self) {
        self.dropped += self.entries.len();
        self.entries.clear();
    }

    pub(super) fn entries(&self) -> Vec<LoggedRequest> {
        self.entries.iter().cloned().collect()
    }
}
