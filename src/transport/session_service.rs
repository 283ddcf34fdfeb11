//! Session service: serves the messages of a session, each with the handler for the limits of its own request.

use std::borrow::Cow;
use std::sync::Arc;

use http::request::Parts;
use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ClientRequest, ErrorData, GetExtensions,
    JsonRpcMessage, ProtocolVersion, ServerConfig, ServerResult,
};
use rmcp::service::{NotificationContext, RequestContext};
use rmcp::{RoleServer, ServerHandler, Service};

/// Serves what carries no handler of its own with that of the session's first request.
pub(super) struct SessionService<H>(pub(super) Arc<H>);

/// The handler of one message.
struct MessageHandler<H>(Arc<H>);

impl<H> Clone for MessageHandler<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Lets each request be served by `handler`.
///
/// As rmcp does at `/mcp`: the handler sees the HTTP request, and the memory of its body stays held until the call ends.
pub(super) fn assign_handler<H: ServerHandler>(
    messages: &mut [ClientJsonRpcMessage],
    parts: &Parts,
    handler: &Arc<H>,
) {
    for message in messages {
        if let JsonRpcMessage::Request(request) = message {
            let extensions = request.request.extensions_mut();
            extensions.insert(parts.clone());
            extensions.insert(MessageHandler(Arc::clone(handler)));
        }
    }
}

impl<H: ServerHandler> Service<RoleServer> for SessionService<H> {
    async fn handle_request(
        &self,
        request: ClientRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        let of_message = context.extensions.get::<MessageHandler<H>>().cloned();
        let handler = of_message.map_or_else(|| Arc::clone(&self.0), |handler| handler.0);
        handler.handle_request(request, context).await
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.0.handle_notification(notification, context).await
    }

    fn get_info(&self) -> ServerConfig {
        Service::get_info(&self.0)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Service::supported_protocol_versions(&self.0)
    }
}
