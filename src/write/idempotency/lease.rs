//! Lease: the right to send a write among all servers with one store. It is renewed while the write runs; after the end of
//! its server it lapses.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{OwnedMutexGuard, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::saki::Clock;
use crate::write::shared_store::{RETENTION, SharedStore, StoreError, parse};
use crate::write::ttl_map::Expiring;

/// How long a lease lasts without a renewal. A request of a server that ended has then long reached Saki, or never will.
const TERM: SignedDuration = SignedDuration::from_secs(60);
const RENEWAL: Duration = Duration::from_secs(10);
/// After the store may have forgotten something, nothing is begun until every server has renewed what it has under way.
const SETTLING: SignedDuration = SignedDuration::from_secs(15);
/// How often one that waits looks whether the lease is free.
const POLL: Duration = Duration::from_millis(200);

/// The right to send a write; equal ones wait until it is dropped, on every server.
#[derive(Debug)]
pub struct Permit {
    lease: Arc<Lease>,
    /// What the store may have forgotten ended then.
    remembers_since: Option<Timestamp>,
    running: JoinHandle<()>,
    ended: DropGuard,
}

#[derive(Debug)]
struct Lease {
    store: Arc<dyn SharedStore>,
    key: String,
    /// Where the attempt stands that was made under the lease; it outlives a server that was killed.
    attempt_key: String,
    owner: String,
    clock: Clock,
    /// Whether the lease was given to this owner.
    is_claimed: AtomicBool,
    /// When the attempt began; nothing before.
    began: OnceLock<Timestamp>,
}

/// A lease as it stands in the store.
#[derive(Debug, Serialize, Deserialize)]
struct Held {
    owner: String,
    until: Timestamp,
}

/// Who had the lease before it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    This,
    Nobody,
    Other,
}

impl Permit {
    /// Waits for the lease. `turn` is held until the lease is given back, so that those who wait in this process find it free.
    pub(super) async fn acquire(
        store: Arc<dyn SharedStore>,
        key: &str,
        clock: &Clock,
        turn: OwnedMutexGuard<()>,
    ) -> Result<Self, StoreError> {
        let lease = Arc::new(Lease {
            store,
            key: format!("lease/{key}"),
            attempt_key: attempt_key(key),
            owner: format!("{:032x}", fastrand::u128(..)),
            clock: clock.clone(),
            is_claimed: AtomicBool::new(false),
            began: OnceLock::new(),
        });
        let (claimed, claim) = oneshot::channel();
        let ended = CancellationToken::new();
        // A task of its own: whoever waits may go away, and the lease must then be given back.
        let running = tokio::spawn({
            let (lease, ended) = (Arc::clone(&lease), ended.clone());
            async move {
                tokio::select! {
                    biased;
                    () = ended.cancelled() => {}
                    () = lease.hold(claimed) => {}
                }
                lease.release().await;
                drop(turn);
            }
        });
        let ended = ended.drop_guard();
        let remembers_since = claim.await.unwrap_or(Err(StoreError::Unavailable))?;
        Ok(Self {
            lease,
            remembers_since,
            running,
            ended,
        })
    }

    /// When the attempt of an equal write began whose server ended before it had a result.
    pub(crate) async fn abandoned_attempt(&self) -> Result<Option<Timestamp>, StoreError> {
        let (lease, now) = (&self.lease, self.lease.clock.now());
        lease.store.read(&lease.attempt_key, now).await
    }

    /// Until when the store may have forgotten equal writes that were sent; nothing where that is too long ago to matter.
    pub(crate) fn forgotten_until(&self) -> Option<Timestamp> {
        let now = self.lease.clock.now();
        let since = self.remembers_since?;
        (now.duration_since(since) < RETENTION).then_some(since)
    }

    /// Notes that the write is sent from now on. Without this note it must not be.
    pub(crate) async fn begin(&self, now: Timestamp) -> Result<(), StoreError> {
        if self.lease.renew().await? == Holder::Other {
            return Err(StoreError::TakenOver);
        }
        let _ = self.lease.began.set(now);
        self.lease.note_attempt().await
    }

    /// Whether no other server has the lease by now.
    pub(crate) async fn is_held(&self) -> Result<bool, StoreError> {
        Ok(self.lease.renew().await? != Holder::Other)
    }

    /// Gives the lease back, and waits until the store knows.
    pub(crate) async fn release(self) {
        drop(self.ended);
        let _ = self.running.await;
    }
}

