//! Cluster diff: each post of a cluster before the change, and the fields that change.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::saki::posts::{Item, MediaRef};
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::posts::current_posts::CurrentPost;
use crate::write::post_plan::{PostPlan, PublishMode};
use crate::write::preview::{FieldChange, diff};
use crate::write::when::When;

impl CurrentPost {
    /// The post as it is now, for a comparison of before and after.
    pub(crate) fn snapshot(&self, account: &str, now: Timestamp) -> Value {
        let post = self.view();
        json!({
            "id": self.post_id,
            "account_id": self.account_id,
            "account": account,
            "state": post.state(now),
            "content": post.raw("content"),
            "scheduled_at": post.raw("scheduled_at"),
            "status": post.raw("status"),
            "media_ids": self.media_ids(),
            "thread": post.children().map_or(0, |children| children.len()),
            "metadata": post.raw("metadata"),
        })
    }

    /// The fields that `item` changes.
    pub(crate) fn diff(
        &self,
        item: &Item<PlannedMedia>,
        planned: &PostPlan,
        now: Timestamp,
    ) -> Vec<FieldChange> {
        let state = match planned.mode {
            PublishMode::Draft => "draft",
            PublishMode::Schedule => "scheduled",
            PublishMode::Now => "published",
        };
        let media_ids = item.main.media.iter().map(PlannedMedia::id_or_upload);
        let after = json!({
            "state": state,
            "scheduled_at": planned.when.as_ref().map(When::utc),
            "content": item.main.content,
            "media_ids": media_ids.collect::<Vec<_>>(),
            "thread": item.children,
            "metadata": item.metadata,
        });
        self.changes_to(&after, now)
    }

    /// The fields that have changed since the post was read as `old`.
    pub(crate) fn changes_since(&self, old: &Self, now: Timestamp) -> Vec<FieldChange> {
        old.changes_to(&self.replaceable(now), now)
    }

    fn changes_to(&self, after: &Value, now: Timestamp) -> Vec<FieldChange> {
        match (&self.replaceable(now), after) {
            (Value::Object(before), Value::Object(after)) => diff(before, after),
            _ => Vec::new(),
        }
    }

    /// The fields that a replacement sets; null where Saki does not show one.
    fn replaceable(&self, now: Timestamp) -> Value {
        json!({
            "state": self.view().state(now).word(),
            "scheduled_at": self.view().scheduled_at_text(),
            "content": self.content().ok(),
            "media_ids": self.media_ids(),
            "thread": self.thread().ok(),
            "metadata": self.metadata().ok(),
        })
    }

    fn media_ids(&self) -> Value {
        let ids = |media: Vec<MediaRef>| media.iter().map(|media| json!(media.id)).collect();
        self.media().map_or(Value::Null, ids)
    }
}
