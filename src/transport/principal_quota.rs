//! Principal quota: how many things of one principal there are at a time, so that nobody takes the place of the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::auth::Principal;

/// A limit on the calls or streams of each principal; clones share the counts.
#[derive(Clone, Debug)]
pub(super) struct PrincipalQuota {
    max: usize,
    used: Arc<Mutex<HashMap<Principal, usize>>>,
}

/// One place of a principal, until it is dropped.
#[derive(Debug)]
pub(super) struct QuotaPlace {
    quota: PrincipalQuota,
    principal: Principal,
}

impl PrincipalQuota {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            used: Arc::default(),
        }
    }

    /// Takes a place.
    ///
    /// # Errors
    ///
    /// The limit, when the principal has taken that many places.
    pub(super) fn take(&self, principal: &Principal) -> Result<QuotaPlace, usize> {
        if let Some(max) = self.limit_of(principal) {
            let mut used = self.used();
            let count = used.entry(principal.clone()).or_default();
            if *count >= max {
                return Err(max);
            }
            *count += 1;
        }
        Ok(QuotaPlace {
            quota: self.clone(),
            principal: principal.clone(),
        })
    }

    /// The limit, if it holds for this principal: callers who are not told apart have the whole server.
    pub(super) fn limit_of(&self, principal: &Principal) -> Option<usize> {
        (*principal != Principal::Anyone).then_some(self.max)
    }

    fn used(&self) -> MutexGuard<'_, HashMap<Principal, usize>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for QuotaPlace {
    fn drop(&mut self) {
        let mut used = self.quota.used();
        if let Some(count) = used.get_mut(&self.principal) {
            *count -= 1;
            if *count == 0 {
                used.remove(&self.principal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_call_makes_room_and_others_have_room_of_their_own() {
        let quota = PrincipalQuota::new(1);
        let [anna, ben] = ["anna", "ben"].map(|name| Principal::Token(name.into()));
        let first = quota.take(&anna);
        assert!(first.is_ok());
        assert_eq!(quota.take(&anna).err(), Some(1));
        assert!(quota.take(&ben).is_ok());
        drop(first);
        assert!(quota.take(&anna).is_ok());
        assert!(quota.used().is_empty());
    }
}
