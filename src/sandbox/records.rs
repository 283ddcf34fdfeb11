//! Records of the in-memory database: one struct per table, and the Laravel model behind each.
#![expect(missing_docs, reason = "the fields are named as the API names them")]

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A record that a path parameter can name (route model binding).
pub(super) trait Model {
    /// Class name of the Laravel model; a 404 prints it.
    const NAME: &'static str;
    fn space_id(&self) -> Option<u64> {
        None
    }
}

#[derive(Debug, Clone)]
pub struct StoredSpace {
    pub id: u64,
    pub name: String,
    pub timezone: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Model for StoredSpace {
    const NAME: &'static str = "Space";
}

#[derive(Debug, Clone)]
pub struct StoredAccount {
    pub id: u64,
    pub space_id: u64,
    pub social: String,
    pub display_name: String,
    pub handler: String,
    pub is_active: bool,
    /// Boards by id and name; only a Pinterest account has any.
    pub boards: Vec<(String, String)>,
    pub created_at: Timestamp,
}

impl Model for StoredAccount {
    const NAME: &'static str = "Account";
    fn space_id(&self) -> Option<u64> {
        Some(self.space_id)
    }
}

/// A post, or a later part of a thread.
#[derive(Debug, Clone)]
pub struct StoredPost {
    pub id: u64,
    pub space_id: u64,
    pub account_id: u64,
    /// Cluster of the post: all posts of one create call share it.
    pub cluster_id: String,
    /// First post of the thread; `None` for the first post itself.
    pub parent_id: Option<u64>,
    /// Position in the thread, from 0.
    pub order: u64,
    /// Later parts of the thread, in order.
    pub children: Vec<u64>,
    pub content: String,
    pub status: PostStatus,
    /// Scheduled time of publication.
    pub scheduled_at: Option<Timestamp>,
    /// Actual time of publication.
    pub published_at: Option<Timestamp>,
    /// Network-specific settings; a failed post has its reason under `error`.
    pub metadata: Option<Map<String, Value>>,
    pub media: Vec<u64>,
    /// Whether the post was imported from the network.
    pub imported: bool,
    pub analytics: Value,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl StoredPost {
    /// An empty draft, to be filled by struct update.
    pub(super) fn empty(
        space_id: u64,
        account_id: u64,
        cluster_id: &str,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id: 0,
            space_id,
            account_id,
            cluster_id: cluster_id.to_owned(),
            parent_id: None,
            order: 0,
            children: Vec::new(),
            content: String::new(),
            status: PostStatus::Draft,
            scheduled_at: None,
            published_at: None,
            metadata: None,
            media: Vec::new(),
            imported: false,
            analytics: Value::Null,
            created_at,
            updated_at: created_at,
        }
    }

    /// Marks the post as published.
    pub(super) fn publish(&mut self, at: Timestamp) {
        self.status = PostStatus::Published;
        self.published_at = Some(at);
        self.updated_at = at;
    }

    /// Marks the post as failed.
    pub(super) fn fail(&mut self, reason: &str, at: Timestamp) {
        self.status = PostStatus::Failed;
        self.updated_at = at;
        let metadata = self.metadata.get_or_insert_with(Map::new);
        metadata.insert("error".to_owned(), json!(reason));
    }
}

impl Model for StoredPost {
    const NAME: &'static str = "Post";
    fn space_id(&self) -> Option<u64> {
        Some(self.space_id)
    }
}

/// Publishing status of a post; the reference prints the numbers but not their meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostStatus {
    Draft = 0,
    Scheduled = 1,
    Publishing = 2,
    Published = 3,
    Failed = 4,
}

impl PostStatus {
    pub fn from_number(number: i64) -> Option<Self> {
        let all = [
            Self::Draft,
            Self::Scheduled,
            Self::Publishing,
            Self::Published,
            Self::Failed,
        ];
        all.into_iter().find(|status| *status as i64 == number)
    }
}

/// An uploaded file: its description, without its bytes.
#[derive(Debug, Clone)]
pub struct StoredMedia {
    pub id: u64,
    /// Kind of the file: `image`, `video` or `document`.
    pub kind: String,
    pub name: String,
    pub mime: String,
    /// Width in pixels, where the file header states it.
    pub width: Option<u64>,
    /// Height in pixels, where the file header states it.
    pub height: Option<u64>,
    pub size: u64,
    pub alt: Option<String>,
    pub created_at: Timestamp,
}

impl Model for StoredMedia {
    const NAME: &'static str = "Media";
}

#[derive(Debug, Clone)]
pub struct StoredSlot {
    pub id: u64,
    pub space_id: u64,
    /// Day of the week, as it was sent: a word or a number from 0.
    pub weekday: Value,
    pub time: String,
    pub timezone: String,
}

impl Model for StoredSlot {
    const NAME: &'static str = "Slot";
    fn space_id(&self) -> Option<u64> {
        Some(self.space_id)
    }
}

#[derive(Debug, Clone)]
pub struct StoredWebhook {
    pub id: u64,
    pub space_id: u64,
    pub url: String,
    pub events: Vec<String>,
    pub is_active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Model for StoredWebhook {
    const NAME: &'static str = "Webhook";
    fn space_id(&self) -> Option<u64> {
        Some(self.space_id)
    }
}

/// Cuts a time to whole seconds, the precision of a database column.
pub(super) fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
