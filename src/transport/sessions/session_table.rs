//! The open sessions of a server: found by id and caller, and limited in number.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::streamable_session::StreamableSession;
use crate::transport::auth::{Caller, Principal};
use crate::transport::capacity_refusal::AtCapacity;
use crate::transport::http_limits::HttpLimits;

#[derive(Debug)]
pub(super) struct SessionTable {
    max: usize,
    max_of_principal: usize,
    open: Mutex<HashMap<Arc<str>, Arc<StreamableSession>>>,
}

impl SessionTable {
    pub(super) fn new(limits: &HttpLimits) -> Self {
        Self {
            max: limits.max_sessions,
            max_of_principal: limits.max_sessions_per_principal,
            open: Mutex::default(),
        }
    }

    /// Adds a session. Where there is no room, the one that has been idle the longest ends: few clients say when they leave.
    ///
    /// # Errors
    ///
    /// The limit that is reached, when no session is idle.
    pub(super) fn add(&self, session: &Arc<StreamableSession>) -> Result<(), AtCapacity> {
        let mut open = self.lock();
        let principal = &session.caller.principal;
        let is_own = |other: &StreamableSession| other.caller.principal == *principal;
        let own = open.values().filter(|other| is_own(other)).count();
        // Callers who are not told apart have the whole server.
        let is_told_apart = *principal != Principal::Anyone;
        let leaving = if is_told_apart && own >= self.max_of_principal {
            let full = AtCapacity::SessionsOfPrincipal(self.max_of_principal);
            Some(longest_idle(open.values(), is_own).ok_or(full)?)
        } else if open.len() >= self.max {
            Some(longest_idle(open.values(), |_| true).ok_or(AtCapacity::Sessions)?)
        } else {
            None
        };
        if let Some(leaving) = leaving {
            open.remove(&leaving.id);
            leaving.end();
        }
        open.insert(Arc::clone(&session.id), Arc::clone(session));
        Ok(())
    }

    /// The session with this id, if this caller began it: a session of somebody else is no session.
    pub(super) fn find(&self, id: &str, caller: &Caller) -> Option<Arc<StreamableSession>> {
        let session = self.lock().get(id).cloned()?;
        session.caller.is_same(caller).then_some(session)
    }

    pub(super) fn remove(&self, id: &str) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<StreamableSession>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn longest_idle<'a>(
    sessions: impl Iterator<Item = &'a Arc<StreamableSession>>,
    is_meant: impl Fn(&StreamableSession) -> bool,
) -> Option<Arc<StreamableSession>> {
    let idle = sessions
        .filter(|session| is_meant(session))
        .filter_map(|session| Some((session.idle_for()?, session)));
    idle.max_by_key(|(idle, _)| *idle)
        .map(|(_, session)| Arc::clone(session))
}
