//! Social accounts: list, activate, boards, disconnect.

use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::dialect::{mentions, negotiate};
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

impl Client {
    /// Activates or deactivates an account, under the field name that this Saki takes for the flag.
    pub async fn set_account_active(&self, request: &SetAccountActive) -> Result<Reply, Error> {
        const FLAG: &str = "activate";
        let dialect = self.dialect();
        let with_field_name = |name: &str| {
            let mut named = request.clone();
            if name != "is_active" {
                named.is_active = None;
            }
            if let ("active", Some(flag)) = (name, request.is_active) {
                named.more.insert("active".to_owned(), Value::Bool(flag));
            }
            named
        };
        let preferred = dialect
            .field_name(FLAG)
            .unwrap_or_else(|| "is_active".to_owned());
        let alternative = |errors: &[FieldError], name: &String| {
            let other = match name.as_str() {
                "is_active" if mentions(errors, "active") => Some("active"),
                "active" if mentions(errors, "is_active") => Some("is_active"),
                "is_active" if mentions(errors, "is_active") => Some("none"),
                "active" if mentions(errors, "active") => Some("none"),
                "none" if mentions(errors, "active") => Some("active"),
                "none" if mentions(errors, "is_active") => Some("is_active"),
                _ => None,
            };
            Ok(other.map(str::to_owned))
        };
        let send = |name: String| async move { self.send(&with_field_name(&name)).await };
        let (accepted, reply) = negotiate(preferred, alternative, send).await?;
        dialect.set_field_name(FLAG, &accepted);
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
