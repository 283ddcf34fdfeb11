//! What was asked of the sandbox: every call, never its key, and no bytes of an upload.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

use super::intake::Upload;

/// One call, as it arrived.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Logged {
    /// The HTTP method.
    pub method: String,
    /// The raw path below `/api`, or the whole one elsewhere.
    pub path: String,
    /// Path template of the endpoint, where the path is one's.
    pub endpoint: Option<String>,
    /// The raw query without `?`.
    pub query: Option<String>,
    /// The JSON body as it was sent; a text where it was not JSON; the text fields of a multipart body.
    pub body: Option<Value>,
    /// Files of a multipart body.
    pub uploads: Vec<Upload>,
    /// The `Accept` header.
    pub accept: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The status of the answer; none while there is no answer, or when the connection was dropped.
    pub status: Option<u16>,
    /// The fault that the call ran into.
    pub fault: Option<String>,
}

/// Older entries make room for new ones beyond this many.
const MOST_ENTRIES: usize = 20_000;

/// The latest calls, in the order of their arrival.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Logged>,
    dropped: usize,
}

impl Log {
    /// Notes a call; the number is for [`answered`](Self::answered).
    pub(super) fn arrived(&mut self, call: Logged) -> usize {
        if self.entries.len() == MOST_ENTRIES {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(call);
        self.dropped + self.entries.len() - 1
    }

    pub(super) fn answered(&mut self, number: usize, status: Option<u16>) {
        let index = number.checked_sub(self.dropped);
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            entry.status = status;
        }
    }

    pub(super) fn clear(&mut self) {
        self.dropped += self.entries.len();
        self.entries.clear();
    }

    pub(super) fn entries(&self) -> Vec<Logged> {
        self.entries.iter().cloned().collect()
    }
}
