//! Write answers: the outcome of a write, and the answer, preview or question that belongs to it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::Error;
use serde::{Serialize, Serializer};

use super::Write;
use crate::tools::tool_result::{UntrustedContent, merge_fields, merge_schemas, to_map};
use crate::tools::{CallOutcome, CallRecord, Json};
use crate::write::preview::{Preview, PreviewAnswer};

/// What became of a write.
#[derive(Debug)]
pub(crate) enum WriteAnswer<W: Write> {
    /// It was sent.
    Done(W::Answer),
    /// An equal call was sent before, and this is its answer; nothing was sent.
    Replayed(W::Answer),
    /// It was a dry run; nothing was sent.
    Preview(Preview),
    /// A second call has to confirm it; nothing was sent.
    ConfirmationNeeded(Preview, Box<ConfirmationRequest>),
}

/// What a caller needs to confirm a write by a second call.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConfirmationRequest {
    /// Where a person has to agree: what to ask them.
    pub(super) question: String,
    /// What to do with it.
    pub(super) note: String,
    /// What confirms the write in a second call.
    #[serde(rename = "confirmation")]
    pub(super) token: String,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Done,
    Replayed,
    Preview,
    ConfirmationNeeded,
}

/// The answer of a write that has to be confirmed.
#[derive(Serialize)]
struct ToConfirm<'a> {
    #[serde(flatten)]
    preview: PreviewAnswer,
    #[serde(flatten)]
    request: &'a ConfirmationRequest,
}

/// The outcome of every write.
#[derive(Debug, Serialize, JsonSchema)]
struct WithOutcome {
    /// What became of the call: "done", "replayed", "preview" or "confirmation_needed".
    outcome: Outcome,
}

impl<W: Write> WriteAnswer<W> {
    /// The result of the call, whose record notes the outcome.
    pub(super) fn into_json(self) -> Json<Self> {
        CallRecord::note_outcome(match &self {
            Self::Done(_) => CallOutcome::Done,
            Self::Replayed(_) => CallOutcome::Replayed,
            Self::Preview(_) => CallOutcome::Preview,
            Self::ConfirmationNeeded(..) => CallOutcome::ConfirmationNeeded,
        });
        Json::new(self)
    }
}

impl<W: Write> Serialize for WriteAnswer<W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (outcome, answer) = match self {
            Self::Done(answer) => (Outcome::Done, to_map(answer)),
            Self::Replayed(answer) => (Outcome::Replayed, to_map(answer)),
            Self::Preview(preview) => (Outcome::Preview, to_map(&preview.answer())),
            Self::ConfirmationNeeded(preview, request) => {
                let request = ToConfirm {
                    preview: preview.answer(),
                    request,
                };
                (Outcome::ConfirmationNeeded, to_map(&request))
            }
        };
        let outcome = to_map(&WithOutcome { outcome }).map_err(S::Error::custom)?;
        let answer = answer.map_err(S::Error::custom)?;
        merge_fields(outcome, answer).serialize(serializer)
    }
}

impl<W: Write> UntrustedContent for WriteAnswer<W> {
    fn has_untrusted_content(&self) -> bool {
        match self {
            Self::Done(answer) | Self::Replayed(answer) => answer.has_untrusted_content(),
            Self::Preview(preview) | Self::ConfirmationNeeded(preview, _) => {
                preview.facts.shows_present_state()
            }
        }
    }
}

impl<W: Write> JsonSchema for WriteAnswer<W> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        W::Answer::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let schema = WithOutcome::json_schema(generator);
        let schema = merge_schemas(schema, &W::Answer::json_schema(generator));
        let schema = merge_schemas(
            schema,
            &PreviewAnswer::schema_with(W::TRAITS.preview_facts, generator),
        );
        match W::TRAITS.takes_confirmation {
            true => merge_schemas(schema, &ConfirmationRequest::json_schema(generator)),
            false => schema,
        }
    }
}
