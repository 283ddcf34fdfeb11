//! Report on one space: its accounts in one line each, its counts, and what needs attention.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::Serialize;

use crate::saki::posts::{PostState, PostView};
use crate::tools::directory::KnownSpace;
use crate::write::account_ref::{AccountRef, quote_if_needed};
use crate::write::quote_text::quote_truncated;

/// Days that are shown: ahead, today included, and back.
pub(super) const DAYS: i64 = 7;

/// One space.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SpaceReport {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Zone of the space; its days are counted in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    /// Posts scheduled for the next 7 days, today included.
    scheduled_7_days: usize,
    /// Posts that failed in the last 7 days.
    failed_7_days: usize,
    /// Drafts, where they can be counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    drafts: Option<usize>,
    accounts: Accounts,
    #[serde(skip)]
    attention: Vec<String>,
    #[serde(skip)]
    networks: BTreeMap<String, usize>,
}

/// The accounts of a space.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Accounts {
    /// Id, handle, network, whether it is active, the next post and the last failure.
    Lines(Vec<String>),
    /// Accounts by network.
    Counts(BTreeMap<String, usize>),
}

/// An account with its posts of the days around now.
struct AccountReport<'a> {
    account: &'a AccountRef,
    next: Option<Timestamp>,
    ahead: usize,
    /// The last failure since the last post that went out.
    failure: Option<(Timestamp, Option<String>)>,
}

