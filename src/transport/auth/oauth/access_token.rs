//! Access tokens: JSON web tokens (RFC 7519, RFC 9068) with an asymmetric signature, checked strictly.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::json_web_key::{Algorithm, KeySet};
use crate::transport::auth::scope::Scope;

/// Clocks may differ by so much.
const LEEWAY: Duration = Duration::from_secs(60);
/// Longer ones do not fit into the headers of most servers.
const MAX_LENGTH: usize = 16 * 1024;

/// What an accepted token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// Whom it was issued to.
    pub subject: String,
    /// The widest of its scopes that this server knows.
    pub scope: Option<Scope>,
}

/// A token whose signature is not checked yet, so that its claims are not looked at.
#[derive(Debug)]
pub(super) struct Unverified<'a> {
    header: TokenHeader,
    algorithm: Algorithm,
    /// What is signed.
    message: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// The claims of a token whose signature is right.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) claims: Claims,
}

#[derive(Debug, Deserialize)]
struct TokenHeader {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde::de::IgnoredAny>,
}

/// The claims that decide; the required ones are no options, so that a token without them is no token.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    exp: f64,
    nbf: Option<f64>,
    scope: Option<OneOrMany>,
    scp: Option<OneOrMany>,
    /// Only a token for the login of a client has one.
    nonce: Option<serde::de::IgnoredAny>,
    at_hash: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl<'a> Unverified<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self, &'static str> {
        if token.len() > MAX_LENGTH {
            return Err("it is too long");
        }
        let no_jwt = "it is no JSON web token in three parts";
        let (message, signature) = token.rsplit_once('.').ok_or(no_jwt)?;
        let (header, payload) = message.split_once('.').ok_or(no_jwt)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| no_jwt);
        let header: TokenHeader = serde_json::from_slice(&decode(header)?).map_err(|_| no_jwt)?;
        if header.crit.is_some() {
            return Err("it has critical extensions, which this server does not know");
        }
        let typ = header.typ.as_deref().map(str::to_ascii_lowercase);
        let typ = typ
            .as_deref()
            .map(|typ| typ.trim_start_matches("application/"));
        if !matches!(typ, None | Some("jwt" | "at+jwt")) {
            return Err("its type is not that of an access token");
        }
        let algorithm = Algorithm::named(&header.alg)
            .ok_or("its signature is not of an asymmetric algorithm that is accepted here")?;
        Ok(Self {
            algorithm,
            message,
            payload: decode(payload)?,
            signature: decode(signature)?,
            header,
        })
    }

    /// The id of the key that signed it.
    pub(super) fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// Checks the signature.
    pub(super) fn verify(&self, keys: &KeySet) -> Result<Signed, &'static str> {
        let key = keys
            .find(self.kid(), self.algorithm)
            .ok_or("the authorization server has no such key for this algorithm")?;
        if !key.verifies(self.algorithm, self.message.as_bytes(), &self.signature) {
            return Err("its signature is wrong");
        }
        let claims = serde_json::from_slice(&self.payload);
        claims.map(|claims| Signed { claims }).map_err(
            |_| "it lacks one of the claims iss, sub, aud and exp, or one has another type",
        )
    }
}

impl Claims {
    pub(super) fn check(
        self,
        issuer: &str,
        audiences: &[String],
        now: Duration,
    ) -> Result<AccessToken, &'static str> {
        let (now, leeway) = (now.as_secs_f64(), LEEWAY.as_secs_f64());
        if self.iss != issuer {
            return Err("another authorization server issued it");
        }
        if !self
            .aud
            .as_slice()
            .iter()
            .any(|aud| audiences.contains(aud))
        {
            return Err("it was issued for another audience");
        }
        if self.exp + leeway <= now {
            return Err("it has expired");
        }
        if !self.nbf.is_none_or(|nbf| nbf - leeway <= now) {
            return Err("it is not valid yet");
        }
        if self.sub.trim().is_empty() {
            return Err("its subject is empty");
        }
        if self.nonce.is_some() || self.at_hash.is_some() {
            return Err("it is an ID token, not an access token");
        }
        let named = [&self.scope, &self.scp].into_iter().flatten();
        let named = named.flat_map(|scopes| scopes.as_slice());
        let scope = Scope::widest(named.flat_map(|scopes| scopes.split_whitespace()));
        Ok(AccessToken {
            subject: self.sub,
            scope,
        })
    }
}
