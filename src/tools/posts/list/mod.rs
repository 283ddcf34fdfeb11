//! `list_posts`: the question a person asks is one call.

pub(in crate::tools::posts) mod concise_row;
mod empty_page;
mod filter;
mod owner_filter;
mod page;
mod page_walk;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::tools::directory::Space;
use crate::tools::posts::post_state::State;
use crate::tools::{Failure, Json, Tools};
use crate::write::quote::quote_truncated;
use crate::write::time_range::TimeRange;
use crate::write::when::{self, zone};
use concise_row::Row;
use filter::{Filter, Of};

/// Which posts are wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(crate) struct Wanted {
    /// draft, scheduled, overdue, unscheduled, published or failed, judged by each post's facts; or a status number as Saki filters by it.
    status: Option<String>,
    /// Account by id, handle or name, or a network such as "instagram".
    account_id: Option<String>,
    /// First day or time, e.g. "2027-04-10"; whole days count in full.
    from: Option<String>,
    /// Last day or time, e.g. "2027-04-16".
    to: Option<String>,
    /// IANA zone of `from`, `to` and of the local times in the answer.
    timezone: Option<String>,
    /// Words that all stand in the text.
    search: Option<String>,
    /// Page to read, from 1.
    #[schemars(range(min = 1))]
    page: Option<u64>,
    /// "concise" rows (default) or the "full" posts.
    detail: Option<Detail>,
    /// Id or exact name of the space; left out: all spaces.
    space_id: Option<String>,
}

/// How much of each post is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Detail {
    #[default]
    Concise,
    Full,
}

/// Posts, and how far they reach.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Posts {
    /// The rows, in order of time where they were filtered here.
    data: Vec<Row>,
    /// How many there are, and the next page.
    meta: Meta,
    /// What it means that there are no rows, where there are none.
    note: Option<String>,
}

/// How many posts there are, and where the rest is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Meta {
    /// Posts that fit, on all pages.
    count: Option<u64>,
    /// Whether every post was looked at; if not, `looked` says how far.
    complete: Option<bool>,
    /// How far the search went before it stopped.
    looked: Option<String>,
    /// Page to pass for the rows that follow.
    next_page: Option<u64>,
    /// Zone of the local times.
    timezone: Option<String>,
}

impl Tools {
    pub(in crate::tools::posts) async fn list_wanted(
        &self,
        wanted: Wanted,
    ) -> Result<Json<Posts>, Failure> {
        let spaces = match self.given_or_pinned(wanted.space_id.as_deref()) {
            Some(given) => vec![self.space(Some(&given)).await?],
            None => self.every_space().await?,
        };
        let zone = self.zone_of(&wanted, &spaces)?;
        let mut filter = Filter {
            range: self.range(&wanted, &zone)?,
            ..Filter::default()
        };
        filter.search(wanted.search.as_deref().unwrap_or_default());
        filter.state = wanted
            .status
            .as_deref()
            .map(state_or_number)
            .transpose()?
            .flatten();
        let (spaces, account) = self.owner(wanted.account_id.as_deref(), spaces).await?;
        filter.account = account;
        let by_network = matches!(filter.account, Some(Of::Network(_)));
        let filtered = !filter.range.is_open()
            || !filter.words.is_empty()
            || filter.state.is_some()
            || by_network;
        match spaces.as_slice() {
            [only] if !filtered => self.sakis_own_page(only, &wanted, &filter, &zone).await,
            _ => self.own_page(&spaces, &wanted, &filter, &zone).await,
        }
    }

    /// The call's zone, else the default, else the one that all spaces share.
    fn zone_of(&self, wanted: &Wanted, spaces: &[Space]) -> Result<TimeZone, Failure> {
        if let Some(given) = &wanted.timezone {
            return zone(given).map_err(|why| Failure::argument("timezone", why));
        }
        let mut zones = spaces
            .iter()
            .map(|space| space.timezone.as_deref().and_then(|name| zone(name).ok()));
        let first = zones.next().flatten();
        let shared = first.filter(|first| zones.all(|other| other.as_ref() == Some(first)));
        Ok(self
            .settings
            .timezone
            .clone()
            .or(shared)
            .unwrap_or(TimeZone::UTC))
    }

    fn range(&self, wanted: &Wanted, zone: &TimeZone) -> Result<TimeRange, Failure> {
        let (from, to) = (wanted.from.as_deref(), wanted.to.as_deref());
        let range = TimeRange::read(from, to, zone)
            .map_err(|(field, why)| Failure::argument(field, why))?;
        let ends = [
            ("from", from, range.from, ""),
            ("to", to, range.until, "before "),
        ];
        for (field, given, at, before) in ends {
            if let (Some(given), Some(at)) = (given, at)
                && !when::is_exact(given)
            {
                self.interpretations
                    .record(field, given, format!("{before}{at}"));
            }
        }
        // Days are read in the zone that `meta.timezone` names.
        self.interpretations.mark_echoed(&["from", "to"]);
        Ok(range)
    }
}

/// A status number, which only Saki's own filter understands.
fn number(wanted: &Wanted) -> Option<String> {
    wanted
        .status
        .clone()
        .filter(|status| status.trim().parse::<u64>().is_ok())
}

/// A state by its word; a number is Saki's own filter.
fn state_or_number(given: &str) -> Result<Option<State>, Failure> {
    let word = given.trim().to_ascii_lowercase();
    if word.parse::<u64>().is_ok() {
        return Ok(None);
    }
    serde_json::from_value(json!(word)).map(Some).map_err(|_| {
        let why = format!("{} is no state of a post; it takes draft, scheduled, overdue, unscheduled, published, failed, or a status number.", quote_truncated(given));
        Failure::argument("status", why)
    })
}
