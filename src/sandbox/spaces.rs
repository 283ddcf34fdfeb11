//! Spaces in the sandbox: list, create, read, update, delete.

use serde_json::{Value, json};

use super::api_request::ApiRequest;
use super::api_response::{ApiResponse, HandlerResult, timestamp_json};
use super::database::Database;
use super::paginator;
use super::records::StoredSpace;
use super::route_table::RouteTable;
use super::validation::{Field, FieldValidator};
use crate::saki;

pub(super) fn mount(routes: &mut RouteTable) {
    routes.mount::<saki::spaces::ListSpaces>(list);
    routes.mount::<saki::spaces::CreateSpace>(create);
    routes.mount::<saki::spaces::GetSpace>(get);
    routes.mount::<saki::spaces::UpdateSpace>(update);
    routes.mount::<saki::spaces::DeleteSpace>(delete);
}

fn space_json(space: &StoredSpace) -> Value {
    json!({
        "id": space.id, "name": space.name, "timezone": space.timezone,
        "created_at": timestamp_json(space.created_at),
        "updated_at": timestamp_json(space.updated_at),
    })
}

fn list(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let spaces = db.spaces.values().collect();
    Ok(paginator::list(request, spaces, space_json))
}

fn create(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let mut validator = FieldValidator::default();
    let field = |name| Field::new(&request.body, name);
    validator.required(&field("name"));
    let name = validator.short_string(&field("name")).unwrap_or_default();
    let timezone = validator.timezone(&field("timezone")).unwrap_or("UTC");
    validator.finish()?;
    let space = db.spaces.insert(|id| StoredSpace {
        id,
        name: name.to_owned(),
        timezone: timezone.to_owned(),
        created_at: request.now,
        updated_at: request.now,
    });
    Ok(ApiResponse::created(space_json(space)))
}

fn get(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let space = request.find(&db.spaces, "space_id")?;
    Ok(ApiResponse::data(space_json(space)))
}

fn update(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let mut validator = FieldValidator::default();
    let field = |name| Field::new(&request.body, name);
    validator.required_if_sent(&field("name"));
    let name = validator.short_string(&field("name"));
    let timezone = validator.timezone(&field("timezone"));
    validator.finish()?;
    let space = request.find_mut(&mut db.spaces, "space_id")?;
    if let Some(name) = name {
        space.name = name.to_owned();
    }
    if let Some(timezone) = timezone {
        space.timezone = timezone.to_owned();
    }
    space.updated_at = request.now;
    Ok(ApiResponse::data(space_json(space)))
}

fn delete(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let id = request.space_id();
    db.spaces.remove(id);
    db.accounts.retain(|account| account.space_id != id);
    db.posts.retain(|post| post.space_id != id);
    db.slots.retain(|slot| slot.space_id != id);
    db.webhooks.retain(|webhook| webhook.space_id != id);
    Ok(ApiResponse::empty(204))
}
