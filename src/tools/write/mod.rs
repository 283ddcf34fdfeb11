//! The way of every write: prepare, which only reads; stop there on a dry run; ask where that must be; send.

mod asked;
mod confirm;
mod plain;

use std::future::Future;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde_json::{Map, Value, json};

use super::{Failure, Json, Tools};
use crate::write::prepared::Prepared;

pub use asked::CONFIRMATION;
pub(super) use asked::ToWrite;
use confirm::Confirmed;
pub(super) use confirm::Nobody;
pub use confirm::{Answered, Ask};
pub(super) use plain::Plain;

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
}

impl Tools {
    /// Takes a write on its way.
    pub(super) async fn write<W: Write>(
        &self,
        asked: ToWrite<W>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<W::Answer>, Failure> {
        let mut prepared = asked.write.prepare(self).await?;
        if asked.dry_run {
            if W::COUNTS
                && let Some(left) = self.plan_and_limits().await
            {
                prepared.preview = prepared.preview.with("plan", left);
            }
            return Ok(Json::new(prepared.preview.say()));
        }
        match self.confirm::<W>(&prepared).await? {
            Confirmed::Yes => {}
            // A person took their time, in which the world may have changed.
            Confirmed::LookAgain => return Box::pin(self.write(asked, context)).await,
            Confirmed::NotYet(answer) => return Ok(answer),
        }
        let effects = prepared.effects.clone();
        let answer = asked.write.send(self, prepared, &context).await?;
        self.repeats.forget(&effects);
        self.uploaded.forget(&effects.deleted("media"));
        let mut said = Map::from_iter([("outcome".to_owned(), json!("done"))]);
        said.extend(answer);
        Ok(Json::new(said))
    }
}
