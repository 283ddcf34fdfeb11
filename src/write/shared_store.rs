//! Key-value store behind idempotency, confirmation tokens and the rate window: today in memory; a trait, so that replicas could share one.

use std::fmt::Debug;

use futures::future::{BoxFuture, FutureExt, ready};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::ttl_map::{Expiring, TtlMap};

/// How long an outcome, an upload and a confirmation are good: longer than a model repeats itself, shorter than a person
/// posts the same again.
pub const RETENTION: SignedDuration = SignedDuration::from_mins(10);
/// [`RETENTION`] in words.
pub const RETENTION_TEXT: &str = "ten minutes";

/// What becomes of the value under a key; nothing removes it. It may be called again where two replicas collide.
pub type Update<'a> = &'a mut (dyn FnMut(Option<Value>) -> Option<Expiring<Value>> + Send);

/// A key-value store whose entries expire, and whose updates are atomic.
pub trait SharedStore: Debug + Send + Sync {
    /// The value under a key, unless it has expired.
    fn get<'a>(&'a self, key: &'a str, now: Timestamp) -> BoxFuture<'a, Option<Value>>;

    /// Replaces the value under a key, while no other update of it is under way.
    fn update<'a>(&'a self, key: &'a str, now: Timestamp, change: Update<'a>) -> BoxFuture<'a, ()>;
}

impl dyn SharedStore {
    /// Puts a value under a key for as long as `ttl`.
    pub async fn put(&self, key: &str, value: Value, now: Timestamp, ttl: SignedDuration) {
        let mut change = |_| Some(expiring(value.clone(), now, ttl));
        self.update(key, now, &mut change).await;
    }

    /// Puts a value under a key that is free, and says whether it was: of several callers one gets the key.
    pub async fn claim(&self, key: &str, now: Timestamp, ttl: SignedDuration) -> bool {
        let mut is_ours = false;
        let mut change = |known: Option<Value>| {
            is_ours = known.is_none();
            Some(expiring(known.unwrap_or(Value::Null), now, ttl))
        };
        self.update(key, now, &mut change).await;
        is_ours
    }

    /// Removes what stands under a key.
    pub async fn remove(&self, key: &str, now: Timestamp) {
        self.update(key, now, &mut |_| None).await;
    }
}

/// A value that is good for as long as `ttl`.
pub fn expiring(value: Value, now: Timestamp, ttl: SignedDuration) -> Expiring<Value> {
    let expires = now.checked_add(ttl).unwrap_or(Timestamp::MAX);
    Expiring { value, expires }
}

/// The store of one process, which its restart empties.
#[derive(Debug, Default)]
pub struct InMemoryStore(TtlMap<String, Value>);

impl SharedStore for InMemoryStore {
    fn get<'a>(&'a self, key: &'a str, now: Timestamp) -> BoxFuture<'a, Option<Value>> {
        ready(self.0.get(&key.to_owned(), now)).boxed()
    }

    fn update<'a>(&'a self, key: &'a str, now: Timestamp, change: Update<'a>) -> BoxFuture<'a, ()> {
        self.0.update(key.to_owned(), now, change);
        ready(()).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use serde_json::json;

    #[tokio::test]
    async fn a_key_is_claimed_once_until_the_claim_expires() {
        let store: &dyn SharedStore = &InMemoryStore::default();
        let (now, ttl) = (Timestamp::UNIX_EPOCH, SignedDuration::from_mins(1));
        assert!(store.claim("token/1", now, ttl).await);
        assert!(!store.claim("token/1", now + 59.seconds(), ttl).await);
        assert!(store.claim("token/2", now, ttl).await);
        assert!(store.claim("token/1", now + 3.minutes(), ttl).await);
    }

    #[tokio::test]
    async fn what_was_put_is_there_until_it_expires_or_is_removed() {
        let store: &dyn SharedStore = &InMemoryStore::default();
        let (now, ttl) = (Timestamp::UNIX_EPOCH, SignedDuration::from_mins(1));
        store.put("a", json!([1]), now, ttl).await;
        assert_eq!(store.get("a", now + 59.seconds()).await, Some(json!([1])));
        assert_eq!(store.get("a", now + 60.seconds()).await, None);
        store.put("a", json!([1]), now, ttl).await;
        store.remove("a", now).await;
        assert_eq!(store.get("a", now).await, None);
    }
}
