//! The space of a call that names none: it follows from the accounts and ids that the call names.

use std::sync::Arc;

use futures::{StreamExt, stream};

use super::account_labels::label_ids;
use super::accounts::MOST_OTHER_SPACES;
use super::{AccountList, Directory, KnownSpace, as_id, matching_accounts};
use crate::saki::SpaceId;
use crate::tools::Failure;
use crate::tools::resource_path::Collection;
use crate::write::account_ref::AccountRef;

const SPACES_AT_ONCE: usize = 4;

/// What a call names beside its space.
#[derive(Debug, Default)]
pub(crate) struct NamedInCall<'a> {
    pub(crate) accounts: Vec<&'a str>,
    pub(crate) ids: Vec<(Collection, String)>,
}

/// One reading of something that is named, in one space.
struct Candidate<'a> {
    label: String,
    space: &'a KnownSpace,
}

impl Directory {
    /// The space that is given or pinned, else the one that everything named in the call is in; nothing where a call names
    /// nothing, or there are no several spaces.
    ///
    /// An id decides by the replies that held it, an account only where the accounts of every space were read whole.
    pub(crate) async fn or_named_space(
        &self,
        given: Option<&str>,
        named: NamedInCall<'_>,
    ) -> Result<Option<String>, Failure> {
        let given = self.or_pinned_space(given);
        if given.is_some() || named.accounts.is_empty() && named.ids.is_empty() {
            return Ok(given);
        }
        let spaces = self.spaces().await?;
        if spaces.len() < 2 {
            return Ok(None);
        }
        let with_id = |(collection, id): &(Collection, String)| {
            let holds = |space: &&KnownSpace| self.seen_ids.is_in(space.id, *collection, id);
            let candidate = |space| Candidate {
                label: format!("{} {id}", collection.singular()),
                space,
            };
            spaces.iter().filter(holds).map(candidate).collect()
        };
        let mut found: Vec<Vec<Candidate<'_>>> = named.ids.iter().map(with_id).collect();
        if !named.accounts.is_empty() {
            let lists = self.whole_account_lists(&spaces).await.unwrap_or_default();
            let named = named.accounts.iter();
            found.extend(named.map(|given| accounts_named(given, &spaces, &lists)));
        }
        found.retain(|candidates| !candidates.is_empty());
        let possible: Vec<&KnownSpace> = spaces
            .iter()
            .filter(|space| found.iter().all(|candidates| is_in(space, candidates)))
            .collect();
        // What is in the fewest spaces decides.
        let Some(first) = found.iter().min_by_key(|candidates| candidates.len()) else {
            return Err(self.which_space(&spaces, &hint(&named)));
        };
        let listed = |is_listed: &dyn Fn(u64) -> bool| {
            let all = found.iter().flatten();
            let listed = all.filter(|candidate| is_listed(candidate.space.id));
            let listed = listed.map(|one| format!("{} in {}", one.label, one.space.label()));
            listed.collect::<Vec<_>>().join(", ")
        };
        let refusal = match possible.as_slice() {
            [only] => {
                let named = first.iter().find(|candidate| candidate.space.id == only.id);
                if let Some(named) = named {
                    let text = format!("{}, the space of {}", only.label(), named.label);
                    self.interpretations.infer("space_id", &text);
                }
                return Ok(Some(only.id.to_string()));
            }
            [] => format!(
                "the call names what is in different spaces: {}. Name only what is in one space.",
                listed(&|_| true)
            ),
            several => format!(
                "which space is meant? It could be any of {}. Pass the id of the space.",
                listed(&|id| several.iter().any(|space| space.id == id))
            ),
        };
        Err(Failure::argument("space_id", refusal))
    }

    /// As [`find_space`](Directory::find_space), of a call that names something.
    pub(crate) async fn find_named_space(
        &self,
        given: Option<&str>,
        named: NamedInCall<'_>,
    ) -> Result<KnownSpace, Failure> {
        let given = self.or_named_space(given, named).await?;
        self.find_space(given.as_deref()).await
    }

    /// The accounts of each space, unless any may be missing.
    async fn whole_account_lists(&self, spaces: &[KnownSpace]) -> Option<Vec<Arc<[AccountRef]>>> {
        if spaces.len() > MOST_OTHER_SPACES || !self.space_list().await.ok()?.is_whole {
            return None;
        }
        let ids: Vec<SpaceId> = spaces.iter().map(|space| SpaceId(space.id)).collect();
        let lists = stream::iter(ids)
            .map(|space_id| self.account_list(space_id))
            .buffered(SPACES_AT_ONCE);
        let lists: Vec<_> = lists.collect().await;
        let whole = |list: Result<AccountList, _>| list.ok().filter(|list| list.is_whole);
        let lists = lists.into_iter();
        lists.map(|list| Some(whole(list)?.accounts)).collect()
    }
}

fn is_in(space: &KnownSpace, candidates: &[Candidate<'_>]) -> bool {
    let mut candidates = candidates.iter();
    candidates.any(|candidate| candidate.space.id == space.id)
}

/// The accounts of any space that an id, a name, a network or a label fits; of a label that contradicts itself, that of its
/// id.
fn accounts_named<'a>(
    given: &str,
    spaces: &'a [KnownSpace],
    lists: &[Arc<[AccountRef]>],
) -> Vec<Candidate<'a>> {
    let of_label = label_ids(given);
    let id = as_id(given).or(of_label.account);
    let in_space = spaces.iter().zip(lists);
    let in_space = in_space.filter(|(space, _)| of_label.space.is_none_or(|id| id == space.id));
    let candidates = in_space.flat_map(|(space, accounts)| {
        let with_id = accounts.iter().find(|account| Some(account.id) == id);
        let named = with_id.map_or_else(|| matching_accounts(given, accounts), |one| vec![one]);
        let labels: Vec<String> = named.iter().map(|account| account.label()).collect();
        let candidate = move |label| Candidate { label, space };
        labels.into_iter().map(candidate)
    });
    candidates.collect()
}

/// What shows the space of something that is named.
fn hint(named: &NamedInCall<'_>) -> String {
    let mut ids = named.ids.iter();
    let listed = ids.find_map(|(collection, id)| Some((collection.list_tool()?, collection, id)));
    match listed {
        Some((tool, collection, id)) => {
            format!(
                " {tool} shows in which space the {} {id} is.",
                collection.singular()
            )
        }
        None => " list_accounts shows which space has an account.".to_owned(),
    }
}
