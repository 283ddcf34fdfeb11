//! Request pace: once Saki refused a request as one too many (429), those with the same key wait, and go out one after the other.
//!
//! The principals take turns: each has a lane of its own, in which its requests wait, and one at a time leaves it for the queue of the key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

use super::RetryPolicy;

/// A shorter time between two requests is none.
const MIN_SPACING: Duration = Duration::from_millis(1);

/// How long a pace is kept of which no request makes use.
const MEMORY: Duration = Duration::from_secs(60);

/// The lane of a principal, in which its requests wait for their turn.
#[derive(Debug, Clone)]
pub(super) struct Lane(Arc<Semaphore>);

impl Default for Lane {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// How long Saki asked to be left alone by the requests with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestPause {
    /// The SHA-256 of the key.
    pub fingerprint: [u8; 32],
    /// The rest of the wait.
    pub left: Duration,
}

/// The paces of the keys that Saki refused requests of.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestPaces(Arc<Mutex<HashMap<[u8; 32], Arc<RequestPace>>>>);

impl RequestPaces {
    /// Waits until a request with this key may be sent, for as long as a request may be retried.
    pub(super) async fn turn(&self, key: &[u8; 32], lane: &Lane, retry: &RetryPolicy) {
        let pace = lock(&self.0).get(key).cloned();
        if let Some(pace) = pace {
            // Then Saki itself says how long it wants to be left alone.
            let _ = timeout(retry.budget, pace.turn(lane)).await;
        }
    }

    /// Learns that Saki answered otherwise.
    pub(super) fn note_answered(&self, key: &[u8; 32]) {
        if let Some(pace) = lock(&self.0).get(key) {
            pace.speed_up();
        }
    }

    /// Learns that Saki refused a request as one too many, and how long it asks to wait.
    pub(super) fn note_refused(
        &self,
        key: &[u8; 32],
        retry_after: Option<Duration>,
        retry: &RetryPolicy,
    ) {
        let mut paces = lock(&self.0);
        // Whose requests all go out at once again is forgotten.
        paces.retain(|_, pace| !pace.is_free());
        paces.entry(*key).or_default().slow_down(retry_after, retry);
    }

    /// The waits that Saki asked this process for.
    pub(super) fn pauses(&self) -> Vec<RequestPause> {
        let now = Instant::now();
        let paces = lock(&self.0);
        let pauses = paces.iter().map(|(key, pace)| RequestPause {
            fingerprint: *key,
            left: lock(&pace.state).asked_until.saturating_duration_since(now),
        });
        pauses.filter(|pause| !pause.left.is_zero()).collect()
    }

    /// Learns of a wait that Saki asked another process for.
    pub(super) fn note_pause(&self, pause: RequestPause, retry: &RetryPolicy) {
        let mut paces = lock(&self.0);
        paces.retain(|_, pace| !pace.is_free());
        let pace = paces.entry(pause.fingerprint).or_default();
        let mut state = lock(&pace.state);
        state.spacing = state.spacing.max(first_spacing(retry));
        let until = Instant::now() + pause.left.min(retry.budget);
        state.next = state.next.max(until);
    }
}

/// The pace of the requests with one key.
#[derive(Debug)]
struct RequestPace {
    queue: Semaphore,
    state: Mutex<PaceState>,
}

#[derive(Debug)]
struct PaceState {
    /// When the next request may go out.
    next: Instant,
    spacing: Duration,
    /// Until when Saki asked this process to wait.
    asked_until: Instant,
}

impl Default for RequestPace {
    fn default() -> Self {
        let now = Instant::now();
        let state = PaceState {
            next: now,
            spacing: Duration::ZERO,
            asked_until: now,
        };
        Self {
            queue: Semaphore::new(1),
            state: Mutex::new(state),
        }
    }
}

impl RequestPace {
    async fn turn(&self, lane: &Lane) {
        if self.is_free() {
            return;
        }
        // Both let in whoever came first, and are never closed.
        let _lane = lane.0.acquire().await;
        let _queue = self.queue.acquire().await;
        // A refusal in the meantime makes the wait longer.
        while !self.left().is_zero() {
            sleep(self.left()).await;
        }
        let mut state = lock(&self.state);
        state.next = Instant::now() + state.spacing;
    }

