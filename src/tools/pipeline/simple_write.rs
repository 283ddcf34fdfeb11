//! Writes whose request is what the agent asked for, in a space that it may name.

use std::future::Future;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::Write;
use crate::saki::Endpoint;
use crate::tools::space_scoped::SpaceScoped;
use crate::tools::{Failure, Tools};
use crate::write::effects::Effects;
use crate::write::prepared::Prepared;
use crate::write::preview::{Preview, REMOVED};

/// An endpoint that is a write by itself.
pub(crate) trait SimpleWrite: Endpoint + DeserializeOwned + 'static {
    /// What the tool claims to answer.
    type Answer: JsonSchema;
    /// What is true afterwards, said where Saki says nothing: "deleted".
    const WORD: &'static str;
    /// Whether it counts against the plan.
    const COUNTS: bool = false;
    /// Whether a person may have to be asked.
    const MAY_ASK: bool = false;

    /// Looks at what it is about, and sends nothing.
    fn preview(
        &self,
        tools: &Tools,
    ) -> impl Future<Output = Result<(Effects, Preview), Failure>> + Send;
}

impl<E: SimpleWrite> Write for SpaceScoped<E> {
    type Request = E;
    type Answer = E::Answer;
    const COUNTS: bool = E::COUNTS;
    const MAY_ASK: bool = E::MAY_ASK;

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<E>, Failure> {
        let request = self.resolve(tools).await?;
        let (effects, preview) = request.preview(tools).await?;
        Ok(Prepared {
            effects,
            preview,
            request,
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<E>,
        _: &RequestContext<RoleServer>,
    ) -> Result<Map<String, Value>, Failure> {
        let Preview {
            mut facts,
            lasting_warnings,
            ..
        } = prepared.preview;
        let mut answer = tools.changed(E::WORD, prepared.request).await?;
        if !lasting_warnings.is_empty() {
            let told = answer.entry("warnings").or_insert_with(|| json!([]));
            if let Some(told) = told.as_array_mut() {
                told.extend(lasting_warnings.into_iter().map(Value::String));
            }
        }
        if let Some(gone) = facts.remove(REMOVED) {
            // Nobody can look at it any more, so it is shown this once.
            answer.insert(REMOVED.to_owned(), gone);
        }
        Ok(answer)
    }
}
