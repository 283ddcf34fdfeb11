//! The directory of spaces and accounts: a lookup cache over Saki's lists, and the resolution of ids, names and handles.

mod account_labels;
mod accounts;
mod policy_scope;
mod profile_address;
mod seen_ids;
mod space_of_call;
mod spaces;

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::{Interpretations, Settings};
use crate::saki::accounts::ListAccounts;
use crate::saki::pagination::is_whole;
use crate::saki::spaces::ListSpaces;
use crate::saki::{Client, Error, SpaceId};
use crate::write::account_ref::AccountRef;
use crate::write::quote_text::unquoted;
use crate::write::ttl_map::TtlMap;

pub(crate) use accounts::{Unlisted, accounts_in_spaces};
pub(crate) use seen_ids::{SeenIds, is_elsewhere};
pub(crate) use space_of_call::NamedInCall;
pub(crate) use spaces::KnownSpace;

const CACHE_TTL: SignedDuration = SignedDuration::from_secs(60);

/// The spaces and accounts that the key sees, as one call asks for them.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    saki: Client,
    settings: Arc<Settings>,
    cache: Arc<LookupCache>,
    pub(crate) seen_ids: Arc<SeenIds>,
    interpretations: Interpretations,
}

/// Saki's lists as they were a moment ago.
///
/// They are kept whole, since another call may be allowed more of them.
#[derive(Debug, Default)]
struct LookupCache {
    spaces: TtlMap<(), SpaceList>,
    accounts: TtlMap<SpaceId, AccountList>,
}

/// The spaces as Saki lists them.
#[derive(Debug, Clone)]
struct SpaceList {
    spaces: Arc<[KnownSpace]>,
    /// Whether Saki says of no space that it leaves out.
    is_whole: bool,
}

/// The accounts of a space as Saki lists them.
#[derive(Debug, Clone)]
struct AccountList {
    accounts: Arc<[AccountRef]>,
    /// Whether Saki says of no account that it leaves out.
    is_whole: bool,
}

impl Directory {
    pub(crate) fn new(saki: Client, settings: Arc<Settings>, seen_ids: Arc<SeenIds>) -> Self {
        Self {
            saki,
            settings,
            seen_ids,
            cache: Arc::default(),
            interpretations: Interpretations::default(),
        }
    }

    /// The same directory and cache under other limits.
    #[must_use]
    pub(crate) fn with_settings(&self, settings: Arc<Settings>) -> Self {
        Self {
            settings,
            ..self.clone()
        }
    }

    /// The same directory and cache for one call, whose interpretations are noted elsewhere.
    #[must_use]
    pub(crate) fn for_call(&self, interpretations: Interpretations) -> Self {
        Self {
            interpretations,
            ..self.clone()
        }
    }

    /// Empties the cache, after a change that may have made it untrue.
    pub(crate) fn invalidate(&self) {
        self.cache.spaces.retain(|(), _| false);
        self.cache.accounts.retain(|_, _| false);
    }

    /// Empties the cache after a write, unless the write surely changed nothing.
    pub(crate) async fn invalidated_by<T>(
        &self,
        write: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let outcome = write.await;
        if outcome.as_ref().err().is_none_or(Error::outcome_unknown) {
            self.invalidate();
        }
        outcome
    }

    /// All spaces that the operator allows.
    pub(crate) async fn spaces(&self) -> Result<Arc<[KnownSpace]>, Error> {
        let spaces = self.space_list().await?.spaces;
        let allowed = |space: &&KnownSpace| self.allows_space(space.id);
        Ok(match spaces.iter().all(|space| allowed(&space)) {
            true => spaces,
            false => spaces.iter().filter(allowed).cloned().collect(),
        })
    }

    async fn space_list(&self) -> Result<SpaceList, Error> {
        let now = self.settings.clock.now();
        if let Some(cached) = self.cache.spaces.get(&(), now) {
            return Ok(cached);
        }
        let list = self.saki.all_pages(ListSpaces {}).await?;
        let rows = rows(&list);
        if let Some(space) = rows.iter().find_map(Value::as_object) {
            self.saki.learn_from_space(space);
        }
        let spaces: Arc<[KnownSpace]> = rows.iter().filter_map(KnownSpace::read).collect();
        let list = SpaceList {
            is_whole: is_whole(&list) && spaces.len() == rows.len(),
            spaces,
        };
        self.cache.spaces.insert((), list.clone(), now, CACHE_TTL);
        Ok(list)
    }

    /// A space of the cache.
    fn cached_space(&self, id: u64) -> Option<KnownSpace> {
        let list = self.cache.spaces.get(&(), self.settings.clock.now())?;
        list.spaces.iter().find(|space| space.id == id).cloned()
    }

    /// All accounts of a space.
    pub(crate) async fn accounts(&self, space_id: SpaceId) -> Result<Arc<[AccountRef]>, Error> {
        Ok(self.account_list(space_id).await?.accounts)
    }

    async fn account_list(&self, space_id: SpaceId) -> Result<AccountList, Error> {
        match self.cached_accounts(space_id) {
            Some(cached) => Ok(cached),
            None => self.read_accounts(space_id).await,
        }
    }

    fn cached_accounts(&self, space_id: SpaceId) -> Option<AccountList> {
        let now = self.settings.clock.now();
        self.cache.accounts.get(&space_id, now)
    }

    /// Reads the accounts of a space anew.
    async fn read_accounts(&self, space_id: SpaceId) -> Result<AccountList, Error> {
        let now = self.settings.clock.now();
        let list = self.saki.all_pages(ListAccounts { space_id }).await?;
        let rows = rows(&list);
        let accounts: Arc<[AccountRef]> = rows.iter().filter_map(AccountRef::read).collect();
        let list = AccountList {
            is_whole: is_whole(&list) && accounts.len() == rows.len(),
            accounts,
        };
        let cache = &self.cache.accounts;
        cache.insert(space_id, list.clone(), now, CACHE_TTL);
        Ok(list)
    }
}

/// The rows of a list; none where it has none.
pub(crate) fn rows(list: &Map<String, Value>) -> &[Value] {
    list.get("data")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// An id, where a text is one.
pub(crate) fn as_id(given: &str) -> Option<u64> {
    unquoted(given).parse().ok().filter(|id| *id > 0)
}
