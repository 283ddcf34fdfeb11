//! Idempotency keys and stored outcomes: an equal create within [`RETENTION`] is answered with the outcome of the first one;
//! `tools/posts/create` decides between replay and sending, with its `duplicate_suppression`.

mod in_flight;
mod lease;

use std::collections::HashSet;
use std::sync::Arc;

use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::canonical_json::canonical_json;
use super::effects::{Effects, ResourceKind};
use super::shared_store::{RETENTION, SharedStore, StoreError, parse};
use super::ttl_map::Expiring;
use crate::saki::posts::{ClusterBody, Content};
use crate::saki::{Clock, SpaceId};

use in_flight::InFlight;
pub use lease::Permit;

/// The stored outcome of a create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredOutcome {
    /// When it was sent.
    pub at: Timestamp,
    /// The posts that it made, and those that equal creates made before it.
    pub post_ids: Vec<u64>,
    /// The answer that was given; none when it is not known whether there are any posts.
    pub answer: Option<Map<String, Value>>,
}

/// Creates that are under way, and the outcomes of those within [`RETENTION`].
#[derive(Debug)]
pub struct Idempotency {
    in_flight: Arc<InFlight>,
    store: Arc<dyn SharedStore>,
    /// Whose outcomes these are: those of one Saki key.
    scope: String,
}

impl Idempotency {
    /// Outcomes are kept in `store`.
    pub fn new(store: Arc<dyn SharedStore>) -> Self {
        Self {
            in_flight: Arc::default(),
            store,
            scope: String::new(),
        }
    }

    /// The same store and the same creates under way, for those who share a Saki key.
    #[must_use]
    pub fn for_key(&self, key_fingerprint: [u8; 32]) -> Self {
        let bytes = key_fingerprint[..8].try_into().map(u64::from_be_bytes);
        Self {
            in_flight: Arc::clone(&self.in_flight),
            store: Arc::clone(&self.store),
            scope: format!("{:x}/", bytes.unwrap_or_default()),
        }
    }

    /// Waits until no create with this key is under way, in this process or in another one with the same store.
    pub(crate) async fn acquire(&self, key: &str, clock: &Clock) -> Result<Permit, StoreError> {
        let turn = self.in_flight.turn(key).await;
        let store = Arc::clone(&self.store);
        Permit::acquire(store, &self.scoped(key), clock, turn).await
    }

