//! A write as a person reads it before it happens.

use serde_json::{Map, Value, json};

use super::effects::{LivePost, ResourceKind};
use crate::saki::{Endpoint, Error, RequestParts, request_parts};

/// Where a preview and an answer show what goes.
pub const GONE: &str = "removed";

/// What a write would do; nothing of it has happened.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// One sentence that says what happens.
    pub what: String,
    /// The facts about it, in the order in which they are read.
    pub facts: Map<String, Value>,
    /// The request that goes out.
    pub request: Value,
    /// What is odd about it.
    pub warnings: Vec<String>,
    /// What is odd about it, and still so when it is done.
    pub lasting: Vec<String>,
    /// What a person who is asked about it reads below `what`, a line each.
    pub lines: Vec<String>,
    /// What was looked at and is too long for a line, so that a change of it is noticed all the same.
    pub seen: Value,
}

impl Preview {
    /// A preview that says `what` happens when `request` is sent.
    ///
    /// # Errors
    ///
    /// As [`request_parts`]: a request that cannot be sent cannot be shown.
    pub fn of<E: Endpoint>(what: impl Into<String>, request: &E) -> Result<Self, Error> {
        Ok(Self {
            what: what.into(),
            request: Self::wire(request_parts(request)?)?,
            ..Self::default()
        })
    }

    /// Method, path, query and body of a request, exactly as they go out.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] when the body is no JSON, which no request type has.
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

    /// The same with a fact more.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), fact.into());
        self
    }

    /// The same with a line more for a person.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// The same beside the thing as it is `before`: what becomes of each field of the request's body.
    #[must_use]
    pub fn changing(self, before: &Map<String, Value>) -> Self {
        let body = self.request.get("body").and_then(Value::as_object);
        let changes = body.map(|body| changes(before, body)).unwrap_or_default();
        self.with("changes", changes)
    }

    /// The same beside the thing that goes, as far as Saki shows it.
    #[must_use]
    pub fn deleting(self, kind: ResourceKind, id: u64, thing: Option<Map<String, Value>>) -> Self {
        match thing {
            Some(thing) => self.with(GONE, json!([thing])),
            None => self.unseen(kind, id),
        }
    }

    /// The same about a thing that Saki does not show.
    #[must_use]
    pub fn unseen(mut self, kind: ResourceKind, id: u64) -> Self {
        self.warnings
            .push(format!("Saki does not show the {kind} {id}; check the id."));
        self
    }

    /// The same with what goes public by it, where something does.
    #[must_use]
    pub fn going_public(self, live: &[LivePost]) -> Self {
        match live {
            [] => self,
            live => self.with(
                "goes_public",
                live.iter().map(LivePost::shown).collect::<Vec<_>>(),
            ),
        }
    }

    /// All that is odd about it.
    pub fn all_warnings(&self) -> impl Iterator<Item = &String> {
        self.warnings.iter().chain(&self.lasting)
    }

    /// The answer to a call that asked what would happen.
    pub fn say(self) -> Map<String, Value> {
        let mut said = Map::from_iter([
            ("outcome".to_owned(), json!("preview")),
            ("what".to_owned(), json!(self.what)),
        ]);
        said.extend(self.facts.clone());
        let warnings: Vec<&String> = self.all_warnings().collect();
        if !warnings.is_empty() {
            said.insert("warnings".to_owned(), json!(warnings));
        }
        said.insert("request".to_owned(), self.request);
        said
    }
}

/// What becomes of each field of `after`, beside what it is in `before`; a field that stays as it is, is left out.
pub fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Value> {
    after
        .iter()
        .map(|(field, after)| (field, before.get(field).unwrap_or(&Value::Null), after))
        .filter(|(_, before, after)| !is_same(before, after))
        .map(|(field, before, after)| json!({"field": field, "before": before, "after": after}))
        .collect()
}

/// One instant is the same however it is written.
fn is_same(before: &Value, after: &Value) -> bool {
    let instant = |value: &Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    before == after || instant(before).is_some_and(|before| Some(before) == instant(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_stays_as_it_is_is_no_change() {
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