impl SpaceReport {
    pub(super) fn new(
        space: &KnownSpace,
        accounts: &[AccountRef],
        posts: &[PostView<'_>],
        drafts: Option<usize>,
        (zone, shown): (&TimeZone, &TimeZone),
        now: Timestamp,
    ) -> Self {
        let today = now.to_zoned_datetime(zone.clone()).date();
        let days: Vec<Date> = (0..DAYS)
            .filter_map(|days| today.checked_add(days.days()).ok())
            .collect();
        let week_ago = now.checked_sub((DAYS * 24).hours()).unwrap_or(now);
        let in_state = |state: PostState| {
            let posts = posts.iter().filter(|post| post.is_thread_start());
            posts
                .filter(move |post| post.state(now) == state)
                .filter_map(|post| time_of(*post))
        };
        let day_of = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
        let scheduled: Vec<Date> = in_state(PostState::Scheduled).map(day_of).collect();
        let published: Vec<Date> = in_state(PostState::Published).map(day_of).collect();
        let scheduled_7_days = scheduled.iter().filter(|day| days.contains(day)).count();
        let failed_7_days = in_state(PostState::Failed)
            .filter(|at| *at >= week_ago)
            .count();
        let overdue = in_state(PostState::Overdue).count();
        let reports: Vec<AccountReport<'_>> = accounts
            .iter()
            .map(|account| AccountReport::new(account, posts, now))
            .collect();

        let mut networks = BTreeMap::new();
        for account in accounts {
            let network = account
                .network
                .clone()
                .unwrap_or_else(|| "unknown".to_owned());
            *networks.entry(network).or_default() += 1;
        }
        let mut attention = Vec::new();
        if failed_7_days > 0 {
            attention.push(format!(
                "{failed_7_days} failed in 7 days (list_posts with status \"failed\" shows them)."
            ));
        }
        if overdue > 0 {
            attention.push(format!(
                "{overdue} overdue: the time has passed, and nothing shows that they went out."
            ));
        }
        attention.extend(reports.iter().filter_map(AccountReport::attention));
        let empty: Vec<String> = days
            .iter()
            .filter(|day| !scheduled.contains(day) && !published.contains(day))
            .map(|day| day.strftime("%a %-d %b").to_string())
            .collect();
        if !accounts.is_empty() && !empty.is_empty() {
            let in_zone = zone.iana_name().filter(|_| zone != shown);
            let in_zone = in_zone.map(|name| format!(" ({name})")).unwrap_or_default();
            attention.push(match empty.len() == days.len() {
                true => "no post on any of the next 7 days.".to_owned(),
                false => format!("no post on {}{in_zone}.", empty.join(", ")),
            });
        }
        let format = match zone == shown {
            true => "%a %-d %b %H:%M",
            false => "%a %-d %b %H:%M %Z",
        };
        let short = |at: Timestamp| {
            let local = at.to_zoned_datetime(shown.clone());
            local.strftime(format).to_string()
        };
        let lines = reports.iter().map(|report| report.line(short));
        Self {
            id: space.id,
            name: space.name.clone(),
            timezone: zone.iana_name().map(str::to_owned),
            scheduled_7_days,
            failed_7_days,
            drafts,
            accounts: Accounts::Lines(lines.collect()),
            attention,
            networks,
        }
    }

    /// The sentences about what needs attention, with the space where there are several.
    pub(super) fn attention(&self, with_space: bool) -> impl Iterator<Item = String> {
        let label = match (&self.name, with_space) {
            (_, false) => String::new(),
            (Some(name), true) => format!("{}: ", quote_if_needed(name)),
            (None, true) => format!("Space {}: ", self.id),
        };
        self.attention
            .iter()
            .map(move |text| format!("{label}{text}"))
    }

    /// Says in the report that not all posts were read, and how far the read went.
    pub(super) fn incomplete(mut self, how: &str) -> Self {
        self.attention
            .insert(0, format!("the counts are incomplete: {how}."));
        self
    }

    /// The number of accounts that have a line.
    pub(super) fn account_lines(&self) -> usize {
        match &self.accounts {
            Accounts::Lines(lines) => lines.len(),
            Accounts::Counts(_) => 0,
        }
    }

    /// Counts the accounts by network instead of listing them.
    pub(super) fn summarize(&mut self) {
        let networks = std::mem::take(&mut self.networks);
        self.accounts = Accounts::Counts(networks);
    }
}

impl<'a> AccountReport<'a> {
    fn new(account: &'a AccountRef, posts: &[PostView<'_>], now: Timestamp) -> Self {
        let own = posts
            .iter()
            .filter(|post| post.account_id() == Some(account.id) && post.is_thread_start());
        let mut report = Self {
            account,
            next: None,
            ahead: 0,
            failure: None,
        };
        let mut last_published = None;
        for post in own {
            let at = time_of(*post);
            match (post.state(now), at) {
                (PostState::Scheduled, Some(at)) => {
                    report.ahead += 1;
                    report.next = Some(report.next.map_or(at, |next| next.min(at)));
                }
                (PostState::Published, at) => last_published = last_published.max(at),
                (PostState::Failed, Some(at)) => {
                    let is_last = report.failure.as_ref().is_none_or(|(last, _)| at > *last);
                    if is_last {
                        report.failure = Some((at, post.failure_reason()));
                    }
                }
                _ => {}
            }
        }
        report
            .failure
            .take_if(|(failed_at, _)| last_published > Some(*failed_at));
        report
    }

    /// `12 @acme (twitter/X), next Sat 10 Apr 09:00, failed Fri 9 Apr 08:00: "Token expired"`.
    fn line(&self, short: impl Fn(Timestamp) -> String) -> String {
        let mut line = self.account.label();
        if self.account.is_active == Some(false) {
            line.push_str(", inactive");
        }
        if let Some(next) = self.next {
            line.push_str(&format!(", next {}", short(next)));
        }
        if let Some((at, why)) = &self.failure {
            line.push_str(&format!(", failed {}", short(*at)));
            if let Some(why) = why {
                line.push_str(&format!(": {}", quote_truncated(why)));
            }
        }
        line
    }

    /// Posts ahead on an account that is inactive, or whose last post failed.
    fn attention(&self) -> Option<String> {
        let why = match (self.account.is_active, &self.failure) {
            (Some(false), _) => "is inactive",
            (_, Some(_)) => "failed last",
            _ => return None,
        };
        (self.ahead > 0).then(|| {
            format!(
                "{} {why} and has {} scheduled in 7 days.",
                self.account.label(),
                self.ahead
            )
        })
    }
}

/// When a post went out or is to go out; a post without a time counts by its creation.
fn time_of(post: PostView<'_>) -> Option<Timestamp> {
    post.published_or_scheduled_at()
        .or_else(|| post.created_at())
}
