//! The stages of every write: prepare, policy, dry run, replay, confirm, reserve, send.

use rmcp::RoleServer;
use rmcp::service::RequestContext;

use super::confirmation::Confirmed;
use super::{Write, WriteAnswer, WriteArgs};
use crate::tools::failure::subscription;
use crate::tools::{CallRecord, Failure, Json, Tools};
use crate::write::effects::{Effects, LivePostFacts};
use crate::write::line_breaks::read_line_breaks;
use crate::write::policy::Reservation;
use crate::write::preview::Preview;

impl Tools {
    /// Takes a write through the pipeline.
    pub(crate) async fn write<W: Write>(
        &self,
        mut args: WriteArgs<W>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<WriteAnswer<W>>, Failure> {
        for (path, text) in args.write.texts_mut() {
            if let Some(read) = read_line_breaks(text) {
                *text = read;
                self.interpretations.record(&path, "\\n", "a line break");
            }
        }
        loop {
            let mut prepared = match args.write.prepare(self).await {
                Ok(prepared) => prepared,
                Err(failure) => {
                    self.ask.refuse_repeated().await?;
                    return Err(failure);
                }
            };
            CallRecord::note_prepared(&prepared);
            self.check_policy(&prepared.effects, &prepared.preview)
                .await?;
            let live = prepared.effects.live.iter();
            prepared.preview.facts.goes_public = live.map(LivePostFacts::from).collect();
            if args.dry_run {
                if W::TRAITS.counts_against_plan {
                    prepared.preview.facts.subscription = subscription(&self.saki).await;
                }
                return Ok(WriteAnswer::Preview(prepared.preview).into_json());
            }
            // Nobody is asked about a replay, since it sends nothing; what it repeats was asked about.
            if prepared.effects.is_replay {
                match args.write.replay(self, &prepared).await {
                    Some(outcome) => return outcome.map(WriteAnswer::into_json),
                    None => continue,
                }
            }
            match self.confirm(&prepared.effects, &prepared.preview).await? {
                Confirmed::Yes => {}
                // A person took their time, in which the world may have changed.
                Confirmed::PrepareAgain => {
                    self.directory.invalidate();
                    continue;
                }
                Confirmed::InputRequired(result) => return Ok(Json::Question(result)),
                Confirmed::SecondCall(preview, request) => {
                    debug_assert!(
                        W::TRAITS.takes_confirmation,
                        "a write that asks has no parameter to confirm it"
                    );
                    return Ok(WriteAnswer::ConfirmationNeeded(*preview, request).into_json());
                }
            }
            let reservation = self.reserve(&prepared.effects).await?;
            let outcome = args.write.send(self, prepared, &context).await;
            // In doubt the posts stay counted.
            let has_made_nothing = match &outcome {
                Ok(answer) => matches!(answer, WriteAnswer::Replayed(_)),
                Err(failure) => failure.is_without_effect(),
            };
            if has_made_nothing {
                let now = self.settings.clock.now();
                self.rate_window.refund(reservation, now).await;
            }
            return outcome.map(WriteAnswer::into_json);
        }
    }

    async fn reserve(&self, effects: &Effects) -> Result<Reservation, Failure> {
        let now = self.settings.clock.now();
        Ok(self
            .rate_window
            .reserve(self.policy(), effects, now)
            .await?)
    }

    /// Refuses what the policy forbids, in a dry run too.
    async fn check_policy(&self, effects: &Effects, preview: &Preview) -> Result<(), Failure> {
        if effects.is_replay {
            // It only shows the outcome of a call that was in time.
            return Ok(self
                .policy()
                .check_effects(effects, preview.request.as_ref())?);
        }
        let now = self.settings.clock.now();
        self.policy()
            .check(effects, preview.request.as_ref(), now)?;
        Ok(self.rate_window.check(self.policy(), effects, now).await?)
    }

    /// Refuses what waited so long, for its files or for an equal call, that it would now go public at a forbidden time.
    pub(crate) fn check_time(&self, effects: &Effects) -> Result<(), Failure> {
        let now = self.settings.clock.now();
        Ok(self.policy().check_times(effects, now)?)
    }
}
