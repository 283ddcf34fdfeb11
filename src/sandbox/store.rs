//! What a sandbox knows: tables of rows, and the publishing of what is due.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, json};

use super::accounts::Account;
use super::media::Media;
use super::posts::{Post, Status};
use super::slots::Slot;
use super::spaces::Space;
use super::webhooks::Webhook;

/// A space that exists and belongs to somebody else, in every world.
pub const FOREIGN_SPACE: u64 = 99;

/// Everything that a sandbox holds.
#[derive(Debug, Clone)]
pub struct State {
    /// Spaces of the key.
    pub spaces: Table<Space>,
    /// Ids of spaces that belong to others.
    pub foreign_spaces: BTreeSet<u64>,
    /// Connected accounts of all spaces.
    pub accounts: Table<Account>,
    /// Posts of all spaces, the later parts of threads among them.
    pub posts: Table<Post>,
    /// Uploaded files.
    pub media: Table<Media>,
    /// Posting time slots of all spaces.
    pub slots: Table<Slot>,
    /// Webhooks of all spaces.
    pub webhooks: Table<Webhook>,
    clusters: u64,
    next_due: Timestamp,
}

impl State {
    /// A state without rows; ids of different resources start apart, so that mixing them up shows.
    pub(super) fn new() -> Self {
        Self {
            spaces: Table::from(1),
            foreign_spaces: BTreeSet::from([FOREIGN_SPACE]),
            accounts: Table::from(11),
            posts: Table::from(101),
            media: Table::from(501),
            slots: Table::from(301),
            webhooks: Table::from(701),
            clusters: 0,
            next_due: Timestamp::MIN,
        }
    }

    /// The posts of one cluster that stand for an account each, in the order of their ids.
    pub fn cluster<'a>(&'a self, cluster_id: &'a str) -> impl Iterator<Item = &'a Post> {
        let first = |post: &&Post| post.parent_id.is_none();
        self.posts
            .values()
            .filter(move |post| post.cluster_id == cluster_id)
            .filter(first)
    }

    /// A new cluster id: shaped like a UUID, and the same in every run.
    pub(super) fn next_cluster(&mut self) -> String {
        self.clusters += 1;
        let mut bits = self.clusters.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let more = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            bits >> 32,
            (bits >> 16) & 0xffff,
            bits & 0xfff,
            more >> 52,
            more & 0xffff_ffff_ffff
        )
    }

    /// Notes that a post is due at `at`, so that [`publish_due`](Self::publish_due) looks again by then.
    pub(super) fn wake_at(&mut self, at: Timestamp) {
        self.next_due = self.next_due.min(at);
    }

    /// Publishes every scheduled post whose time has come; one whose account cannot post fails instead.
    pub(super) fn publish_due(&mut self, now: Timestamp) {
        if now < self.next_due {
            return;
        }
        self.next_due = Timestamp::MAX;
        for post in self.posts.values_mut() {
            if post.status != Status::Scheduled {
                continue;
            }
            match post.scheduled_at {
                Some(at) if at <= now => match self.accounts.get(post.account_id) {
                    Some(account) if !account.is_active => {
                        let why = format!("@{} is not active.", account.handler);
                        post.fail(&why, at);
                    }
                    _ => post.publish(at),
                },
                Some(at) => self.next_due = self.next_due.min(at),
                None => {}
            }
        }
    }

    /// InvalidateOnDrop when the next post is due, after rows were changed from outside.
    pub(super) fn look_again(&mut self) {
        self.next_due = Timestamp::MIN;
    }
}

impl Post {
    fn publish(&mut self, at: Timestamp) {
        self.status = Status::Published;
        self.published_at = Some(at);
        self.updated_at = at;
    }

    fn fail(&mut self, why: &str, at: Timestamp) {
        self.status = Status::Failed;
        self.updated_at = at;
        let metadata = self.metadata.get_or_insert_with(Map::new);
        metadata.insert("error".to_owned(), json!(why));
    }
}

/// Rows by their ids, which are never used twice.
#[derive(Debug, Clone)]
pub struct Table<T> {
    rows: BTreeMap<u64, T>,
    next: u64,
}

impl<T> Table<T> {
    fn from(first: u64) -> Self {
        Self {
            rows: BTreeMap::new(),
            next: first,
        }
    }

    /// Adds the row that `make` builds for the next free id.
    pub fn add(&mut self, make: impl FnOnce(u64) -> T) -> u64 {
        let id = self.next;
        self.next += 1;
        self.rows.insert(id, make(id));
        id
    }

    /// Lets the next id be at least `id`.
    pub(super) fn skip_to(&mut self, id: u64) {
        self.next = self.next.max(id);
    }

    /// The row of an id.
    pub fn get(&self, id: u64) -> Option<&T> {
        self.rows.get(&id)
    }

    /// The row of an id, to change it.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        self.rows.get_mut(&id)
    }

    /// Takes a row out.
    pub fn remove(&mut self, id: u64) -> Option<T> {
        self.rows.remove(&id)
    }

    /// Keeps the rows that `keep` says yes to.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.rows.retain(|_, row| keep(row));
    }

    /// All rows in the order of their ids.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    /// All rows in the order of their ids, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.rows.values_mut()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cluster_ids_look_like_uuids_and_differ() {
        let mut state = State::new();
        let ids: BTreeSet<String> = (0..500).map(|_| state.next_cluster()).collect();
        assert_eq!(ids.len(), 500);
        assert!(
            ids.iter()
                .all(|id| id.len() == 36 && id.as_bytes()[14] == b'4')
        );
    }

    #[test]
    fn an_id_is_not_used_again_after_its_row_is_gone() {
        let mut table = Table::from(5);
        let first = table.add(|id| id);
        table.remove(first);
        assert_eq!((first, table.add(|id| id)), (5, 6));
    }
}
