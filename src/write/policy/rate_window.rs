//! How many posts went public, or were set to, within the last 60 minutes of this process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::{Policy, PolicyViolation};
use crate::write::effects::Effects;

const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The posts that went public, or were set to, lately; one for each account.
#[derive(Debug, Default)]
pub struct RateWindow(Mutex<Rows>);

#[derive(Debug, Default)]
struct Rows {
    calls: u64,
    /// When, and by which call.
    posts: Vec<(Timestamp, u64)>,
}

/// The posts of one call, as they were counted.
#[derive(Debug)]
#[must_use]
pub struct Reservation(u64);

impl RateWindow {
    /// Whether the posts of a write may still go public, without counting them.
    ///
    /// # Errors
    ///
    /// A refusal that says when there is room again.
    pub fn check(
        &self,
        policy: &Policy,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<(), PolicyViolation> {
        self.rows(now).room(policy, effects.live.len())
    }

    /// Counts the posts of a write that is about to be sent; of two such writes only one gets the last place.
    ///
    /// # Errors
    ///
    /// As [`check`](RateWindow::check).
    pub fn count(
        &self,
        policy: &Policy,
        effects: &Effects,
        now: Timestamp,
    ) -> Result<Reservation, PolicyViolation> {
        let mut rows = self.rows(now);
        rows.room(policy, effects.live.len())?;
        rows.calls += 1;
        let call = rows.calls;
        rows.posts.extend(effects.live.iter().map(|_| (now, call)));
        Ok(Reservation(call))
    }

    /// Takes back the posts of a write of which it is known that it made none.
    pub fn refund(&self, Reservation(counted): Reservation) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rows.posts.retain(|(_, call)| *call != counted);
    }

    fn rows(&self, now: Timestamp) -> MutexGuard<'_, Rows> {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rows.posts
            .retain(|(at, _)| now.duration_since(*at) < AN_HOUR);
        rows
    }
}

impl Rows {
    fn room(&self, policy: &Policy, posts: usize) -> Result<(), PolicyViolation> {
        let Some(most) = policy.max_live_per_hour() else {
            return Ok(());
        };
        let used = self.posts.len();
        if posts == 0 || used + posts <= most {
            return Ok(());
        }
        let free = most.saturating_sub(used);
        // So many must be an hour old before there is room.
        let first = (used + posts - most).checked_sub(1);
        let room = first.filter(|_| posts <= most);
        let room = room.and_then(|at| self.posts.get(at)?.0.checked_add(AN_HOUR).ok());
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

    fn posts(count: u64) -> Effects {
        let live = (0..count).map(|id| LivePost {
            account: AccountRef {
                id,
                name: None,
                network: None,
                per_account_index: None,
            },
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

    #[test]
    fn the_count_is_of_posts_and_of_the_last_hour() {
        let (lately, three) = (
            RateWindow::default(),
            Policy::default().limited(Limit::MaxLivePerHour(3)),
        );
        let _two = lately.count(&three, &posts(2), at(0)).unwrap();
        let said = lately.check(&three, &posts(2), at(59)).unwrap_err();
        assert!(
            said.why.starts_with("2 went") && said.allowed.starts_with("1 now; for 2 again at")
        );
        let _one = lately.count(&three, &posts(1), at(59)).unwrap();
        assert!(lately.check(&three, &posts(1), at(59)).is_err());
        assert!(lately.check(&three, &posts(2), at(60)).is_ok());
        assert!(lately.check(&three, &posts(0), at(59)).is_ok());
        assert!(lately.check(&Policy::default(), &posts(9), at(59)).is_ok());
    }

    #[test]
    fn what_was_not_made_gives_its_place_back() {
        let (lately, one) = (
            RateWindow::default(),
            Policy::default().limited(Limit::MaxLivePerHour(1)),
        );
        let counted = lately.count(&one, &posts(1), at(0)).unwrap();
        assert!(lately.count(&one, &posts(1), at(0)).is_err());
        lately.refund(counted);
        assert!(lately.count(&one, &posts(1), at(0)).is_ok());
    }
}
