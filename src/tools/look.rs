//! What tools look up before they act: spaces and accounts, remembered for a minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::failure::shown;
use super::{Failure, Tools};
use crate::saki::accounts::ListAccounts;
use crate::saki::page::{Page, last_page, page_number};
use crate::saki::spaces::ListSpaces;
use crate::saki::{AccountId, Endpoint, Error, SpaceId, view};
use crate::write::prepared::PlannedAccount;

const REMEMBERED: Duration = Duration::from_secs(60);
/// A list that Saki splits into more pages than this is not walked to its end.
const MOST_PAGES: u64 = 50;

/// A space as far as tools need it.
#[derive(Debug, Clone)]
pub(crate) struct Space {
    pub(crate) id: u64,
    pub(crate) name: Option<String>,
    pub(crate) timezone: Option<String>,
}

/// An account as far as tools need it.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: u64,
    pub(crate) name: Option<String>,
    pub(crate) handle: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) is_active: Option<bool>,
}

/// What was seen lately.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    spaces: Mutex<Option<Lately<Space>>>,
    accounts: Mutex<HashMap<u64, Lately<Account>>>,
}

#[derive(Debug, Clone)]
struct Lately<T> {
    at: Instant,
    rows: Arc<[T]>,
}

impl<T> Lately<T> {
    fn now(rows: Arc<[T]>) -> Self {
        Self {
            at: Instant::now(),
            rows,
        }
    }

    fn is_fresh(&self) -> bool {
        self.at.elapsed() < REMEMBERED
    }
}

