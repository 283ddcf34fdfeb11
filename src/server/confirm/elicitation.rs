//! Elicitation in the middle of a call: asks the client, and withdraws the question when nobody waits for the answer.

use std::time::Duration;

use rmcp::model::{
    CancelledNotificationParam, ClientResult, ElicitRequest, ElicitRequestParams, RequestId,
    ServerRequest,
};
use rmcp::service::{PeerRequestOptions, ServiceError};
use rmcp::{Peer, RoleServer};

use super::form::FormReply;

/// Asks the client, and waits for the answer of a person.
///
/// When this future is dropped before the answer, the client is told to close the question.
///
/// # Errors
///
/// When the client refuses to ask, is gone, or sends no answer within `timeout`.
pub(super) async fn elicit(
    peer: &Peer<RoleServer>,
    form: ElicitRequestParams,
    timeout: Duration,
) -> Result<FormReply, ServiceError> {
    let request = ServerRequest::ElicitRequest(ElicitRequest::new(form));
    let options = PeerRequestOptions::with_timeout(timeout);
    let handle = peer.send_cancellable_request(request, options).await?;
    let mut open = OpenElicitation {
        peer: peer.clone(),
        request_id: Some(handle.id.clone()),
    };
    let answer = handle.await_response().await;
    // The question has an answer, or the timeout has closed it.
    open.request_id = None;
    match answer? {
        ClientResult::ElicitResult(result) => {
            Ok(FormReply::new(&result.action, result.content.as_ref()))
        }
        _ => Err(ServiceError::UnexpectedResponse),
    }
}

/// A question that a person may still see; dropping it tells the client to close it.
struct OpenElicitation {
    peer: Peer<RoleServer>,
    request_id: Option<RequestId>,
}

impl Drop for OpenElicitation {
    fn drop(&mut self) {
        let Some(request_id) = self.request_id.take() else {
            return;
        };
        let (Ok(runtime), peer) = (tokio::runtime::Handle::try_current(), self.peer.clone()) else {
            return;
        };
        runtime.spawn(async move {
            let reason = "nobody waits for the answer any more".to_owned();
            let cancelled = CancelledNotificationParam::new(Some(request_id), Some(reason));
            // A client that is gone shows no question.
            let _ = peer.notify_cancelled(cancelled).await;
        });
    }
}
