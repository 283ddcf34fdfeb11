//! Seeder: inserts spaces, accounts, posts and other records of the seed data.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::sandbox::database::Database;
use crate::sandbox::records::{
    PostStatus, StoredAccount, StoredMedia, StoredPost, StoredSlot, StoredSpace, StoredWebhook,
    whole_seconds,
};

/// Inserts records into the space that was added last.
pub(super) struct Seeder {
    pub(super) db: Database,
    now: Timestamp,
    space_id: u64,
    timezone: TimeZone,
}

/// One cluster: the same thread for several accounts.
pub(super) struct SeedCluster<'a> {
    pub(super) accounts: &'a [u64],
    /// Texts of the post and the later parts of its thread.
    pub(super) parts: &'a [&'a str],
    pub(super) media: &'a [u64],
    pub(super) metadata: Value,
    pub(super) at: Option<Timestamp>,
}

impl Seeder {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            db: Database::new(),
            now: whole_seconds(now),
            space_id: 0,
            timezone: TimeZone::UTC,
        }
    }

    pub(super) fn space(&mut self, name: &str, timezone: &str) {
        let created_at = self.days_ago(60);
        self.timezone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
        let space = self.db.spaces.insert(|id| StoredSpace {
            id,
            name: name.to_owned(),
            timezone: timezone.to_owned(),
            created_at,
            updated_at: created_at,
        });
        self.space_id = space.id;
    }

    pub(super) fn account(&mut self, social: &str, display_name: &str, handler: &str) -> u64 {
        let (space_id, created_at) = (self.space_id, self.days_ago(58));
        let board = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        let boards = match social {
            "pinterest" => vec![
                board("brew-guides", "Brew guides"),
                board("cafe-corners", "Café corners"),
            ],
            _ => Vec::new(),
        };
        let account = self.db.accounts.insert(|id| StoredAccount {
            id,
            space_id,
            social: social.to_owned(),
            display_name: display_name.to_owned(),
            handler: handler.to_owned(),
            is_active: true,
            boards,
            created_at,
        });
        account.id
    }

    pub(super) fn media(&mut self, name: &str, mime: &str, size: u64, alt: &str) -> u64 {
        let created_at = self.days_ago(5);
        let kind = mime.split('/').next().unwrap_or_default().to_owned();
        let media = self.db.media.insert(|id| StoredMedia {
            id,
            kind,
            name: name.to_owned(),
            mime: mime.to_owned(),
            width: Some(1080),
            height: Some(1350),
            size,
            alt: Some(alt.to_owned()),
            created_at,
        });
        media.id
    }

    pub(super) fn slot(&mut self, weekday: &str, time: &str) {
        let space_id = self.space_id;
        let timezone = self.timezone.iana_name().unwrap_or("UTC").to_owned();
        self.db.slots.insert(|id| StoredSlot {
            id,
            space_id,
            weekday: json!(weekday),
            time: time.to_owned(),
            timezone,
        });
    }

    pub(super) fn webhook(&mut self, url: &str, events: &[&str]) {
        let (space_id, created_at) = (self.space_id, self.days_ago(40));
        self.db.webhooks.insert(|id| StoredWebhook {
            id,
            space_id,
            url: url.to_owned(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            is_active: true,
            created_at,
            updated_at: created_at,
        });
    }

    /// `days` times 24 hours before now.
    fn days_ago(&self, days: i64) -> Timestamp {
        self.now
            .checked_sub((days * 24).hours())
            .unwrap_or(self.now)
    }

    /// A time of day in the space's time zone, `days` after today.
    pub(super) fn day(&self, days: i64, hour: i8, minute: i8) -> Option<Timestamp> {
        let today = self.now.to_zoned_datetime(self.timezone.clone()).date();
        let day = today.checked_add(days.days()).ok()?;
        let zoned = day
            .at(hour, minute, 0, 0)
            .to_zoned_datetime(self.timezone.clone())
            .ok()?;
        Some(zoned.timestamp())
    }

    /// Inserts a post per account: a draft without a time, published when the time has passed.
    pub(super) fn post(
        &mut self,
        accounts: &[u64],
        at: Option<Timestamp>,
        text: &str,
        media: &[u64],
    ) -> Vec<u64> {
        self.cluster(&SeedCluster {
            accounts,
            parts: &[text],
            media,
            metadata: Value::Null,
            at,
        })
    }

    /// Inserts a cluster and returns the ids of its posts, one per account.
    pub(super) fn cluster(&mut self, cluster: &SeedCluster<'_>) -> Vec<u64> {
        let cluster_id = self.db.new_cluster_id();
        let threads = cluster
            .accounts
            .iter()
            .map(|account_id| self.thread(cluster, &cluster_id, *account_id));
        threads.flatten().collect()
    }

    /// Inserts the thread of one account and returns the id of its first post.
    fn thread(
        &mut self,
        cluster: &SeedCluster<'_>,
        cluster_id: &str,
        account_id: u64,
    ) -> Option<u64> {
        let (status, published_at) = match cluster.at {
            None => (PostStatus::Draft, None),
            Some(at) if at > self.now => (PostStatus::Scheduled, None),
            Some(at) => (PostStatus::Published, Some(at)),
        };
        let created_at = self.days_ago(6);
        let base = StoredPost {
            status,
            scheduled_at: cluster.at,
            published_at,
            metadata: cluster.metadata.as_object().cloned(),
            created_at: created_at.min(cluster.at.unwrap_or(created_at)),
            updated_at: created_at.max(published_at.unwrap_or(created_at)),
            ..StoredPost::empty(self.space_id, account_id, cluster_id, created_at)
        };
        let mut first_id = None;
        for (order, text) in (0..).zip(cluster.parts) {
            let reach = 400 + account_id * 37 + text.len() as u64 * 3;
            let analytics =
                json!({"impressions": reach, "likes": reach / 19, "comments": reach / 140});
            let media = if order == 0 { cluster.media } else { &[] };
            let post = self.db.posts.insert(|id| StoredPost {
                id,
                parent_id: first_id,
                order,
                content: (*text).to_owned(),
                media: media.to_vec(),
                analytics: published_at.map_or(Value::Null, |_| analytics),
                ..base.clone()
            });
            let id = post.id;
            match first_id.and_then(|first_id| self.db.posts.get_mut(first_id)) {
                Some(first) => first.children.push(id),
                None => first_id = Some(id),
            }
        }
        first_id
    }

    /// Turns a published post into a failed one.
    pub(super) fn fail(&mut self, id: u64, reason: &str) {
        if let Some(post) = self.db.posts.get_mut(id) {
            post.published_at = None;
            post.analytics = Value::Null;
            post.fail(reason, post.updated_at);
        }
    }
}
