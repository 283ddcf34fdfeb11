//! API dialect: names and forms that the reference leaves open, negotiated with Saki through its refusals and remembered; `posts/create_form` chooses the create form.
//!
//! A validation error (422, or a 2xx whose body refuses fields) comes before anything is written, so the same call
//! may be sent in another wording.
//! A field error about a field that was sent refuses that field.
//! A field error about a field that was not sent asks for it; if we know the field under another name, we use the asked one.

use std::any::type_name;
use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::field_errors::{FieldError, field_errors};
use super::weekday_numbers::WeekdayNumbers;
use super::{DayForm, Endpoint, Error, MediaId, Reply, Rewording};

/// How often one call is sent in another wording.
const MAX_RENEGOTIATIONS: usize = 2;

/// Remembered types are only a convenience, so their number is bounded.
const MAX_MEDIA_TYPES: usize = 10_000;

/// How many field names of refusals are remembered for an endpoint.
const MAX_REFUSED_FIELDS: usize = 100;

/// What this process has learned about the API behind one base URL.
#[derive(Debug, Default)]
pub struct ApiDialect(Mutex<Learned>);

/// The wordings that Saki takes.
#[derive(Debug, Default)]
pub(super) struct Learned {
    /// Whether Saki wants create calls in the short form of the overview page.
    pub(super) short_form: bool,
    /// The form field of an uploaded file.
    pub(super) upload_field: Option<String>,
    pub(super) activate_field: ActivateField,
    pub(super) filter_format: FilterFormat,
    pub(super) weekday_numbers: WeekdayNumbers,
    wordings: HashMap<&'static str, Wording>,
    media_types: HashMap<u64, String>,
}

/// The wording of an endpoint's bodies.
#[derive(Debug, Default)]
struct Wording {
    accepted: Option<Vec<Rewording>>,
    /// What Saki shows; it may take another wording than it shows.
    suggested: Vec<Rewording>,
    /// The fields that its refusals named.
    refused: BTreeSet<String>,
}

/// The field of the flag in a call that activates an account.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum ActivateField {
    #[default]
    IsActive,
    Active,
    /// Saki takes no field, and toggles.
    Absent,
}

/// The format of the filters of posts, which the reference leaves open.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct FilterFormat {
    pub(super) other_status: bool,
    pub(super) other_dates: bool,
}

impl ApiDialect {
    /// What was learned, to read or to change; not to be held while waiting for a reply.
    pub(super) fn learned(&self) -> MutexGuard<'_, Learned> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How Saki wants the bodies of an endpoint, as far as is known.
    pub(super) fn wording(&self, endpoint: &str) -> Vec<Rewording> {
        let learned = self.learned();
        let known = learned.wordings.get(endpoint);
        let known = known.map(|known| known.accepted.as_ref().unwrap_or(&known.suggested));
        let mut wording = known.cloned().unwrap_or_default();
        for rewording in &mut wording {
            if let Rewording::Day(DayForm::Number(numbers)) = rewording {
                *numbers = learned.weekday_numbers;
            }
        }
        wording
    }

    /// Remembers a wording that Saki shows; one that it accepted comes first.
    pub(super) fn suggest_wording(&self, endpoint: &'static str, wording: Vec<Rewording>) {
        self.change_wording(endpoint, |known| known.suggested = wording);
    }

    /// Remembers a wording that Saki accepted.
    pub(super) fn accept_wording(&self, endpoint: &'static str, wording: Vec<Rewording>) {
        self.change_wording(endpoint, |known| known.accepted = Some(wording));
    }

    pub(super) fn note_refused(&self, endpoint: &'static str, errors: &[FieldError]) {
        self.change_wording(endpoint, |known| {
            let names = errors.iter().map(|error| error.root().to_owned());
            let free = MAX_REFUSED_FIELDS.saturating_sub(known.refused.len());
            known.refused.extend(names.take(free));
        });
    }

    /// The fields that refusals of an endpoint named, by the name of its type.
    pub fn refused_fields(&self, endpoint: &str) -> BTreeSet<String> {
        let wordings = &self.learned().wordings;
        wordings
            .get(endpoint)
            .map(|known| known.refused.clone())
            .unwrap_or_default()
    }

    fn change_wording(&self, endpoint: &'static str, change: impl FnOnce(&mut Wording)) {
        change(self.learned().wordings.entry(endpoint).or_default());
    }

    /// The `type` that Saki wants with a media id, where it is known.
    pub fn media_type(&self, id: MediaId) -> Option<String> {
        self.learned().media_types.get(&id.0).cloned()
    }

    /// Remembers the `type` that goes with a media id.
    pub fn set_media_type(&self, id: MediaId, kind: &str) {
        let types = &mut self.learned().media_types;
        if types.len() < MAX_MEDIA_TYPES {
            types.insert(id.0, kind.to_owned());
        }
    }
}

