//! Clock: the present time, shared by client, server and sandbox, and settable by a test.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The system's clock, shifted by an offset that all copies share.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_millis: Arc<AtomicI64>,
}

impl Clock {
    /// The present time.
    pub fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.offset_millis.load(Ordering::Relaxed));
        let system = Timestamp::now();
        system.checked_add(offset).unwrap_or(system)
    }

    /// Makes `instant` the present time; the clock then runs on from there.
    pub fn set(&self, instant: Timestamp) {
        let offset = instant.duration_since(Timestamp::now()).as_millis();
        let offset = i64::try_from(offset).unwrap_or(0);
        self.offset_millis.store(offset, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_runs_on_from_there_in_every_copy() {
        let clock = Clock::default();
        let copy = clock.clone();
        let instant: Timestamp = "2027-04-10T07:00:00Z".parse().unwrap();
        clock.set(instant);
        let drift = copy.now().duration_since(instant);
        assert!(drift.as_secs().abs() < 5, "{drift:?}");
    }
}
