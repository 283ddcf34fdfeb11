//! Scopes of access tokens: `saki:read`, `saki:write` and `saki:publish`, each including the one before.

use std::fmt::{self, Display};
use std::sync::{Arc, OnceLock};

/// What an access token allows; a later scope includes the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Reading.
    Read,
    /// Writing what stays private.
    Write,
    /// Publishing, and what cannot be taken back.
    Publish,
}

impl Scope {
    const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Publish];

    /// The scope in an access token.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "saki:read",
            Self::Write => "saki:write",
            Self::Publish => "saki:publish",
        }
    }

    /// The widest of the scopes that a token names.
    pub(super) fn widest<'a>(named: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let scope = |word: &str| Self::ALL.into_iter().find(|scope| scope.word() == word);
        named.into_iter().filter_map(scope).max()
    }

    /// The scope with all that it includes, as clients ask for them.
    pub(super) fn list(self) -> Vec<&'static str> {
        let included = Self::ALL.into_iter().filter(|scope| *scope <= self);
        included.map(Self::word).collect()
    }
}

/// What a request turns out to need only while it is answered: attached to it, and read when its answer is there.
#[derive(Clone, Debug, Default)]
pub struct NeededScope(Arc<OnceLock<(Scope, String)>>);

impl NeededScope {
    /// Notes a scope that the access token does not have, and what needs it; the first one counts.
    pub fn note(&self, scope: Scope, why: String) {
        let _ = self.0.set((scope, why));
    }

    pub(in crate::transport) fn noted(&self) -> Option<&(Scope, String)> {
        self.0.get()
    }
}

impl Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
