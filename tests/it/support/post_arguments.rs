//! Arguments of `create_post` and `update_cluster`, built from what a test is about.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::support::server_under_test::object;

/// Arguments that still lack the word about when the post goes out.
#[derive(Clone)]
pub(crate) struct PostArguments(Map<String, Value>);

/// A post of this text for account 11 of space 1.
pub(crate) fn new_post(content: impl Serialize) -> PostArguments {
    PostArguments(object(
        json!({"space_id": 1, "account_ids": [11], "content": content}),
    ))
}

/// A change of a cluster of space 1 that keeps account 11 alone and leaves its text as it is.
pub(crate) fn cluster_change(cluster_id: impl Serialize) -> PostArguments {
    PostArguments(object(
        json!({"space_id": 1, "cluster_id": cluster_id, "account_ids": [11]}),
    ))
}

impl PostArguments {
    pub(crate) fn on(self, account_ids: impl Serialize) -> Self {
        self.set("account_ids", account_ids)
    }

    pub(crate) fn space(self, space_id: impl Serialize) -> Self {
        self.set("space_id", space_id)
    }

    /// Further fields.
    pub(crate) fn with(mut self, fields: Value) -> Self {
        self.0.extend(object(fields));
        self
    }

    pub(crate) fn at(self, scheduled_at: impl Serialize) -> Value {
        self.set("scheduled_at", scheduled_at).undecided()
    }

    pub(crate) fn draft(self) -> Value {
        self.set("publish", "draft").undecided()
    }

    pub(crate) fn now(self) -> Value {
        self.set("publish", "now").undecided()
    }

    /// The arguments without a word about when the post goes out.
    pub(crate) fn undecided(self) -> Value {
        Value::Object(self.0)
    }

    fn set(mut self, field: &str, value: impl Serialize) -> Self {
        self.0.insert(field.to_owned(), json!(value));
        self
    }
}
