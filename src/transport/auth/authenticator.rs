//! Authenticator, before both HTTP transports: says who sends a request, takes its credentials away, and chooses its handler.

use std::fmt::{self, Debug};
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::caller_handlers::{CallerError, Handlers};
use super::login_slowdown::{LoginSlowdown, Slowed};
use super::oauth::{ProtectedResource, ResourceServer, TokenError};
use super::principal::{Caller, Principal};
use super::refusal::{Refusal, RefusalKind};
use super::request_credentials::Credentials;
use super::token_file::TokenTable;
use crate::transport::listener::RequestPeer;
use crate::transport::reloaded_file::ReloadedFile;

/// How a request can authenticate. Without any method, everybody may call.
#[derive(Clone, Debug, Default)]
pub struct AuthMethods {
    /// Tokens of this server.
    pub tokens: Option<Arc<ReloadedFile<TokenTable>>>,
    /// Saki keys that requests bring; without another method they authenticate it too.
    pub saki_keys: bool,
    /// Access tokens of an authorization server.
    pub oauth: Option<Arc<ResourceServer>>,
    /// Whether the older transport is served in any case.
    pub always_sse: bool,
    /// What all servers of the installation have in common, if there are several; a client may meet any of them.
    pub common_secret: Option<CommonSecret>,
}

/// A secret that all servers of an installation have in common.
#[derive(Clone)]
pub struct CommonSecret(pub [u8; 32]);

impl Debug for CommonSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommonSecret")
    }
}

impl AuthMethods {
    /// Whether the older transport is served. Beside OAuth its address is a resource of its own, which few clients need,
    /// and where there are several servers, a message of its session may reach another one.
    pub fn serve_sse(&self) -> bool {
        self.oauth.is_none() && self.common_secret.is_none() || self.always_sse
    }
}

/// Which of the addresses a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport) enum McpEndpoint {
    /// The usual ones, where every method is accepted.
    Main(ProtectedResource),
    /// Beside OAuth, for those who bring a token of this server or a Saki key: no metadata leads elsewhere from here.
    WithoutOauth,
}

/// Decides about every request of a server.
#[derive(Debug)]
pub(in crate::transport) struct Authenticator<H> {
    methods: AuthMethods,
    pub(super) handlers: Handlers<H>,
    slowdown: LoginSlowdown,
    /// Makes the hash of a Saki key useless elsewhere.
    salt: CommonSecret,
}

/// An authenticated request: its handler and its caller.
#[derive(Debug)]
pub(in crate::transport) struct Authenticated<H> {
    pub(in crate::transport) handler: Arc<H>,
    pub(in crate::transport) caller: Arc<Caller>,
    pub(super) endpoint: McpEndpoint,
    pub(super) authenticator: Arc<Authenticator<H>>,
}

impl<H> Clone for Authenticated<H> {
    fn clone(&self) -> Self {
        Self {
            handler: Arc::clone(&self.handler),
            caller: Arc::clone(&self.caller),
            endpoint: self.endpoint,
            authenticator: Arc::clone(&self.authenticator),
        }
    }
}

/// What the middleware of an endpoint needs.
#[derive(Debug)]
pub(in crate::transport) struct AuthState<H>(
    pub(in crate::transport) Arc<Authenticator<H>>,
    pub(in crate::transport) McpEndpoint,
);

impl<H> Clone for AuthState<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), self.1)
    }
}

/// The middleware: an authenticated request carries [`Authenticated`], and no credentials.
pub(in crate::transport) async fn middleware<H>(
    State(AuthState(authenticator, endpoint)): State<AuthState<H>>,
    request: Request,
    next: Next,
) -> Response
where
    H: Debug + Send + Sync + 'static,
{
    let (mut parts, body) = request.into_parts();
    let peer = parts.extensions.get::<RequestPeer>();
    let address = peer.map(|peer| peer.client);
    let authenticated = match Credentials::take(&mut parts) {
        Ok(credentials) => authenticator.authenticate(endpoint, credentials).await,
        Err(why) => Err(authenticator.refusal(endpoint, RefusalKind::InvalidRequest, why)),
    };
    match authenticated {
        Ok(authenticated) => {
            parts.extensions.insert(authenticated);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refusal) => authenticator.refuse(refusal, address).await,
    }
}

