//! The space of a call that names none: it follows from the accounts and ids that the call names.

use std::sync::Arc;

use futures::{StreamExt, stream};

use super::account_labels::label_ids;
use super::accounts::{MOST_OTHER_SPACES, accounts_in_spaces};
use super::{Directory, KnownSpace, rows};
use crate::saki::pagination::is_whole;
use crate::saki::slots::ListSlots;
use crate::saki::webhooks::ListWebhooks;
use crate::saki::{SpaceId, lenient_json};
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
    /// A post or cluster decides by the replies that held it; an account, slot or webhook only where the lists of every space
    /// were read whole, since another space may have it too. A board only contradicts, since it is an id within its account.
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
        let mut found: Vec<Vec<Candidate<'_>>> = Vec::new();
        let mut boards = Vec::new();
        for (collection, id) in &named.ids {
            let candidates = self.with_id(*collection, id, &spaces).await;
            match collection {
                Collection::Boards => boards.push(candidates),
                _ => found.push(candidates),
            }
        }
        if !named.accounts.is_empty() {
            let lists = self.account_lists(&spaces).await.unwrap_or_default();
            let lists = spaces.iter().zip(lists.iter().map(|list| &**list));
            let lists: Vec<(&KnownSpace, &[AccountRef])> = lists.collect();
            let named = named.accounts.iter();
            found.extend(named.map(|given| accounts_named(given, &lists)));
        }
        found.retain(|candidates| !candidates.is_empty());
        boards.retain(|candidates| !candidates.is_empty());
        let mut possible: Vec<&KnownSpace> = spaces
            .iter()
            .filter(|space| found.iter().all(|candidates| is_in(space, candidates)))
            .collect();
        if found.is_empty() {
            return Err(self.which_space(&spaces, &hint(&named)));
        }
        if let [only] = *possible
            && !boards.iter().all(|candidates| is_in(only, candidates))
        {
            possible.clear();
        }
        found.extend(boards);
        let listed = |is_listed: &dyn Fn(u64) -> bool| {
            let all = found.iter().flatten();
            let listed = all.filter(|candidate| is_listed(candidate.space.id));
            let listed = listed.map(|one| format!("{} in {}", one.label, one.space.label()));
            listed.collect::<Vec<_>>().join(", ")
        };
        let refusal = match possible.as_slice() {
            [only] => {
                // What is in the fewest spaces decides.
                let first = found.iter().min_by_key(|candidates| candidates.len());
                let mut first = first.into_iter().flatten();
                if let Some(named) = first.find(|candidate| candidate.space.id == only.id) {
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

    /// The spaces whose replies held an id; none where another may have it too.
    async fn with_id<'a>(
        &self,
        collection: Collection,
        id: &str,
        spaces: &'a [KnownSpace],
    ) -> Vec<Candidate<'a>> {
        let seen = || {
            let holds = |space: &&KnownSpace| self.seen_ids.is_in(space.id, collection, id);
            spaces.iter().filter(holds)
        };
        let is_unique = !matches!(collection, Collection::Slots | Collection::Webhooks);
        if !is_unique && seen().count() == 1 && !self.all_ids_seen(collection, spaces).await {
            return Vec::new();
        }
        let candidate = |space| Candidate {
            label: format!("{} {id}", collection.singular()),
            space,
        };
        seen().map(candidate).collect()
    }

    /// Reads the slots or webhooks of every space; false where any may be missing.
    async fn all_ids_seen(&self, collection: Collection, spaces: &[KnownSpace]) -> bool {
        let read = |space_id| async move {
            let list = match collection {
                Collection::Slots => self.saki.all_pages(ListSlots { space_id }).await,
                _ => self.saki.all_pages(ListWebhooks { space_id }).await,
            };
            let list = list.ok().filter(is_whole)?;
            let mut ids = rows(&list).iter().map(|row| lenient_json::text(row, "id"));
            ids.all(|id| id.is_some()).then_some(())
        };
        self.of_every_space(spaces, read).await.is_some()
    }

    /// The accounts of each space, unless any may be missing.
    async fn account_lists(&self, spaces: &[KnownSpace]) -> Option<Vec<Arc<[AccountRef]>>> {
        let read = |space_id| async move {
            let list = self.account_list(space_id).await.ok();
            Some(list.filter(|list| list.is_whole)?.accounts)
        };
        self.of_every_space(spaces, read).await
    }

    /// What was read of each space; nothing where one reading failed or a space may be missing.
    async fn of_every_space<T, F>(
        &self,
        spaces: &[KnownSpace],
        read: impl Fn(SpaceId) -> F,
    ) -> Option<Vec<T>>
    where
        F: Future<Output = Option<T>>,
    {
        if spaces.len() > MOST_OTHER_SPACES || !self.space_list().await.ok()?.is_whole {
            return None;
        }
        let ids: Vec<SpaceId> = spaces.iter().map(|space| SpaceId(space.id)).collect();
        let all = stream::iter(ids).map(read).buffered(SPACES_AT_ONCE);
        let all: Vec<Option<T>> = all.collect().await;
        all.into_iter().collect()
    }
}

fn is_in(space: &KnownSpace, candidates: &[Candidate<'_>]) -> bool {
    let mut candidates = candidates.iter();
    candidates.any(|candidate| candidate.space.id == space.id)
}

/// The accounts of any space that a text fits; of a label that contradicts itself, that of its id.
fn accounts_named<'a>(
    given: &str,
    lists: &[(&'a KnownSpace, &[AccountRef])],
) -> Vec<Candidate<'a>> {
    let mut named = accounts_in_spaces(given, lists);
    if named.is_empty() {
        let of_label = label_ids(given);
        let all = lists
            .iter()
            .flat_map(|(space, accounts)| accounts.iter().map(|one| (*space, one)));
        let has_ids = |(space, account): &(&KnownSpace, &AccountRef)| {
            Some(account.id) == of_label.account && of_label.space.is_none_or(|id| id == space.id)
        };
        named = all.filter(has_ids).collect();
    }
    let candidate = |(space, account): (&'a KnownSpace, &AccountRef)| Candidate {
        label: account.label(),
        space,
    };
    named.into_iter().map(candidate).collect()
}

/// What shows the space of something that is named.
fn hint(named: &NamedInCall<'_>) -> String {
    let mut ids = (named.ids.iter()).filter(|(collection, _)| *collection != Collection::Boards);
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
