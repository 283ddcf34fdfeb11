//! Post facts: what every tool says of a post beside Saki's own fields: its state, local time and account.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use crate::saki::SpaceId;
use crate::saki::posts::{Post, PostState, PostView};
use crate::tools::directory::KnownSpace;
use crate::tools::tool_result::WithSaki;
use crate::tools::{Failure, Tools};
use crate::write::account_ref::AccountRef;
use crate::write::when::{When, zone};

/// Stands for the reason of a failure that a list does not show.
pub(super) const SEE_POST: &str = "no reason is shown here; get_post shows all that Saki says";

/// A post of Saki's with what is said of every post.
pub(crate) type PostWithFacts = WithSaki<Post, PostFacts>;

/// A post as a person reads it.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct PostFacts {
    /// What it is by its facts: draft, scheduled, overdue, unscheduled, published or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<PostState>,
    /// When it goes out or went out, as a person reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<String>,
    /// How long until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#in: Option<String>,
    /// Its account: id, handle and network.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_label: Option<String>,
}

impl PostFacts {
    /// The facts of a post; its account may be among `accounts` where Saki does not show it whole.
    pub(crate) fn of(
        post: PostView<'_>,
        accounts: &[AccountRef],
        zone: &TimeZone,
        now: Timestamp,
    ) -> Self {
        let shows_state = ["status", "scheduled_at", "published_at"];
        let shows_state = shows_state.iter().any(|name| !post.raw(name).is_null());
        let (state, at) = (post.state(now), post_time(post));
        let when = at.map(|at| When::at_instant(at, zone.clone()));
        Self {
            state: shows_state.then_some(state),
            local: when.as_ref().map(When::local),
            r#in: time_until(state, at, now),
            account_label: account_label(post, accounts),
        }
    }

    /// The same for a free slot, which has no state.
    pub(crate) fn of_slot(self) -> Self {
        Self {
            state: None,
            ..self
        }
    }
}

/// When a post went out, or else is to go out.
pub(crate) fn post_time(post: PostView<'_>) -> Option<Timestamp> {
    match post.is_published() {
        true => post.published_at(),
        false => post.scheduled_at(),
    }
}

/// How long until a post goes out, where it waits for that.
pub(crate) fn time_until(
    state: PostState,
    at: Option<Timestamp>,
    now: Timestamp,
) -> Option<String> {
    let at = at.filter(|_| state == PostState::Scheduled)?;
    Some(When::at_instant(at, TimeZone::UTC).ahead(now))
}

/// The account of a post as models read it, by its id alone where no more is known.
pub(crate) fn account_label(post: PostView<'_>, accounts: &[AccountRef]) -> Option<String> {
    let shown = post.account().and_then(AccountRef::read);
    let shown = shown
        .filter(AccountRef::is_listed)
        .map(|account| account.label());
    shown.or_else(|| {
        let id = post.account_id()?;
        let known = accounts.iter().find(|account| account.id == id);
        Some(known.map_or_else(|| id.to_string(), AccountRef::label))
    })
}

impl Tools {
    /// The default zone of local times.
    pub(crate) fn zone(&self) -> TimeZone {
        self.settings.timezone.clone().unwrap_or(TimeZone::UTC)
    }

    /// The zone that the call names, else the default, else the one that all its spaces share.
    pub(crate) fn zone_of(
        &self,
        given: Option<&str>,
        spaces: &[KnownSpace],
    ) -> Result<TimeZone, Failure> {
        if let Some(given) = given {
            return zone(given).map_err(|why| Failure::argument("timezone", why));
        }
        let mut zones = spaces
            .iter()
            .map(|space| space.timezone.as_deref().and_then(|name| zone(name).ok()));
        let first = zones.next().flatten();
        let shared = first.filter(|first| zones.all(|other| other.as_ref() == Some(first)));
        let default = self.settings.timezone.clone();
        Ok(default.or(shared).unwrap_or(TimeZone::UTC))
    }

    /// The default zone, else that of a space that is known.
    pub(crate) fn zone_in(&self, space: &KnownSpace) -> TimeZone {
        let zone = self.zone_of(None, std::slice::from_ref(space));
        zone.unwrap_or(TimeZone::UTC)
    }

    /// The default zone, else that of the space.
    pub(crate) async fn zone_of_space(&self, space_id: SpaceId) -> TimeZone {
        if let Some(zone) = &self.settings.timezone {
            return zone.clone();
        }
        let id = space_id.0.to_string();
        let space = self.directory.find_space(Some(&id)).await;
        space.map_or(TimeZone::UTC, |space| self.zone_in(&space))
    }

    /// The zone that the call names, else as [`Self::zone_of_space`].
    pub(crate) async fn zone_of_call(&self, given: Option<&str>, space_id: SpaceId) -> TimeZone {
        match given.and_then(|name| zone(name).ok()) {
            Some(zone) => zone,
            None => self.zone_of_space(space_id).await,
        }
    }

    /// The facts of a post of a space.
    pub(crate) async fn facts_of(&self, post: PostView<'_>, space_id: SpaceId) -> PostFacts {
        let zone = self.zone_of_space(space_id).await;
        let accounts = self.accounts_of([post].into_iter(), space_id).await;
        PostFacts::of(post, &accounts, &zone, self.settings.clock.now())
    }

    /// The accounts of a space, where any of these posts does not show its own.
    pub(crate) async fn accounts_of<'a>(
        &self,
        mut posts: impl Iterator<Item = PostView<'a>>,
        space_id: SpaceId,
    ) -> Vec<AccountRef> {
        if !posts.any(|post| post.account_id().is_some() && post.network().is_none()) {
            return Vec::new();
        }
        // An id stands where they cannot be read.
        let accounts = self.directory.accounts(space_id).await;
        accounts
            .map(|accounts| accounts.to_vec())
            .unwrap_or_default()
    }
}
