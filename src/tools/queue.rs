//! Publishing queue: the tool about it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::directory::is_elsewhere;
use super::list_and_read::SpaceOfRow;
use super::posts::{ConciseRow, Detail, PostFacts, account_label, short_time};
use super::resource_path::Collection;
use super::tool_result::{NoFields, WithSaki};
use super::{Failure, Json, Tools, directory, empty_reply_notes};
use crate::saki::SpaceId;
use crate::saki::lenient_json;
use crate::saki::pagination::{PageMeta, has_row_list};
use crate::saki::posts::{Post, PostView};
use crate::saki::queue::GetQueue;
use crate::write::account_ref::AccountRef;
use crate::write::when::When;

/// The arguments of `get_queue`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(crate) struct GetQueueArgs {
    /// IANA zone of the local times.
    timezone: Option<String>,
    /// "full" adds all fields that Saki has.
    detail: Option<Detail>,
    /// Id or exact name of the space; left out: all spaces.
    space_id: Option<String>,
}

/// The queue; a reply that is no list stays whole.
type Queue = WithSaki<NoFields, QueuePage>;

/// The rows of the queue, and the zone of their times.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct QueuePage {
    /// The rows, in order of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Vec<QueueRow>>,
    meta: WithSaki<PageMeta, QueueMeta>,
    /// What an empty list means.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct QueueMeta {
    /// Zone of the local times.
    timezone: Option<String>,
    /// The present time in that zone.
    now: String,
}

/// A post that goes out or a slot that is free; the row whole with `detail: "full"`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum QueueRow {
    Concise(Box<QueuedPost>),
    Full(Box<WithSaki<Post, FullQueueRow>>),
    /// A value that is no row.
    Other(Value),
}

/// A post as list_posts shows it, or a free slot.
#[derive(Debug, Serialize, JsonSchema)]
struct QueuedPost {
    /// Its slot.
    #[serde(skip_serializing_if = "Option::is_none")]
    slot_id: Option<Value>,
    #[serde(flatten)]
    slot: Option<FreeSlot>,
    #[serde(flatten)]
    post: Option<ConciseRow>,
}

/// A slot that no post has taken.
#[derive(Debug, Serialize, JsonSchema)]
struct FreeSlot {
    /// True: a slot that no post has taken.
    free: bool,
    /// Its time, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// The time as a person reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<String>,
    /// How long until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#in: Option<String>,
    /// The account: id, handle and network.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(flatten)]
    space: SpaceOfRow,
}

/// What is added to a row of Saki's.
#[derive(Debug, Serialize, JsonSchema)]
struct FullQueueRow {
    /// True: a slot that no post has taken.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    free: bool,
    #[serde(flatten)]
    facts: PostFacts,
    #[serde(flatten)]
    space: SpaceOfRow,
}

