//! Social accounts in the sandbox.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Refusal};
use super::call::{Call, Row, stamp};
use super::options::Activate;
use super::posts::Status;
use super::route::Routes;
use super::rules::{Check, Field};
use super::store::State;
use crate::saki;

/// A connected social account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Id of the account.
    pub id: u64,
    /// Space that the account is connected to.
    pub space_id: u64,
    /// Network, as the API names it.
    pub social: String,
    /// Name that is shown.
    pub display_name: String,
    /// Handle, without `@`.
    pub handler: String,
    /// Whether the account may post.
    pub is_active: bool,
    /// Boards by id and name; only a Pinterest account has any.
    pub boards: Vec<(String, String)>,
    /// When the account was connected.
    pub created_at: Timestamp,
}

impl Row for Account {
    const MODEL: &'static str = "Account";
    fn space_id(&self) -> Option<u64> {
        Some(self.space_id)
    }
}

pub(super) fn mount(routes: &mut Routes) {
    routes.mount::<saki::accounts::ListAccounts>(list);
    routes.mount::<saki::accounts::SetAccountActive>(activate);
    routes.mount::<saki::accounts::ListBoards>(boards);
    routes.mount::<saki::accounts::DisconnectAccount>(disconnect);
}

/// An account as it stands in a post (reference: posts.index).
pub(super) fn brief(account: &Account) -> Value {
    json!({
        "id": account.id, "social": account.social, "display_name": account.display_name,
        "handler": account.handler,
        "avatar": format!("https://media.saki.example/avatars/{}.png", account.id),
        "is_active": account.is_active,
    })
}

fn show(account: &Account) -> Value {
    let mut shown = brief(account);
    shown["created_at"] = stamp(account.created_at);
    shown
}

fn list(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let of_space = |account: &&Account| account.space_id == call.space_id();
    Ok(call.list(state.accounts.values().filter(of_space).collect(), show))
}

fn activate(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let account = call.find_mut(&mut state.accounts, "account_id")?;
    account.is_active = match call.options.activate_field {
        Activate::Toggle => !account.is_active,
        Activate::IsActive => flag(&call.body, "is_active")?,
        Activate::Active => flag(&call.body, "active")?,
    };
    Ok(Answer::one(show(account)))
}

fn flag(body: &Map<String, Value>, name: &str) -> Result<bool, Refusal> {
    let mut check = Check::default();
    let field = Field::of(body, name);
    check.required(&field);
    let flag = check.boolean(&field);
    check.done()?;
    Ok(flag.unwrap_or_default())
}

fn boards(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let account = call.find(&state.accounts, "account_id")?;
    if account.social != "pinterest" {
        let why = "Boards are only available for Pinterest accounts.";
        return Err(Refusal::of("account", why.to_owned()));
    }
    let boards = account.boards.iter().collect();
    Ok(call.list(boards, |(id, name)| json!({"id": id, "name": name})))
}

/// What was published stays, without its account; what was still to go out goes with it.
fn disconnect(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    let id = call.find(&state.accounts, "account_id")?.id;
    state.accounts.remove(id);
    state
        .posts
        .retain(|post| post.account_id != id || post.status == Status::Published);
    Ok(Answer::nothing(204))
}
