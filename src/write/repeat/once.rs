//! Equal writes at the same time: the first one does it, the others wait for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// The writes that are on their way, by their meaning.
#[derive(Debug, Default)]
pub struct Once {
    running: Arc<Mutex<HashMap<String, watch::Receiver<()>>>>,
}

/// Whose turn it is.
#[derive(Debug)]
pub enum Turn {
    /// This call's; the others wait until the value is dropped.
    Ours(Ours),
    /// It was another's, which is done now.
    Waited,
}

/// The right to do a write alone.
#[derive(Debug)]
pub struct Ours {
    meaning: String,
    running: Arc<Mutex<HashMap<String, watch::Receiver<()>>>>,
    _done: watch::Sender<()>,
}

impl Once {
    /// Takes the turn at once, or waits for the one who has it.
    pub async fn turn(&self, meaning: &str) -> Turn {
        let other = {
            let mut running = lock(&self.running);
            match running.get(meaning).cloned() {
                Some(other) => other,
                None => {
                    let (done, others) = watch::channel(());
                    running.insert(meaning.to_owned(), others);
                    return Turn::Ours(Ours {
                        meaning: meaning.to_owned(),
                        running: Arc::clone(&self.running),
                        _done: done,
                    });
                }
            }
        };
        let mut other = other;
        // It only ever ends, which is when the sender is dropped.
        let _ = other.changed().await;
        Turn::Waited
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.meaning);
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
        let once = Once::default();
        let first = once.turn("a").await;
        assert!(matches!(first, Turn::Ours(_)));
        assert!(matches!(once.turn("b").await, Turn::Ours(_)));
        let (second, ()) = tokio::join!(once.turn("a"), async {
            tokio::task::yield_now().await;
            drop(first);
        });
        assert!(matches!(second, Turn::Waited));
        assert!(matches!(once.turn("a").await, Turn::Ours(_)));
    }
}
