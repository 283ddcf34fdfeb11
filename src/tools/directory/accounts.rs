//! Account lookup: the accounts of a space, and the resolution of an id, handle, name or network.

use super::account_labels::{contradiction, fold_name, labelled};
use super::{AccountList, Directory, KnownSpace, as_id};
use crate::saki::SpaceId;
use crate::tools::Failure;
use crate::write::account_ref::AccountRef;
use crate::write::quote_text::{quote_truncated, unquoted};

/// Spaces whose accounts are read to find one whose space is not known.
pub(super) const MOST_OTHER_SPACES: usize = 20;

/// What becomes of a write about an account that its space does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unlisted {
    /// It is refused where the list is whole: Saki posts with no other account.
    Refused,
    /// It is refused only where another space lists the account, since a list may leave out inactive ones.
    MayBeInactive,
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
    ) -> Result<AccountRef, Failure> {
        let was_cached = self.cached_accounts(space_id).is_some();
        let mut list = self.account_list(space_id).await;
        let id = as_id(given);
        let knows =
            |list: &AccountList| !matching_accounts(given, space_id, &list.accounts).is_empty();
        // An account may be newer than the list.
        if was_cached && list.as_ref().is_ok_and(|list| !knows(list)) {
            list = self.read_accounts(space_id).await;
        }
        let accounts = match (list, id) {
            (Ok(list), _) => list.accounts,
            // Under `--space`, only the list proves that it is of this space.
            (Err(_), Some(id)) if self.settings.policy.spaces().is_none() => {
                return Ok(AccountRef::unlisted(id));
            }
            (Err(error), _) => return Err(error.into()),
        };
        if named_accounts(given, &accounts).is_empty()
            && let Some(why) = contradiction(given, space_id, &accounts)
        {
            let text = format!(
                "{}: {why}. Pass the id of the one that is meant.",
                quote_truncated(given)
            );
            return Err(Failure::argument(field, text));
        }
        let account = resolve_account(field, given, space_id, &accounts)?;
        if as_id(given) != Some(account.id) {
            self.interpretations.record(field, given, account.label());
        }
        Ok(account)
    }

    /// As [`find_account`](Directory::find_account), for a write, which is refused where the account is surely not in the
    /// space.
    pub(crate) async fn find_account_to_write(
        &self,
        space_id: SpaceId,
        field: &str,
        given: &str,
        unlisted: Unlisted,
    ) -> Result<AccountRef, Failure> {
        let account = self.find_account(space_id, field, given).await?;
        let Some(list) = self.cached_accounts(space_id) else {
            return Ok(account);
        };
        let is_listed = list.accounts.iter().any(|listed| listed.id == account.id);
        // Where the operator limits the spaces, the policy refuses every account that is not listed.
        if is_listed || self.settings.policy.spaces().is_some() {
            return Ok(account);
        }
        let home = match list.is_whole {
            true => self.space_of_account(account.id, space_id).await,
            false => None,
        };
        if home.is_none() && !(list.is_whole && unlisted == Unlisted::Refused) {
            return Ok(account);
        }
        let home = home.map(|space| format!("; it is in the space {}", space.label()));
        let accounts: Vec<String> = list.accounts.iter().map(AccountRef::label).collect();
        let accounts = match accounts.is_empty() {
            true => format!("The space {} has none", space_id.0),
            false => format!(
                "The accounts of the space {} are: {}",
                space_id.0,
                accounts.join(", ")
            ),
        };
        Err(Failure::argument(
            field,
            format!(
                "Saki does not list the account {} in the space {}{}. {accounts}.",
                account.id,
                space_id.0,
                home.unwrap_or_default()
            ),
        ))
    }

    /// The other space that lists an account, as far as a few reads show.
    async fn space_of_account(&self, account_id: u64, not_in: SpaceId) -> Option<KnownSpace> {
        let spaces = self.spaces().await.ok()?;
        let others = spaces.iter().filter(|space| space.id != not_in.0);
        for space in others.take(MOST_OTHER_SPACES) {
            let accounts = self.accounts(SpaceId(space.id)).await;
            let is_in = |account: &AccountRef| account.id == account_id;
            if accounts.is_ok_and(|accounts| accounts.iter().any(is_in)) {
                return Some(space.clone());
            }
        }
        None
    }
}

/// The accounts of several spaces that a text fits; as a label it is read only where it is a name in no space.
pub(crate) fn accounts_in_spaces<'s, 'a>(
    given: &str,
    lists: &[(&'s KnownSpace, &'a [AccountRef])],
) -> Vec<(&'s KnownSpace, &'a AccountRef)> {
    let fitting = |fit: &dyn Fn(SpaceId, &'a [AccountRef]) -> Vec<&'a AccountRef>| {
        let of_list = |(space, accounts): &(&'s KnownSpace, &'a [AccountRef])| {
            let (space, fitting) = (*space, fit(SpaceId(space.id), accounts));
            fitting.into_iter().map(move |account| (space, account))
        };
        lists.iter().flat_map(of_list).collect::<Vec<_>>()
    };
    let named = fitting(&|_, accounts| named_accounts(given, accounts));
    match named.is_empty() {
        true => fitting(&|space_id, accounts| labelled(given, space_id, accounts)),
        false => named,
    }
}

/// The accounts of a space that an id, a handle, a display name, else a network, else a label or the address of a profile fits.
fn matching_accounts<'a>(
    given: &str,
    space_id: SpaceId,
    accounts: &'a [AccountRef],
) -> Vec<&'a AccountRef> {
    let named = named_accounts(given, accounts);
    match named.is_empty() {
        true => labelled(given, space_id, accounts),
        false => named,
    }
}

/// The accounts that an id, else a handle or a display name, else a network fits.
fn named_accounts<'a>(given: &str, accounts: &'a [AccountRef]) -> Vec<&'a AccountRef> {
    let id = as_id(given);
    if let Some(known) = accounts.iter().find(|account| Some(account.id) == id) {
        return vec![known];
    }
    let given_name = fold_name(unquoted(given));
    let has_name = |account: &&AccountRef| {
        let names = [&account.handle, &account.name];
        !given_name.is_empty()
            && names
                .into_iter()
                .flatten()
                .any(|name| fold_name(name) == given_name)
    };
    let mut matches: Vec<&AccountRef> = accounts.iter().filter(has_name).collect();
    if matches.is_empty() {
        matches = accounts
            .iter()
            .filter(|account| account.is_on(given))
            .collect();
    }
    matches
}

/// Exactly one match, or a refusal with the candidates; never a silent first one.
fn resolve_account(
    field: &str,
    given: &str,
    space_id: SpaceId,
    accounts: &[AccountRef],
) -> Result<AccountRef, Failure> {
    let id = as_id(given);
    let matches = matching_accounts(given, space_id, accounts);
    let listed = |accounts: &[&AccountRef]| {
        accounts
            .iter()
            .map(|account| account.label())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (matches.as_slice(), id) {
        ([only], _) => Ok((*only).clone()),
        ([], Some(id)) => Ok(AccountRef::unlisted(id)),
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
