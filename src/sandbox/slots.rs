//! Posting time slots in the sandbox.

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::call::{Call, Row};
use super::route::Routes;
use super::rules::{Check, Field};
use super::store::State;
use crate::saki;

/// A posting time slot.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Id of the slot.
    pub id: u64,
    /// Space of the slot.
    pub space_id: u64,
    /// Day of the week, as it was given: a word or a number from 0.
    pub weekday: Value,
    /// Time of day, e.g. "09:30".
    pub time: String,
    /// IANA time zone of the slot.
    pub timezone: String,
}

impl Row for Slot {
    const MODEL: &'static str = "Slot";
    fn space_id(&self) -> Option<u64> {
        Some(self.space_id)
    }
}

const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

pub(super) fn mount(routes: &mut Routes) {
    routes.mount::<saki::slots::ListSlots>(list);
    routes.mount::<saki::slots::CreateSlot>(create);
    routes.mount::<saki::slots::DeleteSlot>(delete);
}

fn show(slot: &Slot) -> Value {
    json!({"id": slot.id, "weekday": slot.weekday, "time": slot.time, "timezone": slot.timezone})
}

fn list(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let of_space = |slot: &&Slot| slot.space_id == call.space_id();
    Ok(call.list(state.slots.values().filter(of_space).collect(), show))
}

fn create(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let mut check = Check::default();
    let field = |name| Field::of(&call.body, name);
    check.required(&field("weekday"));
    let weekday = weekday(&mut check, &field("weekday"));
    check.required(&field("time"));
    let time = check.time_of_day(&field("time")).unwrap_or_default();
    let timezone = check.timezone(&field("timezone"));
    check.done()?;
    let space = call.find(&state.spaces, "space_id")?;
    let timezone = timezone.unwrap_or(&space.timezone).to_owned();
    let id = state.slots.add(|id| Slot {
        id,
        space_id: call.space_id(),
        weekday,
        time: time.to_owned(),
        timezone,
    });
    Ok(Answer::created(
        state.slots.get(id).map_or(Value::Null, show),
    ))
}

/// A day as a word in any case or as a number from 0 to 6.
fn weekday(check: &mut Check, field: &Field<'_>) -> Value {
    let day = match field.value() {
        None => return Value::Null,
        Some(Value::Number(number)) => number.as_u64().filter(|day| *day <= 6).map(Value::from),
        Some(Value::String(word)) => {
            let word = word.to_lowercase();
            DAYS.contains(&word.as_str()).then_some(Value::String(word))
        }
        Some(_) => None,
    };
    if day.is_none() {
        check.unknown(field);
    }
    day.unwrap_or_default()
}

fn delete(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let id = call.find(&state.slots, "slot_id")?.id;
    state.slots.remove(id);
    Ok(Answer::nothing(204))
}
