//! A reply that succeeded, out of Saki's envelope and without loss.

use serde_json::{Map, Value, json};

/// A 2xx reply: its JSON as it came, or nothing where Saki sent no body.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status; 404 only where [`was_gone`](Reply::was_gone) says why.
    pub status: u16,
    /// The whole body.
    pub body: Option<Value>,
    /// Saki's own clock (`Date` header), in Unix seconds.
    pub date: Option<i64>,
}

impl Reply {
    /// What stands for success when a DELETE was sent again and found nothing left.
    pub(super) fn gone() -> Self {
        Self {
            status: 404,
            body: None,
            date: None,
        }
    }

    /// Whether a DELETE, sent again since its first answer was lost, found nothing left to delete.
    pub fn was_gone(&self) -> bool {
        self.status == 404
    }

    /// The one thing that the reply is about, always an object.
    ///
    /// It comes out of the `data` envelope; another shape is put under `data`, so that nothing is lost.
    pub fn into_one(self) -> Map<String, Value> {
        match self.body {
            None => Map::new(),
            Some(Value::Object(mut body)) => match body.get_mut("data") {
                Some(Value::Object(data)) => std::mem::take(data),
                _ => body,
            },
            Some(other) => Map::from_iter([("data".to_owned(), other)]),
        }
    }

    /// The rows of a list as `{"data": […]}`, with `meta` where Saki counted pages.
    pub fn into_list(self) -> Map<String, Value> {
        let Some(body) = self.body else {
            return Map::from_iter([("data".to_owned(), json!([]))]);
        };
        super::pagination::normalize_list(body)
    }
}
