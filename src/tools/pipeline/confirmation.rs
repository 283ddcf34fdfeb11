//! Whether a write that cannot be taken back may go: it looks at what was prepared, and somebody else asks.

use std::fmt::Debug;

use futures::future::BoxFuture;
use rmcp::model::InputRequiredResult;

use super::write_answer::ConfirmationRequest;
use super::{Write, WriteAnswer};
use crate::tools::settings::Confirm;
use crate::tools::{Failure, Json, Tools, escape_hidden};
use crate::write::confirmation_question::{Question, question};
use crate::write::prepared::Prepared;
use crate::write::shared_store::RETENTION_TEXT;

/// Puts questions to whoever is at the other end of one call.
pub trait Ask: Debug + Send + Sync {
    /// Asks, or finds out what was answered to the same question before.
    ///
    /// A no, or no answer, is a [`Failure`] that says so.
    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Answered, Failure>>;
}

/// What became of a question.
#[derive(Debug)]
pub enum Answered {
    /// Exactly this was agreed to.
    Yes,
    /// A person has agreed, after a while.
    YesByNow,
    /// The client is to ask a person, and to call again with what they say.
    Asking(Box<InputRequiredResult>),
    /// No person can be asked: the same call with this token confirms it.
    Token {
        /// What the second call carries.
        token: String,
        /// Why the token that this call carried does not do.
        refused: Option<String>,
    },
}

/// Where there is nobody to ask.
#[derive(Debug)]
pub(crate) struct NobodyToAsk;

impl Ask for NobodyToAsk {
    fn ask<'a>(&'a self, _: &'a Question) -> BoxFuture<'a, Result<Answered, Failure>> {
        Box::pin(async {
            Err(Failure::refused(
                "Nothing was sent: this has to be confirmed, and there is nobody to ask.",
            ))
        })
    }
}

/// Whether a write goes on.
pub(super) enum Confirmed<W: Write> {
    /// It may be sent.
    Yes,
    /// It may be sent if it still is what was agreed to.
    PrepareAgain,
    /// It waits for another call, which this answer tells how to make.
    NotYet(Box<Json<WriteAnswer<W>>>),
}

impl Tools {
    /// Asks about what cannot be taken back; everything else goes on at once.
    pub(super) async fn confirm<W: Write>(
        &self,
        prepared: &Prepared<W::Request>,
    ) -> Result<Confirmed<W>, Failure> {
        if self.settings.confirm == Confirm::Never {
            return Ok(Confirmed::Yes);
        }
        let Some(mut question) = question(&prepared.effects, &prepared.preview) else {
            return Ok(Confirmed::Yes);
        };
        debug_assert!(
            W::TRAITS.takes_confirmation,
            "a write that asks has no parameter to confirm it"
        );
        question.text = escape_hidden(&question.text).into_owned();
        Ok(match self.ask.ask(&question).await? {
            Answered::Yes => Confirmed::Yes,
            Answered::YesByNow => Confirmed::PrepareAgain,
            Answered::Asking(result) => Confirmed::NotYet(Box::new(Json::Question(result))),
            Answered::Token { token, refused } => {
                let mut preview = prepared.preview.clone();
                preview.warnings.splice(..0, refused);
                let request = ConfirmationRequest {
                    question: question.text,
                    note: format!(
                        "Nothing was sent. Put this `question` to the person and wait: what they said before is no answer to it. If they agree, \
                        make the same call once more with this `confirmation`, which is good once, for {RETENTION_TEXT}; otherwise leave it at that."
                    ),
                    token,
                };
                let answer = WriteAnswer::ConfirmationNeeded(preview, Box::new(request));
                Confirmed::NotYet(Box::new(Json::new(answer)))
            }
        })
    }
}
