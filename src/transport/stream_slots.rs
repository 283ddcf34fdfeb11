//! Stream slots: how many streams of events are open at a time, of all clients and of one principal.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::auth::Principal;
use super::capacity_refusal::AtCapacity;
use super::http_limits::HttpLimits;
use super::principal_quota::{PrincipalQuota, QuotaPlace};

/// The places for streams; clones share them.
///
/// Without a place a stream is refused, because closing an older one would lose its answers.
#[derive(Clone, Debug)]
pub(super) struct StreamSlots {
    all: Arc<Semaphore>,
    of_principals: PrincipalQuota,
}

/// The place of one stream, until it is dropped.
#[derive(Debug)]
pub(super) struct StreamSlot {
    _of_all: OwnedSemaphorePermit,
    _of_principal: QuotaPlace,
}

impl StreamSlots {
    pub(super) fn limited(limits: &HttpLimits) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits.max_streams)),
            of_principals: PrincipalQuota::new(limits.max_streams_per_principal),
        }
    }

    /// Takes the place for a stream of a principal.
    ///
    /// # Errors
    ///
    /// The limit that is reached.
    pub(super) fn take(&self, principal: &Principal) -> Result<StreamSlot, AtCapacity> {
        let of_principal = self.of_principals.take(principal);
        let of_principal = of_principal.map_err(AtCapacity::StreamsOfPrincipal)?;
        let of_all = Arc::clone(&self.all).try_acquire_owned();
        Ok(StreamSlot {
            _of_all: of_all.map_err(|_| AtCapacity::Streams)?,
            _of_principal: of_principal,
        })
    }
}
