//! Pending requests: a count of the requests that are not answered yet, for a limit on them and for a graceful shutdown.

use std::collections::HashMap;
use std::sync::Arc;

use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ClientRequest, JsonRpcMessage, RequestId,
    ServerJsonRpcMessage,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::auth::Principal;
use super::http_limits::HttpLimits;
use super::principal_calls::{PrincipalCall, PrincipalCalls};

/// A counter of pending requests; clones share the count.
#[derive(Clone, Debug)]
pub(super) struct PendingRequests {
    count: watch::Sender<usize>,
    calls: Arc<Semaphore>,
    of_principals: PrincipalCalls,
}

/// Why a request is not answered now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtCapacity {
    /// As many requests are being answered as may be.
    Server,
    /// So many calls of its principal are being answered, and no more may be.
    Principal(usize),
}

impl Default for PendingRequests {
    fn default() -> Self {
        Self::with_limits(Semaphore::MAX_PERMITS, usize::MAX)
    }
}

impl PendingRequests {
    /// Lets only so many requests be answered at a time.
    pub(super) fn limited(limits: &HttpLimits) -> Self {
        Self::with_limits(limits.max_calls, limits.max_calls_per_principal)
    }

    fn with_limits(max_calls: usize, max_of_principal: usize) -> Self {
        Self {
            count: watch::Sender::new(0),
            calls: Arc::new(Semaphore::new(max_calls.min(Semaphore::MAX_PERMITS))),
            of_principals: PrincipalCalls::new(max_of_principal),
        }
    }

    /// Counts a request that is not read yet, until the guard is dropped.
    pub(super) fn begin(&self) -> PendingRequest {
        self.count.send_modify(|count| *count += 1);
        PendingRequest {
            count: self.count.clone(),
            call: None,
            of_principal: None,
        }
    }

    /// Counts a request that is to be answered now, and the principal's calls if it is `of` one.
    ///
    /// # Errors
    ///
    /// The limit that is reached.
    pub(super) fn begin_call(&self, of: Option<&Principal>) -> Result<PendingRequest, AtCapacity> {
        let of_principal = match of {
            Some(principal) => {
                let max = self.of_principals.max();
                let call = self.of_principals.begin(principal);
                Some(call.ok_or(AtCapacity::Principal(max))?)
            }
            None => None,
        };
        let call = Arc::clone(&self.calls).try_acquire_owned();
        let call = call.map_err(|_| AtCapacity::Server)?;
        let mut pending = self.begin();
        pending.call = Some(call);
        pending.of_principal = of_principal;
        Ok(pending)
    }

    /// Waits until no request is pending; returns at once when there is none.
    pub(super) async fn all_answered(&self) {
        // An error means that the sender is gone, and this is the sender.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// One pending request, until it is dropped.
#[derive(Debug)]
#[must_use = "the request counts as answered when the guard is dropped"]
pub(super) struct PendingRequest {
    count: watch::Sender<usize>,
    /// Its place among the requests that are being answered.
    call: Option<OwnedSemaphorePermit>,
    /// Its place among the calls of its principal.
    of_principal: Option<PrincipalCall>,
}

impl Drop for PendingRequest {
    fn drop(&mut self) {
        self.count.send_modify(|count| *count -= 1);
    }
}

/// What to do with a message from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// Pass it to the service.
    Pass,
    /// Ignore it.
    Drop,
    /// Refuse it.
    Refuse(AtCapacity),
}

/// The pending requests of one connection, by their JSON-RPC id.
#[derive(Debug)]
pub(super) struct ConnectionRequests {
    all: PendingRequests,
    principal: Principal,
    by_id: HashMap<RequestId, PendingRequest>,
    had_request: bool,
}

impl ConnectionRequests {
    pub(super) fn new(all: PendingRequests, principal: Principal) -> Self {
        Self {
            all,
            principal,
            by_id: HashMap::new(),
            had_request: false,
        }
    }

    /// Registers a message from the client and returns what to do with it.
    ///
    /// rmcp ends a connection whose first message is not a request, so messages before the first request are dropped.
    pub(super) fn admit(&mut self, message: &ClientJsonRpcMessage) -> Admission {
        match message {
            JsonRpcMessage::Request(request) => {
                self.had_request = true;
                // A subscription is answered when the client ends it, so a shutdown must not wait for it.
                if !matches!(
                    request.request,
                    ClientRequest::SubscriptionsListenRequest(_)
                ) {
                    let is_call = matches!(request.request, ClientRequest::CallToolRequest(_));
                    match self.all.begin_call(is_call.then_some(&self.principal)) {
                        Ok(pending) => self.by_id.insert(request.id.clone(), pending),
                        Err(full) => return Admission::Refuse(full),
                    };
                }
            }
            message => {
                if let Some(id) = cancelled_id(message) {
                    self.by_id.remove(id);
                }
            }
        }
        match self.had_request {
            true => Admission::Pass,
            false => Admission::Drop,
        }
    }

    /// Takes out the request that a message to the client answers. It counts as pending until the guard is dropped.
    pub(super) fn take_answered(
        &mut self,
        message: &ServerJsonRpcMessage,
    ) -> Option<PendingRequest> {
        match message {
            JsonRpcMessage::Response(response) => self.by_id.remove(&response.id),
            JsonRpcMessage::Error(error) => self.by_id.remove(error.id.as_ref()?),
            _ => None,
        }
    }
}

/// The request that a message cancels; rmcp sends no answer to it.
pub(super) fn cancelled_id(message: &ClientJsonRpcMessage) -> Option<&RequestId> {
    let JsonRpcMessage::Notification(message) = message else {
        return None;
    };
    match &message.notification {
        ClientNotification::CancelledNotification(cancelled) => {
            cancelled.params.request_id.as_ref()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_pending_request_the_wait_ends_at_once() {
        PendingRequests::default().all_answered().await;
    }

    #[tokio::test]
    async fn the_wait_ends_with_the_last_guard() {
        let pending = PendingRequests::default();
        let (first, second) = (pending.begin(), pending.clone().begin());
        let waiting = tokio::spawn({
            let pending = pending.clone();
            async move { pending.all_answered().await }
        });
        drop(first);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(second);
        waiting.await.unwrap();
    }
}
