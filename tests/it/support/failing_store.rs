//! A store that fails on demand, in each way in which a remote one can.

use std::sync::{Arc, Mutex};

use futures::future::{BoxFuture, FutureExt, ready};
use jiff::Timestamp;
use saki_mcp::write::shared_store::{InMemoryStore, SharedStore, StoreError, Update};
use serde_json::{Value, json};

/// How the store fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum StoreFault {
    /// It says that it cannot be reached.
    Unreachable,
    /// It runs no update and reports none as failed.
    Ignoring,
    /// Every value has an unknown form.
    Unreadable,
    /// It came back without the outcomes of before, and fails where it is asked which posts are known.
    Forgetful,
}

/// A store in memory that works until it is broken.
#[derive(Debug, Clone, Default)]
pub(crate) struct FailingStore {
    inner: Arc<InMemoryStore>,
    fault: Arc<Mutex<Option<StoreFault>>>,
}

impl FailingStore {
    /// Fails from now on, or works again.
    pub(crate) fn set(&self, fault: Option<StoreFault>) {
        *self.fault.lock().unwrap() = fault;
    }

    fn fault(&self) -> Option<StoreFault> {
        *self.fault.lock().unwrap()
    }
}

impl SharedStore for FailingStore {
    fn get<'a>(
        &'a self,
        key: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Option<Value>, StoreError>> {
        match self.fault() {
            Some(StoreFault::Unreachable) => ready(Err(StoreError::Unavailable)).boxed(),
            Some(StoreFault::Unreadable) => ready(Ok(Some(json!({"v": 2})))).boxed(),
            Some(StoreFault::Forgetful) if key.starts_with("post/") => {
                ready(Err(StoreError::Unavailable)).boxed()
            }
            Some(StoreFault::Forgetful) if key.starts_with("outcome/") => ready(Ok(None)).boxed(),
            Some(StoreFault::Ignoring | StoreFault::Forgetful) | None => self.inner.get(key, now),
        }
    }

    fn remembers_since(
        &self,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        let is_new = self.fault() == Some(StoreFault::Forgetful);
        // Long enough for what other servers had to tell it.
        let minute = jiff::SignedDuration::from_mins(1);
        ready(Ok(is_new.then(|| now - minute))).boxed()
    }

    fn update<'a>(
        &'a self,
        key: &'a str,
        now: Timestamp,
        change: Update<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        match self.fault() {
            Some(StoreFault::Unreachable) => ready(Err(StoreError::Unavailable)).boxed(),
            Some(StoreFault::Ignoring) => ready(Ok(())).boxed(),
            Some(StoreFault::Unreadable) => {
                change(Some(json!({"v": 2})));
                ready(Ok(())).boxed()
            }
            Some(StoreFault::Forgetful) | None => self.inner.update(key, now, change),
        }
    }
}
