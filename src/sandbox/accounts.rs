//! Social accounts in the sandbox: list, activate, boards, disconnect.

use serde_json::{Map, Value, json};

use super::api_request::ApiRequest;
use super::api_response::{ApiError, ApiResponse, HandlerResult, timestamp_json};
use super::database::Database;
use super::paginator;
use super::records::{PostStatus, StoredAccount};
use super::route_table::RouteTable;
use super::validation::{Field, FieldValidator};
use super::variant::{AccountList, ActivateField};
use crate::saki;

pub(super) fn mount(routes: &mut RouteTable) {
    routes.mount::<saki::accounts::ListAccounts>(list);
    routes.mount::<saki::accounts::SetAccountActive>(activate);
    routes.mount::<saki::accounts::ListBoards>(boards);
    routes.mount::<saki::accounts::DisconnectAccount>(disconnect);
}

/// The account inside of a post (reference: posts.index).
pub(super) fn account_summary(account: &StoredAccount) -> Value {
    json!({
        "id": account.id, "social": account.social, "display_name": account.display_name,
        "handler": account.handler,
        "avatar": format!("https://media.saki.example/avatars/{}.png", account.id),
        "is_active": account.is_active,
    })
}

fn account_json(account: &StoredAccount) -> Value {
    let mut json = account_summary(account);
    json["created_at"] = timestamp_json(account.created_at);
    json
}

fn list(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let mut accounts = request.of_space(&db.accounts);
    if request.options.variant.account_list == AccountList::OnlyActive {
        accounts.retain(|account| account.is_active);
    }
    Ok(paginator::list(request, accounts, account_json))
}

fn activate(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let account = request.find_mut(&mut db.accounts, "account_id")?;
    account.is_active = match request.options.activate_field {
        ActivateField::Toggle => !account.is_active,
        ActivateField::IsActive => required_boolean(&request.body, "is_active")?,
        ActivateField::Active => required_boolean(&request.body, "active")?,
    };
    Ok(ApiResponse::data(account_json(account)))
}

fn required_boolean(body: &Map<String, Value>, name: &str) -> Result<bool, ApiError> {
    let mut validator = FieldValidator::default();
    let field = Field::new(body, name);
    validator.required(&field);
    let flag = validator.boolean(&field);
    validator.finish()?;
    Ok(flag.unwrap_or_default())
}

fn boards(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let account = request.find(&db.accounts, "account_id")?;
    if account.social != "pinterest" {
        let message = "Boards are only available for Pinterest accounts.";
        return Err(ApiError::validation("account", message.to_owned()));
    }
    let boards = account.boards.iter().collect();
    Ok(paginator::list(
        request,
        boards,
        |(id, name)| json!({"id": id, "name": name}),
    ))
}

/// Keeps the published posts, without their account, and deletes the others.
fn disconnect(db: &mut Database, request: &ApiRequest) -> HandlerResult {
    let id = request.find(&db.accounts, "account_id")?.id;
    db.accounts.remove(id);
    db.posts
        .retain(|post| post.account_id != id || post.status == PostStatus::Published);
    Ok(ApiResponse::empty(204))
}
