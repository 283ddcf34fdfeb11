//! Rate limit of live posts, a sliding window: how many were published or scheduled within the last 60 minutes.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Policy, PolicyViolation};
use crate::write::effects::Effects;
use crate::write::shared_store::{SharedStore, expiring};

const WINDOW: SignedDuration = SignedDuration::from_hours(1);
const KEY: &str = "live-posts";

/// The live posts of the last 60 minutes; one for each account.
#[derive(Debug)]
pub struct RateWindow(Arc<dyn SharedStore>);

/// The posts of a write, reserved in the window before it is sent.
#[derive(Debug)]
#[must_use]
pub struct Reservation(u64);

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
    /// A violation that says when there is room again.
    pub async fn check(
        &self,
        policy: &Policy,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<(), PolicyViolation> {
        let posts = Posts::read(self.0.get(KEY, now).await, now);
        posts.room(policy, effects.live.len())
    }

    /// Reserves places for the posts of a write that is about to be sent; of two such writes one gets the last place.
    ///
    /// # Errors
    ///
    /// As [`check`](RateWindow::check).
    pub async fn reserve(
        &self,
        policy: &Policy,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<Reservation, PolicyViolation> {
        let live = effects.live.len();
        let mut outcome = Ok(Reservation(0));
        let mut change = |stored| {
            let mut posts = Posts::read(stored, now);
            outcome = posts.room(policy, live).map(|()| posts.reserve(live, now));
            Some(expiring(json!(posts), now, WINDOW))
        };
        self.0.update(KEY, now, &mut change).await;
        outcome
    }

    /// Gives the places of a write back that is known to have made no post.
    pub async fn refund(&self, Reservation(refunded): Reservation, now: Timestamp) {
        let mut change = |stored| {
            let mut posts = Posts::read(stored, now);
            posts
                .reserved
                .retain(|(_, reservation)| *reservation != refunded);
            Some(expiring(json!(posts), now, WINDOW))
        };
        self.0.update(KEY, now, &mut change).await;
    }
}

impl Posts {
    fn read(stored: Option<Value>, now: Timestamp) -> Self {
        let stored = stored.and_then(|stored| serde_json::from_value(stored).ok());
        let mut posts: Self = stored.unwrap_or_default();
        posts
            .reserved
            .retain(|(at, _)| now.duration_since(*at) < WINDOW);
        posts
    }

    fn reserve(&mut self, count: usize, now: Timestamp) -> Reservation {
        self.last_reservation += 1;
        let reservation = self.last_reservation;
        self.reserved
            .extend(std::iter::repeat_n((now, reservation), count));
        Reservation(reservation)
    }

    fn room(&self, policy: &Policy, posts: usize) -> Result<(), PolicyViolation> {
        let Some(most) = policy.max_live_per_hour() else {
            return Ok(());
        };
        let used = self.reserved.len();
        if posts == 0 || used + posts <= most {
            return Ok(());
        }
        let free = most.saturating_sub(used);
        // So many must be an hour old before there is room.
        let first = (used + posts - most).checked_sub(1);
        let room = first.filter(|_| posts <= most);
        let room = room.and_then(|at| self.reserved.get(at)?.0.checked_add(WINDOW).ok());
        let room =
            room.map(|room| format!("; for {posts} again at {}", room.strftime("%H:%M:%S UTC")));
        Err(PolicyViolation::new(
            format!("--max-live-per-hour {most}"),
            format!(
                "{used} went public or were set to within the last 60 minutes, and this would be {posts} more, one for each account"
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
            said.why.starts_with("2 went") && said.allowed.starts_with("1 now; for 2 again at")
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
}
