//! Webhooks in the sandbox: list, create, update, delete; no event is ever delivered.

use serde_json::{Value, json};

use super::api_request::ApiRequest;
use super::api_response::{ApiError, ApiResponse, HandlerResult, timestamp_json};
use super::database::Database;
use super::paginator;
use super::records::StoredWebhook;
use super::route_table::RouteTable;
use super::validation::{Field, FieldValidator};
use crate::saki;

const EVENTS: [&str; 5] = [
    "post.published",
    "post.failed",
    "post.scheduled",
    "account.connected",
    "account.disconnected",
];

pub(super) fn mount(routes: &mut RouteTable) {
    routes.mount::<saki::webhooks::ListWebhooks>(list);
    routes.mount::<saki::webhooks::CreateWebhook>(create);
    routes.mount::<saki::webhooks::UpdateWebhook>(update);
    routes.mount::<saki::webhooks::DeleteWebhook>(delete);
}

fn webhook_json(webhook: &StoredWebhook) -> Value {
    json!({
        "id": webhook.id, "url": webhook.url, "events": webhook.events,
        "is_active": webhook.is_active,
        "created_at": timestamp_json(webhook.created_at),
        "updated_at": timestamp_json(webhook.updated_at),
    })
}

fn list(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let webhooks = request.of_space(&db.webhooks);
    Ok(paginator::list(request, webhooks, webhook_json))
}

/// The validated fields of a body; `None` for a field that was not sent.
struct WebhookFields {
    url: Option<String>,
    events: Option<Vec<String>>,
    is_active: Option<bool>,
}

/// Validates a body; `presence` is the rule for the presence of `url` and `events`.
fn validate(
    request: &ApiRequest,
    presence: impl Fn(&mut FieldValidator, &Field<'_>),
) -> Result<WebhookFields, ApiError> {
    let mut validator = FieldValidator::default();
    let field = |name| Field::new(&request.body, name);
    let (url, events) = (field("url"), field("events"));
    presence(&mut validator, &url);
    presence(&mut validator, &events);
    let url = validator.url(&url).map(str::to_owned);
    let mut known_events = Vec::new();
    for event in validator.items(&events) {
        match event.value().and_then(Value::as_str) {
            Some(name) if EVENTS.contains(&name) => known_events.push(name.to_owned()),
            _ => validator.add_invalid_selection(&event),
        }
    }
    let is_active = validator.boolean(&field("is_active"));
    validator.finish()?;
    Ok(WebhookFields {
        url,
        events: events.value().map(|_| known_events),
        is_active,
    })
}

fn create(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let fields = validate(request, |validator, field| _ = validator.required(field))?;
    let webhook = db.webhooks.insert(|id| StoredWebhook {
        id,
        space_id: request.space_id(),
        url: fields.url.unwrap_or_default(),
        events: fields.events.unwrap_or_default(),
        is_active: fields.is_active.unwrap_or(true),
        created_at: request.now,
        updated_at: request.now,
    });
    Ok(ApiResponse::created(webhook_json(webhook)))
}

fn update(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let webhook = request.find_mut(&mut db.webhooks, "webhook_id")?;
    let fields = validate(request, FieldValidator::required_if_sent)?;
    if let Some(url) = fields.url {
        webhook.url = url;
    }
    if let Some(events) = fields.events {
        webhook.events = events;
    }
    webhook.is_active = fields.is_active.unwrap_or(webhook.is_active);
    webhook.updated_at = request.now;
    Ok(ApiResponse::data(webhook_json(webhook)))
}

fn delete(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let id = request.find(&db.webhooks, "webhook_id")?.id;
    db.webhooks.remove(id);
    Ok(ApiResponse::empty(204))
}
