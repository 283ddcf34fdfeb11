//! Principal calls: how many calls of one principal are answered at a time, so that nobody takes the place of the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

use super::auth::Principal;

/// The calls of each principal; clones share the counts.
#[derive(Clone, Debug)]
pub(super) struct PrincipalCalls {
    max: usize,
    running: Arc<Mutex<HashMap<Principal, usize>>>,
}

/// One call of a principal, until it is dropped.
#[derive(Debug)]
pub(super) struct PrincipalCall {
    calls: PrincipalCalls,
    principal: Principal,
}

impl PrincipalCalls {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            running: Arc::default(),
        }
    }

    /// As many calls as may be.
    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// Counts a call; nothing when as many of this principal are being answered as may.
    ///
    /// Callers who are not told apart have the whole server, so `Principal::Anyone` has no limit here.
    pub(super) fn begin(&self, principal: &Principal) -> Option<PrincipalCall> {
        if *principal != Principal::Anyone {
            let mut running = self.running();
            let count = running.entry(principal.clone()).or_default();
            if *count >= self.max {
                return None;
            }
            *count += 1;
        }
        Some(PrincipalCall {
            calls: self.clone(),
            principal: principal.clone(),
        })
    }

    fn running(&self) -> MutexGuard<'_, HashMap<Principal, usize>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PrincipalCall {
    fn drop(&mut self) {
        let mut running = self.calls.running();
        if let Some(count) = running.get_mut(&self.principal) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.principal);
            }
        }
    }
}

/// The method of a message; the rest is skipped.
#[derive(Deserialize)]
struct MethodOnly {
    method: Option<String>,
}

/// Whether a body calls a tool; a batch and what is no plain JSON may.
///
/// Other requests cost nothing, and some clients take a refused first request for a server of the older transport.
pub(super) fn may_call_tool(body: &[u8]) -> bool {
    match serde_json::from_slice::<MethodOnly>(body) {
        Ok(MethodOnly { method }) => method.is_some_and(|method| method == "tools/call"),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(r#"{"id":1,"method":"tools/call","params":{"name":"x"}}"#, true)]
    #[case(r#"{"id":1,"method":"initialize","params":{}}"#, false)]
    #[case(r#"{"id":1,"result":{}}"#, false)]
    #[case(r#"[{"method":"initialize"}]"#, true)]
    #[case("{'method': 'tools/call'}", true)]
    fn only_calls_of_tools_count(#[case] body: &str, #[case] expected: bool) {
        assert_eq!(may_call_tool(body.as_bytes()), expected);
    }

    #[test]
    fn an_ended_call_makes_room_and_others_have_room_of_their_own() {
        let calls = PrincipalCalls::new(1);
        let [anna, ben] = ["anna", "ben"].map(|name| Principal::Token(name.into()));
        let first = calls.begin(&anna);
        assert!(first.is_some() && calls.begin(&anna).is_none());
        assert!(calls.begin(&ben).is_some());
        drop(first);
        assert!(calls.begin(&anna).is_some());
        assert!(calls.running().is_empty());
    }
}
