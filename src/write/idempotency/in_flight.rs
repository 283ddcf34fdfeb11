//! In-flight deduplication in this process: of equal writes at the same time one has its turn, and the others wait for its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as Gate, OwnedMutexGuard};

/// The writes that are under way, by idempotency key.
#[derive(Debug, Default)]
pub(super) struct InFlight(Mutex<HashMap<String, Weak<Gate<()>>>>);

impl InFlight {
    /// Waits until no equal write is under way; those that wait have their turn in the order in which they came.
    pub(super) async fn turn(&self, key: &str) -> OwnedMutexGuard<()> {
        self.gate(key).lock_owned().await
    }

    fn gate(&self, key: &str) -> Arc<Gate<()>> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.retain(|_, gate| gate.strong_count() > 0);
        let known = gates.get(key).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let gate = Arc::default();
            gates.insert(key.to_owned(), Arc::downgrade(&gate));
            gate
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn the_second_waits_for_the_first_and_another_key_does_not() {
        let in_flight = InFlight::default();
        let first = in_flight.turn("a").await;
        drop(in_flight.turn("b").await);
        let mut second = Box::pin(in_flight.turn("a"));
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        drop(second.await);
        drop(in_flight.turn("a").await);
        in_flight.gate("c");
        assert_eq!(
            in_flight.0.lock().unwrap().len(),
            1,
            "ended writes are forgotten"
        );
    }
}
