//! OAuth 2.1 resource server: checks access tokens of one authorization server, and tells clients where to get one.

mod access_token;
mod issuer_keys;
mod json_web_key;
mod resource_metadata;

use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use access_token::{Signed, Unverified};
use issuer_keys::IssuerKeys;

pub use access_token::AccessToken;
pub(in crate::transport) use resource_metadata::routes;

/// How access tokens are checked.
#[derive(Debug)]
pub struct ResourceServer {
    issuer: Arc<str>,
    /// What every token must be issued for, where it is not the address that its user typed.
    audience: Option<String>,
    /// The address of `/mcp` as users type it.
    mcp: Url,
    /// That of `/sse`.
    sse: Url,
    keys: IssuerKeys,
}

/// A protected resource: clients compare its address with the one that their user typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtectedResource {
    /// `/mcp`.
    Mcp,
    /// `/sse` with its messages.
    Sse,
}

/// Why an access token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The token is wrong; another one may be right.
    Invalid(String),
    /// No key of the issuer is known, so nothing can be said of the token.
    NoKeys(String),
}

impl Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Invalid(why) | Self::NoKeys(why)) = self;
        f.write_str(why)
    }
}

impl ResourceServer {
    /// Checks tokens of `issuer` for `audience`; `mcp` is the address of `/mcp` as users type it.
    ///
    /// The keys of the issuer are fetched in the background, so that a server starts while the issuer is away.
    ///
    /// # Errors
    ///
    /// What is wrong with the issuer's address.
    pub fn new(issuer: &str, audience: Option<&str>, mcp: Url) -> Result<Arc<Self>, String> {
        let keys = IssuerKeys::of(issuer)?;
        Ok(Arc::new(Self {
            issuer: issuer.into(),
            audience: audience.map(str::to_owned),
            sse: mcp.join("sse").map_err(|error| error.to_string())?,
            mcp,
            keys,
        }))
    }

    /// Who issues the tokens.
    pub fn issuer(&self) -> Arc<str> {
        Arc::clone(&self.issuer)
    }

    /// Checks an access token.
    ///
    /// # Errors
    ///
    /// Why it is not accepted; no text contains a part of the token.
    pub async fn verify(
        &self,
        token: &SecretString,
        resource: ProtectedResource,
    ) -> Result<AccessToken, TokenError> {
        let invalid =
            |why: &str| TokenError::Invalid(format!("the access token is not accepted: {why}"));
        let unverified = Unverified::parse(token.expose_secret()).map_err(invalid)?;
        let keys = self.keys.for_kid(unverified.kid()).await;
        let keys = keys.ok_or_else(|| {
            let why = "the authorization server does not answer, so the access token cannot be checked now";
            TokenError::NoKeys(why.to_owned())
        })?;
        let Signed { claims } = unverified.verify(&keys).map_err(invalid)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        claims
            .check(
                &self.issuer,
                &self.audiences(resource),
                now.unwrap_or(Duration::MAX),
            )
            .map_err(invalid)
    }

    /// What a token for a resource may be issued for: one for `/mcp` opens `/sse` too, and not the other way round.
    fn audiences(&self, resource: ProtectedResource) -> Vec<String> {
        match (&self.audience, resource) {
            (Some(audience), _) => vec![audience.clone()],
            (None, ProtectedResource::Mcp) => vec![resource_text(&self.mcp)],
            (None, ProtectedResource::Sse) => {
                vec![resource_text(&self.sse), resource_text(&self.mcp)]
            }
        }
    }

    /// The value of `WWW-Authenticate`.
    pub(super) fn challenge(
        &self,
        resource: ProtectedResource,
        error: Option<&str>,
        scopes: Vec<&str>,
    ) -> String {
        let error = error.map(|error| format!("error=\"{error}\", "));
        format!(
            "Bearer {}resource_metadata=\"{}\", scope=\"{}\"",
            error.unwrap_or_default(),
            self.metadata_url(resource),
            scopes.join(" ")
        )
    }

    fn address(&self, resource: ProtectedResource) -> &Url {
        match resource {
            ProtectedResource::Mcp => &self.mcp,
            ProtectedResource::Sse => &self.sse,
        }
    }

    /// Where the metadata of a resource is, in the form with the path.
    fn metadata_url(&self, resource: ProtectedResource) -> Url {
        let mut url = self.address(resource).clone();
        url.set_path(&self.metadata_path(resource));
        url
    }

    fn metadata_path(&self, resource: ProtectedResource) -> String {
        let path = self.address(resource).path().trim_end_matches('/');
        format!("/.well-known/oauth-protected-resource{path}")
    }
}

/// An address as users type it: without the slash that an address without a path gets.
fn resource_text(resource: &Url) -> String {
    resource.as_str().trim_end_matches('/').to_owned()
}
