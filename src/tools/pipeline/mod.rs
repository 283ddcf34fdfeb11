//! The way of every write: prepare, which only reads; the policy; stop there on a dry run; answer a repeat; ask where that must be; send.

mod confirmation;
mod policy_checks;
mod simple_write;
mod write_args;

use std::future::Future;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde_json::{Map, Value, json};

use super::{Failure, Json, Tools};
use crate::write::effects::{Effects, ResourceKind};
use crate::write::prepared::Prepared;

use confirmation::Confirmed;
pub(super) use confirmation::Nobody;
pub use confirmation::{Answered, Ask};
pub(super) use simple_write::SimpleWrite;
pub use write_args::CONFIRMATION;
pub(super) use write_args::WriteArgs;

/// What a tool adds to the way of every write; it is implemented by the tool's parameters.
pub(super) trait Write: Send + Sync {
    /// What goes out.
    type Request: Send;
    /// What the tool claims to answer.
    type Answer;
    /// Whether it counts against the plan.
    const COUNTS: bool = false;
    /// Whether a person may have to be asked, so that there is a parameter for the second of two calls.
    const MAY_ASK: bool = false;

    /// Looks everything up, and sends nothing.
    fn prepare(
        &self,
        tools: &Tools,
    ) -> impl Future<Output = Result<Prepared<Self::Request>, Failure>> + Send;

    /// Sends what was prepared.
    fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<Self::Request>,
        context: &RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<Map<String, Value>, Failure>> + Send;

    /// What became of an equal call before, for a write whose effects say that it repeats one; nothing where that is no
    /// longer so.
    fn earlier(
        &self,
        _: &Tools,
        _: &Prepared<Self::Request>,
    ) -> impl Future<Output = Option<Result<Map<String, Value>, Failure>>> + Send {
        std::future::ready(None)
    }
}

impl Tools {
    /// Takes a write on its way.
    pub(super) async fn write<W: Write>(
        &self,
        asked: WriteArgs<W>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<W::Answer>, Failure> {
        let mut prepared = asked.write.prepare(self).await?;
        self.permit(&prepared)?;
        prepared.preview = prepared.preview.going_public(&prepared.effects.live);
        if asked.dry_run {
            if W::COUNTS
                && let Some(left) = self.plan_and_limits().await
            {
                prepared.preview = prepared.preview.with("plan", left);
            }
            return Ok(Json::new(prepared.preview.render()));
        }
        // Where nothing is sent there is nothing to ask about.
        if prepared.effects.is_replay {
            return match asked.write.earlier(self, &prepared).await {
                Some(outcome) => Ok(done(outcome?)),
                None => Box::pin(self.write(asked, context)).await,
            };
        }
        match self.confirm::<W>(&prepared).await? {
            Confirmed::Yes => {}
            // A person took their time, in which the world may have changed.
            Confirmed::LookAgain => {
                self.invalidate_lookups();
                return Box::pin(self.write(asked, context)).await;
            }
            Confirmed::NotYet(answer) => return Ok(answer),
        }
        let counted = self.count(&prepared.effects)?;
        let forgets = InvalidateOnDrop::new(self, &prepared.effects);
        let outcome = asked.write.send(self, prepared, &context).await;
        self.refund(counted, &outcome);
        if outcome.as_ref().is_err_and(Failure::is_without_effect) {
            forgets.nothing();
        }
        Ok(done(outcome?))
    }
}

/// An answer that says what became of the write, as far as it does not say so itself.
fn done<T>(answer: Map<String, Value>) -> Json<T> {
    let mut said = Map::from_iter([("outcome".to_owned(), json!("done"))]);
    said.extend(answer);
    Json::new(said)
}

/// InvalidateOnDrop what a write makes untrue, also when its outcome is unknown or nobody waits for it any more.
struct InvalidateOnDrop<'a> {
    tools: &'a Tools,
    effects: Option<Effects>,
}

impl<'a> InvalidateOnDrop<'a> {
    fn new(tools: &'a Tools, effects: &Effects) -> Self {
        Self {
            tools,
            effects: Some(effects.clone()),
        }
    }

    /// The write surely changed nothing.
    fn nothing(mut self) {
        self.effects = None;
    }
}

impl Drop for InvalidateOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(effects) = &self.effects {
            self.tools.repeats.forget(effects);
            self.tools
                .uploaded
                .forget(&effects.deleted(ResourceKind::Media));
        }
    }
}
