//! Connected social accounts: the tools about them.

mod activate;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;

use super::directory::{NamedInCall, Unlisted};
use super::list_and_read::{Listed, RowOfSpace};
use super::pipeline::{ChangeAnswer, Write, WriteAnswer, WriteArgs, WriteTraits};
use super::space_scoped::{ONE, SpacesScoped};
use super::{Failure, IdentityMapper, Json, Tools};
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
    /// Account by id, handle or name, or a network that only it is on.
    account_id: String,
    #[schemars(description = ONE)]
    space_id: Option<String>,
}

#[tool_router(router = accounts, vis = "pub(crate)")]
impl Tools {
    /// Lists the connected social accounts with id, network (`social`), handle (`handler`, Saki's spelling) and whether they are active. Their ids, handles or names go into `account_ids` of create_post. A person connects new accounts in Saki's web app.
    #[tool(title = "List accounts", annotations(read_only_hint = true))]
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

    /// Activates or deactivates (pauses) an account if needed, and returns its new state. It is not known what deactivating does to scheduled posts.
    #[tool(title = "Activate or deactivate an account")]
    async fn set_account_active(
        &self,
        Parameters(args): Parameters<WriteArgs<Activation>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<WriteAnswer<Activation>>, Failure> {
        self.write(args, context).await
    }

    /// Lists the boards of a Pinterest account. A post for Pinterest names a board's `id` in `metadata.board_id`.
    #[tool(title = "List Pinterest boards", annotations(read_only_hint = true))]
    async fn list_boards(
        &self,
        Parameters(args): Parameters<OneAccount>,
    ) -> Result<Json<Listed<Board>>, Failure> {
        let (space_id, account) = self
            .one_account(args.space_id.as_deref(), &args.account_id)
            .await?;
        self.directory.require_listed(&account)?;
        let request = ListBoards {
            space_id,
            account_id: account.account_id(),
        };
        let nothing = format!("The account {} has no boards.", account.label());
        self.list(request, nothing).await.map(Json::Untrusted)
    }

    /// Disconnects an account from its space; it asks first. Only a person can reconnect it, in Saki's web app. It is not known what happens to its scheduled posts. To pause an account, use set_account_active instead.
    #[tool(title = "Disconnect an account")]
    async fn disconnect_account(
        &self,
        Parameters(args): Parameters<WriteArgs<OneAccount>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<WriteAnswer<OneAccount>>, Failure> {
        self.write(args, context).await
    }
}

impl Write for OneAccount {
    type Endpoint = DisconnectAccount;
    type Request = DisconnectAccount;
    type Answer = ChangeAnswer<DisconnectAccount>;
    const TRAITS: WriteTraits = WriteTraits {
        takes_confirmation: true,
        preview_facts: &["warnings", "scheduled"],
        ..WriteTraits::DEFAULT
    };

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<DisconnectAccount>, Failure> {
        let (space_id, account) = tools
            .account_to_write(self.space_id.as_deref(), &self.account_id)
            .await?;
        let request = DisconnectAccount {
            space_id,
            account_id: account.account_id(),
        };
        let what = format!(
            "Disconnects the account {}. It can only be reconnected in Saki's web app.",
            account.label()
        );
        let scheduled = tools.scheduled_posts(space_id, Some(account.account_id()));
        let mut preview = Preview::of(what, &tools.saki, &request)?.with_scheduled(scheduled.await);
        if !account.is_listed() {
            preview = preview.unseen(ResourceKind::Account, account.id);
        }
        let resource = Resource::new(ResourceKind::Account, account.id).with_account(account);
        Ok(Prepared {
            effects: Effects::deleting(resource),
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
        let fields = IdentityMapper::of(&prepared.request);
        let answer = tools.send_change(prepared.effects, &prepared.request, &fields);
        answer.await.map(WriteAnswer::Done)
    }
}

impl Tools {
    async fn space_with_account(
        &self,
        space: Option<&str>,
        account: &str,
    ) -> Result<SpaceId, Failure> {
        let named = NamedInCall {
            accounts: vec![account],
            ..NamedInCall::default()
        };
        let given = self.directory.or_named_space(space, named).await?;
        let space = self.directory.identify_space(given.as_deref()).await?;
        Ok(SpaceId(space.id))
    }

    async fn one_account(
        &self,
        space: Option<&str>,
        given: &str,
    ) -> Result<(SpaceId, AccountRef), Failure> {
        let space_id = self.space_with_account(space, given).await?;
        let account = self.directory.find_account(space_id, "account_id", given);
        Ok((space_id, account.await?))
    }

    async fn account_to_write(
        &self,
        space: Option<&str>,
        given: &str,
    ) -> Result<(SpaceId, AccountRef), Failure> {
        let space_id = self.space_with_account(space, given).await?;
        let rule = Unlisted::MayBeInactive;
        let found = self
            .directory
            .find_account_to_write(space_id, "account_id", given, rule);
        Ok((space_id, found.await?))
    }
}
