//! Owner filter: the account or network whose posts are listed, and the spaces that can have them.

use super::filter::OwnerFilter;
use crate::saki::SpaceId;
use crate::tools::directory::{KnownSpace, accounts_in_spaces, as_id};
use crate::tools::{Failure, Tools};
use crate::write::account_ref::AccountRef;
use crate::write::networks::{both_names, canonical_name};
use crate::write::quote_text::quote_truncated;

/// The owner whose posts are listed, and the spaces that can have them.
pub(crate) struct OwnerMatch {
    pub(super) spaces: Vec<KnownSpace>,
    pub(super) owner: Option<OwnerFilter>,
}

impl OwnerMatch {
    fn new(spaces: Vec<KnownSpace>, owner: OwnerFilter) -> Self {
        Self {
            spaces,
            owner: Some(owner),
        }
    }
}

impl Tools {
    /// The account that is meant, looked for in every space before one is taken; never a silent first one.
    pub(crate) async fn owner_filter(
        &self,
        given: Option<&str>,
        spaces: Vec<KnownSpace>,
    ) -> Result<OwnerMatch, Failure> {
        let Some(given) = given else {
            return Ok(OwnerMatch {
                spaces,
                owner: None,
            });
        };
        if let [only] = spaces.as_slice() {
            return self.owner_in_space(given, only).await;
        }
        let id = as_id(given);
        let mut all = Vec::new();
        for space in &spaces {
            match self.directory.accounts(SpaceId(space.id)).await {
                Ok(accounts) => all.push((space, accounts)),
                // Posts show their account's id, so the list of accounts is not needed.
                Err(_) if id.is_some() => {}
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(id) = id {
            let has = |accounts: &[AccountRef]| accounts.iter().any(|account| account.id == id);
            let home = all.iter().find(|(_, accounts)| has(accounts));
            let home = home.map(|(space, _)| vec![(*space).clone()]);
            let owner = OwnerFilter::Account(id);
            return Ok(OwnerMatch::new(home.unwrap_or(spaces), owner));
        }
        let lists = all.iter().map(|(space, accounts)| (*space, &**accounts));
        let matches = accounts_in_spaces(given, &lists.collect::<Vec<_>>());
        let network = canonical_name(given);
        let by_network = matches
            .iter()
            .all(|(_, account)| network.is_some() && account.is_on(given));
        match (matches.as_slice(), network) {
            (_, Some(network)) if by_network => {
                let accounts = all.iter().flat_map(|(_, accounts)| accounts.iter());
                let owner = self.by_network(given, network, accounts);
                Ok(OwnerMatch::new(spaces, owner))
            }
            ([(space, account)], _) => {
                let account_in_space = format!("{} in {}", account.label(), space.label());
                self.interpretations
                    .record("account_id", given, account_in_space);
                let owner = OwnerFilter::Account(account.id);
                Ok(OwnerMatch::new(vec![(*space).clone()], owner))
            }
            ([], _) => {
                let all = all
                    .iter()
                    .flat_map(|(space, accounts)| accounts.iter().map(|account| (*space, account)));
                Err(Failure::argument(
                    "account_id",
                    format!(
                        "{} is no id, handle, name or network of an account; the accounts are: {}.",
                        quote_truncated(given),
                        account_list(all)
                    ),
                ))
            }
            (several, _) => Err(Failure::argument(
                "account_id",
                format!(
                    "it could be any of {}. Pass the id of the one that is meant.",
                    account_list(several.iter().copied())
                ),
            )),
        }
    }

    /// In one space a network may have several accounts.
    async fn owner_in_space(&self, given: &str, space: &KnownSpace) -> Result<OwnerMatch, Failure> {
        let account = self
            .directory
            .find_account(SpaceId(space.id), "account_id", given)
            .await;
        let owner = match (account, canonical_name(given)) {
            (Ok(account), _) => OwnerFilter::Account(account.id),
            (Err(_), Some(network)) => {
                let accounts = self.directory.accounts(SpaceId(space.id)).await;
                self.by_network(given, network, accounts.iter().flat_map(|all| all.iter()))
            }
            (Err(failure), None) => return Err(failure),
        };
        Ok(OwnerMatch::new(vec![space.clone()], owner))
    }

    fn by_network<'a>(
        &self,
        given: &str,
        network: &str,
        accounts: impl Iterator<Item = &'a AccountRef>,
    ) -> OwnerFilter {
        let meant = format!("every account on {}", both_names(network));
        self.interpretations.record("account_id", given, meant);
        let accounts = accounts.filter(|account| account.is_on(network));
        OwnerFilter::Network {
            name: network.to_owned(),
            accounts: accounts.map(|account| account.id).collect(),
        }
    }
}

fn account_list<'a>(accounts: impl Iterator<Item = (&'a KnownSpace, &'a AccountRef)>) -> String {
    accounts
        .map(|(space, account)| format!("{} in {}", account.label(), space.label()))
        .collect::<Vec<_>>()
        .join(", ")
}
