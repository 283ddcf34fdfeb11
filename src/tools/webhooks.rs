//! Tools about webhooks.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};

use super::in_space::{InSpace, InSpaces};
use super::send::Deleted;
use super::{Failure, Json, Tools};
use crate::saki::page::List;
use crate::saki::webhooks::{CreateWebhook, DeleteWebhook, ListWebhooks, UpdateWebhook, Webhook};

#[tool_router(router = webhooks, vis = "pub(crate)")]
impl Tools {
    /// Lists the webhooks of a space: addresses that Saki calls when a post or an account changes.
    #[tool(
        title = "List webhooks",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn list_webhooks(
        &self,
        Parameters(request): Parameters<InSpaces<ListWebhooks>>,
    ) -> Result<Json<List<Webhook>>, Failure> {
        self.list_in(request).await
    }

    /// Makes Saki call an address when something happens in a space, and returns the webhook. From then on data about posts and accounts goes to that address, so use only one the person named. Further fields are passed on as they are.
    #[tool(
        title = "Create a webhook",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = true
        )
    )]
    async fn create_webhook(
        &self,
        Parameters(request): Parameters<InSpace<CreateWebhook>>,
    ) -> Result<Json<Webhook>, Failure> {
        self.change("created", request.place(self).await?).await
    }

    /// Changes address, events or activity of a webhook and returns it. Fields left out stay as they are; `events` replaces the whole list.
    #[tool(
        title = "Update a webhook",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn update_webhook(
        &self,
        Parameters(request): Parameters<InSpace<UpdateWebhook>>,
    ) -> Result<Json<Webhook>, Failure> {
        self.change("updated", request.place(self).await?).await
    }

    /// Deletes a webhook: Saki no longer calls its address. To pause it, use update_webhook with `is_active: false`.
    #[tool(
        title = "Delete a webhook",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn delete_webhook(
        &self,
        Parameters(request): Parameters<InSpace<DeleteWebhook>>,
    ) -> Result<Json<Deleted>, Failure> {
        self.change("deleted", request.place(self).await?).await
    }
}
