//! Shared pauses: the servers with one store tell each other how long Saki asked one of them to wait (429).

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, to_value};
use tokio::time::Instant;

use crate::saki::{ConnectionPool, RequestPause};
use crate::write::shared_store::{SharedStore, StoreError, parse};
use crate::write::ttl_map::Expiring;

/// How often a server tells and asks. A wait that is worth sharing lasts seconds.
const INTERVAL: Duration = Duration::from_millis(500);

/// Where the pauses stand in the store.
const STORE_KEY: &str = "request-pauses";

/// Ends that differ by less are the same: each server computes its own from what is left.
const TOLERANCE: SignedDuration = SignedDuration::from_millis(200);

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct SharedPause {
    fingerprint: [u8; 32],
    until: Timestamp,
}

/// Exchanges the pauses of this server with those of the others while the process lives.
pub(super) async fn share_pauses(pool: ConnectionPool, store: Arc<dyn SharedStore>) {
    loop {
        // While the store is away each server learns for itself; the log says that it is away.
        let _ = exchange(&pool, &store, Timestamp::now()).await;
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn exchange(
    pool: &ConnectionPool,
    store: &Arc<dyn SharedStore>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let begun = Instant::now();
    let own: Vec<SharedPause> = (pool.pauses().iter())
        .filter_map(|pause| SharedPause::new(pause, now))
        .collect();
    let known = match store.read::<Vec<SharedPause>>(STORE_KEY, now).await {
        Err(StoreError::Unreadable) => None,
        known => known?,
    };
    let mut known = known.unwrap_or_default();
    if own.iter().any(|pause| !pause.is_among(&known)) {
        let merge = |stored: Option<Value>| {
            let stored = stored.and_then(|stored| parse(stored).ok());
            let all = merged(stored.unwrap_or_default(), &own, now);
            let last = all.iter().map(|pause| pause.until).max();
            let left = last.map_or(SignedDuration::ZERO, |last| last.duration_since(now));
            let entry = to_value(&all).ok();
            (entry.map(|entry| Expiring::new(entry, now, left)), all)
        };
        known = store.update_with(STORE_KEY, now, merge).await?;
    }
    for pause in known {
        let left = Duration::try_from(pause.until.duration_since(now)).unwrap_or_default();
        // The store took its time as well.
        let left = left.saturating_sub(begun.elapsed());
        if !left.is_zero() {
            pool.note_pause(RequestPause {
                fingerprint: pause.fingerprint,
                left,
            });
        }
    }
    Ok(())
}

/// The pauses that still last, of each key the one that lasts longest.
fn merged(stored: Vec<SharedPause>, own: &[SharedPause], now: Timestamp) -> Vec<SharedPause> {
    let mut all: Vec<SharedPause> = Vec::new();
    for pause in stored.iter().chain(own).filter(|pause| pause.until > now) {
        match all
            .iter_mut()
            .find(|known| known.fingerprint == pause.fingerprint)
        {
            Some(known) => known.until = known.until.max(pause.until),
            None => all.push(*pause),
        }
    }
    all
}

impl SharedPause {
    fn new(pause: &RequestPause, now: Timestamp) -> Option<Self> {
        let left = SignedDuration::try_from(pause.left).ok()?;
        let until = now.checked_add(left).ok()?;
        Some(Self {
            fingerprint: pause.fingerprint,
            until,
        })
    }

    fn is_among(&self, known: &[Self]) -> bool {
        let mut known = known
            .iter()
            .filter(|known| known.fingerprint == self.fingerprint);
        known.any(|known| self.until.duration_since(known.until) < TOLERANCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn shared(key: u8, seconds: i64) -> SharedPause {
        SharedPause {
            fingerprint: [key; 32],
            until: NOW + SignedDuration::from_secs(seconds),
        }
    }

    #[test]
    fn of_each_key_the_longest_pause_that_still_lasts_is_kept() {
        let stored = vec![shared(1, 9), shared(2, -1)];
        let all = merged(stored, &[shared(1, 5), shared(3, 2)], NOW);
        let kept = all
            .iter()
            .map(|pause| (pause.fingerprint[0], pause.until.as_second()));
        assert_eq!(kept.collect::<Vec<_>>(), [(1, 9), (3, 2)]);
    }
}
