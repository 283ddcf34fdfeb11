//! Account lookup: the accounts of a space, and the resolution of an id, handle, name or network.

use super::{Directory, as_id};
use crate::saki::SpaceId;
use crate::tools::Failure;
use crate::write::account_ref::AccountRef;
use crate::write::quote_text::quote_truncated;

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
        let accounts = match (self.accounts(space_id).await, as_id(given)) {
            (Ok(accounts), _) => accounts,
            // Under `--space`, only the list proves that it is of this space.
            (Err(_), Some(id)) if self.settings.policy.spaces().is_none() => {
                return Ok(AccountRef::unlisted(id));
            }
            (Err(error), _) => return Err(error.into()),
        };
        let account = resolve_account(field, given, &accounts)?;
        if as_id(given) != Some(account.id) {
            self.interpretations.record(field, given, account.label());
        }
        Ok(account)
    }
}

/// The accounts that a handle, a display name, or else a network fits.
pub(crate) fn matching_accounts<'a>(
    given: &str,
    accounts: &'a [AccountRef],
) -> Vec<&'a AccountRef> {
    let bare = |text: &str| text.trim().trim_start_matches('@').to_lowercase();
    let given_name = bare(given);
    let has_name = |account: &&AccountRef| {
        let names = [&account.handle, &account.name];
        !given_name.is_empty()
            && names
                .into_iter()
                .flatten()
                .any(|name| bare(name) == given_name)
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
    accounts: &[AccountRef],
) -> Result<AccountRef, Failure> {
    let id = as_id(given);
    if let Some(known) = accounts.iter().find(|account| Some(account.id) == id) {
        return Ok(known.clone());
    }
    let matches = matching_accounts(given, accounts);
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
