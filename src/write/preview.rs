//! The preview of a write (dry run): what a person reads before it happens.

use serde_json::{Map, Value, json};

use super::effects::{LivePost, ResourceKind};
use crate::saki::{Endpoint, Error, RequestParts, request_parts};

/// The field of a preview and a result that shows what is deleted.
pub const REMOVED: &str = "removed";

/// What a write would do; nothing was sent yet.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// One sentence: what happens.
    pub what: String,
    /// The facts, in reading order.
    pub facts: Map<String, Value>,
    /// The request that would be sent.
    pub request: Value,
    /// Warnings that matter before it is sent.
    pub warnings: Vec<String>,
    /// Warnings that still apply afterwards, so that the result repeats them.
    pub lasting_warnings: Vec<String>,
    /// Further lines of the question to a person, below `what`.
    pub lines: Vec<String>,
    /// The present state of what is changed, too long for a line; if it changes, a given consent no longer applies.
    pub current_state: Value,
}

impl Preview {
    /// A preview of `request`, with one sentence that says `what` happens.
    ///
    /// # Errors
    ///
    /// As [`request_parts`]: a request that cannot be sent has no preview.
    pub fn of<E: Endpoint>(what: impl Into<String>, request: &E) -> Result<Self, Error> {
        Ok(Self {
            what: what.into(),
            request: Self::wire(request_parts(request)?)?,
            ..Self::default()
        })
    }

    /// Method, path, query and body of a request, exactly as they are sent.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] when the body is not JSON, which no request type has.
    pub fn wire(parts: RequestParts) -> Result<Value, Error> {
        let mut wire = Map::from_iter([
            ("method".to_owned(), json!(parts.method.as_str())),
            ("path".to_owned(), json!(parts.path)),
        ]);
        wire.extend(parts.query.map(|query| ("query".to_owned(), json!(query))));
        let body = parts
            .body
            .map(|body| serde_json::from_slice::<Value>(&body));
        let body = body
            .transpose()
            .map_err(|error| Error::InvalidRequest(error.to_string()))?;
        wire.extend(body.map(|body| ("body".to_owned(), body)));
        Ok(Value::Object(wire))
    }

    /// The same preview with one more fact.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), fact.into());
        self
    }

    /// The same preview with one more line for a person.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// The same preview with the changes of each field, compared with the resource `before`.
    #[must_use]
    pub fn changing(self, before: &Map<String, Value>) -> Self {
        let body = self.request.get("body").and_then(Value::as_object);
        let changes = body.map(|body| changes(before, body)).unwrap_or_default();
        self.with("changes", changes)
    }

    /// The same preview with the deleted resource, as far as Saki shows it.
    #[must_use]
    pub fn deleting(
        self,
        kind: ResourceKind,
        id: u64,
        resource: Option<Map<String, Value>>,
    ) -> Self {
        match resource {
            Some(resource) => self.with(REMOVED, json!([resource])),
            None => self.unseen(kind, id),
        }
    }

    /// The same preview with the warning that Saki does not show the resource.
    #[must_use]
    pub fn unseen(mut self, kind: ResourceKind, id: u64) -> Self {
        self.warnings
            .push(format!("Saki does not show the {kind} {id}; check the id."));
        self
    }

    /// The same preview with the posts that it makes public, if any.
    #[must_use]
    pub fn going_public(self, live: &[LivePost]) -> Self {
        match live {
            [] => self,
            live => self.with(
                "goes_public",
                live.iter().map(LivePost::preview_row).collect::<Vec<_>>(),
            ),
        }
    }

    /// All warnings.
    pub fn all_warnings(&self) -> impl Iterator<Item = &String> {
        self.warnings.iter().chain(&self.lasting_warnings)
    }

    /// The result of a dry run.
    pub fn render(self) -> Map<String, Value> {
        let mut result = Map::from_iter([
            ("outcome".to_owned(), json!("preview")),
            ("what".to_owned(), json!(self.what)),
        ]);
        result.extend(self.facts.clone());
        let warnings: Vec<&String> = self.all_warnings().collect();
        if !warnings.is_empty() {
            result.insert("warnings".to_owned(), json!(warnings));
        }
        result.insert("request".to_owned(), self.request);
        result
    }
}

/// The fields of `after` that differ from `before`, each with both values.
pub fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Value> {
    after
        .iter()
        .map(|(field, after)| (field, before.get(field).unwrap_or(&Value::Null), after))
        .filter(|(_, before, after)| !is_same(before, after))
        .map(|(field, before, after)| json!({"field": field, "before": before, "after": after}))
        .collect()
}

/// Two spellings of one instant are equal.
fn is_same(before: &Value, after: &Value) -> bool {
    let instant = |value: &Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    before == after || instant(before).is_some_and(|before| Some(before) == instant(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unchanged_field_is_left_out() {
        let map = |value: Value| value.as_object().cloned().unwrap();
        let before = map(
            json!({"content": "A", "scheduled_at": "2027-04-10T07:00:00.000000Z", "status": 1}),
        );
        let after =
            map(json!({"content": "B", "scheduled_at": "2027-04-10T07:00:00Z", "metadata": null}));
        assert_eq!(
            changes(&before, &after),
            [json!({"field": "content", "before": "A", "after": "B"})]
        );
    }
}
