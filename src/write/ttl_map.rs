//! TTL map, whose entries expire: a cache under lookups, completed uploads and the store in memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// A map whose entries expire; expired ones are dropped at the next write.
#[derive(Debug)]
pub struct TtlMap<K, V> {
    entries: Mutex<HashMap<K, Expiring<V>>>,
    capacity: Option<usize>,
}

/// A value that is good until it expires.
#[derive(Debug, Clone)]
pub struct Expiring<V> {
    /// The value.
    pub value: V,
    /// The first instant at which it is no longer good.
    pub expires: Timestamp,
}

impl<V> Expiring<V> {
    /// A value that is good for as long as `ttl`.
    pub(crate) fn new(value: V, now: Timestamp, ttl: SignedDuration) -> Self {
        let expires = now.checked_add(ttl).unwrap_or(Timestamp::MAX);
        Self { value, expires }
    }
}

impl<K, V> Default for TtlMap<K, V> {
    fn default() -> Self {
        Self {
            entries: Mutex::default(),
            capacity: None,
        }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> TtlMap<K, V> {
    /// A map of at most `capacity` entries; those that expire first make room.
    pub fn with_capacity_limit(capacity: usize) -> Self {
        Self {
            capacity: Some(capacity),
            ..Self::default()
        }
    }

    /// The value, unless it has expired.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let entries = self.lock();
        let entry = entries.get(key).filter(|entry| entry.expires > now)?;
        Some(entry.value.clone())
    }

    /// Puts a value in the place of an older one, for as long as `ttl`.
    pub fn insert(&self, key: K, value: V, now: Timestamp, ttl: SignedDuration) {
        self.update(key, now, |_| Some(Expiring::new(value, now, ttl)));
    }

    /// Replaces a value by what `change` makes of it, while nobody else can; nothing removes it.
    pub fn update(
        &self,
        key: K,
        now: Timestamp,
        change: impl FnOnce(Option<V>) -> Option<Expiring<V>>,
    ) {
        let mut entries = self.lock();
        entries.retain(|_, entry| entry.expires > now);
        let known = entries.remove(&key).map(|entry| entry.value);
        let Some(entry) = change(known) else {
            return;
        };
        if self.capacity.is_some_and(|most| entries.len() >= most) {
            let first = entries.iter().min_by_key(|(_, entry)| entry.expires);
            if let Some(first) = first.map(|(key, _)| key.clone()) {
                entries.remove(&first);
            }
        }
        entries.insert(key, entry);
    }

    /// Removes the entries that `keep` does not want.
    pub fn retain(&self, keep: impl Fn(&K, &V) -> bool) {
        self.lock().retain(|key, entry| keep(key, &entry.value));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Expiring<V>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    #[test]
    fn an_entry_is_there_until_it_expires_and_its_memory_is_freed_by_the_next_write() {
        let (map, now) = (TtlMap::default(), Timestamp::UNIX_EPOCH);
        map.insert("a", 1, now, SignedDuration::from_mins(1));
        assert_eq!(map.get(&"a", now + 59.seconds()), Some(1));
        assert_eq!(map.get(&"a", now + 60.seconds()), None);
        let later = now + 2.minutes();
        map.insert("b", 2, later, SignedDuration::from_mins(3));
        assert_eq!(map.lock().len(), 1);
    }

    #[test]
    fn a_full_map_drops_what_expires_first() {
        let (map, now) = (TtlMap::with_capacity_limit(2), Timestamp::UNIX_EPOCH);
        for (key, minutes) in [("a", 3), ("b", 1), ("c", 2)] {
            map.insert(key, 0, now, SignedDuration::from_mins(minutes));
        }
        let kept = ["a", "b", "c"].map(|key| map.get(&key, now).is_some());
        assert_eq!(kept, [true, false, true]);
    }

    #[test]
    fn an_update_sees_the_value_and_may_remove_it() {
        let (map, now) = (TtlMap::default(), Timestamp::UNIX_EPOCH);
        let minute = SignedDuration::from_mins(1);
        for _ in 0..2 {
            map.update("a", now, |known| {
                Some(Expiring::new(known.unwrap_or_default() + 1, now, minute))
            });
        }
        assert_eq!(map.get(&"a", now), Some(2));
        map.update("a", now, |_| None);
        assert_eq!(map.get(&"a", now), None);
    }
}
