//! Whether a write that cannot be taken back may go: it looks at what was prepared, and somebody else asks.

use std::fmt::Debug;

use futures::future::BoxFuture;
use rmcp::model::InputRequiredResult;
use serde_json::json;

use super::Write;
use super::write_args::CONFIRMATION;
use crate::tools::settings::Confirm;
use crate::tools::{Failure, Json, Tools, escape_hidden};
use crate::write::prepared::Prepared;
use crate::write::question::{Question, question};

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
        refused: Option<&'static str>,
    },
}

/// Where there is nobody to ask.
#[derive(Debug)]
pub(crate) struct Nobody;

impl Ask for Nobody {
    fn ask<'a>(&'a self, _: &'a Question) -> BoxFuture<'a, Result<Answered, Failure>> {
        Box::pin(async {
            Err(Failure::refused(
                "Nothing was sent: this has to be confirmed, and there is nobody to ask.",
            ))
        })
    }
}

/// Whether a write goes on.
pub(super) enum Confirmed<T> {
    /// It may be sent.
    Yes,
    /// It may be sent if it still is what was agreed to.
    LookAgain,
    /// It waits for another call, which this answer tells how to make.
    NotYet(Json<T>),
}

impl Tools {
    /// Asks about what cannot be taken back; everything else goes on at once.
    pub(super) async fn confirm<W: Write>(
        &self,
        prepared: &Prepared<W::Request>,
    ) -> Result<Confirmed<W::Answer>, Failure> {
        if self.settings.confirm == Confirm::Never {
            return Ok(Confirmed::Yes);
        }
        let Some(mut question) = question(&prepared.effects, &prepared.preview) else {
            return Ok(Confirmed::Yes);
        };
        debug_assert!(
            W::MAY_ASK,
            "a write that asks has no parameter to confirm it"
        );
        question.text = escape_hidden(&question.text).into_owned();
        Ok(match self.ask.ask(&question).await? {
            Answered::Yes => Confirmed::Yes,
            Answered::YesByNow => Confirmed::LookAgain,
            Answered::Asking(result) => Confirmed::NotYet(Json::question(result)),
            Answered::Token { token, refused } => {
                Confirmed::NotYet(needed(prepared, &question, &token, refused))
            }
        })
    }
}

/// The preview, with what confirms it.
fn needed<R, T>(
    prepared: &Prepared<R>,
    question: &Question,
    token: &str,
    refused: Option<&str>,
) -> Json<T> {
    let mut preview = prepared.preview.clone();
    if let Some(refused) = refused {
        preview.warnings.insert(0, refused.to_owned());
    }
    let mut said = preview.render();
    said.insert("outcome".to_owned(), json!("confirmation_needed"));
    said.insert("question".to_owned(), json!(question.text));
    let note = "Nothing was sent. Put this `question` to the person and wait: what they said before is no answer to it. If they agree, \
        make the same call once more with this `confirmation`, which is good once, for ten minutes; otherwise leave it at that.";
    said.insert("note".to_owned(), json!(note));
    said.insert(CONFIRMATION.to_owned(), json!(token));
    Json::new(said)
}
