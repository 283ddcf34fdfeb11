//! Records of the in-memory database: one struct per table, and the Laravel model behind each.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A record that a path parameter can name (route model binding).
pub(super) trait Model {
    /// Class name of the Laravel model; a 404 prints it.
    const NAME: &'static str;
    /// Space of the record; `None` for a record that belongs to the key and not to one space.
    fn space_id(&self) -> Option<u64> {
        None
    }
}

/// A space.
#[derive(Debug, Clone)]
pub struct StoredSpace {
    /// Id of the space.
    pub id: u64,
    /// Name of the space.
    pub name: String,
    /// IANA time zone of the space.
    pub timezone: String,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

impl Model for StoredSpace {
    const NAME: &'static str = "Space";
}

/// A connected social account.
#[derive(Debug, Clone)]
pub struct StoredAccount {
    /// Id of the account.
    pub id: u64,
    /// Space of the account.
    pub space_id: u64,
    /// Network, as the API names it.
    pub social: String,
    /// Display name.
    pub display_name: String,
    /// Handle, without `@`.
    pub handler: String,
    /// Whether the account may post.
    pub is_active: bool,
    /// Boards by id and name; only a Pinterest account has any.
    pub boards: Vec<(String, String)>,
    /// Time of the connection.
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
    /// Id of the post.
    pub id: u64,
    /// Space of the post.
    pub space_id: u64,
    /// Account of the post.
    pub account_id: u64,
    /// Cluster of the post: all posts of one create call share it.
    pub cluster_id: String,
    /// First post of the thread; `None` for the first post itself.
    pub parent_id: Option<u64>,
    /// Position in the thread, from 0.
    pub order: u64,
    /// Later parts of the thread, in order.
    pub children: Vec<u64>,
    /// Text of the post.
    pub content: String,
    /// Publishing status.
    pub status: PostStatus,
    /// Scheduled time of publication.
    pub scheduled_at: Option<Timestamp>,
    /// Actual time of publication.
    pub published_at: Option<Timestamp>,
    /// Network-specific settings; a failed post has its reason under `error`.
    pub metadata: Option<Map<String, Value>>,
    /// Media ids, in order.
    pub media: Vec<u64>,
    /// Whether the post was imported from the network.
    pub imported: bool,
    /// Numbers from the network.
    pub analytics: Value,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
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
    /// Not scheduled.
    Draft = 0,
    /// Scheduled for a later time.
    Scheduled = 1,
    /// Being published.
    Publishing = 2,
    /// Published.
    Published = 3,
    /// Refused by the network.
    Failed = 4,
}

impl PostStatus {
    /// The status with this number.
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
    /// Id of the file.
    pub id: u64,
    /// Kind of the file: `image`, `video` or `document`.
    pub kind: String,
    /// Name of the file, as it was uploaded.
    pub name: String,
    /// MIME type, as the upload named it.
    pub mime: String,
    /// Width in pixels, where the file header states it.
    pub width: Option<u64>,
    /// Height in pixels, where the file header states it.
    pub height: Option<u64>,
    /// Size in bytes.
    pub size: u64,
    /// Alternative text.
    pub alt: Option<String>,
    /// Time of the upload.
    pub created_at: Timestamp,
}

impl Model for StoredMedia {
    const NAME: &'static str = "Media";
}

/// A posting time slot.
#[derive(Debug, Clone)]
pub struct StoredSlot {
    /// Id of the slot.
    pub id: u64,
    /// Space of the slot.
    pub space_id: u64,
    /// Day of the week, as it was sent: a word or a number from 0.
    pub weekday: Value,
    /// Time of day, e.g. "09:30".
    pub time: String,
    /// IANA time zone of the slot.
    pub timezone: String,
}

impl Model for StoredSlot {
    const NAME: &'static str = "Slot";
    fn space_id(&self) -> Option<u64> {
        Some(self.space_id)
    }
}

/// A webhook.
#[derive(Debug, Clone)]
pub struct StoredWebhook {
    /// Id of the webhook.
    pub id: u64,
    /// Space of the webhook.
    pub space_id: u64,
    /// URL to call.
    pub url: String,
    /// Subscribed events.
    pub events: Vec<String>,
    /// Whether the webhook is enabled.
    pub is_active: bool,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
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
