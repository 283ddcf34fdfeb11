//! Posting time slots in the sandbox: list, create, delete.

use serde_json::{Value, json};

use super::api_request::ApiRequest;
use super::api_response::{ApiResponse, HandlerResult};
use super::database::Database;
use super::paginator;
use super::records::StoredSlot;
use super::route_table::RouteTable;
use super::validation::{Field, FieldValidator};
use crate::saki;

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

pub(super) fn mount(routes: &mut RouteTable) {
    routes.mount::<saki::slots::ListSlots>(list);
    routes.mount::<saki::slots::CreateSlot>(create);
    routes.mount::<saki::slots::DeleteSlot>(delete);
}

fn slot_json(slot: &StoredSlot) -> Value {
    json!({"id": slot.id, "weekday": slot.weekday, "time": slot.time, "timezone": slot.timezone})
}

fn list(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let slots = request.of_space(&db.slots);
    Ok(paginator::list(request, slots, slot_json))
}

fn create(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let mut validator = FieldValidator::default();
    let field = |name| Field::new(&request.body, name);
    validator.required(&field("weekday"));
    let weekday = weekday(&mut validator, &field("weekday"));
    validator.required(&field("time"));
    let time = validator.time_of_day(&field("time")).unwrap_or_default();
    let timezone = validator.timezone(&field("timezone"));
    validator.finish()?;
    let space = request.find(&db.spaces, "space_id")?;
    let timezone = timezone.unwrap_or(&space.timezone).to_owned();
    let slot = db.slots.insert(|id| StoredSlot {
        id,
        space_id: request.space_id(),
        weekday,
        time: time.to_owned(),
        timezone,
    });
    Ok(ApiResponse::created(slot_json(slot)))
}

/// A weekday: a word in any case, or a number from 0 to 6.
fn weekday(validator: &mut FieldValidator, field: &Field<'_>) -> Value {
    let weekday = match field.value() {
        None => return Value::Null,
        Some(Value::Number(number)) => number.as_u64().filter(|day| *day <= 6).map(Value::from),
        Some(Value::String(word)) => {
            let word = word.to_lowercase();
            let is_known = WEEKDAYS.contains(&word.as_str());
            is_known.then_some(Value::String(word))
        }
        Some(_) => None,
    };
    if weekday.is_none() {
        validator.add_invalid_selection(field);
    }
    weekday.unwrap_or_default()
}

fn delete(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let id = request.find(&db.slots, "slot_id")?.id;
    db.slots.remove(id);
    Ok(ApiResponse::empty(204))
}
