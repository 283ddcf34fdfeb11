//! Overview: one read of spaces, accounts, upcoming and failed posts, and the plan.

mod plan;
mod space_report;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::directory::KnownSpace;
use super::posts::{Bounds, Filter};
use super::{Failure, Json, Tools};
use crate::saki::posts::{PostState, PostView};
use crate::saki::subscription::GetSubscription;
use crate::saki::{Error, SpaceId};
use crate::write::time_range::TimeRange;
use crate::write::when::{When, zone};
use plan::Plan;
use space_report::{DAYS, SpaceReport};

/// Spaces that are read at the same time.
const SPACES_AT_ONCE: usize = 4;
/// Up to this number of accounts in all, each account has a line.
const MOST_LINES: usize = 40;

/// The arguments of `get_overview`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(super) struct OverviewArgs {
    /// Id or exact name of the space; left out: all spaces.
    space_id: Option<String>,
}

/// Spaces, accounts and what needs attention.
#[derive(Debug, Serialize, JsonSchema)]
struct Overview {
    /// The time of this overview, in UTC.
    now: String,
    /// The same in the default time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<String>,
    /// The zone of `local`. Days are those of the space's zone; a time in another zone names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    /// What needs attention, most urgent first.
    attention: Vec<String>,
    spaces: Vec<SpaceReport>,
    /// What the plan counts, and what it has left.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Plan>,
    /// What could not be read, or is counted only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[tool_router(router = overview, vis = "pub(crate)")]
impl Tools {
    /// Start here: time, spaces, accounts (next post, last failure, inactive), counts for 7 days, what needs attention, and the plan.
    #[tool(title = "Get an overview", annotations(read_only_hint = true))]
    async fn get_overview(
        &self,
        Parameters(args): Parameters<OverviewArgs>,
    ) -> Result<Json<Overview>, Failure> {
        let spaces = self.selected_spaces(args.space_id.as_deref()).await?;
        let now = self.settings.clock.now();
        let bounds = Bounds::start();
        let reports = stream::iter(spaces)
            .map(|space| self.space_report(space, now, bounds))
            .buffered(SPACES_AT_ONCE);
        let (mut reports, plan): (Vec<_>, _) =
            futures::try_join!(reports.try_collect(), async { Ok(self.plan().await) })?;
        let many = reports.len() > 1;
        let attention = reports.iter().flat_map(|report| report.attention(many));
        let mut attention: Vec<String> = attention.collect();
        let mut notes = Vec::new();
        let plan = match plan {
            Ok(plan) => {
                attention.extend(plan.warnings());
                Some(plan)
            }
            Err(error) => {
                notes.push(format!("The plan could not be read: {error}"));
                None
            }
        };
        let lines: usize = reports.iter().map(SpaceReport::account_lines).sum();
        if lines > MOST_LINES {
            reports.iter_mut().for_each(SpaceReport::summarize);
            notes.push(
                "Accounts are only counted here; get_overview with a `space_id` lists those of one space."
                    .to_owned(),
            );
        }
        let default_zone = &self.settings.timezone;
        Ok(Json::Untrusted(Overview {
            now: When::at_instant(now, TimeZone::UTC).utc(),
            local: default_zone
                .as_ref()
                .map(|zone| When::at_instant(now, zone.clone()).local()),
            timezone: default_zone
                .as_ref()
                .and_then(|zone| zone.iana_name())
                .map(str::to_owned),
            attention,
            spaces: reports,
            plan,
            notes,
        }))
    }

    async fn plan(&self) -> Result<Plan, Error> {
        let subscription = self.saki.send(&GetSubscription {}).await?.into_one();
        Ok(Plan::read(&Value::Object(subscription)))
    }

    async fn space_report(
        &self,
        space: KnownSpace,
        now: Timestamp,
        bounds: Bounds,
    ) -> Result<SpaceReport, Failure> {
        let of_space = space.timezone.as_deref().and_then(|name| zone(name).ok());
        let zone = of_space.unwrap_or_else(|| self.zone());
        let space_id = SpaceId(space.id);
        let today = now.to_zoned_datetime(zone.clone()).start_of_day();
        let end = today.and_then(|today| today.checked_add(DAYS.days()));
        let range = TimeRange {
            from: now.checked_sub((DAYS * 24).hours()).ok(),
            until: end.ok().map(|end| end.timestamp()),
        };
        let around_now = Filter {
            range,
            ..Filter::default()
        };
        let drafts = Filter {
            state: Some(PostState::Draft),
            ..Filter::default()
        };
        let (accounts, walked, drafts) = futures::try_join!(
            self.directory.accounts(space_id),
            self.posts_for(space_id, &around_now, bounds),
            self.posts_for(space_id, &drafts, bounds),
        )?;
        let is_draft = |post: &&Value| PostView::from(*post).state(now) == PostState::Draft;
        let drafts = match drafts.stopped {
            Some(_) => None,
            None => Some(drafts.posts.iter().filter(is_draft).count()),
        };
        let posts: Vec<PostView<'_>> = walked.posts.iter().map(PostView::from).collect();
        let shown = self.settings.timezone.as_ref().unwrap_or(&zone);
        let report = SpaceReport::new(&space, &accounts, &posts, drafts, (&zone, shown), now);
        Ok(match walked.stopped {
            Some(how) => report.incomplete(&how.to_string()),
            None => report,
        })
    }
}
