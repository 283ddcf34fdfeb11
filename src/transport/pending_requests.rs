//! Pending requests: a count of the requests that are not answered yet, for a limit on them and for a graceful shutdown.

use std::collections::HashMap;
use std::sync::Arc;

use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ClientRequest, JsonRpcMessage, RequestId,
    ServerJsonRpcMessage,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::auth::Principal;
use super::capacity_refusal::AtCapacity;
use super::http_limits::HttpLimits;
use super::principal_quota::{PrincipalQuota, QuotaPlace};

/// A counter of pending requests; clones share the count.
#[derive(Clone, Debug)]
pub(super) struct PendingRequests {
    count: watch::Sender<usize>,
    max_calls: usize,
    calls: Arc<Semaphore>,
    of_principals: PrincipalQuota,
}

impl Default for PendingRequests {
    fn default() -> Self {
        Self::with_limits(usize::MAX, usize::MAX)
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
            max_calls,
            calls: Arc::new(Semaphore::new(max_calls.min(Semaphore::MAX_PERMITS))),
            of_principals: PrincipalQuota::new(max_of_principal),
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
        let of_principal = of.map(|principal| self.of_principals.take(principal));
        let of_principal = of_principal.transpose();
        let of_principal = of_principal.map_err(AtCapacity::CallsOfPrincipal)?;
        let call = Arc::clone(&self.calls).try_acquire_owned();
        let call = call.map_err(|_| AtCapacity::Requests)?;
        let mut pending = self.begin();
        pending.call = Some(call);
        pending.of_principal = of_principal;
        Ok(pending)
    }

    /// Checks that so many requests, so many of them calls of a principal, can be answered at the same time at all.
    fn check_count(
        &self,
        requests: usize,
        calls: usize,
        principal: &Principal,
    ) -> Result<(), AtCapacity> {
        let of_principal = self.of_principals.limit_of(principal);
        let exceeded = [(requests, Some(self.max_calls)), (calls, of_principal)];
        let exceeded = exceeded
            .into_iter()
            .filter_map(|(count, max)| max.filter(|max| count > *max));
        exceeded
            .min()
            .map_or(Ok(()), |max| Err(AtCapacity::Batch(max)))
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
    of_principal: Option<QuotaPlace>,
}

impl Drop for PendingRequest {
    fn drop(&mut self) {
        self.count.send_modify(|count| *count -= 1);
    }
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

    /// Registers what the client sent at once, and returns what of it to pass to the service.
    ///
    /// rmcp ends a connection whose first message is not a request, so messages before the first request are dropped.
    ///
    /// # Errors
    ///
    /// The limit that is reached. Nothing is registered then: a client that sends a batch again must not call twice.
    pub(super) fn admit(
        &mut self,
        mut messages: Vec<ClientJsonRpcMessage>,
    ) -> Result<Vec<ClientJsonRpcMessage>, AtCapacity> {
        let counted: Vec<_> = messages.iter().filter_map(counted_request).collect();
        let calls = counted.iter().filter(|request| request.is_call).count();
        self.all
            .check_count(counted.len(), calls, &self.principal)?;
        let begun = messages.iter().map(|message| self.begin(message));
        let begun = begun.collect::<Result<Vec<_>, _>>()?;
        for (message, begun) in messages.iter().zip(begun) {
            self.by_id.extend(begun);
            if let Some(cancelled) = cancelled_id(message) {
                self.by_id.remove(cancelled);
            }
        }
        messages.retain(|message| {
            self.had_request |= matches!(message, JsonRpcMessage::Request(_));
            self.had_request
        });
        Ok(messages)
    }

    /// Whether a request is not answered yet.
    pub(super) fn has_pending(&self) -> bool {
        !self.by_id.is_empty()
    }

    /// Takes the place of a message's request, if it counts.
    fn begin(
        &self,
        message: &ClientJsonRpcMessage,
    ) -> Result<Option<(RequestId, PendingRequest)>, AtCapacity> {
        let request = counted_request(message).map(|request| {
            let of_principal = request.is_call.then_some(&self.principal);
            let pending = self.all.begin_call(of_principal)?;
            Ok((request.id.clone(), pending))
        });
        request.transpose()
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

/// A request that counts while it is not answered.
struct CountedRequest<'a> {
    id: &'a RequestId,
    is_call: bool,
}

/// The request of a message, if it counts.
fn counted_request(message: &ClientJsonRpcMessage) -> Option<CountedRequest<'_>> {
    let JsonRpcMessage::Request(request) = message else {
        return None;
    };
    match request.request {
        // A subscription is answered when the client ends it, so a shutdown must not wait for it.
        ClientRequest::SubscriptionsListenRequest(_) => None,
        ref other => Some(CountedRequest {
            id: &request.id,
            is_call: matches!(other, ClientRequest::CallToolRequest(_)),
        }),
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
