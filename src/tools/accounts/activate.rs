//! `set_account_active`: a look before, and a look after.

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::saki::accounts::{Account, SetAccountActive};
use crate::saki::lenient;
use crate::tools::pipeline::Write;
use crate::tools::space_scoped::ONE;
use crate::tools::{Failure, IdentityMapper, Tools, notes};
use crate::write::effects::{Effects, Resource, ResourceKind};
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;

/// What an account is to be.
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

/// An account that is ready to be switched, and what it was before.
#[derive(Debug)]
pub(crate) struct ToSwitch {
    request: SetAccountActive,
    named: String,
    is_active: bool,
    before: Option<Value>,
}

impl Write for Activation {
    type Request = ToSwitch;
    type Answer = Activated;

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<ToSwitch>, Failure> {
        let (space_id, account) = tools
            .one_account(self.space_id.as_deref(), &self.account_id)
            .await?;
        let before = tools.look_at(space_id, account.account_id()).await?;
        let request = SetAccountActive {
            space_id,
            account_id: account.account_id(),
            is_active: Some(self.is_active),
            more: self.more.clone(),
        };
        let does = if self.is_active {
            "Activates"
        } else {
            "Deactivates"
        };
        let mut preview = Preview::of(
            format!("{does} the account {}.", account.label()),
            &request,
        )?
        .with(
            "changes",
            json!([{"field": "is_active", "before": is_active(&before), "after": self.is_active}]),
        );
        if is_active(&before) == Some(self.is_active) {
            preview.what = format!("Nothing: the account {} is so already.", account.label());
        }
        Ok(Prepared {
            effects: Effects {
                others: vec![
                    Resource::new(ResourceKind::Account, account.id).of(account.planned(None)),
                ],
                ..Effects::default()
            },
            preview,
            request: ToSwitch {
                request,
                named: account.shown(),
                is_active: self.is_active,
                before,
            },
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<ToSwitch>,
        _: &RequestContext<RoleServer>,
    ) -> Result<Map<String, Value>, Failure> {
        let ToSwitch {
            request,
            named,
            is_active: wanted,
            before,
        } = prepared.request;
        let is = if wanted { "active" } else { "inactive" };
        if is_active(&before) == Some(wanted) {
            let mut answer = activated(Some(false), wanted, before);
            let note = format!("The account {named} was {is} already; nothing was sent.");
            notes::add(&mut answer, note);
            return Ok(answer);
        }
        let (space_id, account_id) = (request.space_id, request.account_id);
        let names = IdentityMapper(serde_json::to_value(&request).unwrap_or_default());
        let saki = tools.saki.clone();
        let sent = tools.run_detached(async move { saki.set_account_active(&request).await });
        let reply = match sent.await {
            Ok(reply) => reply,
            Err(error) => return Err(tools.render_failure(error, &names).await),
        };
        tools.lookup_cache.invalidate();
        let after = tools
            .look_at(space_id, account_id)
            .await
            .unwrap_or_default();
        let changed = is_active(&after).map(|after| is_active(&before) != Some(after));
        let unseen = after.is_none() && reply.body.is_some();
        let mut answer = activated(changed, wanted, after);
        if unseen {
            // Where a second look shows nothing, Saki's own answer is all there is.
            answer.insert("account".to_owned(), Value::Object(reply.into_one()));
        }
        if !answer.contains_key("warnings") {
            notes::add(&mut answer, format!("The account {named} is {is} now."));
        }
        Ok(answer)
    }
}

fn is_active(row: &Option<Value>) -> Option<bool> {
    row.as_ref().and_then(|row| lenient::flag(row, "is_active"))
}

fn activated(changed: Option<bool>, wanted: bool, account: Option<Value>) -> Map<String, Value> {
    let is_active = is_active(&account);
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
