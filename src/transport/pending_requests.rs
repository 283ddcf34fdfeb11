//! Pending requests: a count of the requests that are not answered yet, for a limit on them and for a graceful shutdown.

use std::collections::HashMap;
use std::sync::Arc;

use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ClientRequest, JsonRpcMessage, RequestId,
    ServerJsonRpcMessage,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// A counter of pending requests; clones share the count.
#[derive(Clone, Debug)]
pub(super) struct PendingRequests {
    count: watch::Sender<usize>,
    calls: Arc<Semaphore>,
}

impl Default for PendingRequests {
    fn default() -> Self {
        Self::with_max_calls(Semaphore::MAX_PERMITS)
    }
}

impl PendingRequests {
    /// Lets only so many requests be answered at a time.
    pub(super) fn with_max_calls(max_calls: usize) -> Self {
        Self {
            count: watch::Sender::new(0),
            calls: Arc::new(Semaphore::new(max_calls.min(Semaphore::MAX_PERMITS))),
        }
    }

    /// Counts a request that is not read yet, until the guard is dropped.
    pub(super) fn begin(&self) -> PendingRequest {
        self.count.send_modify(|count| *count += 1);
        PendingRequest {
            count: self.count.clone(),
            call: None,
        }
    }

    /// Counts a request that is to be answered now; nothing when as many are being answered as may.
    pub(super) fn begin_call(&self) -> Option<PendingRequest> {
        let call = Arc::clone(&self.calls).try_acquire_owned().ok()?;
        let mut pending = self.begin();
        pending.call = Some(call);
        Some(pending)
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
    /// Refuse it: as many requests are being answered as may.
    AtCapacity,
}

/// The pending requests of one connection, by their JSON-RPC id.
#[derive(Debug, Default)]
pub(super) struct ConnectionRequests {
    all: PendingRequests,
    by_id: HashMap<RequestId, PendingRequest>,
    had_request: bool,
}

impl ConnectionRequests {
    pub(super) fn new(all: PendingRequests) -> Self {
        Self {
            all,
            ..Self::default()
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
                    let Some(pending) = self.all.begin_call() else {
                        return Admission::AtCapacity;
                    };
                    self.by_id.insert(request.id.clone(), pending);
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
