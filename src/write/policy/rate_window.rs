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
pub struct RateWindow {
    store: Arc<dyn SharedStore>,
    /// Under what the posts of the principal alone are counted.
    own_key: String,
}

/// The posts of a write, reserved in the windows before it is sent; nothing where none is counted.
#[derive(Debug, Default)]
#[must_use]
pub struct Reservation(Vec<(String, u64)>);

/// A limit, and the key under which its posts are counted.
struct Window {
    key: String,
    limit: usize,
    limit_text: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Posts {
    last_reservation: u64,
    /// When each post was reserved, and by which reservation.
    reserved: Vec<(Timestamp, u64)>,
}

impl RateWindow {
    /// Windows whose posts are counted in `store`: one for the whole installation, one for the principal.
    pub fn new(store: Arc<dyn SharedStore>, principal: Option<&str>) -> Self {
        let own_key = format!("{KEY}/{}", principal.unwrap_or_default());
        Self { store, own_key }
    }

    fn windows(&self, policy: &Policy, effects: &Effects) -> Vec<Window> {
        if effects.live.is_empty() {
            return Vec::new();
        }
        let all = policy.max_live_per_hour().map(|limit| Window {
            key: KEY.to_owned(),
            limit,
            limit_text: format!("--max-live-per-hour {limit}"),
        });
        let own = policy.max_live_per_hour_of_principal().map(|limit| Window {
            key: self.own_key.clone(),
            limit,
            limit_text: format!("max-live-per-hour={limit}"),
        });
        all.into_iter().chain(own).collect()
    }

    /// Whether the posts of a write fit into the windows, without reserving their places.
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
        for window in self.windows(policy, effects) {
            let stored = self.store.get(&window.key, now).await;
            let posts = stored.and_then(|stored| Posts::read(stored, now));
            let posts = posts.map_err(|error| window.uncounted(error))?;
            posts.check_capacity(&window, effects.live.len())?;
        }
        Ok(())
    }

    /// Reserves places for the posts of a write that is about to be sent; of two such writes one gets the last place.
    pub async fn reserve(
        &self,
        policy: &Policy,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<Reservation, PolicyViolation> {
        let live = effects.live.len();
        let mut reservation = Reservation::default();
        for window in self.windows(policy, effects) {
            let change = |stored: Option<Value>| match Posts::read(stored.clone(), now) {
                Ok(mut posts) => {
                    let reserved = posts.check_capacity(&window, live);
                    let reserved = reserved.map(|()| posts.reserve(live, now));
                    (Some(posts.entry(now)), reserved)
                }
                Err(error) => {
                    let kept = stored.map(|stored| Expiring::new(stored, now, WINDOW));
                    (kept, Err(window.uncounted(error)))
                }
            };
            let reserved = self.store.update_with(&window.key, now, change).await;
            match reserved.unwrap_or_else(|error| Err(window.uncounted(error))) {
                Ok(number) => reservation.0.push((window.key, number)),
                Err(violation) => {
                    self.refund(reservation, now).await;
                    return Err(violation);
                }
            }
        }
        Ok(reservation)
    }

    /// Gives the places of a write back that is known to have made no post.
    pub async fn refund(&self, reservation: Reservation, now: Timestamp) {
        for (key, refunded) in reservation.0 {
            let change = |stored: Option<Value>| match Posts::read(stored.clone(), now) {
                Ok(mut posts) => {
                    posts.reserved.retain(|(_, by)| *by != refunded);
                    (Some(posts.entry(now)), ())
                }
                Err(_) => (stored.map(|stored| Expiring::new(stored, now, WINDOW)), ()),
            };
            // Posts that cannot be given back stay counted, which allows less.
            let _ = self.store.update_with(&key, now, change).await;
        }
    }
}

impl Window {
    /// The violation where the posts of the last 60 minutes are not known.
    fn uncounted(&self, error: StoreError) -> PolicyViolation {
        PolicyViolation::new(
            &self.limit_text,
            format!("the posts of the last 60 minutes cannot be counted, because {error}"),
            "drafts at any time",
        )
    }
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

    fn reserve(&mut self, count: usize, now: Timestamp) -> u64 {
        self.last_reservation += 1;
        let reservation = self.last_reservation;
        self.reserved
            .extend(std::iter::repeat_n((now, reservation), count));
        reservation
    }

    fn check_capacity(&self, window: &Window, posts: usize) -> Result<(), PolicyViolation> {
        let limit = window.limit;
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
            &window.limit_text,
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
            RateWindow::new(Arc::<InMemoryStore>::default(), None),
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
            RateWindow::new(Arc::<InMemoryStore>::default(), None),
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
        let window = RateWindow::new(store, None);
        let three = Policy::default().limited(Limit::MaxLivePerHour(3));
        assert!(window.check(&three, &posts(1), at(0)).await.is_err());
        assert!(window.reserve(&three, &posts(1), at(0)).await.is_err());
        assert!(window.check(&three, &posts(0), at(0)).await.is_ok());
    }

    #[tokio::test]
    async fn a_principal_has_a_window_beside_that_of_the_installation() {
        let store: Arc<dyn SharedStore> = Arc::<InMemoryStore>::default();
        let of = |principal| RateWindow::new(Arc::clone(&store), Some(principal));
        let (anna, ben) = (of("anna"), of("ben"));
        let policy = Policy::default().limited(Limit::MaxLivePerHour(3));
        let two = policy.clone().limited(Limit::MaxLivePerHourOfPrincipal(2));
        let _two = anna.reserve(&two, &posts(2), at(0)).await.unwrap();
        let said = anna.reserve(&two, &posts(1), at(0)).await.unwrap_err();
        assert_eq!(said.limit, "max-live-per-hour=2");
        // What the own window refused takes no place of the others.
        let _one = ben.reserve(&two, &posts(1), at(0)).await.unwrap();
        let said = ben.reserve(&two, &posts(1), at(0)).await.unwrap_err();
        assert_eq!(said.limit, "--max-live-per-hour 3");
    }
}
