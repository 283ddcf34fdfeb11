//! Post view over raw JSON: fields under either of Saki's names, the post's state, and why it failed.
//!
//! Nothing here fails: a field that is missing or of another type is an absent one.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::failure_reason::{failure_reason, is_failure_reason};
use super::post_state::PostState;
use super::{Content, MediaRef, status_word};
use crate::saki::MediaId;
use crate::saki::lenient_json::{self, Fields};

/// A raw post, read field by field; what is no object has no fields.
#[derive(Debug, Clone, Copy)]
pub struct PostView<'a>(Option<&'a Map<String, Value>>);

impl<'a> From<&'a Value> for PostView<'a> {
    fn from(post: &'a Value) -> Self {
        Self(post.as_object())
    }
}

impl<'a> From<&'a Map<String, Value>> for PostView<'a> {
    fn from(post: &'a Map<String, Value>) -> Self {
        Self(Some(post))
    }
}

impl Fields for PostView<'_> {
    fn field(&self, name: &str) -> Option<&Value> {
        self.0?.get(name)
    }
}

impl<'a> PostView<'a> {
    /// A field exactly as Saki sent it, for an answer that shows it unread; null where it is absent.
    pub fn raw(self, name: &str) -> Value {
        self.get(name).cloned().unwrap_or_default()
    }

    /// Id of the post.
    pub fn id(self) -> Option<u64> {
        lenient_json::integer(&self, "id")
    }

    /// Id of its account, from `account_id` or from the account that was loaded with it.
    pub fn account_id(self) -> Option<u64> {
        lenient_json::integer(&self, "account_id")
            .or_else(|| lenient_json::integer(self.account()?, "id"))
    }