impl Lease {
    /// Gets the lease and says so, then renews it without end.
    async fn hold(&self, claimed: oneshot::Sender<Result<Option<Timestamp>, StoreError>>) {
        let outcome = self.claim().await;
        self.is_claimed.store(outcome.is_ok(), Ordering::Relaxed);
        let has_failed = outcome.is_err();
        if claimed.send(outcome).is_err() || has_failed {
            return;
        }
        loop {
            tokio::time::sleep(RENEWAL).await;
            // A store that is away, or another owner, cannot stop what was sent.
            if self.renew().await == Ok(Holder::Nobody) && self.began.get().is_some() {
                let _ = self.note_attempt().await;
            }
        }
    }

    async fn claim(&self) -> Result<Option<Timestamp>, StoreError> {
        loop {
            if self.renew().await? == Holder::Other {
                tokio::time::sleep(POLL).await;
                continue;
            }
            // After the claim: a store that forgets it later has a later date for whoever claims it then.
            let since = self.store.remembers_since(self.clock.now()).await?;
            let settled = since.and_then(|since| since.checked_add(SETTLING).ok());
            let rest = settled.map(|settled| settled.duration_since(self.clock.now()));
            match rest.filter(|rest| rest.is_positive()) {
                None => return Ok(since),
                Some(rest) => {
                    self.release().await;
                    tokio::time::sleep(rest.unsigned_abs()).await;
                }
            }
        }
    }

    /// Takes or renews the lease, unless another has it; says who had it before.
    ///
    /// A lease that lapsed before the attempt began is not taken again: another server may have had it and sent the write.
    async fn renew(&self) -> Result<Holder, StoreError> {
        let now = self.clock.now();
        let known = self.store.read::<Held>(&self.key, now).await?;
        if known.is_some_and(|held| held.owner != self.owner) {
            return Ok(Holder::Other);
        }
        let change = |known: Option<Value>| match known.map(parse::<Held>).transpose() {
            Ok(Some(held)) if held.owner != self.owner => (Some(held.entry()), Ok(Holder::Other)),
            Ok(None) if self.is_claimed.load(Ordering::Relaxed) && self.began.get().is_none() => {
                (None, Ok(Holder::Other))
            }
            Ok(known) => {
                let holder = known.map_or(Holder::Nobody, |_| Holder::This);
                (Some(self.held(now).entry()), Ok(holder))
            }
            Err(error) => (None, Err(error)),
        };
        self.store.update_with(&self.key, now, change).await?
    }

    fn held(&self, now: Timestamp) -> Held {
        Held {
            owner: self.owner.clone(),
            until: now.checked_add(TERM).unwrap_or(Timestamp::MAX),
        }
    }

    async fn note_attempt(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let began = json!(self.began.get());
        self.store
            .put(&self.attempt_key, began, now, RETENTION)
            .await
    }

    async fn release(&self) {
        let change = |known: Option<Value>| {
            let held = known.and_then(|known| parse::<Held>(known).ok());
            let others = held.filter(|held| held.owner != self.owner);
            (others.map(|held| held.entry()), ())
        };
        let now = self.clock.now();
        // A lease that cannot be given back lapses.
        let _ = self.store.update_with(&self.key, now, change).await;
    }
}

impl Held {
    /// It expires when the lease does, whoever writes it.
    fn entry(&self) -> Expiring<Value> {
        Expiring {
            value: json!(self),
            expires: self.until,
        }
    }
}

/// Where the attempt of a write stands.
pub(super) fn attempt_key(key: &str) -> String {
    format!("attempt/{key}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::shared_store::InMemoryStore;
    use jiff::ToSpan;
    use tokio::sync::Mutex;

    async fn acquired(store: &Arc<dyn SharedStore>, clock: &Clock) -> Permit {
        let turn = Arc::new(Mutex::new(())).lock_owned().await;
        let permit = Permit::acquire(Arc::clone(store), "create", clock, turn).await;
        permit.unwrap()
    }

    #[tokio::test]
    async fn a_lease_that_lapsed_and_was_used_by_another_sends_nothing() {
        let store: Arc<dyn SharedStore> = Arc::new(InMemoryStore::default());
        let clock = Clock::default();
        let first = acquired(&store, &clock).await;
        clock.set(clock.now() + 2.minutes());
        let second = acquired(&store, &clock).await;
        second.begin(clock.now()).await.unwrap();
        second.release().await;
        let begun = first.begin(clock.now()).await;
        assert_eq!(begun, Err(StoreError::TakenOver));
    }

    #[tokio::test]
    async fn a_lease_that_lasts_is_begun() {
        let store: Arc<dyn SharedStore> = Arc::new(InMemoryStore::default());
        let clock = Clock::default();
        let permit = acquired(&store, &clock).await;
        clock.set(clock.now() + 30.seconds());
        permit.begin(clock.now()).await.unwrap();
    }
}