impl Seen {
    /// Forgets everything, after a change that may have made it untrue.
    pub(crate) fn forget(&self) {
        *unpoisoned(&self.spaces) = None;
        unpoisoned(&self.accounts).clear();
    }
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tools {
    /// All spaces.
    pub(crate) async fn known_spaces(&self) -> Result<Arc<[Space]>, Error> {
        let seen = unpoisoned(&self.seen.spaces).clone();
        if let Some(seen) = seen.filter(Lately::is_fresh) {
            return Ok(seen.rows);
        }
        let list = self.whole_list(ListSpaces {}).await?;
        let spaces: Arc<[Space]> = rows(&list).iter().filter_map(Space::read).collect();
        *unpoisoned(&self.seen.spaces) = Some(Lately::now(spaces.clone()));
        Ok(spaces)
    }

    /// All accounts of a space.
    pub(crate) async fn known_accounts(&self, space_id: SpaceId) -> Result<Arc<[Account]>, Error> {
        let seen = unpoisoned(&self.seen.accounts).get(&space_id.0).cloned();
        if let Some(seen) = seen.filter(Lately::is_fresh) {
            return Ok(seen.rows);
        }
        let list = self.whole_list(ListAccounts { space_id }).await?;
        let accounts: Arc<[Account]> = rows(&list).iter().filter_map(Account::read).collect();
        let mut seen = unpoisoned(&self.seen.accounts);
        seen.retain(|_, lately| lately.is_fresh());
        seen.insert(space_id.0, Lately::now(accounts.clone()));
        Ok(accounts)
    }

    /// The id of the space that is meant: what is given, or the only one.
    pub(crate) async fn space_id(&self, given: Option<&str>) -> Result<u64, Failure> {
        match given.and_then(as_id) {
            Some(id) => Ok(id),
            None => Ok(self.space(given).await?.id),
        }
    }

    /// The space that is meant: by id, by exact name, or the only one.
    pub(crate) async fn space(&self, given: Option<&str>) -> Result<Space, Failure> {
        let unnamed = |id| Space {
            id,
            name: None,
            timezone: None,
        };
        let spaces = match (self.known_spaces().await, given.and_then(as_id)) {
            (Ok(spaces), _) => spaces,
            // An id is good even where Saki will not list its spaces.
            (Err(_), Some(id)) => return Ok(unnamed(id)),
            (Err(error), None) => return Err(error.into()),
        };
        let listed = || match spaces.len() {
            0 => "this key sees no space at all; create_space makes one".to_owned(),
            _ => format!(
                "the spaces are: {}",
                spaces
                    .iter()
                    .map(Space::shown)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        let Some(given) = given else {
            return match &*spaces {
                [only] => Ok(only.clone()),
                _ => Err(Failure::argument(
                    "space_id",
                    format!(
                        "which space is meant? {}. Pass one of these ids.",
                        capital(&listed())
                    ),
                )),
            };
        };
        if let Some(id) = as_id(given) {
            let known = spaces.iter().find(|space| space.id == id).cloned();
            return Ok(known.unwrap_or_else(|| unnamed(id)));
        }
        let wanted = given.trim();
        let mut matches = spaces.iter().filter(|space| {
            space
                .name
                .as_deref()
                .is_some_and(|name| name.trim() == wanted)
        });
        match (matches.next(), matches.next()) {
            (Some(only), None) => Ok(only.clone()),
            (Some(_), Some(_)) => Err(Failure::argument(
                "space_id",
                format!(
                    "{} is the name of several spaces; {}. Pass the id.",
                    shown(given),
                    listed()
                ),
            )),
            _ => Err(Failure::argument(
                "space_id",
                format!(
                    "{} is neither an id nor the exact name of a space; {}.",
                    shown(given),
                    listed()
                ),
            )),
        }
    }

    fn account(&self, field: &str, given: &str, accounts: &[Account]) -> Result<Account, Failure> {
        if let Some(id) = as_id(given) {
            let known = accounts.iter().find(|account| account.id == id).cloned();
            return Ok(known.unwrap_or_else(|| Account::unknown(id)));
        }
        let bare = |text: &str| text.trim().trim_start_matches('@').to_owned();
        let wanted = bare(given);
        let is_meant = |account: &&Account| {
            [&account.name, &account.handle]
                .into_iter()
                .flatten()
                .any(|name| bare(name) == wanted)
                && !wanted.is_empty()
        };
        let matches: Vec<&Account> = accounts.iter().filter(is_meant).collect();
        let listed = |accounts: &[&Account]| {
            accounts
                .iter()
                .map(|account| account.shown())
                .collect::<Vec<_>>()
                .join(", ")
        };
        match matches.as_slice() {
            [only] => Ok((*only).clone()),
            [] if accounts.is_empty() => Err(Failure::argument(
                field,
                format!(
                    "{} is not an id, and this space has no account by that name; list_accounts shows what it has.",
                    shown(given)
                ),
            )),
            [] => Err(Failure::argument(
                field,
                format!(
                    "{} is neither an id nor the exact handle or name of an account of this space; its accounts are: {}.",
                    shown(given),
                    listed(&accounts.iter().collect::<Vec<_>>())
                ),
            )),
            several => Err(Failure::argument(
                field,
                format!(
                    "{} could be any of {}. Pass the id of the one that is meant.",
                    shown(given),
                    listed(several)
                ),
            )),
        }
    }

    /// The account of a space that is meant by an id, or by an exact handle or display name.
    ///
    /// An id is good even where Saki will not list its accounts; only a name needs the list.
    pub(crate) async fn account_in(
        &self,
        space_id: SpaceId,
        field: &str,
        given: &str,
    ) -> Result<Account, Failure> {
        let accounts = match (self.known_accounts(space_id).await, as_id(given)) {
            (Ok(accounts), _) => accounts,
            (Err(_), Some(id)) => return Ok(Account::unknown(id)),
            (Err(error), None) => return Err(error.into()),
        };
        self.account(field, given, &accounts)
    }

    /// A list with all its pages, where Saki splits it into pages.
    pub(crate) async fn whole_list<E: Endpoint + Clone>(
        &self,
        request: E,
    ) -> Result<Map<String, Value>, Error> {
        let mut list = self
            .saki
            .send(&Page {
                request: request.clone(),
                page: None,
            })
            .await?
            .into_list();
        let last = last_page(&list).unwrap_or(1);
        for page in 2..=last.min(MOST_PAGES) {
            let more = self
                .saki
                .send(&Page {
                    request: request.clone(),
                    page: Some(page),
                })
                .await?
                .into_list();
            // A Saki that does not know `page` answers with the first one again.
            if page_number(&more).is_some_and(|number| number != page) {
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

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

impl Space {
    fn read(row: &Value) -> Option<Self> {
        let name = view::text(row, "name").or_else(|| view::text(row, "title"));
        let timezone = view::text(row, "timezone").or_else(|| view::text(row, "time_zone"));
        Some(Self {
            id: view::integer(row, "id")?,
            name,
            timezone,
        })
    }

    pub(crate) fn shown(&self) -> String {
        match &self.name {
            Some(name) => format!("{} {}", self.id, shown(name)),
            None => self.id.to_string(),
        }
    }
}

impl Account {
    pub(crate) fn read(row: &Value) -> Option<Self> {
        Some(Self {
            id: view::integer(row, "id")?,
            name: view::text(row, "display_name").or_else(|| view::text(row, "name")),
            handle: view::text(row, "handler").or_else(|| view::text(row, "handle")),
            network: view::text(row, "social"),
            is_active: view::flag(row, "is_active"),
        })
    }

    /// An account of which only the id was given.
    pub(crate) fn unknown(id: u64) -> Self {
        Self {
            id,
            name: None,
            handle: None,
            network: None,
            is_active: None,
        }
    }

    pub(crate) fn planned(&self) -> PlannedAccount {
        let name = self.handle.clone().or_else(|| self.name.clone());
        PlannedAccount {
            id: self.id,
            name,
            network: self.network.clone(),
        }
    }

    pub(crate) fn account_id(&self) -> AccountId {
        AccountId(self.id)
    }

    /// `12 "@acme" (twitter)`
    pub(crate) fn shown(&self) -> String {
        let mut text = self.id.to_string();
        if let Some(name) = self.handle.as_ref().or(self.name.as_ref()) {
            text = format!("{text} {}", shown(name));
        }
        match &self.network {
            Some(network) => format!("{text} ({network})"),
            None => text,
        }
    }
}
