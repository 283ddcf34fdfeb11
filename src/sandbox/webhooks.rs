//! Webhooks in the sandbox; nothing is ever delivered.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::call::{Call, Row, stamp};
use super::route::Routes;
use super::rules::{Check, Field};
use super::store::State;
use crate::saki;

/// A webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Id of the webhook.
    pub id: u64,
    /// Space of the webhook.
    pub space_id: u64,
    /// Address that is called.
    pub url: String,
    /// Events it is called for.
    pub events: Vec<String>,
    /// Whether it is called at present.
    pub is_active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Row for Webhook {
    const MODEL: &'static str = "Webhook";
    fn space_id(&self) -> Option<u64> {
        Some(self.space_id)
    }
}

const EVENTS: [&str; 5] = [
    "post.published",
    "post.failed",
    "post.scheduled",
    "account.connected",
    "account.disconnected",
];

pub(super) fn mount(routes: &mut Routes) {
    routes.mount::<saki::webhooks::ListWebhooks>(list);
    routes.mount::<saki::webhooks::CreateWebhook>(create);
    routes.mount::<saki::webhooks::UpdateWebhook>(update);
    routes.mount::<saki::webhooks::DeleteWebhook>(delete);
}

fn show(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.id, "url": webhook.url, "events": webhook.events,
        "is_active": webhook.is_active,
        "created_at": stamp(webhook.created_at), "updated_at": stamp(webhook.updated_at),
    })
}

fn list(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let of_space = |webhook: &&Webhook| webhook.space_id == call.space_id();
    Ok(call.list(state.webhooks.values().filter(of_space).collect(), show))
}

/// What a body says of a webhook.
struct Said {
    url: Option<String>,
    events: Option<Vec<String>>,
    is_active: Option<bool>,
}

/// Reads a body; `all` where no field may be left out.
fn read(call: &Call, all: bool) -> Result<Said, Refusal> {
    let mut check = Check::default();
    let field = |name| Field::of(&call.body, name);
    let (url, events) = (field("url"), field("events"));
    for field in [&url, &events] {
        if all || field.is_sent() {
            check.required(field);
        }
    }
    let url = check.url(&url).map(str::to_owned);
    let rows = check.rows(&events);
    let mut words = Vec::new();
    for row in &rows {
        match row.value().and_then(Value::as_str) {
            Some(word) if EVENTS.contains(&word) => words.push(word.to_owned()),
            _ => check.unknown(row),
        }
    }
    let is_active = check.boolean(&field("is_active"));
    check.done()?;
    Ok(Said {
        url,
        events: events.value().map(|_| words),
        is_active,
    })
}

fn create(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let said = read(call, true)?;
    let id = state.webhooks.add(|id| Webhook {
        id,
        space_id: call.space_id(),
        url: said.url.unwrap_or_default(),
        events: said.events.unwrap_or_default(),
        is_active: said.is_active.unwrap_or(true),
        created_at: call.now,
        updated_at: call.now,
    });
    Ok(Answer::created(
        state.webhooks.get(id).map_or(Value::Null, show),
    ))
}

fn update(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let webhook = call.find_mut(&mut state.webhooks, "webhook_id")?;
    let said = read(call, false)?;
    if let Some(url) = said.url {
        webhook.url = url;
    }
    if let Some(events) = said.events {
        webhook.events = events;
    }
    webhook.is_active = said.is_active.unwrap_or(webhook.is_active);
    webhook.updated_at = call.now;
    Ok(Answer::one(show(webhook)))
}

fn delete(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let id = call.find(&state.webhooks, "webhook_id")?.id;
    state.webhooks.remove(id);
    Ok(Answer::nothing(204))
}
