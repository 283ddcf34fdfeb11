//! The accounts of a space, and the one that an id, a handle, a name or a network means.

use serde_json::Value;

use super::{Directory, as_id};
use crate::saki::{AccountId, SpaceId, lenient};
use crate::tools::Failure;
use crate::write::account_ref::{AccountRef, quote_if_needed};
use crate::write::networks::{both_names, canonical_name};
use crate::write::quote::quote_truncated;

/// An account as far as tools need it.
#[derive(Debug, Clone)]
pub(crate) struct KnownAccount {
    pub(crate) id: u64,
    pub(crate) name: Option<String>,
    pub(crate) handle: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) is_active: Option<bool>,
}

impl Directory {
    /// The account of a space that is meant by an id, a handle, a display name, or a network that only one account is on.
    ///
    /// An id is good even where Saki will not list its accounts; only a name needs the list.
    pub(crate) async fn find_account(
        &self,
        space_id: SpaceId,
        field: &str,
        given: &str,
    ) -> Result<KnownAccount, Failure> {
        let accounts = match (self.accounts(space_id).await, as_id(given)) {
            (Ok(accounts), _) => accounts,
            // Where spaces are limited the list is what shows that it is of this one.
            (Err(_), Some(id)) if self.settings.policy.spaces().is_none() => {
                return Ok(KnownAccount::unlisted(id));
            }
            (Err(error), _) => return Err(error.into()),
        };
        let account = meant(field, given, &accounts)?;
        if as_id(given) != Some(account.id) {
            self.interpretations.record(field, given, account.shown());
        }
        Ok(account)
    }
}

/// The accounts that a handle, a display name, or else a network fits.
pub(crate) fn matching_accounts<'a>(
    given: &str,
    accounts: &'a [KnownAccount],
) -> Vec<&'a KnownAccount> {
    let bare = |text: &str| text.trim().trim_start_matches('@').to_lowercase();
    let wanted = bare(given);
    let has_name = |account: &&KnownAccount| {
        let names = [&account.handle, &account.name];
        !wanted.is_empty() && names.into_iter().flatten().any(|name| bare(name) == wanted)
    };
    let mut matches: Vec<&KnownAccount> = accounts.iter().filter(has_name).collect();
    if matches.is_empty() {
        matches = accounts
            .iter()
            .filter(|account| account.is_on(given))
            .collect();
    }
    matches
}

/// Exactly one match, or a refusal with the candidates; never a silent first one.
fn meant(field: &str, given: &str, accounts: &[KnownAccount]) -> Result<KnownAccount, Failure> {
    let id = as_id(given);
    if let Some(known) = accounts.iter().find(|account| Some(account.id) == id) {
        return Ok(known.clone());
    }
    let matches = matching_accounts(given, accounts);
    let listed = |accounts: &[&KnownAccount]| {
        accounts
            .iter()
            .map(|account| account.shown())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (matches.as_slice(), id) {
        ([only], _) => Ok((*only).clone()),
        ([], Some(id)) => Ok(KnownAccount::unlisted(id)),
        ([], None) if accounts.is_empty() => Err(Failure::argument(
            field,
            format!(
                "{} is not an id, and this space has no account by that name; list_accounts shows what it has.",
                quote_truncated(given)
            ),
        )),
        ([], None) => Err(Failure::argument(
            field,
            format!(
                "{} is no id, handle, name or network of an account of this space; its accounts are: {}.",
                quote_truncated(given),
                listed(&accounts.iter().collect::<Vec<_>>())
            ),
        )),
        (several, _) => Err(Failure::argument(
            field,
            format!(
                "{} could be any of {}. Pass the id of the one that is meant.",
                quote_truncated(given),
                listed(several)
            ),
        )),
    }
}

impl KnownAccount {
    /// The account of a post, as the post tells it.
    pub(crate) fn of_post(post: &Value) -> Self {
        let known = post.get("account").and_then(Self::read);
        let id = || lenient::integer(post, "account_id").unwrap_or_default();
        known.unwrap_or_else(|| Self::unlisted(id()))
    }

    pub(crate) fn read(row: &Value) -> Option<Self> {
        Some(Self {
            id: lenient::integer(row, "id")?,
            name: lenient::text(row, "display_name").or_else(|| lenient::text(row, "name")),
            handle: lenient::text(row, "handler").or_else(|| lenient::text(row, "handle")),
            network: lenient::text(row, "social"),
            is_active: lenient::flag(row, "is_active"),
        })
    }

    /// Whether it is on the network that a word means.
    pub(crate) fn is_on(&self, word: &str) -> bool {
        let name =
            |word: &str| canonical_name(word).map_or_else(|| word.to_lowercase(), str::to_owned);
        self.network.as_deref().map(name) == Some(name(word.trim()))
    }

    /// `12 @acme (twitter/X)`
    pub(crate) fn label(&self) -> String {
        let handle = self.handle.as_ref().map(|handle| format!("@{handle}"));
        let name = handle.or_else(|| self.name.clone());
        let name = name.map(|name| format!(" {}", quote_if_needed(&name)));
        let network = self
            .network
            .as_ref()
            .map(|network| format!(" ({})", both_names(&quote_if_needed(network))));
        format!(
            "{}{}{}",
            self.id,
            name.unwrap_or_default(),
            network.unwrap_or_default()
        )
    }

    /// Whether Saki lists it.
    pub(crate) fn is_listed(&self) -> bool {
        self.name.is_some() || self.handle.is_some() || self.network.is_some()
    }

    /// An account of which only the id was given.
    pub(crate) fn unlisted(id: u64) -> Self {
        Self {
            id,
            name: None,
            handle: None,
            network: None,
            is_active: None,
        }
    }

    pub(crate) fn planned(&self, single: Option<usize>) -> AccountRef {
        let name = self.handle.clone().or_else(|| self.name.clone());
        AccountRef {
            id: self.id,
            name,
            network: self.network.clone(),
            per_account_index: single,
        }
    }

    pub(crate) fn account_id(&self) -> AccountId {
        AccountId(self.id)
    }

    /// `12 "@acme" (twitter/X)`
    pub(crate) fn shown(&self) -> String {
        let mut text = self.id.to_string();
        if let Some(name) = self.handle.as_ref().or(self.name.as_ref()) {
            text = format!("{text} {}", quote_truncated(name));
        }
        match &self.network {
            Some(network) => format!("{text} ({})", both_names(network)),
            None => text,
        }
    }
}
