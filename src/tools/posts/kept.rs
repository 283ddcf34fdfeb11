//! What a cluster is, and stays where nobody says otherwise.

use super::list::state::State;
use super::present::Present;
use crate::tools::look::Space;
use crate::tools::{Failure, Tools};
use crate::write::planned::Mode;
use crate::write::when::When;

impl Tools {
    /// The time that all posts of a cluster share, where it is still ahead: a draft keeps it.
    pub(super) fn kept_time(&self, present: &[Present], space: &Space) -> Option<When> {
        let at = present.first().and_then(Present::scheduled_at)?;
        let is_one = present.iter().all(|post| post.scheduled_at() == Some(at));
        let written = at.to_zoned_datetime(self.zone()).to_string();
        self.when(&written, None, space).ok().filter(|_| is_one)
    }

    /// The state and time that all posts of a cluster share.
    pub(super) fn kept(
        &self,
        present: &[Present],
        space: &Space,
    ) -> Result<(Mode, Option<When>), Failure> {
        let now = self.settings.clock.now();
        let is_all = |state| present.iter().all(|post| post.state(now) == state);
        let at = present.first().and_then(Present::scheduled_at);
        let is_one_time = present.iter().all(|post| post.scheduled_at() == at);
        let mode = match (is_all(State::Draft), is_all(State::Scheduled)) {
            (true, _) if is_one_time => Mode::Draft,
            (_, true) if is_one_time => Mode::Schedule,
            _ => {
                let states = present.iter().map(|post| {
                    let at = post.scheduled_at().map(|at| format!(" at {at}"));
                    format!(
                        "post {} is {}{}",
                        post.post_id,
                        post.state(now).word(),
                        at.unwrap_or_default()
                    )
                });
                return Err(Failure::argument(
                    "publish",
                    format!(
                        "the posts of this cluster are not alike and ahead of their time, so what shall happen to them must be said ({}). Pass `publish` or `scheduled_at`.",
                        states.collect::<Vec<_>>().join(", ")
                    ),
                ));
            }
        };
        // Read like a time that was given, since it must lie as far ahead.
        let when =
            at.map(|at| self.when(&at.to_zoned_datetime(self.zone()).to_string(), None, space));
        Ok((mode, when.transpose()?))
    }
}
