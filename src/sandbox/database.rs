//! In-memory database: one table per record type, with ids that are never reused.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::records::{
    StoredAccount, StoredMedia, StoredPost, StoredSlot, StoredSpace, StoredWebhook,
};

/// Id of a space that always exists and belongs to another user.
const FOREIGN_SPACE: u64 = 99;

/// All data of a sandbox.
#[derive(Debug, Clone)]
pub struct Database {
    /// Spaces of the key.
    pub spaces: Table<StoredSpace>,
    /// Ids of spaces that belong to other users.
    pub foreign_spaces: BTreeSet<u64>,
    /// Connected accounts of all spaces.
    pub accounts: Table<StoredAccount>,
    /// Posts of all spaces, including the later parts of threads.
    pub posts: Table<StoredPost>,
    /// Uploaded files.
    pub media: Table<StoredMedia>,
    /// Posting time slots of all spaces.
    pub slots: Table<StoredSlot>,
    /// Webhooks of all spaces.
    pub webhooks: Table<StoredWebhook>,
    /// Fields of a resource that no handler knows, by its name and id.
    pub(super) stored_fields: BTreeMap<(&'static str, u64), Map<String, Value>>,
    cluster_count: u64,
    /// No scheduled post is due before this time.
    pub(super) next_due: Timestamp,
}

impl Database {
    /// An empty database; each table starts at another id, so that a mix-up of ids shows.
    pub(super) fn new() -> Self {
        Self {
            spaces: Table::starting_at(1),
            foreign_spaces: BTreeSet::from([FOREIGN_SPACE]),
            accounts: Table::starting_at(11),
            posts: Table::starting_at(101),
            media: Table::starting_at(501),
            slots: Table::starting_at(301),
            webhooks: Table::starting_at(701),
            stored_fields: BTreeMap::new(),
            cluster_count: 0,
            next_due: Timestamp::MIN,
        }
    }

    /// Posts without the later parts of threads, in the order of their ids.
    pub(super) fn top_level_posts(&self) -> impl Iterator<Item = &StoredPost> {
        self.posts.values().filter(|post| post.parent_id.is_none())
    }

    /// The posts of one cluster, one per account, in the order of their ids.
    pub fn cluster<'a>(&'a self, cluster_id: &'a str) -> impl Iterator<Item = &'a StoredPost> {
        self.top_level_posts()
            .filter(move |post| post.cluster_id == cluster_id)
    }

    /// Removes a post and the later parts of its thread.
    pub(super) fn remove_post(&mut self, id: u64) {
        let Some(post) = self.posts.remove(id) else {
            return;
        };
        for child in post.children {
            self.posts.remove(child);
        }
        if let Some(parent) = post.parent_id.and_then(|id| self.posts.get_mut(id)) {
            parent.children.retain(|child| *child != id);
        }
    }

    /// A new cluster id: shaped like a UUID, and the same in every run.
    pub(super) fn new_cluster_id(&mut self) -> String {
        self.cluster_count += 1;
        let mut high = self.cluster_count.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        high = (high ^ (high >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let low = (high ^ (high >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }
}

/// Records by id; an id is never used twice.
#[derive(Debug, Clone)]
pub struct Table<T> {
    records: BTreeMap<u64, T>,
    next_id: u64,
}

impl<T> Table<T> {
    fn starting_at(next_id: u64) -> Self {
        Self {
            records: BTreeMap::new(),
            next_id,
        }
    }

    /// Inserts the record that `build` makes for the next free id.
    pub fn insert(&mut self, build: impl FnOnce(u64) -> T) -> &T {
        let id = self.next_id;
        self.next_id += 1;
        self.records.entry(id).or_insert(build(id))
    }

    /// Raises the next id to at least `id`.
    pub(super) fn skip_to(&mut self, id: u64) {
        self.next_id = self.next_id.max(id);
    }

    /// The record with this id.
    pub fn get(&self, id: u64) -> Option<&T> {
        self.records.get(&id)
    }

    /// The record with this id, for a change.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        self.records.get_mut(&id)
    }

    /// Removes a record.
    pub fn remove(&mut self, id: u64) -> Option<T> {
        self.records.remove(&id)
    }

    /// Keeps only the records for which `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.records.retain(|_, record| keep(record));
    }

    /// All records in the order of their ids.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.records.values()
    }

    /// All records in the order of their ids, for a change.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.records.values_mut()
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cluster_ids_look_like_uuids_and_differ() {
        let mut db = Database::new();
        let ids: BTreeSet<String> = (0..500).map(|_| db.new_cluster_id()).collect();
        assert_eq!(ids.len(), 500);
        assert!(
            ids.iter()
                .all(|id| id.len() == 36 && id.as_bytes()[14] == b'4')
        );
    }

    #[test]
    fn an_id_is_not_reused_after_its_record_is_removed() {
        let mut table = Table::starting_at(5);
        let first = *table.insert(|id| id);
        table.remove(first);
        assert_eq!((first, *table.insert(|id| id)), (5, 6));
    }
}
