//! Webhooks: URLs that Saki calls when something happens.

use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::pagination::List;
use super::{Endpoint, OtherNames, SpaceId, WebhookId};

/// A webhook (reference: webhooks.update).
#[derive(Debug, Serialize, JsonSchema)]
pub struct Webhook {
    /// Id of the webhook.
    pub id: WebhookId,
    /// Address that Saki calls.
    pub url: String,
    /// Events that Saki reports to it.
    pub events: Vec<String>,
    /// Whether it is active now.
    pub is_active: bool,
    /// When it was made.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

/// Lists the webhooks of a space.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListWebhooks {
    /// Space to look in.
    pub space_id: SpaceId,
}

impl Endpoint for ListWebhooks {
    type Response = List<Webhook>;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/spaces/{space_id}/webhooks";
}

/// Creates a webhook; `url` and `events` are assumed from the update.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateWebhook {
    /// Space of the webhook.
    pub space_id: SpaceId,
    /// Address to call, e.g. "https://example.com/saki".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Events to report to it: post.published, post.failed, post.scheduled, account.connected, account.disconnected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// Whether it is active at first; Saki decides if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// Further fields, sent as they are.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Endpoint for CreateWebhook {
    type Response = Webhook;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/spaces/{space_id}/webhooks";
    const OTHER_NAMES: OtherNames = &[
        (
            "url",
            &["endpoint", "target_url", "callback_url", "webhook_url"],
        ),
        ("events", &["event_types", "topics", "triggers"]),
        ("is_active", &["active", "enabled"]),
    ];
}

/// Changes a webhook; a field left out stays as it is (reference: webhooks.update).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateWebhook {
    /// Space of the webhook.
    pub space_id: SpaceId,
    /// Webhook to change.
    pub webhook_id: WebhookId,
    /// New address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// New list, of post.published, post.failed, post.scheduled, account.connected, account.disconnected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// Whether it is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
}

impl Endpoint for UpdateWebhook {
    type Response = Webhook;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/spaces/{space_id}/webhooks/{webhook_id}";

    /// The request sets absolute values, so a repeat has the same effect.
    fn is_idempotent(&self) -> bool {
        true
    }
}

/// Deletes a webhook.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteWebhook {
    /// Space of the webhook.
    pub space_id: SpaceId,
    /// Webhook to delete.
    pub webhook_id: WebhookId,
}

impl Endpoint for DeleteWebhook {
    type Response = ();
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/spaces/{space_id}/webhooks/{webhook_id}";
}
