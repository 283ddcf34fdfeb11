//! Tools about connected social accounts.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::in_space::{InSpaces, ONE};
use super::look::{Account as Known, rows};
use super::{Failure, Json, Tools, note};
use crate::saki::accounts::{
    Account, Board, DisconnectAccount, ListAccounts, ListBoards, SetAccountActive,
};
use crate::saki::page::List;
use crate::saki::{SpaceId, view};

/// One account of a space, which may be named.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OneAccount {
    /// Id of the account, or its exact handle or name.
    account_id: String,
    #[schemars(description = ONE)]
    space_id: Option<String>,
}

/// What an account is to be.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Activation {
    /// Id of the account, or its exact handle or name.
    account_id: String,
    /// True activates the account, false deactivates it.
    is_active: bool,
    #[schemars(description = ONE)]
    space_id: Option<String>,
    /// Further fields, sent as they are.
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// What became of an account.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Activated {
    /// Whether anything was sent and changed.
    changed: Option<bool>,
    /// What a second look shows.
    is_active: Option<bool>,
    /// The account as Saki shows it.
    account: Account,
    /// What is odd about it.
    warnings: Vec<String>,
    /// What is now true.
    note: Option<String>,
}

/// That an account is no longer connected.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Disconnected {
    /// True: it is no longer connected.
    disconnected: bool,
    /// What is now true.
    note: Option<String>,
}

#[tool_router(router = accounts, vis = "pub(crate)")]
impl Tools {
    /// Lists the connected social accounts with id, network (`social`), handle (`handler`, Saki's spelling) and whether they are active. Their ids, handles or names go into `account_ids` of create_post. Connecting a new account is done by a person in Saki's web app.
    #[tool(
        title = "List accounts",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn list_accounts(
        &self,
        Parameters(request): Parameters<InSpaces<ListAccounts>>,
    ) -> Result<Json<List<Account>>, Failure> {
        self.list_in(request).await
    }

    /// Activates or deactivates an account, after looking whether it already is so, and answers with what a second look shows. What deactivating does to posts that are already scheduled is not known. Further fields are passed on as they are.
    #[tool(
        title = "Activate or deactivate an account",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn set_account_active(
        &self,
        Parameters(asked): Parameters<Activation>,
    ) -> Result<Json<Activated>, Failure> {
        let (space_id, account) = self
            .one_account(asked.space_id.as_deref(), &asked.account_id)
            .await?;
        let before = self.look_at(space_id, &account).await?;
        let is_active =
            |row: &Option<Value>| row.as_ref().and_then(|row| view::flag(row, "is_active"));
        if is_active(&before) == Some(asked.is_active) {
            let mut answer = activated(Some(false), asked.is_active, before);
            let is = said(asked.is_active);
            note::put(
                &mut answer,
                format!(
                    "The account {} was {is} already; nothing was sent.",
                    account.shown()
                ),
            );
            return Ok(Json::new(answer));
        }
        let request = SetAccountActive {
            space_id,
            account_id: account.account_id(),
            is_active: Some(asked.is_active),
            more: asked.more,
        };
        let saki = self.saki.clone();
        let reply = self
            .to_the_end(async move { saki.set_account_active(&request).await })
            .await?;
        self.seen.forget();
        let after = self.look_at(space_id, &account).await.unwrap_or_default();
        let changed = is_active(&after).map(|after| is_active(&before) != Some(after));
        let unseen = after.is_none() && reply.body.is_some();
        let mut answer = activated(changed, asked.is_active, after);
        if unseen {
            // Where a second look shows nothing, Saki's own answer is all there is.
            answer.insert("account".to_owned(), Value::Object(reply.into_one()));
        }
        if !answer.contains_key("warnings") {
            let is = said(asked.is_active);
            note::put(
                &mut answer,
                format!("The account {} is {is} now.", account.shown()),
            );
        }
        Ok(Json::new(answer))
    }

    /// Lists the boards of a Pinterest account. Posts for Pinterest name one in `metadata.board_id`.
    #[tool(
        title = "List Pinterest boards",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn list_boards(
        &self,
        Parameters(asked): Parameters<OneAccount>,
    ) -> Result<Json<List<Board>>, Failure> {
        let (space_id, account) = self
            .one_account(asked.space_id.as_deref(), &asked.account_id)
            .await?;
        let request = ListBoards {
            space_id,
            account_id: account.account_id(),
        };
        let nothing = format!("The account {} has no boards.", account.shown());
        self.list(request, &nothing).await
    }

    /// Disconnects an account from its space. Connecting it again takes a person in Saki's web app; what becomes of its scheduled posts is not known. To pause an account, use set_account_active instead.
    #[tool(
        title = "Disconnect an account",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn disconnect_account(
        &self,
        Parameters(asked): Parameters<OneAccount>,
    ) -> Result<Json<Disconnected>, Failure> {
        let (space_id, account) = self
            .one_account(asked.space_id.as_deref(), &asked.account_id)
            .await?;
        self.change(
            "disconnected",
            DisconnectAccount {
                space_id,
                account_id: account.account_id(),
            },
        )
        .await
    }
}

impl Tools {
    async fn one_account(
        &self,
        space: Option<&str>,
        given: &str,
    ) -> Result<(SpaceId, Known), Failure> {
        let space_id = SpaceId(self.space_id(space).await?);
        Ok((
            space_id,
            self.account_in(space_id, "account_id", given).await?,
        ))
    }

    /// The account as it stands in the list, since Saki has no way to read one alone.
    async fn look_at(&self, space_id: SpaceId, account: &Known) -> Result<Option<Value>, Failure> {
        let list = self.whole_list(ListAccounts { space_id }).await?;
        Ok(rows(&list)
            .iter()
            .find(|row| view::integer(row, "id") == Some(account.id))
            .cloned())
    }
}

fn said(is_active: bool) -> &'static str {
    if is_active { "active" } else { "inactive" }
}

fn activated(changed: Option<bool>, wanted: bool, account: Option<Value>) -> Map<String, Value> {
    let is_active = account
        .as_ref()
        .and_then(|row| view::flag(row, "is_active"));
    let warning = match is_active {
        Some(seen) if seen == wanted => None,
        Some(_) => Some("Saki took the call, but a second look shows the account unchanged."),
        None => Some("Saki took the call, but does not show whether the account is active now."),
    };
    let mut answer = Map::from_iter([
        ("changed".to_owned(), changed.into()),
        ("is_active".to_owned(), is_active.into()),
    ]);
    answer.insert("account".to_owned(), account.unwrap_or(Value::Null));
    if let Some(warning) = warning {
        answer.insert("warnings".to_owned(), json!([warning]));
    }
    answer
}
