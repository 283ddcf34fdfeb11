//! Shared state of all requests: the options, and one lock around the database, the request log and the faults.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::database::Database;
use super::fault_injection::Fault;
use super::request_log::RequestLog;
use super::sandbox_options::SandboxOptions;

pub(super) struct SharedState {
    pub(super) options: Arc<SandboxOptions>,
    locked: Mutex<LockedState>,
}

/// The part of the state behind the lock.
pub(super) struct LockedState {
    pub(super) db: Database,
    pub(super) request_log: RequestLog,
    /// Faults that still wait for a request.
    pub(super) faults: Vec<Fault>,
}

impl SharedState {
    pub(super) fn new(options: SandboxOptions, db: Database) -> Self {
        Self {
            options: Arc::new(options),
            locked: Mutex::new(LockedState {
                db,
                request_log: RequestLog::default(),
                faults: Vec::new(),
            }),
        }
    }

    /// Takes the lock, even after a panic: no handler leaves data behind that breaks the next one.
    pub(super) fn lock(&self) -> MutexGuard<'_, LockedState> {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
