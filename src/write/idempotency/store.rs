//! Where outcomes are remembered: in memory, unless a shared store is put under it.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::{RETENTION, StoredOutcome};

/// Remembers what became of creates, by their key.
pub trait Store: Debug + Send + Sync {
    /// What is remembered at `now`.
    fn get(&self, key: &str, now: Timestamp) -> Option<StoredOutcome>;

    /// Remembers an outcome in place of an older one.
    fn put(&self, key: &str, outcome: StoredOutcome);

    /// Every post that some create is known to have made.
    fn post_ids(&self) -> Vec<u64>;

    /// InvalidateOnDrop every create that made one of these posts.
    fn forget(&self, post_ids: &[u64]);

    /// InvalidateOnDrop everything, after a change that may have taken any post away.
    fn clear(&self);
}

/// The outcomes of this process.
#[derive(Debug, Default)]
pub struct InMemory(Mutex<HashMap<String, StoredOutcome>>);

impl InMemory {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, StoredOutcome>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for InMemory {
    fn get(&self, key: &str, now: Timestamp) -> Option<StoredOutcome> {
        let mut entries = self.entries();
        entries.retain(|_, outcome| is_fresh(outcome, now));
        entries.get(key).cloned()
    }

    fn put(&self, key: &str, outcome: StoredOutcome) {
        self.entries().insert(key.to_owned(), outcome);
    }

    fn post_ids(&self) -> Vec<u64> {
        let entries = self.entries();
        let made = entries.values().flat_map(|outcome| &outcome.post_ids);
        made.copied().collect()
    }

    fn forget(&self, post_ids: &[u64]) {
        self.entries()
            .retain(|_, outcome| !outcome.post_ids.iter().any(|id| post_ids.contains(id)));
    }

    fn clear(&self) {
        self.entries().clear();
    }
}

fn is_fresh(outcome: &StoredOutcome, now: Timestamp) -> bool {
    now.duration_since(outcome.at) < RETENTION
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn made(at: Timestamp, post_ids: &[u64]) -> StoredOutcome {
        StoredOutcome {
            at,
            post_ids: post_ids.to_vec(),
            answer: Some(serde_json::Map::new()),
        }
    }

    #[test]
    fn an_outcome_is_remembered_for_ten_minutes_and_no_longer() {
        let store = InMemory::default();
        let at: Timestamp = "2027-04-09T10:00:00Z".parse().unwrap();
        store.put("a", made(at, &[1]));
        assert!(store.get("a", at + 9.minutes()).is_some());
        assert!(store.get("b", at).is_none());
        assert!(store.get("a", at + 10.minutes()).is_none());
        assert!(store.entries().is_empty());
    }

    #[test]
    fn a_create_is_forgotten_with_any_of_its_posts() {
        let store = InMemory::default();
        let at = Timestamp::UNIX_EPOCH;
        store.put("a", made(at, &[1, 2]));
        store.put("b", made(at, &[3]));
        store.forget(&[2]);
        assert!(store.get("a", at).is_none());
        assert!(store.get("b", at).is_some());
    }
}
