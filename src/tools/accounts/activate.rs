//! Account activation (`set_account_active`): the state is read before and after the call.

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::saki::accounts::{Account, ListAccounts, SetAccountActive};
use crate::saki::{AccountId, SpaceId, lenient_json};
use crate::tools::directory::rows;
use crate::tools::pipeline::{Write, WriteAnswer, WriteTraits};
use crate::tools::space_scoped::ONE;
use crate::tools::tool_result::{UntrustedContent, WithSaki};
use crate::tools::{Failure, IdentityMapper, Tools};
use crate::write::effects::{Effects, Resource, ResourceKind};
use crate::write::prepared::Prepared;
use crate::write::preview::{FieldChange, Preview};

/// The arguments of `set_account_active`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Activation {
    /// Account by id, handle or name, or its network such as "instagram".
    account_id: String,
    /// True activates the account, false deactivates it.
    is_active: bool,
    #[schemars(description = ONE)]
    space_id: Option<String>,
    /// Further fields, sent as they are.
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// The result of `set_account_active`.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Activated {
    /// Whether anything was sent and changed.
    changed: Option<bool>,
    /// The state as read afterwards.
    is_active: Option<bool>,
    /// The account as Saki shows it.
    account: Option<WithSaki<Account>>,
    /// What to look at again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    /// What is now true.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// An account that is ready to be switched, and what it was before.
#[derive(Debug)]
pub(crate) struct PreparedActivation {
    request: SetAccountActive,
    account: String,
    before: Option<Map<String, Value>>,
}

impl Write for Activation {
    type Endpoint = SetAccountActive;
    type Request = PreparedActivation;
    type Answer = Activated;
    const TRAITS: WriteTraits = WriteTraits {
        preview_facts: &["warnings", "changes", "scheduled"],
        ..WriteTraits::DEFAULT
    };

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<PreparedActivation>, Failure> {
        let (space_id, account) = tools
            .account_to_write(self.space_id.as_deref(), &self.account_id)
            .await?;
        let before = tools.account_row(space_id, account.account_id()).await?;
        let request = SetAccountActive {
            space_id,
            account_id: account.account_id(),
            is_active: Some(self.is_active),
            more: self.more.clone(),
        };
        let does = ["Deactivates", "Activates"][usize::from(self.is_active)];
        let what = format!("{does} the account {}.", account.label());
        let planned = tools.saki.planned_activation(&request);
        let mut preview = Preview::of(what, &tools.saki, &planned)?;
        let change = FieldChange {
            field: "is_active".to_owned(),
            before: is_active(&before).into(),
            after: self.is_active.into(),
        };
        preview.facts.changes = Some(vec![change]);
        let state = state(self.is_active);
        if is_active(&before) == Some(self.is_active) {
            preview.what = format!(
                "No change: the account {} is already {state}.",
                account.label()
            );
        } else if !self.is_active {
            let scheduled = tools
                .scheduled_posts(space_id, Some(request.account_id))
                .await;
            let warning = match &scheduled {
                Some(scheduled) if scheduled.posts > 0 => Some(format!(
                    "Scheduled on it: {scheduled}. Whether they still go out is not known."
                )),
                _ => None,
            };
            preview.lasting_warnings.extend(warning);
            preview.facts.scheduled = scheduled;
        }
        let label = account.label();
        let resource = Resource::new(ResourceKind::Account, account.id).with_account(account);
        Ok(Prepared {
            effects: Effects::changing(resource),
            preview,
            request: PreparedActivation {
                request,
                account: label,
                before,
            },
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<PreparedActivation>,
        _: &RequestContext<RoleServer>,
    ) -> Result<WriteAnswer<Self>, Failure> {
        let PreparedActivation {
            request,
            account,
            before,
        } = prepared.request;
        let target_state = self.is_active;
        let state = state(target_state);
        if is_active(&before) == Some(target_state) {
            let note = format!("The account {account} was {state} already; nothing was sent.");
            return Ok(WriteAnswer::Done(Activated {
                changed: Some(false),
                note: Some(note),
                ..Activated::of(before, target_state)
            }));
        }
        let (space_id, account_id) = (request.space_id, request.account_id);
        let fields = IdentityMapper::of(&request);
        let (saki, directory) = (tools.saki.clone(), tools.directory.clone());
        let sent = async move {
            directory
                .invalidated_by(saki.set_account_active(&request))
                .await
        };
        let reply = match tools.run_detached(prepared.effects, sent).await {
            Ok(reply) => reply,
            Err(error) => return Err(tools.render_failure(error, &fields).await),
        };
        let after = tools.account_row(space_id, account_id).await;
        let after = after.unwrap_or_default();
        let changed = is_active(&after).map(|after| is_active(&before) != Some(after));
        // Where the account is not shown when read again, Saki's own answer is all there is.
        let shown = reply.body.is_some().then(|| reply.into_one());
        let mut answer = Activated::of(after, target_state);
        answer.changed = changed;
        answer.account = answer.account.or(shown.map(WithSaki::plain));
        let note = format!("The account {account} is {state} now.");
        answer.note = answer.warnings.is_empty().then_some(note);
        answer.warnings.extend(prepared.preview.lasting_warnings);
        Ok(WriteAnswer::Done(answer))
    }
}

impl UntrustedContent for Activated {
    fn has_untrusted_content(&self) -> bool {
        self.account.is_some()
    }
}

impl Activated {
    /// The account as read again, with a warning unless its state is as requested.
    fn of(account: Option<Map<String, Value>>, target_state: bool) -> Self {
        let is_active = is_active(&account);
        let warning = match is_active {
            Some(seen) if seen == target_state => None,
            Some(_) => {
                Some("Saki accepted the call, but the account is unchanged when read again.")
            }
            None => {
                Some("Saki accepted the call, but does not show whether the account is active now.")
            }
        };
        Self {
            is_active,
            account: account.map(WithSaki::plain),
            warnings: warning.map(str::to_owned).into_iter().collect(),
            ..Self::default()
        }
    }
}

fn state(is_active: bool) -> &'static str {
    if is_active { "active" } else { "inactive" }
}

fn is_active(row: &Option<Map<String, Value>>) -> Option<bool> {
    lenient_json::flag(row.as_ref()?, "is_active")
}

impl Tools {
    /// The account as it stands in the list, since Saki has no way to read one alone.
    async fn account_row(
        &self,
        space_id: SpaceId,
        id: AccountId,
    ) -> Result<Option<Map<String, Value>>, Failure> {
        let list = self.saki.all_pages(ListAccounts { space_id }).await?;
        let mut rows = rows(&list).iter();
        let row = rows.find(|row| lenient_json::integer(row, "id") == Some(id.0));
        Ok(row.and_then(Value::as_object).cloned())
    }
}
