//! Key-value store behind idempotency, confirmation tokens and the rate window: in memory, or one that several servers share.

use std::fmt::Debug;

use futures::future::{BoxFuture, FutureExt, ready};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ttl_map::{Expiring, TtlMap};

/// How long an outcome, an upload and a confirmation are good: longer than a model repeats itself, shorter than a person
/// posts the same again.
pub const RETENTION: SignedDuration = SignedDuration::from_mins(10);
/// [`RETENTION`] in words.
pub const RETENTION_TEXT: &str = "ten minutes";

/// What becomes of the value under a key; nothing removes it. It may be called again where two replicas collide.
pub type Update<'a> = &'a mut (dyn FnMut(Option<Value>) -> Option<Expiring<Value>> + Send);

/// Why the store gives no answer; whoever depends on it then refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached, or did not run an update.
    #[error("the server's store cannot be reached")]
    Unavailable,
    /// The stored value has another form than expected.
    #[error("a value in the server's store cannot be read")]
    Unreadable,
    /// Another server took over what this one was about to do.
    #[error(
        "this server lost the right to send this call in the meantime, and another one may have sent it"
    )]
    TakenOver,
}

/// A key-value store whose entries expire, and whose updates are atomic.
pub trait SharedStore: Debug + Send + Sync {
    /// The value under a key, unless it has expired.
    fn get<'a>(
        &'a self,
        key: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<Value>, StoreError>>;

    /// Replaces the value under a key, while no other update of it is under way.
    fn update<'a>(
        &'a self,
        key: &'a str,
        now: Timestamp,
        change: Update<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Since when the store surely knows all that it was told; nothing for one that never forgets.
    ///
    /// A store elsewhere may come back empty, or as a copy that lacks the last seconds.
    fn remembers_since(
        &self,
        _now: Timestamp,
    ) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        ready(Ok(None)).boxed()
    }

    /// A key for one purpose that all servers with this store have in common; nothing where there is only one server.
    fn common_key(&self, _purpose: &str) -> Option<[u8; 32]> {
        None
    }
}

impl dyn SharedStore {
    /// The value under a key as a `T`.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<T>, StoreError> {
        let stored = self.get(key, now).await?;
        stored.map(parse).transpose()
    }

    /// Updates the value under a key, and returns what `change` returns beside the new value.
    pub(crate) async fn update_with<R: Send>(
        &self,
        key: &str,
        now: Timestamp,
        mut change: impl FnMut(Option<Value>) -> (Option<Expiring<Value>>, R) + Send,
    ) -> Result<R, StoreError> {
        let mut outcome = None;
        let mut change = |known| {
            let (entry, result) = change(known);
            outcome = Some(result);
            entry
        };
        self.update(key, now, &mut change).await?;
        outcome.ok_or(StoreError::Unavailable)
    }

    /// Puts a value under a key for as long as `ttl`.
    pub(crate) async fn put(
        &self,
        key: &str,
        value: Value,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<(), StoreError> {
        let entry = Expiring::new(value, now, ttl);
        let change = |_| (Some(entry.clone()), ());
        self.update_with(key, now, change).await
    }

    /// Puts a value under a key that is free, and says whether it was: of several callers one gets the key.
    pub(crate) async fn claim(
        &self,
        key: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<bool, StoreError> {
        let change = |known: Option<Value>| {
            let is_free = known.is_none();
            let entry = Expiring::new(known.unwrap_or_default(), now, ttl);
            (Some(entry), is_free)
        };
        self.update_with(key, now, change).await
    }

    /// Removes what stands under a key.
    pub(crate) async fn remove(&self, key: &str, now: Timestamp) -> Result<(), StoreError> {
        self.update_with(key, now, |_| (None, ())).await
    }
}

/// A stored value as a `T`.
pub(crate) fn parse<T: DeserializeOwned>(stored: Value) -> Result<T, StoreError> {
    serde_json::from_value(stored).map_err(|_| StoreError::Unreadable)
}

/// The store of one process, which its restart empties.
#[derive(Debug, Default)]
pub struct InMemoryStore(TtlMap<String, Value>);

impl SharedStore for InMemoryStore {
    fn get<'a>(
        &'a self,
        key: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<Value>, StoreError>> {
        ready(Ok(self.0.get(&key.to_owned(), now))).boxed()
    }

    fn update<'a>(
        &'a self,
        key: &'a str,
        now: Timestamp,
        change: Update<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.update(key.to_owned(), now, change);
        ready(Ok(())).boxed()
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
        assert_eq!(store.claim("token/1", now, ttl).await, Ok(true));
        assert_eq!(
            store.claim("token/1", now + 59.seconds(), ttl).await,
            Ok(false)
        );
        assert_eq!(store.claim("token/2", now, ttl).await, Ok(true));
        assert_eq!(
            store.claim("token/1", now + 3.minutes(), ttl).await,
            Ok(true)
        );
    }

    #[tokio::test]
    async fn what_was_put_is_there_until_it_expires_or_is_removed() {
        let store: &dyn SharedStore = &InMemoryStore::default();
        let (now, ttl) = (Timestamp::UNIX_EPOCH, SignedDuration::from_mins(1));
        store.put("a", json!([1]), now, ttl).await.unwrap();
        assert_eq!(
            store.get("a", now + 59.seconds()).await,
            Ok(Some(json!([1])))
        );
        assert_eq!(store.get("a", now + 60.seconds()).await, Ok(None));
        store.put("a", json!([1]), now, ttl).await.unwrap();
        store.remove("a", now).await.unwrap();
        assert_eq!(store.get("a", now).await, Ok(None));
    }
}
