//! Equal writes at the same time: the first one does it, the others wait for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// The writes that are on their way, by their key.
#[derive(Debug, Default)]
pub struct InFlight {
    running: Arc<Mutex<HashMap<String, watch::Receiver<()>>>>,
}

/// Whose turn it is.
#[derive(Debug)]
pub enum Acquire {
    /// This call's; the others wait until the value is dropped.
    Permit(Permit),
    /// It was another's, which is done now.
    Waited,
}

/// The right to do a write alone.
#[derive(Debug)]
pub struct Permit {
    key: String,
    running: Arc<Mutex<HashMap<String, watch::Receiver<()>>>>,
    _done: watch::Sender<()>,
}

impl InFlight {
    /// Acquires the permit at once, or waits for the one who has it.
    pub async fn acquire(&self, key: &str) -> Acquire {
        let other = {
            let mut running = lock(&self.running);
            match running.get(key).cloned() {
                Some(other) => other,
                None => {
                    let (done, others) = watch::channel(());
                    running.insert(key.to_owned(), others);
                    return Acquire::Permit(Permit {
                        key: key.to_owned(),
                        running: Arc::clone(&self.running),
                        _done: done,
                    });
                }
            }
        };
        let mut other = other;
        // It only ever ends, which is when the sender is dropped.
        let _ = other.changed().await;
        Acquire::Waited
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_waits_for_the_first_and_another_meaning_does_not() {
        let in_flight = InFlight::default();
        let first = in_flight.acquire("a").await;
        assert!(matches!(first, Acquire::Permit(_)));
        assert!(matches!(in_flight.acquire("b").await, Acquire::Permit(_)));
        let (second, ()) = tokio::join!(in_flight.acquire("a"), async {
            tokio::task::yield_now().await;
            drop(first);
        });
        assert!(matches!(second, Acquire::Waited));
        assert!(matches!(in_flight.acquire("a").await, Acquire::Permit(_)));
    }
}
