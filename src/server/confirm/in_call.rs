//! A question in the middle of a call, and its taking back when nobody waits for the answer any more.

use std::time::Duration;

use rmcp::model::{
    CancelledNotificationParam, ClientResult, ElicitRequest, ElicitRequestParams, RequestId,
    ServerRequest,
};
use rmcp::service::{PeerRequestOptions, ServiceError};
use rmcp::{Peer, RoleServer};

use super::form::Reply;

/// Asks the client, and waits for what the person says.
///
/// Dropped before the answer, it tells the client to close the question.
///
/// # Errors
///
/// When the client refuses to ask, or is gone, or no answer comes within `left`.
pub(super) async fn ask(
    peer: &Peer<RoleServer>,
    form: ElicitRequestParams,
    left: Duration,
) -> Result<Reply, ServiceError> {
    let request = ServerRequest::ElicitRequest(ElicitRequest::new(form));
    let options = PeerRequestOptions::with_timeout(left);
    let asked = peer.send_cancellable_request(request, options).await?;
    let mut open = Open {
        peer: peer.clone(),
        question: Some(asked.id.clone()),
    };
    let answer = asked.await_response().await;
    // Answered, or closed for being too late.
    open.question = None;
    match answer? {
        ClientResult::ElicitResult(result) => Ok(Reply::of(&result.action, result.content)),
        _ => Err(ServiceError::UnexpectedResponse),
    }
}

/// A question that a person may still see.
struct Open {
    peer: Peer<RoleServer>,
    question: Option<RequestId>,
}

impl Drop for Open {
    fn drop(&mut self) {
        let Some(question) = self.question.take() else {
            return;
        };
        let (Ok(runtime), peer) = (tokio::runtime::Handle::try_current(), self.peer.clone()) else {
            return;
        };
        runtime.spawn(async move {
            let reason = "nobody waits for the answer any more".to_owned();
            let closed = CancelledNotificationParam::new(Some(question), Some(reason));
            // A client that is gone shows no question.
            let _ = peer.notify_cancelled(closed).await;
        });
    }
}