#[tool_router(router = queue, vis = "pub(crate)")]
impl Tools {
    /// Shows what goes out next, in order of time, and the free slots where Saki shows them. It may end early: to see all scheduled posts, or to filter, use list_posts.
    #[tool(
        title = "View the publishing queue",
        annotations(read_only_hint = true)
    )]
    async fn get_queue(
        &self,
        Parameters(args): Parameters<GetQueueArgs>,
    ) -> Result<Json<Queue>, Failure> {
        let knows_zone = args.timezone.is_some() || self.settings.timezone.is_some();
        let spaces = match self.directory.or_pinned_space(args.space_id.as_deref()) {
            // Where its own zone is not needed, its id is enough.
            Some(given) if knows_zone => vec![self.directory.identify_space(Some(&given)).await?],
            _ => self.selected_spaces(args.space_id.as_deref()).await?,
        };
        let zone = self.zone_of(args.timezone.as_deref(), &spaces)?;
        let now = self.settings.clock.now();
        let (mut rows, mut unread, mut is_empty) = (Vec::new(), Vec::new(), true);
        let (mut meta, mut rest) = (Map::new(), Map::new());
        for space in &spaces {
            let space_id = SpaceId(space.id);
            let mut list = self.saki.all_pages(GetQueue { space_id }).await?;
            is_empty &= empty_reply_notes::is_empty_list(&list);
            if !has_row_list(&list) {
                unread.push(space.clone());
                rest = list;
                continue;
            }
            let of_space = match spaces.len() {
                1 => SpaceOfRow::default(),
                _ => SpaceOfRow::of(space),
            };
            let entries: Vec<QueueEntry> = directory::rows(&list)
                .iter()
                .map(QueueEntry::read)
                .collect();
            let (mut posts, mut slots, mut clusters) = (Vec::new(), Vec::new(), Vec::new());
            let is_here = |entry: &&QueueEntry| {
                let slot = entry.row.get("slot");
                let mut parts = [Some(&entry.row), slot].into_iter().flatten();
                !is_elsewhere(&entry.post, space.id)
                    && !parts.any(|part| is_elsewhere(part, space.id))
            };
            for entry in entries.iter().filter(is_here) {
                let post = entry.post();
                posts.extend(post.and_then(PostView::id).map(|id| id.to_string()));
                clusters.extend(post.and_then(PostView::cluster_id));
                let slot = entry.slot_id.as_ref().and_then(lenient_json::as_integer);
                slots.extend(slot.map(|id| id.to_string()));
            }
            let seen = &self.directory.seen_ids;
            seen.record(space.id, Collection::Posts, posts);
            seen.record(space.id, Collection::Clusters, clusters);
            seen.record(space.id, Collection::Slots, slots);
            let posts = entries.iter().map(|entry| PostView::from(&entry.post));
            let accounts = self.accounts_of(posts, space_id).await;
            let detail = args.detail.unwrap_or_default();
            rows.extend(entries.into_iter().map(|entry| {
                let key = entry.key();
                (
                    key,
                    entry.show(detail, of_space.clone(), &accounts, (&zone, now)),
                )
            }));
            if let (Some(Value::Object(counts)), 1) = (list.shift_remove("meta"), spaces.len()) {
                meta = counts;
            }
        }
        // What has no time comes last; equal times stand in the order of ids.
        rows.sort_by_key(|(key, _)| *key);
        let is_unread = unread.len() == spaces.len() && !unread.is_empty();
        let note = match (is_empty, unread.as_slice(), spaces.len()) {
            (true, ..) => Some(empty_reply_notes::empty_list::<GetQueue>(&spaces)),
            (_, [], _) | (_, _, 1) => None,
            (_, unread, _) => {
                let names = unread
                    .iter()
                    .map(|space| format!("the space {}", space.label()));
                let names: Vec<String> = names.collect();
                Some(empty_reply_notes::not_a_list(&names.join(" and ")))
            }
        };
        let counted = QueueMeta {
            timezone: zone.iana_name().map(str::to_owned),
            now: When::at_instant(now, zone).local(),
        };
        let page = QueuePage {
            data: (!is_unread).then(|| rows.into_iter().map(|(_, row)| row).collect()),
            meta: WithSaki::new(counted, meta),
            note,
        };
        let rest = match spaces.len() {
            1 => rest,
            _ => Map::new(),
        };
        Ok(Json::Untrusted(WithSaki::new(page, rest)))
    }
}

/// A row of Saki's, read as a post with a time or as a free slot.
pub(super) struct QueueEntry {
    /// The post, its time and account completed from the slot around it; of a free slot only these two.
    post: Map<String, Value>,
    is_free: bool,
    slot_id: Option<Value>,
    row: Value,
}

impl QueueEntry {
    /// Reads a post, a slot with its post (`{at, slot_id, post}`) or a slot without one.
    pub(super) fn read(row: &Value) -> Self {
        let slot = row.get("slot").filter(|slot| slot.is_object());
        let around = || [Some(row), slot].into_iter().flatten();
        let field = |name: &str| {
            let mut found = around().filter_map(|of| of.get(name));
            found.find(|value| !value.is_null()).cloned()
        };
        let nested = row.get("post").filter(|post| !is_empty(post));
        let post_id = match nested {
            Some(post) if !post.is_object() => Some(post.clone()),
            _ => field("post_id"),
        };
        let is_slot = ["slot", "slot_id", "post", "post_id", "free", "is_free"]
            .iter()
            .any(|name| row.get(*name).is_some());
        let is_taken = nested.is_some() || post_id.is_some() || row.get("content").is_some();
        let is_free = is_slot && !is_taken;
        let mut post = match (nested.and_then(Value::as_object), row.as_object()) {
            (Some(post), _) => post.clone(),
            (None, Some(row)) if !is_slot || row.contains_key("content") => row.clone(),
            _ => Map::from_iter(post_id.map(|id| ("id".to_owned(), id))),
        };
        if PostView::from(&post).scheduled_at().is_none()
            && let Some(at) = TIMES
                .iter()
                .find_map(|name| field(name).filter(|at| lenient_json::timestamp(at).is_some()))
        {
            post.insert("scheduled_at".to_owned(), at);
        }
        for name in ["account_id", "account", "status"] {
            if !post.contains_key(name)
                && let Some(value) = field(name)
            {
                post.insert(name.to_owned(), value);
            }
        }
        let slot_id = field("slot_id").or_else(|| slot?.get("id").cloned());
        let slot_id = slot_id.or_else(|| row.get("id").filter(|_| is_free).cloned());
        Self {
            post,
            is_free,
            slot_id,
            row: row.clone(),
        }
    }