/// Sends the `preferred` request; when it is refused, asks `alternative` for another wording and sends that.
///
/// Returns the accepted wording with the reply, so that the caller can remember it.
///
/// # Errors
///
/// The refusal of the last wording, or of the first one when the wordings lead in a circle; it is an
/// [`Error::UnsupportedByShortForm`] where the wanted wording cannot express what `alternative` names.
pub(super) async fn negotiate<W, F>(
    preferred: W,
    alternative: impl Fn(&[FieldError], &W) -> Result<Option<W>, Vec<&'static str>>,
    send: impl Fn(W) -> F,
) -> Result<(W, Reply), Error>
where
    W: Clone + PartialEq,
    F: Future<Output = Result<Reply, Error>>,
{
    let mut attempted = vec![preferred.clone()];
    let mut wording = preferred;
    let mut first_refusal = None;
    loop {
        let error = match send(wording.clone()).await {
            Ok(reply) => return Ok((wording, reply)),
            Err(error) => error,
        };
        let errors = field_errors(&error);
        if errors.is_empty() {
            return Err(error);
        }
        match alternative(&errors, &wording) {
            Err(unsupported) => return Err(error.unsupported_by_short_form(unsupported)),
            Ok(None) => return Err(error),
            Ok(Some(other))
                if attempted.len() > MAX_RENEGOTIATIONS || attempted.contains(&other) =>
            {
                return Err(first_refusal.unwrap_or(error));
            }
            Ok(Some(other)) => {
                first_refusal.get_or_insert(error);
                attempted.push(other.clone());
                wording = other;
            }
        }
    }
}

/// The signature of [`Endpoint::renegotiate`].
type Renegotiate = fn(&Map<String, Value>, &[FieldError], WeekdayNumbers, &mut Vec<Rewording>);

/// How the bodies of one endpoint may be worded: its functions without its type, so that sending is compiled once.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyWording {
    /// The name of the endpoint's type.
    pub(super) endpoint: &'static str,
    reword: fn(&mut Map<String, Value>, Rewording),
    pub(super) renegotiate: Renegotiate,
}

impl BodyWording {
    pub(super) fn of<E: Endpoint>() -> Self {
        Self {
            endpoint: type_name::<E>(),
            reword: E::reword,
            renegotiate: E::renegotiate,
        }
    }

    /// A body in this wording.
    pub(super) fn apply(
        self,
        body: &Map<String, Value>,
        wording: &[Rewording],
    ) -> Map<String, Value> {
        let mut body = body.clone();
        for rewording in wording {
            (self.reword)(&mut body, *rewording);
        }
        body
    }
}

/// Whether a refusal names this field itself, not something below it.
pub(super) fn mentions(errors: &[FieldError], field: &str) -> bool {
    errors.iter().any(|field_error| field_error.field == field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saki::ErrorResponse;
    use std::cell::RefCell;

    fn refusal(field: &str) -> Error {
        Error::Status(Box::new(ErrorResponse {
            method: reqwest::Method::POST,
            path: "/media".into(),
            status: 422,
            retry_after: None,
            location: None,
            date: None,
            body: format!(r#"{{"errors": {{"{field}": ["no"]}}}}"#),
            attempts: 1,
            key_origin: None,
        }))
    }

    async fn run(
        refusals: &[&str],
        alternative: impl Fn(&[FieldError], &String) -> Option<String>,
    ) -> (Vec<String>, Result<String, String>) {
        let sent = RefCell::new(Vec::new());
        let outcome = negotiate(
            "file".to_owned(),
            |errors, name| Ok(alternative(errors, name)),
            |name| {
                let reply = match refusals.get(sent.borrow().len()) {
                    Some(field) => Err(refusal(field)),
                    None => Ok(Reply {
                        status: 201,
                        body: None,
                        date: None,
                    }),
                };
                sent.borrow_mut().push(name);
                std::future::ready(reply)
            },
        )
        .await;
        let outcome = outcome
            .map(|(name, _)| name)
            .map_err(|error| field_errors(&error)[0].field.clone());
        (sent.into_inner(), outcome)
    }

    #[tokio::test]
    async fn a_refusal_is_answered_with_the_other_wording() {
        let (sent, outcome) = run(&["media"], |errors, _| Some(errors[0].field.clone())).await;
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
        let (sent, outcome) = run(&["media", "file", "media"], |errors, _| {
            Some(errors[0].field.clone())
        })
        .await;
        assert_eq!((sent.len(), outcome), (2, Err("media".into())));
    }

    #[tokio::test]
    async fn a_call_is_worded_anew_twice_at_most() {
        let (sent, outcome) = run(&["a", "b", "c", "d"], |errors, _| {
            Some(errors[0].field.clone())
        })
        .await;
        assert_eq!((sent.len(), outcome), (3, Err("a".into())));
    }

    #[test]
    fn a_list_teaches_only_what_no_refusal_has_taught() {
        let dialect = ApiDialect::default();
        let day = Rewording::Name {
            ours: "weekday",
            theirs: "day",
        };
        for (shown, known) in [
            (vec![], vec![]),
            (vec![day], vec![day]),
            (
                vec![Rewording::HourAndMinute],
                vec![Rewording::HourAndMinute],
            ),
        ] {
            dialect.suggest_wording("slots", shown);
            assert_eq!(dialect.wording("slots"), known);
        }
        dialect.accept_wording("slots", vec![day]);
        dialect.suggest_wording("slots", vec![Rewording::HourAndMinute]);
        assert_eq!(dialect.wording("slots"), [day]);
    }
}
