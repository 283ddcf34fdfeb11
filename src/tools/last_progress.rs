//! Last progress: when a call last showed its client that it goes on, from which its time limit counts.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// The last sign of life of one call, its begin at first; clones share it.
#[derive(Debug, Clone)]
pub struct LastProgress(Arc<Mutex<Instant>>);

impl Default for LastProgress {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl LastProgress {
    /// When it was.
    pub fn at(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The call shows progress now.
    pub fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}