    /// Its post; nothing for a free slot.
    pub(super) fn post(&self) -> Option<PostView<'_>> {
        (!self.is_free).then(|| PostView::from(&self.post))
    }

    /// Its place in the queue.
    fn key(&self) -> (bool, Option<Timestamp>, bool, Option<u64>) {
        let post = PostView::from(&self.post);
        let (at, id) = (post.scheduled_at(), post.id());
        (at.is_none(), at, id.is_none(), id)
    }

    fn show(
        self,
        detail: Detail,
        space: SpaceOfRow,
        accounts: &[AccountRef],
        (zone, now): (&TimeZone, Timestamp),
    ) -> QueueRow {
        let post = PostView::from(&self.post);
        match (detail, self.row) {
            (Detail::Full, Value::Object(row)) => {
                let facts = PostFacts::of(post, accounts, zone, now);
                let added = FullQueueRow {
                    free: self.is_free,
                    facts: match self.is_free {
                        true => facts.of_slot(),
                        false => facts,
                    },
                    space,
                };
                QueueRow::Full(Box::new(WithSaki::new(added, row)))
            }
            (Detail::Concise, Value::Object(_)) => {
                let at = post.scheduled_at();
                let when = at.map(|at| When::at_instant(at, zone.clone()));
                let slot = self.is_free.then(|| FreeSlot {
                    free: true,
                    at: when.as_ref().map(When::utc),
                    local: when.as_ref().map(|when| short_time(when, zone, now)),
                    r#in: when.as_ref().map(|when| when.ahead(now)),
                    account: account_label(post, accounts),
                    space: space.clone(),
                });
                let is_taken = slot.is_none();
                let post = is_taken.then(|| ConciseRow::of(post, space, accounts, (zone, now)));
                QueueRow::Concise(Box::new(QueuedPost {
                    slot_id: self.slot_id,
                    slot,
                    post,
                }))
            }
            (_, other) => QueueRow::Other(other),
        }
    }
}

/// Fields that may hold the time of a row; the reference prints none.
const TIMES: [&str; 9] = [
    "scheduled_at",
    "at",
    "publish_at",
    "scheduled_for",
    "datetime",
    "date_time",
    "due_at",
    "starts_at",
    "time",
];

/// Whether a value stands for no post.
fn is_empty(post: &Value) -> bool {
    match post {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    const AT: &str = "2027-04-10T07:00:00Z";

    #[rstest]
    #[case::post(json!({"id": 7, "content": "A", "scheduled_at": AT}), Some(7))]
    #[case::at(json!({"at": AT, "slot_id": 3, "post": {"id": 7, "content": "A"}}), Some(7))]
    #[case::scheduled(json!({"scheduled_at": AT, "slot_id": 3, "post": {"id": 7}}), Some(7))]
    #[case::publish_at(json!({"publish_at": AT, "post": {"id": 7, "scheduled_at": null}}), Some(7))]
    #[case::in_slot(json!({"slot": {"id": 3, "datetime": AT}, "post": {"id": 7}}), Some(7))]
    #[case::id(json!({"at": AT, "slot_id": 3, "post": 7}), Some(7))]
    #[case::post_id(json!({"at": AT, "slot_id": 3, "post_id": 7}), Some(7))]
    #[case::free(json!({"at": AT, "slot_id": 3, "post": null}), None)]
    #[case::free_list(json!({"at": AT, "slot_id": 3, "post": []}), None)]
    #[case::free_alone(json!({"at": AT, "slot_id": 3}), None)]
    #[case::free_slot(json!({"slot": {"id": 3}, "scheduled_at": AT, "post_id": null}), None)]
    #[case::free_flag(json!({"id": 3, "scheduled_at": AT, "is_free": true}), None)]
    fn a_row_is_a_post_or_a_free_slot_at_its_time(#[case] row: Value, #[case] id: Option<u64>) {
        let row = QueueEntry::read(&row);
        let post = PostView::from(&row.post);
        assert_eq!(post.scheduled_at(), AT.parse().ok());
        assert_eq!((row.is_free, post.id()), (id.is_none(), id));
    }
}
