//! Spaces in the sandbox.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::call::{Call, stamp};
use super::route::Routes;
use super::rules::{Check, Field};
use super::store::State;
use crate::saki;

/// A space.
#[derive(Debug, Clone)]
pub struct Space {
    /// Id of the space.
    pub id: u64,
    /// Name of the space.
    pub name: String,
    /// IANA time zone of the space.
    pub timezone: String,
    /// When the space was made.
    pub created_at: Timestamp,
    /// When the space was last changed.
    pub updated_at: Timestamp,
}

pub(super) fn mount(routes: &mut Routes) {
    routes.mount::<saki::spaces::ListSpaces>(list);
    routes.mount::<saki::spaces::CreateSpace>(create);
    routes.mount::<saki::spaces::GetSpace>(get);
    routes.mount::<saki::spaces::UpdateSpace>(update);
    routes.mount::<saki::spaces::DeleteSpace>(delete);
}

fn show(space: &Space) -> Value {
    json!({
        "id": space.id, "name": space.name, "timezone": space.timezone,
        "created_at": stamp(space.created_at), "updated_at": stamp(space.updated_at),
    })
}

fn list(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    Ok(call.list(state.spaces.values().collect(), show))
}

fn create(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let mut check = Check::default();
    let (name, timezone) = (
        Field::of(&call.body, "name"),
        Field::of(&call.body, "timezone"),
    );
    check.required(&name);
    let name = check.name(&name).unwrap_or_default().to_owned();
    let timezone = check.timezone(&timezone).unwrap_or("UTC").to_owned();
    check.done()?;
    let id = state.spaces.add(|id| Space {
        id,
        name,
        timezone,
        created_at: call.now,
        updated_at: call.now,
    });
    Ok(Answer::created(
        state.spaces.get(id).map_or(Value::Null, show),
    ))
}

fn get(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::one(show(call.find(&state.spaces, "space_id")?)))
}

fn update(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let mut check = Check::default();
    let (name, timezone) = (
        Field::of(&call.body, "name"),
        Field::of(&call.body, "timezone"),
    );
    if name.is_sent() {
        check.required(&name);
    }
    let (name, timezone) = (check.name(&name), check.timezone(&timezone));
    check.done()?;
    let space = call.find_mut(&mut state.spaces, "space_id")?;
    if let Some(name) = name {
        space.name = name.to_owned();
    }
    if let Some(timezone) = timezone {
        space.timezone = timezone.to_owned();
    }
    space.updated_at = call.now;
    Ok(Answer::one(show(space)))
}

fn delete(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let id = call.space_id();
    state.spaces.remove(id);
    state.accounts.retain(|account| account.space_id != id);
    state.posts.retain(|post| post.space_id != id);
    state.slots.retain(|slot| slot.space_id != id);
    state.webhooks.retain(|webhook| webhook.space_id != id);
    Ok(Answer::nothing(204))
}

impl super::call::Row for Space {
    const MODEL: &'static str = "Space";
    fn space_id(&self) -> Option<u64> {
        None
    }
}
