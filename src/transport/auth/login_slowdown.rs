//! Slow refusals: an address whose logins fail again and again waits longer for each refusal; a login that succeeds never waits.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Failures that are answered at once: a person who pastes a wrong token should not wait.
const FREE: u32 = 5;
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(3);
/// After so long without a failure, an address starts anew.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);
const MAX_ADDRESSES: usize = 4096;
/// Refusals that wait at a time; a further one is answered at once, with the request to come later.
const MAX_WAITING: usize = 64;

/// The failures of each address.
#[derive(Debug, Default)]
pub(super) struct LoginSlowdown {
    failures: Mutex<HashMap<IpAddr, (u32, Instant)>>,
    waiting: AtomicUsize,
}

/// What becomes of a refusal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Slowed {
    /// It is given now.
    Answered,
    /// Too many wait already.
    TooMany,
}

impl LoginSlowdown {
    /// Counts a failure, and waits as long as its address has to.
    pub(super) async fn failed(&self, address: Option<IpAddr>) -> Slowed {
        let delay = self.delay(address);
        if delay.is_zero() {
            return Slowed::Answered;
        }
        let _waiting = Waiting::begin(&self.waiting);
        if self.waiting.load(Ordering::Relaxed) > MAX_WAITING {
            return Slowed::TooMany;
        }
        tokio::time::sleep(delay).await;
        Slowed::Answered
    }

    fn delay(&self, address: Option<IpAddr>) -> Duration {
        let Some(address) = address else {
            return Duration::ZERO;
        };
        let now = Instant::now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MAX_ADDRESSES && !failures.contains_key(&address) {
            failures.retain(|_, (_, last)| now.duration_since(*last) < FORGOTTEN_AFTER);
            if failures.len() >= MAX_ADDRESSES {
                return LONGEST_DELAY;
            }
        }
        let (count, last) = failures.entry(address).or_insert((0, now));
        if now.duration_since(*last) >= FORGOTTEN_AFTER {
            *count = 0;
        }
        (*count, *last) = (count.saturating_add(1), now);
        match count.checked_sub(FREE + 1) {
            None => Duration::ZERO,
            Some(doublings) => (FIRST_DELAY * 2_u32.pow(doublings.min(10))).min(LONGEST_DELAY),
        }
    }
}

/// Counts a refusal that waits, also when its client goes away.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_further_failure_of_an_address_waits_longer() {
        let slowdown = LoginSlowdown::default();
        let address = |last| Some(IpAddr::from([192, 0, 2, last]));
        let delays = |count: usize| (0..count).map(|_| slowdown.delay(address(1)));
        let delays: Vec<u128> = delays(12).map(|delay| delay.as_millis()).collect();
        assert_eq!(
            delays,
            [0, 0, 0, 0, 0, 100, 200, 400, 800, 1600, 3000, 3000]
        );
        assert!(slowdown.delay(address(2)).is_zero());
        tokio::time::advance(FORGOTTEN_AFTER).await;
        assert!(slowdown.delay(address(1)).is_zero());
    }

    #[tokio::test(start_paused = true)]
    async fn not_too_many_refusals_wait_at_a_time() {
        let slowdown = LoginSlowdown::default();
        let address = Some(IpAddr::from([192, 0, 2, 1]));
        for _ in 0..20 {
            slowdown.delay(address);
        }
        let all = (0..MAX_WAITING + 3).map(|_| slowdown.failed(address));
        let all = futures::future::join_all(all).await;
        let too_many = all.iter().filter(|slowed| **slowed == Slowed::TooMany);
        assert_eq!(too_many.count(), 3);
        assert_eq!(slowdown.waiting.load(Ordering::Relaxed), 0);
    }
}
