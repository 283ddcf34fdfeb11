//! What tools look up before they act: spaces and accounts, remembered for a minute.

mod find_account;
mod find_space;
mod policy_scope;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::{Failure, Tools};
use crate::saki::accounts::ListAccounts;
use crate::saki::pagination::{PagedRequest, current_page, last_page};
use crate::saki::spaces::ListSpaces;
use crate::saki::{Endpoint, Error, SpaceId, lenient};

pub(crate) use find_account::{Account, matching};
pub(crate) use find_space::Space;

const CACHE_TTL: Duration = Duration::from_secs(60);
/// A list that Saki splits into more pages than this is not walked to its end.
const MOST_PAGES: u64 = 50;

/// What was seen lately.
#[derive(Debug, Default)]
pub(crate) struct LookupCache {
    spaces: Mutex<Option<Cached<Space>>>,
    accounts: Mutex<HashMap<u64, Cached<Account>>>,
}

#[derive(Debug, Clone)]
struct Cached<T> {
    at: Instant,
    rows: Arc<[T]>,
}

impl<T> Cached<T> {
    fn now(rows: Arc<[T]>) -> Self {
        Self {
            at: Instant::now(),
            rows,
        }
    }

    fn is_fresh(&self) -> bool {
        self.at.elapsed() < CACHE_TTL
    }
}

impl LookupCache {
    /// InvalidateOnDrop everything, after a change that may have made it untrue.
    pub(crate) fn invalidate(&self) {
        *unpoisoned(&self.spaces) = None;
        unpoisoned(&self.accounts).clear();
    }
}

pub(crate) fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tools {
    /// InvalidateOnDrop which spaces and accounts were seen lately.
    pub(crate) fn invalidate_lookups(&self) {
        self.lookup_cache.invalidate();
    }

    /// A space as it was seen lately.
    fn seen_space(&self, id: u64) -> Option<Space> {
        let seen = unpoisoned(&self.lookup_cache.spaces);
        let rows = &seen.as_ref().filter(|seen| seen.is_fresh())?.rows;
        rows.iter().find(|space| space.id == id).cloned()
    }

    /// All spaces that the operator allows.
    pub(crate) async fn known_spaces(&self) -> Result<Arc<[Space]>, Error> {
        let spaces = self.all_spaces().await?;
        let allowed = |space: &&Space| self.is_allowed_space(space.id);
        Ok(match spaces.iter().all(|space| allowed(&space)) {
            true => spaces,
            false => spaces.iter().filter(allowed).cloned().collect(),
        })
    }

    // What is remembered is Saki's whole answer, since another call may be allowed more of it.
    async fn all_spaces(&self) -> Result<Arc<[Space]>, Error> {
        let seen = unpoisoned(&self.lookup_cache.spaces).clone();
        if let Some(seen) = seen.filter(Cached::is_fresh) {
            return Ok(seen.rows);
        }
        let list = self.whole_list(ListSpaces {}).await?;
        let spaces: Arc<[Space]> = rows(&list).iter().filter_map(Space::read).collect();
        *unpoisoned(&self.lookup_cache.spaces) = Some(Cached::now(spaces.clone()));
        Ok(spaces)
    }

    /// All accounts of a space.
    pub(crate) async fn known_accounts(&self, space_id: SpaceId) -> Result<Arc<[Account]>, Error> {
        let seen = unpoisoned(&self.lookup_cache.accounts)
            .get(&space_id.0)
            .cloned();
        if let Some(seen) = seen.filter(Cached::is_fresh) {
            return Ok(seen.rows);
        }
        let list = self.whole_list(ListAccounts { space_id }).await?;
        let accounts: Arc<[Account]> = rows(&list).iter().filter_map(Account::read).collect();
        let mut seen = unpoisoned(&self.lookup_cache.accounts);
        seen.retain(|_, lately| lately.is_fresh());
        seen.insert(space_id.0, Cached::now(accounts.clone()));
        Ok(accounts)
    }

    /// One row of a list, since Saki has no way to read some things alone; nothing where it is not shown.
    pub(crate) async fn one_of<E: Endpoint + Clone>(
        &self,
        request: E,
        id: u64,
    ) -> Result<Option<Map<String, Value>>, Failure> {
        let list = match self.whole_list(request).await {
            Ok(list) => list,
            // Where spaces are limited the list is what shows that it is of this one.
            Err(error) if self.policy().spaces().is_some() => return Err(error.into()),
            Err(_) => return Ok(None),
        };
        let row = rows(&list)
            .iter()
            .find(|row| lenient::integer(row, "id") == Some(id));
        Ok(row.and_then(Value::as_object).cloned())
    }

    /// A list with all its pages, where Saki splits it into pages.
    pub(crate) async fn whole_list<E: Endpoint + Clone>(
        &self,
        request: E,
    ) -> Result<Map<String, Value>, Error> {
        let mut list = self
            .saki
            .send(&PagedRequest {
                request: request.clone(),
                page: None,
            })
            .await?
            .into_list();
        let last = last_page(&list).unwrap_or(1);
        for page in 2..=last.min(MOST_PAGES) {
            let more = self
                .saki
                .send(&PagedRequest {
                    request: request.clone(),
                    page: Some(page),
                })
                .await?
                .into_list();
            // A Saki that does not know `page` answers with the first one again.
            if current_page(&more).is_some_and(|number| number != page) {
                return Ok(list);
            }
            match (list.get_mut("data"), more.get("data")) {
                (Some(Value::Array(rows)), Some(Value::Array(next))) if !next.is_empty() => {
                    rows.extend(next.iter().cloned())
                }
                _ => break,
            }
        }
        if last > 1
            && let Some(meta) = list.get_mut("meta").and_then(Value::as_object_mut)
        {
            // The pages are one now; what Saki counted in all still says whether rows are missing.
            meta.retain(|name, _| name == "total");
        }
        Ok(list)
    }
}

pub(crate) fn rows(list: &Map<String, Value>) -> &[Value] {
    list.get("data")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

pub(crate) fn as_id(given: &str) -> Option<u64> {
    given.trim().parse().ok().filter(|id| *id > 0)
}
