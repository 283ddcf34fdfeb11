//! Reply to a successful request: raw JSON, taken out of Saki's envelope without losing a field.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// A 2xx reply: its JSON as it came, or nothing where Saki sent no body.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status; 404 only after a retried DELETE, see [`was_already_deleted`](Reply::was_already_deleted).
    pub status: u16,
    /// The whole body.
    pub body: Option<Value>,
    /// Saki's own clock (`Date` header), in Unix seconds.
    pub date: Option<i64>,
}

impl Reply {
    /// The success of a retried DELETE that found nothing left to delete.
    pub(super) fn already_deleted() -> Self {
        Self {
            status: 404,
            body: None,
            date: None,
        }
    }

    /// Whether a DELETE was retried because its first reply was lost, and then found nothing left to delete.
    pub fn was_already_deleted(&self) -> bool {
        self.status == 404
    }

    /// Whether the reply has a body that is not a single resource, in whatever envelope.
    pub fn has_other_shape(&self) -> bool {
        let body = self.body.clone();
        body.is_some_and(|body| super::envelope::resource(body).is_err())
    }

    /// The single resource of the reply, always an object.
    ///
    /// It is taken out of its envelope; what is no object is put under `data`, so that nothing is lost.
    pub fn into_one(self) -> Map<String, Value> {
        let Some(body) = self.body else {
            return Map::new();
        };
        match super::envelope::resource(body) {
            Ok(resource) | Err(Value::Object(resource)) => resource,
            Err(other) => Map::from_iter([("data".to_owned(), other)]),
        }
    }

    /// The rows of a list, or the single resource as one row.
    pub fn rows(&self) -> Cow<'_, [Value]> {
        let listed = match &self.body {
            Some(Value::Array(rows)) => Some(rows),
            Some(Value::Object(body)) => body.get("data").and_then(Value::as_array),
            _ => None,
        };
        // The usual forms of a list are read without a copy.
        if let Some(rows) = listed {
            return Cow::Borrowed(rows);
        }
        match self.clone().into_list().remove("data") {
            Some(Value::Array(rows)) => Cow::Owned(rows),
            _ => Cow::Owned(vec![Value::Object(self.clone().into_one())]),
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
