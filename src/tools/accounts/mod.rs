//! Tools about connected social accounts.

mod activate;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;

use super::pipeline::{Change, ChangeAnswer, Verb, Write, WriteAnswer, WriteArgs, WriteTraits};
use super::reads::{Listed, RowOfSpace};
use super::space_scoped::{ONE, SpacesScoped};
use super::{Failure, Json, Tools};
use crate::saki::SpaceId;
use crate::saki::accounts::{Account, Board, DisconnectAccount, ListAccounts, ListBoards};
use crate::write::account_ref::AccountRef;
use crate::write::effects::{Effects, Resource, ResourceKind};
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;
use activate::Activation;

/// One account; its space is optional.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OneAccount {
    /// Account by id, handle or name, or its network such as "instagram".
    account_id: String,
    #[schemars(description = ONE)]
    space_id: Option<String>,
}

#[tool_router(router = accounts, vis = "pub(crate)")]
impl Tools {
    /// Lists the connected social accounts with id, network (`social`), handle (`handler`, Saki's spelling) and whether they are active. Their ids, handles or names go into `account_ids` of create_post. A person connects new accounts in Saki's web app.
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
        Parameters(request): Parameters<SpacesScoped<ListAccounts>>,
    ) -> Result<Json<Listed<RowOfSpace<Account>>>, Failure> {
        let mut list = self.list_in(request).await?;
        if let Some(accounts) = self.policy().accounts() {
            let accounts: Vec<String> = accounts.iter().map(u64::to_string).collect();
            list.ours.note.get_or_insert_with(|| {
                format!(
                    "By the operator's policy only these accounts are written to: {}.",
                    accounts.join(", ")
                )
            });
        }
        Ok(Json::Untrusted(list))
    }

    /// Activates or deactivates an account if needed, and returns its state as read afterwards. It is not known what deactivating does to scheduled posts. Further fields are passed on as they are.
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
        Parameters(asked): Parameters<WriteArgs<Activation>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<WriteAnswer<Activation>>, Failure> {
        self.write(asked, context).await
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
    ) -> Result<Json<Listed<Board>>, Failure> {
        let (space_id, account) = self
            .one_account(asked.space_id.as_deref(), &asked.account_id)
            .await?;
        self.directory.require_listed(&account)?;
        let request = ListBoards {
            space_id,
            account_id: account.account_id(),
        };
        let nothing = format!("The account {} has no boards.", account.label());
        self.list(request, nothing).await.map(Json::Untrusted)
    }

    /// Disconnects an account from its space. Only a person can reconnect it, in Saki's web app. It is not known what happens to its scheduled posts. To pause an account, use set_account_active instead.
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
        Parameters(asked): Parameters<WriteArgs<OneAccount>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<WriteAnswer<OneAccount>>, Failure> {
        self.write(asked, context).await
    }
}

impl Change for DisconnectAccount {
    const VERB: Verb = Verb::Disconnected;
}

impl Write for OneAccount {
    type Request = DisconnectAccount;
    type Answer = ChangeAnswer<DisconnectAccount>;
    const TRAITS: WriteTraits = WriteTraits {
        listed_by: Some(Tools::list_accounts_tool_attr),
        takes_confirmation: true,
        preview_facts: &["warnings"],
        ..WriteTraits::DEFAULT
    };

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<DisconnectAccount>, Failure> {
        let (space_id, account) = tools
            .one_account(self.space_id.as_deref(), &self.account_id)
            .await?;
        let request = DisconnectAccount {
            space_id,
            account_id: account.account_id(),
        };
        let what = format!(
            "Disconnects the account {}; connecting it again takes a person in Saki's web app.",
            account.label()
        );
        let mut preview = Preview::of(what, &request)?;
        if !account.is_listed() {
            preview = preview.unseen(ResourceKind::Account, account.id);
        }
        let effects = Effects {
            deletes: vec![Resource::new(ResourceKind::Account, account.id).with_account(account)],
            ..Effects::default()
        };
        Ok(Prepared {
            effects,
            preview,
            request,
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<DisconnectAccount>,
        _: &RequestContext<RoleServer>,
    ) -> Result<WriteAnswer<Self>, Failure> {
        let Prepared {
            effects, request, ..
        } = prepared;
        tools
            .send_change(effects, request)
            .await
            .map(WriteAnswer::Done)
    }
}

impl Tools {
    async fn one_account(
        &self,
        space: Option<&str>,
        given: &str,
    ) -> Result<(SpaceId, AccountRef), Failure> {
        let space_id = SpaceId(self.directory.space_id(space).await?);
        Ok((
            space_id,
            self.directory
                .find_account(space_id, "account_id", given)
                .await?,
        ))
    }
}
