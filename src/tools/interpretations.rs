//! Interpretations: how the server read ambiguous arguments of a call; the result echoes them as `understood`.

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::write::quote_text::quote_truncated;

/// Misreading these parameters changes what is done, so the body of the result must echo how they were read.
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

/// One argument that was read otherwise than it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpretation {
    /// The argument and how it was read: `` `space_id`: "Acme" as 1 ``.
    pub text: String,
    /// Whether the body of the result must echo it, since it does not show it otherwise.
    pub must_echo: bool,
    path: String,
}

impl Interpretation {
    /// How the argument at a dotted path was read.
    pub fn new(path: &str, text: String) -> Self {
        let mut interpretation = Self {
            text,
            must_echo: false,
            path: path.to_owned(),
        };
        interpretation.must_echo = interpretation.concerns(&MUST_ECHO);
        interpretation
    }

    fn concerns(&self, parameters: &[&str]) -> bool {
        let mut steps = self.path.split('.');
        steps.any(|step| parameters.contains(&step))
    }
}

/// The interpretations of one call, recorded wherever an argument is resolved.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interpretations(Arc<Mutex<Vec<Interpretation>>>);

impl Interpretations {
    /// Records how the argument at a dotted path was read.
    pub(crate) fn record(&self, path: &str, given: &str, read_as: impl Display) {
        self.infer(
            path,
            format_args!("{} as {read_as}", quote_truncated(given)),
        );
    }

    /// Records what was taken for an argument that was left out.
    pub(crate) fn infer(&self, path: &str, inferred: impl Display) {
        let interpretation = Interpretation::new(path, format!("`{path}`: {inferred}"));
        let mut all = self.lock();
        if !all.contains(&interpretation) {
            all.push(interpretation);
        }
    }

    /// The body of the result already shows how these parameters were read.
    pub(crate) fn mark_echoed(&self, parameters: &[&str]) {
        for interpretation in self.lock().iter_mut() {
            interpretation.must_echo &= !interpretation.concerns(parameters);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Interpretation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that was recorded.
    pub(crate) fn all(&self) -> Vec<Interpretation> {
        self.lock().clone()
    }
}
