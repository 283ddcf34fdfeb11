//! Batch answers: the answers to one JSON-RPC batch are held until all are there, and sent as one array.

use rmcp::model::{ClientJsonRpcMessage, JsonRpcMessage, RequestId, ServerJsonRpcMessage};
use serde::Serialize;

use super::pending_requests::{PendingRequest, cancelled_id};

/// What is sent at once.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "it is sent at once")]
pub(super) enum Outgoing {
    One(ServerJsonRpcMessage),
    Batch(Vec<ServerJsonRpcMessage>),
}

/// The batches of a connection whose answers are not complete.
#[derive(Debug, Default)]
pub(super) struct BatchAnswers {
    open: Vec<Batch>,
}

#[derive(Debug)]
struct Batch {
    waits_for: Vec<RequestId>,
    answers: Vec<ServerJsonRpcMessage>,
    /// The answered requests stay pending until their answers are sent.
    pending: Vec<PendingRequest>,
}

impl BatchAnswers {
    /// Waits for the answers to a batch; `errors` are there already, and are returned where nothing is to be waited for.
    pub(super) fn begin(
        &mut self,
        messages: &[ClientJsonRpcMessage],
        errors: Vec<ServerJsonRpcMessage>,
    ) -> Option<Outgoing> {
        // A request that is cancelled has no answer.
        let is_cancelled =
            |id: &RequestId| messages.iter().any(|other| cancelled_id(other) == Some(id));
        let ids = messages.iter().filter_map(|message| match message {
            JsonRpcMessage::Request(request) => Some(&request.id),
            _ => None,
        });
        let waits_for: Vec<_> = ids.filter(|id| !is_cancelled(id)).cloned().collect();
        if waits_for.is_empty() {
            return (!errors.is_empty()).then_some(Outgoing::Batch(errors));
        }
        self.open.push(Batch {
            waits_for,
            answers: errors,
            pending: Vec::new(),
        });
        None
    }

    /// What to send now that a message is there, and the requests that it answers.
    pub(super) fn add(
        &mut self,
        message: ServerJsonRpcMessage,
        request: Option<PendingRequest>,
    ) -> Option<(Outgoing, Vec<PendingRequest>)> {
        let id = match &message {
            ServerJsonRpcMessage::Response(response) => Some(&response.id),
            ServerJsonRpcMessage::Error(error) => error.id.as_ref(),
            _ => None,
        };
        let Some(index) = id.and_then(|id| self.remove(id)) else {
            return Some((Outgoing::One(message), request.into_iter().collect()));
        };
        self.open[index].answers.push(message);
        self.open[index].pending.extend(request);
        self.take_complete(index)
    }

    /// What to send now that a request will have no answer.
    pub(super) fn cancel(&mut self, id: &RequestId) -> Option<(Outgoing, Vec<PendingRequest>)> {
        let index = self.remove(id)?;
        self.take_complete(index)
    }

    /// Takes a request off its batch, and returns the place of the batch.
    fn remove(&mut self, id: &RequestId) -> Option<usize> {
        self.open.iter_mut().enumerate().find_map(|(index, batch)| {
            let place = batch.waits_for.iter().position(|waiting| waiting == id)?;
            batch.waits_for.swap_remove(place);
            Some(index)
        })
    }

    fn take_complete(&mut self, index: usize) -> Option<(Outgoing, Vec<PendingRequest>)> {
        if !self.open[index].waits_for.is_empty() {
            return None;
        }
        let batch = self.open.swap_remove(index);
        (!batch.answers.is_empty()).then_some((Outgoing::Batch(batch.answers), batch.pending))
    }
}