impl<H: Debug + Send + Sync + 'static> Authenticator<H> {
    pub(in crate::transport) fn new(methods: AuthMethods, handlers: Handlers<H>) -> Arc<Self> {
        let salt = methods.common_secret.clone().unwrap_or_else(|| {
            let mut salt = [0; 32];
            // Without randomness a hash is only less useless elsewhere.
            let _ = SystemRandom::new().fill(&mut salt);
            CommonSecret(salt)
        });
        Arc::new(Self {
            methods,
            handlers,
            slowdown: LoginSlowdown::default(),
            salt,
        })
    }

    pub(in crate::transport) fn methods(&self) -> &AuthMethods {
        &self.methods
    }

    /// Whether there is an address beside OAuth: for own tokens or Saki keys.
    pub(in crate::transport) fn has_endpoint_without_oauth(&self) -> bool {
        self.methods.oauth.is_some() && (self.methods.tokens.is_some() || self.methods.saki_keys)
    }

    async fn authenticate(
        self: &Arc<Self>,
        endpoint: McpEndpoint,
        credentials: Credentials,
    ) -> Result<Authenticated<H>, Refusal> {
        let refuse = |kind, why: String| Err(self.refusal(endpoint, kind, why));
        if credentials.has_saki_key_header && !self.methods.saki_keys {
            let why = "this server takes no Saki key from a request: leave X-Saki-Api-Key out. Its operator sets whose key is used";
            return refuse(RefusalKind::InvalidRequest, why.to_owned());
        }
        let mut caller = match (&credentials.bearer, &credentials.saki_key) {
            (Some(token), _) if self.takes_tokens(endpoint) => self.holder(endpoint, token).await?,
            (None, _) if self.takes_tokens(endpoint) => {
                return refuse(RefusalKind::Unauthenticated, self.how_to_log_in(endpoint));
            }
            (_, Some(key)) if self.methods.saki_keys => Caller::new(self.key_principal(key)),
            (_, None) if self.methods.saki_keys => {
                return refuse(RefusalKind::Unauthenticated, self.how_to_log_in(endpoint));
            }
            _ => Caller::new(Principal::Anyone),
        };
        caller.saki_key = credentials.saki_key.filter(|_| self.methods.saki_keys);
        caller.limits = credentials.limits;
        let authenticated = self.authenticated(endpoint, caller);
        authenticated.map_err(|error| match error {
            CallerError::BadRequest(why) => {
                self.refusal(endpoint, RefusalKind::InvalidRequest, why)
            }
            CallerError::SakiKey(why) if !self.takes_tokens(endpoint) => {
                self.refusal(endpoint, RefusalKind::Unauthenticated, why)
            }
            // Who has logged in already is not asked to log in again.
            CallerError::SakiKey(why) | CallerError::Forbidden(why) => {
                self.refusal(endpoint, RefusalKind::Forbidden, why)
            }
        })
    }

    fn authenticated(
        self: &Arc<Self>,
        endpoint: McpEndpoint,
        caller: Caller,
    ) -> Result<Authenticated<H>, CallerError> {
        Ok(Authenticated {
            handler: self.handlers.0.handler(&caller)?,
            caller: Arc::new(caller),
            endpoint,
            authenticator: Arc::clone(self),
        })
    }

    /// Whether a request must bring a token here, of either kind.
    fn takes_tokens(&self, endpoint: McpEndpoint) -> bool {
        self.methods.tokens.is_some() || self.oauth(endpoint).is_some()
    }

    /// How access tokens are checked at an address, if it takes any, and for which resource.
    pub(super) fn oauth(
        &self,
        endpoint: McpEndpoint,
    ) -> Option<(&ResourceServer, ProtectedResource)> {
        match endpoint {
            McpEndpoint::Main(resource) => Some((self.methods.oauth.as_deref()?, resource)),
            McpEndpoint::WithoutOauth => None,
        }
    }

    /// The caller who holds a token.
    async fn holder(&self, endpoint: McpEndpoint, token: &SecretString) -> Result<Caller, Refusal> {
        let oauth = self.oauth(endpoint);
        // An access token never goes to the list of own tokens, and vice versa.
        let is_jwt = token.expose_secret().matches('.').count() == 2;
        let may_be_access_token = is_jwt || self.methods.tokens.is_none();
        if let Some((oauth, resource)) = oauth.filter(|_| may_be_access_token) {
            let access = oauth.verify(token, resource).await;
            let access = access.map_err(|error| {
                let kind = match &error {
                    TokenError::Invalid(_) => RefusalKind::InvalidToken,
                    TokenError::NoKeys(_) => RefusalKind::Unavailable,
                };
                self.refusal(endpoint, kind, error.to_string())
            })?;
            let mut caller = Caller::new(Principal::Subject {
                issuer: oauth.issuer(),
                subject: access.subject.into(),
            });
            caller.scope = access.scope;
            return Ok(caller);
        }
        let table = self.methods.tokens.as_ref().map(|file| file.current());
        let line = table.as_ref().and_then(|table| table.find(token));
        let Some(line) = line.filter(|_| !is_jwt) else {
            let why = match is_jwt {
                true => "this address takes no access tokens, only tokens of this server",
                false => "the token is not known here: it may have been removed, or copied in part",
            };
            return Err(self.refusal(endpoint, RefusalKind::InvalidToken, why.to_owned()));
        };
        let mut caller = Caller::new(Principal::Token(Arc::clone(&line.name)));
        caller.settings = line.settings.clone();
        Ok(caller)
    }

    fn key_principal(&self, key: &SecretString) -> Principal {
        let hash = Sha256::new()
            .chain_update(self.salt.0)
            .chain_update(key.expose_secret())
            .finalize();
        Principal::SakiKey(hex::encode(&hash[..16]).into())
    }

    fn how_to_log_in(&self, endpoint: McpEndpoint) -> String {
        let mut methods = Vec::new();
        if self.oauth(endpoint).is_some() {
            methods.push("log in as your MCP client offers it");
        }
        if self.methods.tokens.is_some() {
            methods.push("send the token that you were given as \"Authorization: Bearer TOKEN\"");
        }
        if methods.is_empty() {
            methods.push("send your Saki API key in the header X-Saki-Api-Key");
        }
        format!("this server asks who you are: {}", methods.join(", or "))
    }

    fn refusal(&self, endpoint: McpEndpoint, kind: RefusalKind, why: String) -> Refusal {
        let mut refusal = Refusal::new(kind, why);
        let is_login = matches!(
            kind,
            RefusalKind::Unauthenticated | RefusalKind::InvalidToken
        );
        if is_login {
            let has_failed = kind == RefusalKind::InvalidToken;
            let error = has_failed.then(|| kind.word());
            let scopes = self.handlers.0.widest_scope().list();
            refusal.challenge = Some(match self.oauth(endpoint) {
                Some((oauth, resource)) => oauth.challenge(resource, error, scopes),
                None if self.takes_tokens(endpoint) => match error {
                    Some(error) => format!("Bearer realm=\"saki-mcp\", error=\"{error}\""),
                    None => "Bearer realm=\"saki-mcp\"".to_owned(),
                },
                None => "ApiKey realm=\"saki-mcp\", header=\"X-Saki-Api-Key\"".to_owned(),
            });
        }
        refusal
    }

    /// The answer of a refusal, which comes late where logins of the address fail again and again.
    async fn refuse(&self, refusal: Refusal, address: Option<IpAddr>) -> Response {
        tracing::info!(
            "a request from {} was refused: {}",
            address.map_or_else(
                || "an unknown address".to_owned(),
                |address| address.to_string()
            ),
            refusal.description
        );
        if refusal.kind == RefusalKind::InvalidToken
            && self.slowdown.failed(address).await == Slowed::TooMany
        {
            let why = "too many logins failed here: try again in a minute";
            return Refusal::new(RefusalKind::TooManyFailures, why).into_response();
        }
        refusal.into_response()
    }
}

impl<H: Debug + Send + Sync + 'static> Authenticated<H> {
    /// The same request under the limits of another caller too: those of the stream that its session began with.
    pub(in crate::transport) fn limited_by(&self, other: &Caller) -> Result<Arc<H>, Box<Response>> {
        self.handler_of(&Caller::clone(&self.caller).limited_by(other))
    }

    /// The same request under the limits that the headers of another one set: the one that its session began with.
    ///
    /// Its token and scope are its own, since a token may get a wider scope, or another line, while a session lasts.
    pub(in crate::transport) fn with_header_limits_of(
        &self,
        other: &Caller,
    ) -> Result<Arc<H>, Box<Response>> {
        self.handler_of(&Caller::clone(&self.caller).with_header_limits_of(other))
    }

    fn handler_of(&self, caller: &Caller) -> Result<Arc<H>, Box<Response>> {
        self.authenticator
            .handlers
            .0
            .handler(caller)
            .map_err(|error| {
                let (CallerError::BadRequest(why)
                | CallerError::SakiKey(why)
                | CallerError::Forbidden(why)) = error;
                Box::new(Refusal::new(RefusalKind::InvalidRequest, why).into_response())
            })
    }
}
