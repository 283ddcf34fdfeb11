//! Cluster diff: each post of a cluster before the change, and the fields that change.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::saki::posts::{Item, MediaRef};
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::posts::current_posts::CurrentPost;
use crate::write::post_plan::{PostPlan, PublishMode};
use crate::write::preview::{FieldChange, diff};
use crate::write::when::When;

impl CurrentPost {
    /// The post as it is now, for a comparison of before and after.
    pub(crate) fn snapshot(&self, account: &str) -> Value {
        let post = self.view();
        json!({
            "id": self.post_id,
            "account_id": self.account_id,
            "account": account,
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
        let thread = self.thread().ok();
        let metadata = self.metadata().ok();
        let before = Map::from_iter([
            ("state".to_owned(), json!(self.view().state(now).word())),
            (
                "scheduled_at".to_owned(),
                json!(self.view().scheduled_at_text()),
            ),
            ("content".to_owned(), json!(self.content().ok())),
            ("media_ids".to_owned(), self.media_ids()),
            ("thread".to_owned(), json!(thread)),
            ("metadata".to_owned(), json!(metadata)),
        ]);
        let state = match planned.mode {
            PublishMode::Draft => "draft",
            PublishMode::Schedule => "scheduled",
            PublishMode::Now => "published",
        };
        let after = Map::from_iter([
            ("state".to_owned(), json!(state)),
            (
                "scheduled_at".to_owned(),
                json!(planned.when.as_ref().map(When::utc)),
            ),
            ("content".to_owned(), json!(item.main.content)),
            (
                "media_ids".to_owned(),
                item.main
                    .media
                    .iter()
                    .map(PlannedMedia::id_or_upload)
                    .collect(),
            ),
            ("thread".to_owned(), json!(item.children)),
            ("metadata".to_owned(), json!(item.metadata)),
        ]);
        diff(&before, &after)
    }

    fn media_ids(&self) -> Value {
        let ids = |media: Vec<MediaRef>| media.iter().map(|media| json!(media.id)).collect();
        self.media().map_or(Value::Null, ids)
    }
}
