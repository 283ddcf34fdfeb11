//! Webhooks: the tools about them.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};

use super::list_and_read::{Listed, RowOfSpace};
use super::pipeline::{Changed, SimpleWrite, WriteArgs, WriteTraits};
use super::space_scoped::{SpaceScoped, SpacesScoped};
use super::{Failure, Json, Tools};
use crate::saki::redact_url;
use crate::saki::webhooks::{CreateWebhook, DeleteWebhook, ListWebhooks, UpdateWebhook, Webhook};
use crate::write::effects::{Effects, Resource, ResourceKind};
use crate::write::preview::Preview;
use crate::write::quote_text::quote_truncated;

#[tool_router(router = webhooks, vis = "pub(crate)")]
impl Tools {
    /// Lists the webhooks of a space: addresses that Saki calls when a post or an account changes.
    #[tool(title = "List webhooks", annotations(read_only_hint = true))]
    async fn list_webhooks(
        &self,
        Parameters(request): Parameters<SpacesScoped<ListWebhooks>>,
    ) -> Result<Json<Listed<RowOfSpace<Webhook>>>, Failure> {
        self.list_in(request).await.map(Json::Untrusted)
    }

    /// Makes Saki call an address when something happens in a space, and returns the webhook. From then on data about posts and accounts goes to that address, so use only an address that the person named. Further fields are passed on as they are.
    #[tool(title = "Create a webhook")]
    async fn create_webhook(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<CreateWebhook>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<CreateWebhook>>, Failure> {
        self.write(args, context).await
    }

    /// Changes address, events or `is_active` of a webhook and returns it. Fields left out stay as they are; `events` replaces the whole list.
    #[tool(title = "Update a webhook")]
    async fn update_webhook(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<UpdateWebhook>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<UpdateWebhook>>, Failure> {
        self.write(args, context).await
    }

    /// Deletes a webhook: Saki no longer calls its address. To pause it, use update_webhook with `is_active: false`.
    #[tool(title = "Delete a webhook")]
    async fn delete_webhook(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<DeleteWebhook>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<DeleteWebhook>>, Failure> {
        self.write(args, context).await
    }
}

impl SimpleWrite for CreateWebhook {
    const TRAITS: WriteTraits = WriteTraits {
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let url = self.url.as_deref().map(redact_url);
        let url = url.map_or("an address".to_owned(), |url| quote_truncated(&url));
        let what = format!("From then on Saki calls {url} about this space.");
        let effects = Effects::changing(Resource::to_create(ResourceKind::Webhook));
        Ok((effects, Preview::of(what, &tools.saki, self)?))
    }
}

impl SimpleWrite for UpdateWebhook {
    const TRAITS: WriteTraits = WriteTraits {
        preview_facts: &["warnings", "changes"],
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let (space_id, id) = (self.space_id, self.webhook_id.0);
        if self.url.is_none() && self.events.is_none() && self.is_active.is_none() {
            return Err(Failure::no_change("`url`, `events` or `is_active`"));
        }
        let preview = Preview::of(format!("Changes the webhook {id}."), &tools.saki, self)?;
        let before = tools.row_by_id(ListWebhooks { space_id }, id).await?;
        let resource = Resource::new(ResourceKind::Webhook, id).in_space(before.is_some());
        let effects = Effects::changing(resource);
        let preview = match before {
            Some(before) => preview.changing(&before),
            None => preview.unseen(ResourceKind::Webhook, id),
        };
        Ok((effects, preview))
    }
}

impl SimpleWrite for DeleteWebhook {
    const TRAITS: WriteTraits = WriteTraits {
        preview_facts: &["warnings", "removed"],
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let (space_id, id) = (self.space_id, self.webhook_id.0);
        let webhook = tools.row_by_id(ListWebhooks { space_id }, id).await?;
        let preview = Preview::of(format!("Deletes the webhook {id}."), &tools.saki, self)?;
        let resource = Resource::new(ResourceKind::Webhook, id).in_space(webhook.is_some());
        let effects = Effects::deleting(resource);
        Ok((
            effects,
            preview.deleting(ResourceKind::Webhook, id, webhook),
        ))
    }
}