    /// The outcome of the last create with this key, unless it is older than [`RETENTION`].
    pub(crate) async fn outcome(
        &self,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<StoredOutcome>, StoreError> {
        let key = self.outcome_key(key, now).await?;
        self.store.read(&key, now).await
    }

    /// Stores an outcome in the place of an older one; the attempt that it is of is then over. A newer one stays.
    pub(crate) async fn record(
        &self,
        key: &str,
        outcome: &StoredOutcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let generation = self.generation(now).await?;
        let outcome_key = self.outcome_key_of(generation, key);
        let entry = |outcome: &StoredOutcome| Expiring::new(json!(outcome), outcome.at, RETENTION);
        let replace = |known: Option<Value>| {
            let known = known.and_then(|known| parse::<StoredOutcome>(known).ok());
            match known.filter(|known| known.at > outcome.at) {
                Some(newer) => (Some(entry(&newer)), false),
                None => (Some(entry(outcome)), true),
            }
        };
        if !self.store.update_with(&outcome_key, now, replace).await? {
            return Ok(());
        }
        for id in &outcome.post_ids {
            let post = self.post_key_of(generation, *id);
            let entry = Expiring::new(json!(outcome_key), outcome.at, RETENTION);
            let put = |_| (Some(entry.clone()), ());
            self.store.update_with(&post, now, put).await?;
        }
        self.forget_attempt(key, now).await
    }

    /// Forgets that a create with this key was begun, because it made nothing or has an outcome.
    pub(crate) async fn forget_attempt(&self, key: &str, now: Timestamp) -> Result<(), StoreError> {
        let attempt = lease::attempt_key(&self.scoped(key));
        self.store.remove(&attempt, now).await
    }

    /// Which of these posts are known to be made by some create.
    pub(crate) async fn known_posts(
        &self,
        post_ids: &[u64],
        now: Timestamp,
    ) -> Result<HashSet<u64>, StoreError> {
        if post_ids.is_empty() {
            return Ok(HashSet::new());
        }
        let generation = self.generation(now).await?;
        // All are asked for at once: one after the other, a busy space takes as many round trips as it has new posts.
        let stored = post_ids.iter().map(|id| async move {
            let key = self.post_key_of(generation, *id);
            let known = self.store.get(&key, now).await?.is_some();
            Ok::<_, StoreError>(known.then_some(*id))
        });
        let known = try_join_all(stored).await?;
        Ok(known.into_iter().flatten().collect())
    }

    /// Forgets the create with this key.
    pub(crate) async fn remove(&self, key: &str, now: Timestamp) -> Result<(), StoreError> {
        let key = self.outcome_key(key, now).await?;
        self.store.remove(&key, now).await
    }

    /// Forgets the creates whose posts a write changed or deleted.
    pub(crate) async fn invalidate(
        &self,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let deletes = |kind| !effects.deleted(kind).is_empty();
        if deletes(ResourceKind::Space) || deletes(ResourceKind::Account) {
            return self.invalidate_all(now).await;
        }
        let mut post_ids = effects.deleted(ResourceKind::Post);
        post_ids.extend(effects.edits.iter().map(|edited| edited.post_id));
        for id in post_ids {
            let post = self.post_key(id, now).await?;
            if let Some(outcome) = self.store.read::<String>(&post, now).await? {
                self.store.remove(&outcome, now).await?;
                self.store.remove(&post, now).await?;
            }
        }
        Ok(())
    }

    /// Begins a new generation of keys, under which nothing is found yet.
    async fn invalidate_all(&self, now: Timestamp) -> Result<(), StoreError> {
        let change = |generation: Option<Value>| {
            let generation = generation.and_then(|generation| generation.as_u64());
            let next = json!(generation.unwrap_or_default() + 1);
            // It must outlive every outcome of the generations before.
            (Some(Expiring::new(next, now, RETENTION * 2)), ())
        };
        let key = self.generation_key();
        self.store.update_with(&key, now, change).await
    }

    async fn outcome_key(&self, key: &str, now: Timestamp) -> Result<String, StoreError> {
        Ok(self.outcome_key_of(self.generation(now).await?, key))
    }

    async fn post_key(&self, id: u64, now: Timestamp) -> Result<String, StoreError> {
        Ok(self.post_key_of(self.generation(now).await?, id))
    }

    fn scoped(&self, key: &str) -> String {
        format!("{}{key}", self.scope)
    }

    fn outcome_key_of(&self, generation: u64, key: &str) -> String {
        format!("outcome/{}{generation}/{key}", self.scope)
    }

    fn post_key_of(&self, generation: u64, id: u64) -> String {
        format!("post/{}{generation}/{id}", self.scope)
    }

    fn generation_key(&self) -> String {
        format!("outcomes/{}generation", self.scope)
    }

    async fn generation(&self, now: Timestamp) -> Result<u64, StoreError> {
        let stored = self.store.read(&self.generation_key(), now).await?;
        Ok(stored.unwrap_or_default())
    }
}

/// What two creates share when they mean the same: key (by its hash), space, and all that is posted.
///
/// The order of accounts does not matter, nor does what Saki reads out of the ids by itself, nor the
/// spaces around a text, which it drops. `file` is the part of one file.
pub fn idempotency_key<M>(
    key: [u8; 32],
    space_id: SpaceId,
    body: &ClusterBody<M>,
    file: impl Fn(&M) -> Value,
) -> String {
    let content = |content: &Content<M>| {
        let media: Vec<Value> = content.media.iter().map(&file).collect();
        json!([content.content.trim(), media])
    };
    let mut items: Vec<(u64, Value)> = body
        .items
        .iter()
        .map(|item| {
            let thread: Vec<Value> = item.children.iter().map(content).collect();
            let post = json!([content(&item.main), thread, item.metadata]);
            (item.account_id.0, post)
        })
        .collect();
    items.sort_by_key(|(account, _)| *account);
    canonical_json(json!([key, space_id, body.at, body.is_draft, items]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saki::posts::{Item, MediaRef};
    use crate::saki::{AccountId, MediaId};
    use crate::write::effects::Resource;
    use crate::write::shared_store::InMemoryStore;
    use jiff::ToSpan;
    use rstest::rstest;

    fn item(account: u64, text: &str) -> Item {
        Item {
            account_id: AccountId(account),
            social: None,
            main: Content {
                content: text.to_owned(),
                media: Vec::new(),
            },
            children: Vec::new(),
            metadata: Map::new(),
        }
    }

    fn body() -> ClusterBody {
        ClusterBody {
            at: Some(7),
            is_draft: false,
            items: vec![item(1, "A"), item(2, "B")],
        }
    }

    fn id(media: &MediaRef) -> Value {
        json!(media.id)
    }

    fn outcome(at: Timestamp, post_ids: &[u64]) -> StoredOutcome {
        StoredOutcome {
            at,
            post_ids: post_ids.to_vec(),
            answer: Some(Map::new()),
        }
    }

    fn deletes(kind: ResourceKind, id: u64) -> Effects {
        Effects {
            deletes: vec![Resource::new(kind, id)],
            ..Effects::default()
        }
    }

    #[tokio::test]
    async fn an_outcome_is_stored_for_ten_minutes_and_no_longer() {
        let idempotency = Idempotency::new(Arc::<InMemoryStore>::default());
        let at: Timestamp = "2027-04-09T10:00:00Z".parse().unwrap();
        idempotency
            .record("a", &outcome(at, &[1]), at)
            .await
            .unwrap();
        let stored = idempotency.outcome("a", at + 9.minutes()).await;
        assert_eq!(stored, Ok(Some(outcome(at, &[1]))));
        assert_eq!(idempotency.outcome("b", at).await, Ok(None));
        assert_eq!(idempotency.outcome("a", at + 10.minutes()).await, Ok(None));
    }

    #[tokio::test]
    async fn an_outcome_is_forgotten_with_any_of_its_posts_or_with_their_space() {
        let idempotency = Idempotency::new(Arc::<InMemoryStore>::default());
        let at = Timestamp::UNIX_EPOCH;
        idempotency
            .record("a", &outcome(at, &[1, 2]), at)
            .await
            .unwrap();
        idempotency
            .record("b", &outcome(at, &[3]), at)
            .await
            .unwrap();
        assert_eq!(idempotency.known_posts(&[2, 4], at).await, Ok([2].into()));
        idempotency
            .invalidate(&deletes(ResourceKind::Post, 2), at)
            .await
            .unwrap();
        assert_eq!(idempotency.outcome("a", at).await, Ok(None));
        assert!(idempotency.outcome("b", at).await.unwrap().is_some());
        idempotency
            .invalidate(&deletes(ResourceKind::Slot, 3), at)
            .await
            .unwrap();
        assert!(idempotency.outcome("b", at).await.unwrap().is_some());
        idempotency
            .invalidate(&deletes(ResourceKind::Space, 1), at)
            .await
            .unwrap();
        for later in [at, at + RETENTION - jiff::SignedDuration::from_secs(1)] {
            assert_eq!(idempotency.outcome("b", later).await, Ok(None));
            assert_eq!(idempotency.known_posts(&[3], later).await, Ok([].into()));
        }
        idempotency
            .record("b", &outcome(at, &[3]), at)
            .await
            .unwrap();
        assert!(idempotency.outcome("b", at).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn what_one_key_changes_makes_no_create_of_another_forgotten() {
        let idempotency = Idempotency::new(Arc::<InMemoryStore>::default());
        let (one, other) = (idempotency.for_key([1; 32]), idempotency.for_key([2; 32]));
        let at = Timestamp::UNIX_EPOCH;
        one.record("a", &outcome(at, &[1]), at).await.unwrap();
        assert_eq!(other.outcome("a", at).await, Ok(None));
        assert_eq!(other.known_posts(&[1], at).await, Ok([].into()));
        for change in [
            deletes(ResourceKind::Post, 1),
            deletes(ResourceKind::Space, 1),
        ] {
            other.invalidate(&change, at).await.unwrap();
            assert!(one.outcome("a", at).await.unwrap().is_some());
        }
        let colleague = idempotency.for_key([1; 32]);
        assert!(colleague.outcome("a", at).await.unwrap().is_some());
    }

    #[test]
    fn the_order_of_accounts_and_what_saki_knows_by_itself_change_no_meaning() {
        let mut other = body();
        other.items.reverse();
        other.items[0].social = Some("twitter".into());
        assert_eq!(
            idempotency_key([7; 32], SpaceId(1), &body(), id),
            idempotency_key([7; 32], SpaceId(1), &other, id)
        );
    }

    #[test]
    fn a_file_means_what_it_shows_and_spaces_around_a_text_mean_nothing() {
        let with = |id: u64| {
            let mut body = body();
            body.items[0].main.media.push(MediaRef {
                id: MediaId(id),
                kind: None,
            });
            body
        };
        let means = |body: &ClusterBody, shows: &str| {
            idempotency_key([7; 32], SpaceId(1), body, |_| json!(shows))
        };
        assert_eq!(means(&with(5), "cake"), means(&with(6), "cake"));
        assert_ne!(means(&with(5), "cake"), means(&with(5), "bun"));
        let mut spaced = body();
        spaced.items[0].main.content = " A\n".to_owned();
        assert_eq!(means(&spaced, ""), means(&body(), ""));
    }

    #[rstest]
    #[case::time(|body: &mut ClusterBody| body.at = Some(8))]
    #[case::no_time(|body: &mut ClusterBody| body.at = None)]
    #[case::draft(|body: &mut ClusterBody| body.is_draft = true)]
    #[case::text(|body: &mut ClusterBody| body.items[0].main.content = "a".into())]
    #[case::texts_swapped(|body: &mut ClusterBody| {
        body.items[0].main.content = "B".into();
        body.items[1].main.content = "A".into();
    })]
    #[case::account(|body: &mut ClusterBody| body.items[0].account_id = AccountId(3))]
    #[case::fewer(|body: &mut ClusterBody| body.items.truncate(1))]
    #[case::thread(|body: &mut ClusterBody| {
        let child = body.items[0].main.clone();
        body.items[0].children.push(child);
    })]
    #[case::metadata(|body: &mut ClusterBody| {
        body.items[0].metadata.insert("title".into(), "T".into());
    })]
    #[case::media(|body: &mut ClusterBody| {
        let media = MediaRef { id: MediaId(5), kind: None };
        body.items[0].main.media.push(media);
    })]
    fn anything_else_does(#[case] change: impl Fn(&mut ClusterBody)) {
        let mut other = body();
        change(&mut other);
        let ours = idempotency_key([7; 32], SpaceId(1), &body(), id);
        assert_ne!(ours, idempotency_key([7; 32], SpaceId(1), &other, id));
        assert_ne!(ours, idempotency_key([8; 32], SpaceId(1), &body(), id));
        assert_ne!(ours, idempotency_key([7; 32], SpaceId(2), &body(), id));
    }
}
