//! What the operator's policy says to a write: before anything is shown or sent, and once more when it is counted.

use serde_json::{Map, Value};

use crate::tools::{Failure, Tools};
use crate::write::effects::Effects;
use crate::write::policy::Reservation;
use crate::write::prepared::Prepared;

impl Tools {
    /// Refuses what the policy forbids, a dry run of it included.
    pub(super) fn permit<R>(&self, prepared: &Prepared<R>) -> Result<(), Failure> {
        let Prepared {
            effects, preview, ..
        } = prepared;
        if effects.is_replay {
            // It only tells what became of a call that was in time.
            return Ok(self.policy().check_effects(effects, &preview.request)?);
        }
        let now = self.settings.clock.now();
        self.policy().check(effects, &preview.request, now)?;
        Ok(self.lately.check(self.policy(), effects, now)?)
    }

    /// Refuses what waited so long, for its files or for an equal call, that it would now go public at a forbidden time.
    pub(in crate::tools) fn in_time(&self, effects: &Effects) -> Result<(), Failure> {
        let now = self.settings.clock.now();
        Ok(self.policy().check_times(effects, now)?)
    }

    /// Counts the posts of a write that is sent now; what others sent since it was permitted counts too.
    pub(super) fn count(&self, effects: &Effects) -> Result<Reservation, Failure> {
        let now = self.settings.clock.now();
        Ok(self.lately.count(self.policy(), effects, now)?)
    }

    /// Takes them back where it is known that there are none by this call; in doubt they stay counted.
    pub(super) fn refund(
        &self,
        counted: Reservation,
        outcome: &Result<Map<String, Value>, Failure>,
    ) {
        let is_without_effect = match outcome {
            Ok(answer) => answer.get("outcome").is_some_and(|word| word == "replayed"),
            Err(failure) => failure.is_without_effect(),
        };
        if is_without_effect {
            self.lately.refund(counted);
        }
    }
}