    fn left(&self) -> Duration {
        lock(&self.state)
            .next
            .saturating_duration_since(Instant::now())
    }

    /// Whether nothing has to wait.
    fn is_free(&self) -> bool {
        let state = lock(&self.state);
        let idle = Instant::now().checked_duration_since(state.next);
        idle.is_some_and(|idle| state.spacing.is_zero() || idle > MEMORY)
    }

    /// Each further refusal doubles the time between two requests.
    fn slow_down(&self, retry_after: Option<Duration>, retry: &RetryPolicy) {
        let mut state = lock(&self.state);
        let longest = retry.initial_backoff * 8;
        state.spacing = (state.spacing * 2).clamp(first_spacing(retry), longest);
        // A longer wait is no matter of the rate, and Saki may mean one kind of requests alone.
        let pause = retry_after.filter(|pause| *pause <= retry.budget);
        let (pause, now) = (pause.unwrap_or_default(), Instant::now());
        state.asked_until = state.asked_until.max(now + pause);
        state.next = state.next.max(now + pause.max(state.spacing));
    }

    fn speed_up(&self) {
        let mut state = lock(&self.state);
        state.spacing /= 2;
        if state.spacing < MIN_SPACING {
            state.spacing = Duration::ZERO;
        }
    }
}

/// The time between two requests after a first refusal.
fn first_spacing(retry: &RetryPolicy) -> Duration {
    retry.initial_backoff / 5
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn refused(seconds: u64) -> RequestPaces {
        let paces = RequestPaces::default();
        let retry_after = Some(Duration::from_secs(seconds));
        paces.note_refused(&KEY, retry_after, &RetryPolicy::default());
        paces
    }

    async fn turn(paces: &RequestPaces, key: &[u8; 32]) {
        let lane = Lane::default();
        paces.turn(key, &lane, &RetryPolicy::default()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_the_same_key_waits_as_long_as_saki_asked() {
        let (paces, begun) = (refused(3), Instant::now());
        turn(&paces, &[8; 32]).await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
        turn(&paces, &KEY).await;
        assert!(begun.elapsed() >= Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_another_process_was_asked_for_is_kept_and_not_told_as_ones_own() {
        let (paces, begun) = (RequestPaces::default(), Instant::now());
        let (left, retry) = (Duration::from_secs(3), RetryPolicy::default());
        let pause = |left| RequestPause {
            fingerprint: KEY,
            left,
        };
        paces.note_pause(pause(left), &retry);
        assert_eq!(paces.pauses(), []);
        turn(&paces, &KEY).await;
        assert_eq!(begun.elapsed(), left);
        let refused = refused(3);
        assert_eq!(refused.pauses(), [pause(left)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pace_that_nobody_uses_is_forgotten() {
        let paces = refused(3);
        sleep(Duration::from_secs(64)).await;
        paces.note_refused(&[8; 32], None, &RetryPolicy::default());
        assert_eq!(lock(&paces.0).len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_an_hour() {
        let (paces, begun) = (refused(3600), Instant::now());
        turn(&paces, &KEY).await;
        assert!(begun.elapsed() < Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn principals_take_turns_however_many_requests_one_of_them_has() {
        let paces = refused(1);
        let (busy, other) = (Lane::default(), Lane::default());
        let order = Arc::new(Mutex::new(String::new()));
        let mut waiting = Vec::new();
        for (name, lane) in [('a', &busy), ('a', &busy), ('a', &busy), ('b', &other)] {
            let (paces, lane, order) = (paces.clone(), lane.clone(), Arc::clone(&order));
            waiting.push(tokio::spawn(async move {
                paces.turn(&KEY, &lane, &RetryPolicy::default()).await;
                lock(&order).push(name);
            }));
            tokio::task::yield_now().await;
        }
        for one in waiting {
            one.await.unwrap();
        }
        assert_eq!(*lock(&order), "abaa");
    }

    #[tokio::test(start_paused = true)]
    async fn successes_bring_back_the_full_pace() {
        let paces = refused(0);
        for _ in 0..20 {
            turn(&paces, &KEY).await;
            paces.note_answered(&KEY);
        }
        let begun = Instant::now();
        for _ in 0..100 {
            turn(&paces, &KEY).await;
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
