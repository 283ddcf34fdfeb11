//! Social accounts: list, activate, boards, disconnect.

use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::dialect::{ActivateField, mentions, negotiate};
use super::field_errors::FieldError;
use super::pagination::List;
use super::{AccountId, Client, Endpoint, Error, Reply, SpaceId};

/// A connected social account, with the fields that a post shows of it (reference: posts.index).
#[derive(Debug, Serialize, JsonSchema)]
pub struct Account {
    /// Id of the account.
    pub id: AccountId,
    /// Network, as Saki names it.
    pub social: String,
    /// Display name.
    pub display_name: String,
    /// Handle; `handler` is Saki's spelling.
    pub handler: String,
    /// Address of the picture.
    pub avatar: Option<String>,
    /// Whether the account is active.
    pub is_active: bool,
}

/// A Pinterest board; the reference documents none of its fields.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Board {
    /// Id of the board, for `metadata.board_id`.
    pub id: String,
    /// Name of the board.
    pub name: String,
}

/// Lists the accounts of a space.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAccounts {
    /// Space to look in.
    pub space_id: SpaceId,
}

impl Endpoint for ListAccounts {
    type Response = List<Account>;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/spaces/{space_id}/accounts";
}

/// Activates or deactivates an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SetAccountActive {
    /// Space of the account.
    pub space_id: SpaceId,
    /// Account to change.
    pub account_id: AccountId,
    /// Whether the account becomes active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// Further fields, sent as they are.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Endpoint for SetAccountActive {
    type Response = Account;
    // Not idempotent, whatever flag it carries: the reference prints no body for this, and a Saki that toggles the
    // account without reading a body would toggle it back.
    const METHOD: Method = Method::PATCH;
    const PATH: &'static str = "/spaces/{space_id}/accounts/{account_id}/activate";
}

impl SetAccountActive {
    /// The same request with its flag under the name that Saki takes.
    fn under(&self, field: ActivateField) -> Self {
        let mut request = self.clone();
        if field != ActivateField::IsActive {
            let flag = request.is_active.take();
            let flag = flag.filter(|_| field == ActivateField::Active);
            let active = flag.map(|flag| ("active".to_owned(), Value::Bool(flag)));
            request.more.extend(active);
        }
        request
    }
}

impl Client {
    /// The request that activates an account as it would be sent now.
    pub fn planned_activation(&self, request: &SetAccountActive) -> SetAccountActive {
        let field = self.dialect().learned().activate_field;
        request.under(field)
    }

    /// Activates or deactivates an account, under the field name that this Saki takes for the flag.
    pub async fn set_account_active(&self, request: &SetAccountActive) -> Result<Reply, Error> {
        let dialect = self.dialect();
        let preferred = dialect.learned().activate_field;
        let alternative = |errors: &[FieldError], sent: &ActivateField| {
            let (active, is_active) = (mentions(errors, "active"), mentions(errors, "is_active"));
            Ok(match sent {
                ActivateField::IsActive | ActivateField::Absent if active => {
                    Some(ActivateField::Active)
                }
                ActivateField::Active | ActivateField::Absent if is_active => {
                    Some(ActivateField::IsActive)
                }
                ActivateField::IsActive if is_active => Some(ActivateField::Absent),
                ActivateField::Active if active => Some(ActivateField::Absent),
                _ => None,
            })
        };
        let send = |field| async move { self.send(&request.under(field)).await };
        let (accepted, reply) = negotiate(preferred, alternative, send).await?;
        dialect.learned().activate_field = accepted;
        Ok(reply)
    }
}

/// Lists the boards of a Pinterest account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListBoards {
    /// Space of the account.
    pub space_id: SpaceId,
    /// Pinterest account whose boards to list.
    pub account_id: AccountId,
}

impl Endpoint for ListBoards {
    type Response = List<Board>;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/spaces/{space_id}/accounts/{account_id}/boards";
}

/// Disconnects an account from its space.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisconnectAccount {
    /// Space of the account.
    pub space_id: SpaceId,
    /// Account to disconnect.
    pub account_id: AccountId,
}

impl Endpoint for DisconnectAccount {
    type Response = ();
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/spaces/{space_id}/accounts/{account_id}";
}
