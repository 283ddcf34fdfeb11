//! Principals: who makes a request, as the authentication found out, and the limits that hold for it.

use std::fmt::{self, Display};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::scope::Scope;

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Callers are not told apart.
    Anyone,
    /// The holder of a token of this server, by the token's name.
    Token(Arc<str>),
    /// The subject of an access token.
    Subject {
        /// Who issued the token; a subject is known only by its issuer.
        issuer: Arc<str>,
        /// The subject.
        subject: Arc<str>,
    },
    /// Whoever has this Saki key, by a keyed hash of it.
    SakiKey(Arc<str>),
}

impl Principal {
    /// The name under which what belongs to the principal is kept; none where callers are not told apart.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Anyone => None,
            Self::Token(name) => Some(format!("token/{name}")),
            Self::Subject { issuer, subject } => Some(format!("subject/{issuer}/{subject}")),
            Self::SakiKey(hash) => Some(format!("key/{hash}")),
        }
    }

    /// The name that an operator gave or knows: that of the token, or the subject.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Token(name) | Self::Subject { subject: name, .. } => Some(name),
            Self::Anyone | Self::SakiKey(_) => None,
        }
    }
}

/// A setting of a token's line, or a limit that a header sets: `mode=drafts-only`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// The name without dashes: `mode`.
    pub name: String,
    /// The value as it was given.
    pub value: String,
}

impl Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

/// Who makes a request, and under which limits.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is.
    pub principal: Principal,
    /// The Saki key that the request brings, if the server takes keys from requests.
    pub saki_key: Option<SecretString>,
    /// What the line of the token says.
    pub settings: Vec<Setting>,
    /// The limits of the request's own headers.
    pub limits: Vec<Setting>,
    /// What the scopes of an access token allow; everything where there are none.
    pub scope: Option<Scope>,
}

impl Caller {
    pub(super) fn new(principal: Principal) -> Self {
        Self {
            principal,
            saki_key: None,
            settings: Vec::new(),
            limits: Vec::new(),
            scope: Some(Scope::Publish),
        }
    }

    /// Whether both are the same principal with the same Saki key.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let key = |caller: &Self| {
            let key = caller.saki_key.as_ref();
            key.map(|key| Sha256::digest(key.expose_secret()))
        };
        self.principal == other.principal && key(self) == key(other)
    }

    /// The same caller, for whom the limits of `other` hold too.
    pub(crate) fn limited_by(self, other: &Self) -> Self {
        let mut limited = self.with_header_limits_of(other);
        add_settings(&mut limited.settings, &other.settings);
        // No scope at all is the least.
        limited.scope = limited.scope.min(other.scope);
        limited
    }

    /// The same caller, for whom the limits of the headers of `other` hold too.
    pub(crate) fn with_header_limits_of(mut self, other: &Self) -> Self {
        add_settings(&mut self.limits, &other.limits);
        self
    }
}

fn add_settings(own: &mut Vec<Setting>, more: &[Setting]) {
    for setting in more {
        if !own.contains(setting) {
            own.push(setting.clone());
        }
    }
}
