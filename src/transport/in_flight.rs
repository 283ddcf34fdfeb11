//! How many calls are under way, so that a shutdown can wait for them.

use std::collections::HashMap;

use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ClientRequest, JsonRpcMessage, RequestId,
    ServerJsonRpcMessage,
};
use tokio::sync::watch;

/// A counter of work under way; clones share the count.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlight {
    count: watch::Sender<usize>,
}

impl InFlight {
    /// Counts one piece of work until the guard is dropped.
    pub(super) fn enter(&self) -> InFlightGuard {
        self.count.send_modify(|count| *count += 1);
        InFlightGuard {
            count: self.count.clone(),
        }
    }

    /// Waits until nothing is under way; returns at once when that is so already.
    pub(super) async fn idle(&self) {
        // An error means that the sender is gone, and this is the sender.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// One piece of work under way, until it is dropped.
#[derive(Debug)]
#[must_use = "the work counts as done when the guard is dropped"]
pub(super) struct InFlightGuard {
    count: watch::Sender<usize>,
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.count.send_modify(|count| *count -= 1);
    }
}

/// The calls of one connection that have not been answered yet.
#[derive(Debug, Default)]
pub(super) struct Calls {
    in_flight: InFlight,
    open: HashMap<RequestId, InFlightGuard>,
    opened: bool,
}

impl Calls {
    pub(super) fn new(in_flight: InFlight) -> Self {
        Self {
            in_flight,
            ..Self::default()
        }
    }

    /// Takes note of a message from the client and says whether the service should see it.
    ///
    /// rmcp ends a connection whose first message is no request, so what comes before the first request is left out.
    pub(super) fn admit(&mut self, message: &ClientJsonRpcMessage) -> bool {
        match message {
            JsonRpcMessage::Request(call) => {
                self.opened = true;
                // A subscription is answered when it ends, so waiting for it would wait for the client.
                if !matches!(call.request, ClientRequest::SubscriptionsListenRequest(_)) {
                    self.open.insert(call.id.clone(), self.in_flight.enter());
                }
            }
            JsonRpcMessage::Notification(note) => {
                // rmcp drops the answer to a cancelled call, so none will come by.
                if let ClientNotification::CancelledNotification(cancelled) = &note.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.open.remove(id);
                }
            }
            _ => {}
        }
        self.opened
    }

    /// Takes note of a message to the client; the call it answers counts until the guard is dropped.
    pub(super) fn answered(&mut self, message: &ServerJsonRpcMessage) -> Option<InFlightGuard> {
        match message {
            JsonRpcMessage::Response(response) => self.open.remove(&response.id),
            JsonRpcMessage::Error(error) => self.open.remove(error.id.as_ref()?),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_under_way_is_idle_at_once() {
        InFlight::default().idle().await;
    }

    #[tokio::test]
    async fn idle_waits_for_the_last_guard() {
        let in_flight = InFlight::default();
        let (first, second) = (in_flight.enter(), in_flight.clone().enter());
        let idle = tokio::spawn({
            let in_flight = in_flight.clone();
            async move { in_flight.idle().await }
        });
        drop(first);
        tokio::task::yield_now().await;
        assert!(!idle.is_finished());
        drop(second);
        idle.await.unwrap();
    }
}
