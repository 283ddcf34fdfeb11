//! Rate limit of live posts, a sliding window: how many were published or scheduled within the last 60 minutes.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Policy, PolicyViolation};
use crate::write::effects::Effects;
use crate::write::shared_store::{SharedStore, StoreError, parse};
use crate::write::ttl_map::Expiring;

const WINDOW: SignedDuration = SignedDuration::from_hours(1);
const KEY: &str = "live-posts";

/// The live posts of the last 60 minutes; one for each account.
#[derive(Debug)]
pub struct RateWindow(Arc<dyn SharedStore>);

/// The posts of a write, reserved in the window before it is sent; nothing where none is counted.
#[derive(Debug)]
#[must_use]
pub struct Reservation(Option<u64>);

#[derive(Debug, Default, Serialize, Deserialize)]
struct Posts {
    last_reservation: u64,
    /// When each post was reserved, and by which reservation.
    reserved: Vec<(Timestamp, u64)>,
}

impl RateWindow {
    /// A window whose posts are counted in `store`.
    pub fn new(store: Arc<dyn SharedStore>) -> Self {
        Self(store)
    }

    /// Whether the posts of a write fit into the window, without reserving their places.
    ///
    /// # Errors
    ///
    /// A violation that says when there is room again, or that the posts cannot be counted.
    pub async fn check(
        &self,
        policy: &Policy,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<(), PolicyViolation> {
        let (live, Some(limit)) = (effects.live.len(), policy.max_live_per_hour()) else {
            return Ok(());
        };
        if live == 0 {
            return Ok(());
        }
        let stored = self.0.get(KEY, now).await;
        let posts = stored.and_then(|stored| Posts::read(stored, now));
        let posts = posts.map_err(|error| uncounted(limit, error))?;
        posts.check_capacity(limit, live)
    }

    /// Reserves places for the posts of a write that is about to be sent; of two such writes one gets the last place.
    pub async fn reserve(
        &self,
        policy: &Policy,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<Reservation, PolicyViolation> {
        let (live, Some(limit)) = (effects.live.len(), policy.max_live_per_hour()) else {
            return Ok(Reservation(None));
        };
        if live == 0 {
            return Ok(Reservation(None));
        }
        let change = |stored: Option<Value>| match Posts::read(stored.clone(), now) {
            Ok(mut posts) => {
                let reserved = posts.check_capacity(limit, live);
                let reserved = reserved.map(|()| posts.reserve(live, now));
                (Some(posts.entry(now)), reserved)
            }
            Err(error) => {
                let kept = stored.map(|stored| Expiring::new(stored, now, WINDOW));
                (kept, Err(uncounted(limit, error)))
            }
        };
        let reserved = self.0.update_with(KEY, now, change).await;
        reserved.map_err(|error| uncounted(limit, error))?
    }

    /// Gives the places of a write back that is known to have made no post.
    pub async fn refund(&self, reservation: Reservation, now: Timestamp) {
        let Reservation(Some(refunded)) = reservation else {
            return;
        };
        let change = |stored: Option<Value>| match Posts::read(stored.clone(), now) {
            Ok(mut posts) => {
                posts.reserved.retain(|(_, by)| *by != refunded);
                (Some(posts.entry(now)), ())
            }
            Err(_) => (stored.map(|stored| Expiring::new(stored, now, WINDOW)), ()),
        };
        // Posts that cannot be given back stay counted, which allows less.
        let _ = self.0.update_with(KEY, now, change).await;
    }
}

/// The violation where the posts of the last 60 minutes are not known.
fn uncounted(limit: usize, error: StoreError) -> PolicyViolation {
    PolicyViolation::new(
        format!("--max-live-per-hour {limit}"),
        format!("the posts of the last 60 minutes cannot be counted, because {error}"),
        "drafts at any time",
    )
}

impl Posts {
    fn read(stored: Option<Value>, now: Timestamp) -> Result<Self, StoreError> {
        let mut posts: Self = stored.map(parse).transpose()?.unwrap_or_default();
        posts
            .reserved
            .retain(|(at, _)| now.duration_since(*at) < WINDOW);
        Ok(posts)
    }

    fn entry(&self, now: Timestamp) -> Expiring<Value> {
        Expiring::new(json!(self), now, WINDOW)
    }

    fn reserve(&mut self, count: usize, now: Timestamp) -> Reservation {
        self.last_reservation += 1;
        let reservation = self.last_reservation;
        self.reserved
            .extend(std::iter::repeat_n((now, reservation), count));
        Reservation(Some(reservation))
    }

    fn check_capacity(&self, limit: usize, posts: usize) -> Result<(), PolicyViolation> {
        let used = self.reserved.len();
        if used + posts <= limit {
            return Ok(());
        }
        let free = limit.saturating_sub(used);
        // So many must be an hour old before there is room.
        let first = (used + posts - limit).checked_sub(1);
        let room = first.filter(|_| posts <= limit);
        let room = room.and_then(|at| self.reserved.get(at)?.0.checked_add(WINDOW).ok());
        let room =
            room.map(|room| format!("; for {posts} again at {}", room.strftime("%H:%M:%S UTC")));
        Err(PolicyViolation::new(
            format!("--max-live-per-hour {limit}"),
            format!(
                "{used} posts were published or scheduled within the last 60 minutes; this call adds {posts}, one per account"
            ),
            format!("{free} now{}; drafts at any time", room.unwrap_or_default()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::account_ref::AccountRef;
    use crate::write::effects::LivePost;
    use crate::write::policy::Limit;
    use crate::write::shared_store::InMemoryStore;

    fn posts(count: u64) -> Effects {
        let live = (0..count).map(|id| LivePost {
            account: AccountRef::unlisted(id),
            at: None,
        });
        Effects {
            live: live.collect(),
            ..Effects::default()
        }
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
    }

    #[tokio::test]
    async fn the_count_is_of_posts_and_of_the_last_hour() {
        let (window, three) = (
            RateWindow::new(Arc::<InMemoryStore>::default()),
            Policy::default().limited(Limit::MaxLivePerHour(3)),
        );
        let _two = window.reserve(&three, &posts(2), at(0)).await.unwrap();
        let said = window.check(&three, &posts(2), at(59)).await.unwrap_err();
        assert!(
            said.why.starts_with("2 posts were")
                && said.allowed.starts_with("1 now; for 2 again at")
        );
        let _one = window.reserve(&three, &posts(1), at(59)).await.unwrap();
        assert!(window.check(&three, &posts(1), at(59)).await.is_err());
        assert!(window.check(&three, &posts(2), at(60)).await.is_ok());
        assert!(window.check(&three, &posts(0), at(59)).await.is_ok());
        assert!(
            window
                .check(&Policy::default(), &posts(9), at(59))
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn what_was_not_made_gives_its_place_back() {
        let (window, one) = (
            RateWindow::new(Arc::<InMemoryStore>::default()),
            Policy::default().limited(Limit::MaxLivePerHour(1)),
        );
        let reservation = window.reserve(&one, &posts(1), at(0)).await.unwrap();
        assert!(window.reserve(&one, &posts(1), at(0)).await.is_err());
        window.refund(reservation, at(0)).await;
        assert!(window.reserve(&one, &posts(1), at(0)).await.is_ok());
    }

    #[tokio::test]
    async fn a_count_that_cannot_be_read_grants_nothing() {
        let store: Arc<dyn SharedStore> = Arc::<InMemoryStore>::default();
        let unreadable = json!({"reserved": "three"});
        store.put(KEY, unreadable, at(0), WINDOW).await.unwrap();
        let window = RateWindow::new(store);
        let three = Policy::default().limited(Limit::MaxLivePerHour(3));
        assert!(window.check(&three, &posts(1), at(0)).await.is_err());
        assert!(window.reserve(&three, &posts(1), at(0)).await.is_err());
        assert!(window.check(&three, &posts(0), at(0)).await.is_ok());
    }
}
