//! What a Saki teaches about its unprinted rules: a refusal shows which other wording is wanted.
//!
//! A refusal of content (422) comes before anything is written, so the same call may be worded again.
//! A field that was sent cannot be missing, so it is the refused one; a missing one that is known
//! under another name is sent under that name.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::field_errors::{FieldError, field_errors};
use super::{Error, MediaId, Reply};

/// How often one call is worded anew.
const MAX_RENEGOTIATIONS: usize = 2;

/// What was learned of one base URL in the life of this process.
#[derive(Debug, Default)]
pub struct ApiDialect {
    short_form: AtomicBool,
    words: Mutex<HashMap<&'static str, String>>,
    media_types: Mutex<HashMap<u64, String>>,
}

/// Remembered types are a convenience, so their number is bounded.
const MOST_MEDIA_TYPES: usize = 10_000;

impl ApiDialect {
    /// Whether a create call is wanted in the short form of the overview page.
    pub fn prefers_short_form(&self) -> bool {
        self.short_form.load(Ordering::Relaxed)
    }

    pub(super) fn set_prefers_short_form(&self, short: bool) {
        self.short_form.store(short, Ordering::Relaxed);
    }

    /// The name that goes for `what`, where one was learned.
    pub(super) fn field_name(&self, what: &'static str) -> Option<String> {
        unpoisoned(&self.words).get(what).cloned()
    }

    pub(super) fn set_field_name(&self, what: &'static str, word: &str) {
        unpoisoned(&self.words).insert(what, word.to_owned());
    }

    /// The `type` that Saki wants beside a media id, where it is known.
    pub fn media_type(&self, id: MediaId) -> Option<String> {
        unpoisoned(&self.media_types).get(&id.0).cloned()
    }

    /// Remembers the `type` that goes with a media id.
    pub fn set_media_type(&self, id: MediaId, kind: &str) {
        let mut types = unpoisoned(&self.media_types);
        if types.len() < MOST_MEDIA_TYPES {
            types.insert(id.0, kind.to_owned());
        }
    }
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends `first`; where it is refused, asks `next` for another wording and sends that.
///
/// Returns the wording that was taken, to be remembered, beside the reply.
///
/// # Errors
///
/// The refusal of the last wording, or of the first one when the wordings lead in a circle;
/// or what `next` says when the wanted wording cannot say the same.
pub(super) async fn negotiate<W, F>(
    first: W,
    next: impl Fn(&[FieldError], &W) -> Result<Option<W>, Error>,
    send: impl Fn(W) -> F,
) -> Result<(W, Reply), Error>
where
    W: Clone + PartialEq,
    F: Future<Output = Result<Reply, Error>>,
{
    let mut tried = vec![first.clone()];
    let mut wording = first;
    let mut first_refusal = None;
    loop {
        let error = match send(wording.clone()).await {
            Ok(reply) => return Ok((wording, reply)),
            Err(error) => error,
        };
        let said = field_errors(&error);
        if said.is_empty() {
            return Err(error);
        }
        match next(&said, &wording)? {
            None => return Err(error),
            Some(other) if tried.len() > MAX_RENEGOTIATIONS || tried.contains(&other) => {
                return Err(first_refusal.unwrap_or(error));
            }
            Some(other) => {
                first_refusal.get_or_insert(error);
                tried.push(other.clone());
                wording = other;
            }
        }
    }
}

/// Whether a refusal names this field itself, not something below it.
pub(super) fn mentions(said: &[FieldError], field: &str) -> bool {
    said.iter().any(|field_error| field_error.field == field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saki::Answer;
    use std::cell::RefCell;

    fn refusal(field: &str) -> Error {
        Error::Status(Box::new(Answer {
            method: reqwest::Method::POST,
            path: "/media".into(),
            status: 422,
            retry_after: None,
            location: None,
            date: None,
            body: format!(r#"{{"errors": {{"{field}": ["no"]}}}}"#),
            tries: 1,
        }))
    }

    async fn run(
        refusals: &[&str],
        next: impl Fn(&[FieldError], &String) -> Option<String>,
    ) -> (Vec<String>, Result<String, String>) {
        let sent = RefCell::new(Vec::new());
        let outcome = negotiate(
            "file".to_owned(),
            |said, word| Ok(next(said, word)),
            |word| {
                let answer = match refusals.get(sent.borrow().len()) {
                    Some(field) => Err(refusal(field)),
                    None => Ok(Reply {
                        status: 201,
                        body: None,
                        date: None,
                    }),
                };
                sent.borrow_mut().push(word);
                std::future::ready(answer)
            },
        )
        .await;
        let outcome = outcome
            .map(|(word, _)| word)
            .map_err(|error| field_errors(&error)[0].field.clone());
        (sent.into_inner(), outcome)
    }

    #[tokio::test]
    async fn a_refusal_is_answered_with_the_other_wording() {
        let (sent, outcome) = run(&["media"], |said, _| Some(said[0].field.clone())).await;
        assert_eq!(sent, ["file", "media"]);
        assert_eq!(outcome, Ok("media".into()));
    }

    #[tokio::test]
    async fn a_refusal_that_teaches_nothing_is_the_answer() {
        let (sent, outcome) = run(&["file"], |_, _| None).await;
        assert_eq!((sent.len(), outcome), (1, Err("file".into())));
    }

    #[tokio::test]
    async fn wordings_that_lead_in_a_circle_end_with_the_first_refusal() {
        let (sent, outcome) = run(&["media", "file", "media"], |said, _| {
            Some(said[0].field.clone())
        })
        .await;
        assert_eq!((sent.len(), outcome), (2, Err("media".into())));
    }

    #[tokio::test]
    async fn a_call_is_worded_anew_twice_at_most() {
        let (sent, outcome) =
            run(&["a", "b", "c", "d"], |said, _| Some(said[0].field.clone())).await;
        assert_eq!((sent.len(), outcome), (3, Err("a".into())));
    }
}
