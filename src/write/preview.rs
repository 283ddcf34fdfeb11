//! Preview of a write (dry run): what a person reads before it happens.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value};

use super::effects::{LivePostFacts, ResourceKind};
use super::planned_request::PlannedRequest;
use super::post_plan::PlanFacts;
use crate::saki::{Client, Endpoint, Error};

/// What a write would do; nothing of it has happened.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// One sentence: what happens.
    pub what: String,
    /// The space that it is in, for the question to a person.
    pub space: Option<String>,
    /// The facts about it, in the order in which they are read.
    pub facts: PreviewFacts,
    /// The request that goes out; a preview without one is refused by a policy that limits spaces or accounts.
    pub request: Option<PlannedRequest>,
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
    /// A preview of `request` as `saki` would send it, with one sentence that says `what` happens; a request that cannot be
    /// sent has none.
    pub fn of<E: Endpoint>(
        what: impl Into<String>,
        saki: &Client,
        request: &E,
    ) -> Result<Self, Error> {
        Ok(Self {
            what: what.into(),
            request: Some(PlannedRequest::Json(saki.planned(request)?)),
            ..Self::default()
        })
    }

    /// The same with a line more for a person.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// The same preview with the posts that are scheduled there; `None` where Saki does not show them.
    #[must_use]
    pub fn with_scheduled(mut self, scheduled: Option<ScheduledPosts>) -> Self {
        self.lines.push(match &scheduled {
            Some(scheduled) => format!("Scheduled: {scheduled}"),
            None => "Scheduled: not known, since Saki does not show its queue".to_owned(),
        });
        self.facts.scheduled = scheduled;
        self
    }

    /// The same preview with the changes of each field, compared with the resource `before`.
    #[must_use]
    pub fn changing(mut self, before: &Map<String, Value>) -> Self {
        let body = self.request.as_ref().and_then(PlannedRequest::fields);
        let changes = body.map(|body| diff(before, body)).unwrap_or_default();
        self.facts.changes = Some(changes);
        self
    }

    /// The same preview with the deleted resource, as far as Saki shows it.
    #[must_use]
    pub fn deleting(
        mut self,
        kind: ResourceKind,
        id: u64,
        thing: Option<Map<String, Value>>,
    ) -> Self {
        match thing {
            Some(thing) => {
                self.facts.removed.push(Value::Object(thing));
                self
            }
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

    /// The request as a person reads it.
    pub(super) fn shown_request(&self) -> Value {
        let request = self.request.as_ref();
        request.map(PlannedRequest::to_json).unwrap_or_default()
    }

    /// All that is odd about it.
    pub fn all_warnings(&self) -> impl Iterator<Item = &String> {
        self.warnings.iter().chain(&self.lasting_warnings)
    }

    /// The answer to a call that asked what would happen.
    pub fn answer(&self) -> PreviewAnswer {
        PreviewAnswer {
            what: self.what.clone(),
            facts: self.facts.clone(),
            warnings: self.all_warnings().cloned().collect(),
            request: self.shown_request(),
        }
    }
}

/// The facts about a write, in the order in which they are read.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct PreviewFacts {
    /// What happens to posts.
    #[serde(flatten)]
    pub plan: PlanFacts,
    /// The accounts that go with their space.
    #[serde(rename = "accounts", skip_serializing_if = "Option::is_none")]
    #[schemars(rename = "accounts_of_space")]
    pub accounts_of_space: Option<Vec<String>>,
    /// How many posts go with their space.
    #[serde(rename = "posts", skip_serializing_if = "Option::is_none")]
    pub posts_of_space: Option<Value>,
    /// The posts that are scheduled there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<ScheduledPosts>,
    /// What is gone afterwards, as it is now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Value>,
    /// Files that are uploaded first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uploads: Vec<Value>,
    /// The posts of a cluster as they are now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Vec<Value>>,
    /// The length of a new text against the limit of its network.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lengths: Vec<String>,
    /// What becomes of each field that changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<FieldChange>>,
    /// What becomes of each post that changes.
    #[serde(rename = "changes", skip_serializing_if = "Option::is_none")]
    #[schemars(rename = "changes_of_posts")]
    pub changes_of_posts: Option<Vec<PostChange>>,
    /// Posts that go public.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goes_public: Vec<LivePostFacts>,
    /// What the plan has left.
    #[serde(rename = "plan", skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Value>,
}

impl PreviewFacts {
    /// Whether they show Saki's data as it is now, whoever wrote it.
    pub fn shows_present_state(&self) -> bool {
        !self.removed.is_empty()
            || self.before.is_some()
            || self.changes.is_some()
            || self.changes_of_posts.is_some()
    }
}

/// The posts that are scheduled on an account or in a space.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ScheduledPosts {
    /// How many posts are scheduled.
    pub posts: usize,
    /// When the next one goes out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<String>,
    /// The same as a person reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
}

impl fmt::Display for ScheduledPosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.posts {
            0 => return f.write_str("no posts"),
            1 => f.write_str("1 post")?,
            many => write!(f, "{many} posts")?,
        }
        match &self.local {
            Some(local) if self.posts == 1 => write!(f, ", for {local}"),
            Some(local) => write!(f, ", the next for {local}"),
            None => Ok(()),
        }
    }
}

/// A field that changes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FieldChange {
    /// Its name.
    pub field: String,
    /// Its value now.
    pub before: Value,
    /// Its value afterwards.
    pub after: Value,
}

/// A post that changes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PostChange {
    /// Its account: id, handle and network.
    pub account: String,
    /// Its id.
    pub post_id: u64,
    /// Its fields that change.
    pub fields: Vec<FieldChange>,
}

/// The answer of a dry run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PreviewAnswer {
    /// What would happen, in one sentence.
    what: String,
    #[serde(flatten)]
    facts: PreviewFacts,
    /// What to look at again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    /// The request that would go out.
    request: Value,
}

impl PreviewAnswer {
    /// Its schema for a tool whose dry run shows only these facts, called as the properties of this type's own schema.
    pub fn schema_with(facts: &[&str], generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Self::json_schema(generator);
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        if let Some(properties) = properties {
            let all = std::mem::take(properties);
            let named = all.into_iter().filter(|(name, _)| {
                ["what", "request"].contains(&&**name) || facts.contains(&&**name)
            });
            // Two fields have another type in other tools; there a schema has another name for them.
            properties.extend(named.map(|(name, property)| match name.as_str() {
                "accounts_of_space" => ("accounts".to_owned(), property),
                "changes_of_posts" => ("changes".to_owned(), property),
                _ => (name, property),
            }));
        }
        schema
    }
}

/// The fields of `after` that differ from `before`.
pub fn diff(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<FieldChange> {
    after
        .iter()
        .map(|(field, after)| (field, before.get(field).unwrap_or(&Value::Null), after))
        .filter(|(_, before, after)| !is_same(before, after))
        .map(|(field, before, after)| FieldChange {
            field: field.clone(),
            before: before.clone(),
            after: after.clone(),
        })
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
    use serde_json::json;

    #[test]
    fn an_unchanged_field_is_left_out() {
        let map = |value: Value| value.as_object().cloned().unwrap();
        let before = map(
            json!({"content": "A", "scheduled_at": "2027-04-10T07:00:00.000000Z", "status": 1}),
        );
        let after =
            map(json!({"content": "B", "scheduled_at": "2027-04-10T07:00:00Z", "metadata": null}));
        assert_eq!(
            json!(diff(&before, &after)),
            json!([{"field": "content", "before": "A", "after": "B"}])
        );
    }
}