    /// Its account, where it was loaded.
    pub fn account(self) -> Option<&'a Value> {
        self.get("account")
    }

    /// Network of its account, as Saki names it.
    pub fn network(self) -> Option<String> {
        lenient_json::text(self.account()?, "social")
    }

    /// Id of its cluster.
    pub fn cluster_id(self) -> Option<String> {
        lenient_json::text(&self, "cluster_id")
    }

    /// Its text to the letter; null is an empty text, since Laravel writes one as the other.
    pub fn content(self) -> Option<&'a str> {
        match self.get("content")? {
            Value::String(content) => Some(content),
            Value::Null => Some(""),
            _ => None,
        }
    }

    /// Its text for a person to read: a number is written out, and blanks alone are no text.
    pub fn content_text(self) -> String {
        lenient_json::text(&self, "content").unwrap_or_default()
    }

    /// The likely meaning of its status code.
    pub fn status_word(self) -> Option<&'static str> {
        status_word(self.get("status")?)
    }

    /// When it goes out or was to go out.
    pub fn scheduled_at(self) -> Option<Timestamp> {
        self.time("scheduled_at")
    }

    /// The same time as Saki writes it, readable or not.
    pub fn scheduled_at_text(self) -> Option<String> {
        lenient_json::text(&self, "scheduled_at")
    }

    /// Whether Saki shows that it has no time; a post without the field shows nothing of it.
    pub fn has_no_time(self) -> bool {
        let has_time = |at: &Value| at.is_string() || lenient_json::timestamp(at).is_some();
        self.get("scheduled_at").is_some_and(|at| !has_time(at))
    }

    /// Whether Saki says when it went out, in whatever format.
    pub fn is_published(self) -> bool {
        let text = self.get("published_at").and_then(lenient_json::as_text);
        // PHP and MySQL write no time as a zero.
        text.is_some_and(|at| at != "0" && !at.starts_with("0000"))
    }

    /// When it went out.
    pub fn published_at(self) -> Option<Timestamp> {
        self.time("published_at")
    }

    /// When it went out, else when it is to go out.
    pub fn published_or_scheduled_at(self) -> Option<Timestamp> {
        self.published_at().or_else(|| self.scheduled_at())
    }

    /// When it was created.
    pub fn created_at(self) -> Option<Timestamp> {
        self.time("created_at")
    }

    /// When it was last changed, as Saki writes it.
    pub fn updated_at_text(self) -> Option<String> {
        lenient_json::text(&self, "updated_at")
    }

    /// Whether Saki keeps it only as a deleted one.
    pub fn is_deleted(self) -> bool {
        self.time("deleted_at").is_some()
    }

    /// Whether it is the first post of a thread, or a post without one.
    pub fn is_thread_start(self) -> bool {
        self.get("parent_id").is_none_or(Value::is_null)
    }

    /// The post above it in a thread.
    pub fn parent_id(self) -> Option<u64> {
        lenient_json::integer(&self, "parent_id")
    }

    /// The rest of its thread, where it was loaded.
    pub fn children(self) -> Option<Vec<Self>> {
        Some(self.list("children")?.iter().map(Self::from).collect())
    }

    /// The rest of its thread as a request writes it; nothing where a part cannot be read whole.
    pub fn thread(self) -> Option<Vec<Content>> {
        let part = |child: Self| {
            // A thread has one level in a request, so a deeper one cannot be sent.
            if child.children().is_some_and(|below| !below.is_empty()) {
                return None;
            }
            Some(Content {
                content: child.content()?.to_owned(),
                media: child.media_refs()?,
            })
        };
        self.children()?.into_iter().map(part).collect()
    }

    /// The number of its pictures and videos, where they were loaded.
    pub fn media_count(self) -> Option<usize> {
        self.list("media").map(<[Value]>::len)
    }

    /// Ids of its pictures and videos; nothing for one that has no readable id.
    pub fn media_ids(self) -> Vec<Option<u64>> {
        let media = lenient_json::rows(&self, "media").iter();
        media
            .map(|media| lenient_json::integer(media, "id"))
            .collect()
    }

    /// Id and type of all its pictures and videos, those of its thread included, as far as both are shown.
    pub fn media_types(self) -> Vec<(u64, String)> {
        let media = lenient_json::rows(&self, "media").iter();
        let own = media.filter_map(|media| {
            Some((
                lenient_json::integer(media, "id")?,
                lenient_json::text(media, "type")?,
            ))
        });
        let children = self.children().unwrap_or_default().into_iter();
        own.chain(children.flat_map(Self::media_types)).collect()
    }

    /// Its pictures and videos as a request writes them; nothing where one has no readable id.
    pub fn media_refs(self) -> Option<Vec<MediaRef>> {
        let media_ref = |media: &Value| {
            Some(MediaRef {
                id: MediaId(lenient_json::integer(media, "id")?),
                kind: lenient_json::text(media, "type"),
            })
        };
        self.list("media")?.iter().map(media_ref).collect()
    }

    /// Settings of the network; none at all are an empty map, which Laravel writes as null or as an empty list.
    pub fn metadata(self) -> Option<Map<String, Value>> {
        match self.get("metadata") {
            Some(Value::Object(metadata)) => Some(metadata.clone()),
            Some(Value::Null) => Some(Map::new()),
            Some(Value::Array(list)) if list.is_empty() => Some(Map::new()),
            None if self.omits_nulls() => Some(Map::new()),
            _ => None,
        }
    }

    /// Its metadata as somebody set it, without a reason of a failure that Saki wrote beside it.
    pub fn settings(self) -> Option<Map<String, Value>> {
        let mut metadata = self.metadata()?;
        metadata.retain(|name, value| !is_failure_reason(name, value));
        Some(metadata)
    }

    /// Whether a post that has neither gone out nor a post above it says so by leaving both fields out, while its other
    /// fields have the names of the reference and none could be settings under another name.
    fn omits_nulls(self) -> bool {
        let has = |name| self.get(name).is_some();
        let has_known_names = has("id") && has("content") && has("status") && has("cluster_id");
        let mut fields = self.0.into_iter().flatten();
        let may_be_settings = fields.any(|(name, value)| {
            value.is_object() && !["account", "analytics", "last_error"].contains(&name.as_str())
        });
        has_known_names && !has("published_at") && !has("parent_id") && !may_be_settings
    }

    /// Why it failed, in its own fields or in those of a later part of its thread.
    pub fn failure_reason(self) -> Option<String> {
        let objects = [self.0, self.get("metadata").and_then(Value::as_object)];
        let own = objects.into_iter().flatten().find_map(failure_reason);
        own.or_else(|| self.children()?.into_iter().find_map(Self::failure_reason))
    }

    /// What it is at `now`; facts win over status codes, whose meanings are only likely.
    pub fn state(self, now: Timestamp) -> PostState {
        if self.is_published() {
            return PostState::Published;
        }
        match self.status_word() {
            Some("failed") => return PostState::Failed,
            Some("draft") => return PostState::Draft,
            _ => {}
        }
        // A reason that is left over from an earlier try does not fail a post that is scheduled anew.
        let scheduled_at = self.scheduled_at();
        let is_ahead = scheduled_at.is_some_and(|at| at > now);
        if !is_ahead && self.failure_reason().is_some() {
            return PostState::Failed;
        }
        match scheduled_at {
            Some(_) if is_ahead => PostState::Scheduled,
            Some(_) => PostState::Overdue,
            None => PostState::Unscheduled,
        }
    }

    /// Whether it surely waits for its time; a post with an unknown code may wait for something else.
    pub fn waits(self, now: Timestamp) -> bool {
        self.state(now) == PostState::Scheduled && self.status_word() == Some("scheduled")
    }

    /// Whether Saki says that it was published, by its time or its status.
    pub fn was_published(self, now: Timestamp) -> bool {
        self.state(now) == PostState::Published || self.status_word() == Some("published")
    }

    /// Whether people may see it: it was published, or its status code says nothing for sure.
    pub fn may_be_public(self, now: Timestamp) -> bool {
        match (self.state(now), self.status_word()) {
            (PostState::Published, _) => true,
            (_, Some("draft" | "failed")) => false,
            _ => !self.waits(now),
        }
    }

    fn time(self, field: &str) -> Option<Timestamp> {
        lenient_json::timestamp(self.get(field)?)
    }

    fn get(self, field: &str) -> Option<&'a Value> {
        self.0?.get(field)
    }

    fn list(self, field: &str) -> Option<&'a [Value]> {
        self.get(field)?.as_array().map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"status": 0, "published_at": "2027-04-01T00:00:00Z"}), PostState::Published)]
    #[case(json!({"status": 4, "published_at": "2027-04-01T00:00:00Z"}), PostState::Published)]
    #[case(json!({"status": 4, "scheduled_at": "2027-05-01T00:00:00Z"}), PostState::Failed)]
    #[case(json!({"status": "failed"}), PostState::Failed)]
    #[case(json!({"status": 1, "metadata": {"error": "no"}}), PostState::Failed)]
    #[case(json!({"status": 0, "metadata": {"error": "no"}}), PostState::Draft)]
    #[case(json!({"status": "0", "scheduled_at": "2027-05-01T00:00:00Z"}), PostState::Draft)]
    #[case(json!({"status": 1, "scheduled_at": "2027-05-01T00:00:00.000000Z"}), PostState::Scheduled)]
    #[case(json!({"status": 2, "scheduled_at": "2027-05-01T00:00:00Z"}), PostState::Scheduled)]
    #[case(json!({"status": 1, "scheduled_at": "2027-04-01T00:00:00Z"}), PostState::Overdue)]
    #[case(json!({"status": 1, "scheduled_at": null}), PostState::Unscheduled)]
    #[case(json!({}), PostState::Unscheduled)]
    fn facts_win_over_codes(#[case] post: Value, #[case] state: PostState) {
        assert_eq!(PostView::from(&post).state(now()), state);
    }

    #[rstest]
    #[case::published(json!({"status": 0, "published_at": "2027-04-01T00:00:00Z"}), true, false)]
    #[case::draft(json!({"status": 0, "scheduled_at": "2027-05-01T00:00:00Z"}), false, false)]
    #[case::failed(json!({"status": 4}), false, false)]
    #[case::scheduled(json!({"status": 1, "scheduled_at": "2027-05-01T00:00:00Z"}), false, true)]
    #[case::overdue(json!({"status": 1, "scheduled_at": "2027-04-01T00:00:00Z"}), true, false)]
    #[case::publishing(json!({"status": 2, "scheduled_at": "2027-05-01T00:00:00Z"}), true, false)]
    #[case::unknown_code(json!({"status": 9, "scheduled_at": "2027-05-01T00:00:00Z"}), true, false)]
    fn an_unclear_post_may_be_public(
        #[case] post: Value,
        #[case] public: bool,
        #[case] waits: bool,
    ) {
        let post = PostView::from(&post);
        assert_eq!(post.may_be_public(now()), public);
        assert_eq!(post.waits(now()), waits);
    }

    #[rstest]
    #[case(json!({"account_id": "7"}), Some(7))]
    #[case(json!({"account": {"id": 8}}), Some(8))]
    #[case(json!({"account_id": 7, "account": {"id": 8}}), Some(7))]
    #[case(json!({"account_id": "x"}), None)]
    fn the_account_is_named_in_either_field(#[case] post: Value, #[case] id: Option<u64>) {
        assert_eq!(PostView::from(&post).account_id(), id);
    }

    #[rstest]
    #[case(json!({"content": " a "}), Some(" a "), " a ")]
    #[case(json!({"content": "  "}), Some("  "), "")]
    #[case(json!({"content": null}), Some(""), "")]
    #[case(json!({"content": 5}), None, "5")]
    #[case(json!({}), None, "")]
    fn content_is_read_to_the_letter_or_for_a_person(
        #[case] post: Value,
        #[case] exact: Option<&str>,
        #[case] text: &str,
    ) {
        let post = PostView::from(&post);
        assert_eq!((post.content(), &*post.content_text()), (exact, text));
    }

    #[test]
    fn times_are_read_and_kept_as_written() {
        let post = json!({"scheduled_at": "2027-04-10T07:00:00Z", "published_at": "yesterday", "created_at": 5});
        let post = PostView::from(&post);
        let at: Timestamp = "2027-04-10T07:00:00Z".parse().unwrap();
        assert_eq!(post.scheduled_at(), Some(at));
        assert_eq!(
            post.scheduled_at_text().as_deref(),
            Some("2027-04-10T07:00:00Z")
        );
        assert!(post.is_published() && post.published_at().is_none());
        assert_eq!(post.published_or_scheduled_at(), Some(at));
        assert_eq!((post.created_at(), post.updated_at_text()), (None, None));
    }

    #[rstest]
    #[case(json!({}), false)]
    #[case(json!({"scheduled_at": null}), true)]
    #[case(json!({"scheduled_at": "soon"}), false)]
    fn no_time_is_known_only_where_saki_shows_it(#[case] post: Value, #[case] none: bool) {
        assert_eq!(PostView::from(&post).has_no_time(), none);
    }

    #[test]
    fn types_of_media_are_read_through_the_whole_thread() {
        let post = json!({"media": [{"id": 1, "type": "video"}, {"id": 2}, {"type": "gif"}],
            "children": [{"media": [{"id": "3", "type": "image"}]}]});
        let post = PostView::from(&post);
        let types = [(1, "video".to_owned()), (3, "image".to_owned())];
        assert_eq!(post.media_types(), types);
        assert_eq!(post.media_ids(), [Some(1), Some(2), None]);
        assert_eq!(post.media_count(), Some(3));
    }

    #[rstest]
    #[case(json!({}), true, None)]
    #[case(json!({"parent_id": null}), true, None)]
    #[case(json!({"parent_id": "3"}), false, Some(3))]
    fn a_post_without_a_parent_starts_its_thread(
        #[case] post: Value,
        #[case] starts: bool,
        #[case] parent: Option<u64>,
    ) {
        let post = PostView::from(&post);
        assert_eq!((post.is_thread_start(), post.parent_id()), (starts, parent));
    }

    #[test]
    fn thread_media_and_metadata_are_whole_or_absent() {
        let post = json!({"media": [{"id": "4", "type": "video"}, {"id": 5}], "metadata": [],
            "children": [{"content": null, "media": []}]});
        let post = PostView::from(&post);
        let media = post.media_refs().unwrap();
        let media: Vec<_> = media
            .iter()
            .map(|media| (media.id.0, media.kind.as_deref()))
            .collect();
        assert_eq!(media, [(4, Some("video")), (5, None)]);
        assert_eq!(post.metadata(), Some(Map::new()));
        assert_eq!(post.thread().unwrap()[0].content, "");
        for unreadable in [
            json!({"media": [{"type": "video"}], "metadata": "x", "children": [{"content": "a"}]}),
            json!({"metadata": [1], "children": [{"content": "a", "media": [], "children": [{}]}]}),
            json!({}),
        ] {
            let post = PostView::from(&unreadable);
            assert!(post.media_refs().is_none() && post.thread().is_none());
            assert!(post.metadata().is_none());
        }
    }

    #[rstest]
    #[case(json!({"error": "no"}), Some("no"))]
    #[case(json!({"failure": {"message": "too long"}}), Some("too long"))]
    #[case(json!({"metadata": {"last_error": "gone"}}), Some("gone"))]
    #[case(json!({"error": " ", "metadata": []}), None)]
    fn the_failure_is_found_in_any_field(#[case] post: Value, #[case] why: Option<&str>) {
        assert_eq!(PostView::from(&post).failure_reason().as_deref(), why);
    }

    fn now() -> Timestamp {
        "2027-04-09T10:00:00Z".parse().unwrap()
    }
}
