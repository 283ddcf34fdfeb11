//! Confirmation stage: asks before an irreversible write. `write/confirmation_question` decides which writes those are.

use std::fmt::Debug;

use futures::future::BoxFuture;
use rmcp::model::InputRequiredResult;

use super::write_answer::ConfirmationRequest;
use crate::tools::settings::Confirm;
use crate::tools::{CallRecord, ConfirmedBy, Failure, Tools, escape_hidden};
use crate::write::account_ref::quote_if_needed;
use crate::write::confirmation_question::{Question, needs_consent, question};
use crate::write::effects::Effects;
use crate::write::planned_request::PlannedRequest;
use crate::write::preview::Preview;
use crate::write::shared_store::RETENTION_TEXT;

/// Asks the client's user to confirm a write.
pub trait Ask: Debug + Send + Sync {
    /// Asks, or returns the earlier answer to the same question.
    ///
    /// A no, or no answer, is a [`Failure`] that says so.
    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Answered, Failure>>;

    /// The refusal of a call that was confirmed before, so that what it is about may be gone.
    fn refuse_repeated(&self) -> BoxFuture<'_, Result<(), Failure>>;
}

/// What became of a question.
#[derive(Debug)]
pub enum Answered {
    /// Exactly this was agreed to.
    Yes(ConfirmedBy),
    /// A person agreed after a wait, in which the state may have changed.
    AgreedLater,
    /// The client is to ask a person, and to call again with what they say.
    InputRequired(Box<InputRequiredResult>),
    /// No person can be asked: the same call with this token confirms it.
    Token {
        /// What the second call carries.
        token: String,
        /// Why the token of this call was refused.
        refused: Option<String>,
    },
}

/// A confirmer that always refuses.
#[derive(Debug)]
pub(crate) struct NoConfirmer;

impl Ask for NoConfirmer {
    fn ask<'a>(&'a self, _: &'a Question) -> BoxFuture<'a, Result<Answered, Failure>> {
        Box::pin(async {
            Err(Failure::refused(
                "Nothing was sent: this has to be confirmed, and there is nobody to ask.",
            ))
        })
    }

    fn refuse_repeated(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async { Ok(()) })
    }
}

/// Whether a write goes on.
pub(super) enum Confirmed {
    /// It may be sent.
    Yes,
    /// It may be sent if it still is what was agreed to.
    PrepareAgain,
    /// The client is to ask a person first.
    InputRequired(Box<InputRequiredResult>),
    /// A second call has to confirm it.
    SecondCall(Box<Preview>, Box<ConfirmationRequest>),
}

impl Tools {
    /// Asks about an irreversible write; every other write goes on at once.
    pub(super) async fn confirm(
        &self,
        effects: &Effects,
        preview: &Preview,
    ) -> Result<Confirmed, Failure> {
        if self.settings.confirm == Confirm::Never || !needs_consent(effects) {
            return Ok(Confirmed::Yes);
        }
        let mut preview = preview.clone();
        let request = preview.request.as_ref();
        if let Some(space_id) = request.and_then(PlannedRequest::space_id) {
            let space = self.directory.find_space(Some(space_id)).await?;
            let name = space.name.as_deref().map(quote_if_needed);
            preview.space = Some(name.unwrap_or_else(|| space_id.to_owned()));
        }
        let Some(mut question) = question(effects, &preview) else {
            return Ok(Confirmed::Yes);
        };
        question.text = escape_hidden(&question.text).into_owned();
        Ok(match self.ask.ask(&question).await? {
            Answered::Yes(by) => {
                CallRecord::note_write(|write| write.confirmed_by = by);
                Confirmed::Yes
            }
            Answered::AgreedLater => Confirmed::PrepareAgain,
            Answered::InputRequired(result) => Confirmed::InputRequired(result),
            Answered::Token { token, refused } => {
                preview.warnings.splice(..0, refused);
                let request = ConfirmationRequest {
                    question: question.text,
                    note: format!(
                        "Nothing was sent. If the person's own words in this conversation already asked for exactly this, with its accounts \
                        (a name or network that fits only one account is exact enough) and, where something goes out, its moment, \
                        make the same call once more with this `confirmation`, which is good once, for {RETENTION_TEXT}. \
                        Otherwise put this `question` to the person and wait; if they do not agree, leave it at that."
                    ),
                    token,
                };
                Confirmed::SecondCall(Box::new(preview), Box::new(request))
            }
        })
    }
}
