//! What a call was taken to mean where its words leave that to the server; it is told with the result.

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::failure::shown;

/// Who reads these otherwise has another thing done, so a reader of the body alone must see them.
const MUST_ECHO: [&str; 8] = [
    "account_id",
    "account_ids",
    "space_id",
    "scheduled_at",
    "timezone",
    "from",
    "to",
    "publish",
];

/// One field that was read otherwise than it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpretation {
    /// The field and how it was read: `` `space_id`: "Acme" as 1 ``.
    pub said: String,
    /// Whether it must stand in the body, since it changes what is done and the body does not say it yet.
    pub in_body: bool,
    field: String,
}

impl Interpretation {
    /// What was `said` about a field, which is a name or the path to one.
    pub fn new(field: &str, said: String) -> Self {
        let mut correction = Self {
            said,
            in_body: false,
            field: field.to_owned(),
        };
        correction.in_body = correction.is_of(&MUST_ECHO);
        correction
    }

    fn is_of(&self, fields: &[&str]) -> bool {
        self.field.split('.').any(|part| fields.contains(&part))
    }
}

/// The corrections of one call, noted by whatever looks a word up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interpretations(Arc<Mutex<Vec<Interpretation>>>);

impl Interpretations {
    /// Notes what a word was taken to mean.
    pub(crate) fn note(&self, field: &str, given: &str, meant: impl Display) {
        let said = format!("`{field}`: {} as {meant}", shown(given));
        let correction = Interpretation::new(field, said);
        let mut all = self.lock();
        if !all.contains(&correction) {
            all.push(correction);
        }
    }

    /// Leaves fields out of the body, which tells by itself what they were taken to mean.
    pub(crate) fn mark_echoed(&self, fields: &[&str]) {
        for correction in self.lock().iter_mut() {
            correction.in_body &= !correction.is_of(fields);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Interpretation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that was noted.
    pub(crate) fn all(&self) -> Vec<Interpretation> {
        self.lock().clone()
    }
}
