//! Authentication flags of `saki-mcp http`: who may connect, and whose Saki key is used.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use url::Url;

use super::build_server::Server;
use super::global_flags::{boolean, path};
use super::key_list::KeyList;
use super::principal_handlers::PrincipalHandlers;
use super::usage_error::wrong_usage;
use crate::server::McpHandler;
use crate::transport::auth::oauth::ResourceServer;
use crate::transport::auth::{
    AuthMethods, CallerHandlers, CheckSettings, CommonSecret, TokenTable,
};
use crate::transport::{PublicUrl, ReloadSignal, ReloadedFile};

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Who may connect, and whose Saki key is used")]
pub(super) struct AuthFlags {
    /// File with the tokens of those who may connect, one "name: hash" a line
    ///
    /// "saki-mcp token new NAME" makes a token and its line. A line can go on with limits of its holder, e.g. "mode=drafts-only space=12",
    /// and with "key=LABEL" for a key of --keys. The file is read anew when it changes, and at SIGHUP.
    #[arg(long, value_name = "FILE", env = "SAKI_AUTH_TOKENS", value_parser = path())]
    auth_tokens: Option<PathBuf>,
    /// Address of the OAuth authorization server whose access tokens are accepted, exactly as it names itself
    ///
    /// Its scopes are saki:read, saki:write (what stays private) and saki:publish (what goes public or cannot be taken back).
    /// With it, tokens of --auth-tokens and Saki keys of headers are also served at /key/mcp, for clients that drop their headers where OAuth is offered.
    #[arg(long, value_name = "URL", env = "SAKI_OAUTH_ISSUER")]
    oauth_issuer: Option<String>,
    /// Audience that an access token must be issued for
    ///
    /// By default, this is the public address of /mcp.
    #[arg(
        long,
        value_name = "TEXT",
        env = "SAKI_OAUTH_AUDIENCE",
        requires = "oauth_issuer"
    )]
    oauth_audience: Option<String>,
    /// Take the Saki API key from each request: the header X-Saki-Api-Key, or X-Api-Key
    ///
    /// Without --auth-tokens and --oauth-issuer, whoever brings a key may connect.
    #[arg(long, env = "SAKI_KEY_FROM_HEADER", value_parser = boolean)]
    key_from_header: bool,
    /// File with the Saki keys of those who connect, one "LABEL: PATH" a line, where PATH is the file of a key
    ///
    /// A key belongs to the token or OAuth subject of the same name, or to the tokens whose line has "key=LABEL".
    /// Everybody else uses the configured key. The file and the keys are read anew when they change, and at SIGHUP.
    #[arg(long, value_name = "FILE", env = "SAKI_KEYS", value_parser = path())]
    keys: Option<PathBuf>,
    /// Serve the older HTTP+SSE at /sse and /message beside --oauth-issuer or --store-url too
    ///
    /// Without these two, it is always served. For OAuth, /sse is a resource with metadata of its own, and with an audience of its own unless --oauth-audience is set.
    /// Where there are several servers, the balancer must send every request with the same sessionId to the server that its stream is from.
    #[arg(long, env = "SAKI_SSE", value_parser = boolean)]
    sse: bool,
    /// Let everybody who reaches the port call the tools with your Saki key
    ///
    /// Only for a network where everybody may post in your name. It is needed where nobody has to log in and --bind or --public-url is an address that other machines reach.
    #[arg(long, env = "SAKI_INSECURE_NO_AUTH", value_parser = boolean)]
    insecure_no_auth: bool,
}

/// How a server authenticates requests, and the handlers behind it.
pub(super) struct AuthSetup {
    pub(super) auth_methods: AuthMethods,
    pub(super) handlers: Arc<dyn CallerHandlers<McpHandler>>,
}

impl AuthFlags {
    /// Whether anybody has to log in.
    fn has_auth_method(&self) -> bool {
        self.auth_tokens.is_some() || self.oauth_issuer.is_some() || self.key_from_header
    }

    /// Whether a call may have another Saki key than the configured one.
    pub(super) fn gives_keys_to_callers(&self) -> bool {
        self.key_from_header || self.keys.is_some()
    }

    /// Refuses a server that everybody could use by mistake.
    pub(super) fn check(
        &self,
        bind: SocketAddr,
        public_url: Option<&PublicUrl>,
    ) -> Result<(), String> {
        if self.insecure_no_auth && self.has_auth_method() {
            return Err("--insecure-no-auth contradicts --auth-tokens, --oauth-issuer and --key-from-header: leave it out, or them".to_owned());
        }
        if self.keys.is_some() && self.auth_tokens.is_none() && self.oauth_issuer.is_none() {
            return Err("--keys gives keys to those who log in, so it needs --auth-tokens or --oauth-issuer".to_owned());
        }
        if self.has_auth_method() || self.insecure_no_auth {
            return Ok(());
        }
        let Some(open) = exposed_address(bind, public_url) else {
            return Ok(());
        };
        let only_here = match bind.ip().is_loopback() {
            true => "leave out --public-url".to_owned(),
            false => format!("use 127.0.0.1:{}", bind.port()),
        };
        Err(format!(
            "other machines can connect to {open}, and anyone who does can post in your name. \
             Say who may, with --auth-tokens FILE, --oauth-issuer URL or --key-from-header. \
             To serve only this machine, {only_here}. --insecure-no-auth lets everybody in"
        ))
    }

    /// Warns of a server that everybody can use.
    pub(super) fn warn(&self, address: SocketAddr, public_url: Option<&PublicUrl>) {
        if let Some(open) = exposed_address(address, public_url)
            && self.insecure_no_auth
        {
            tracing::warn!(
                "--insecure-no-auth: everybody who can connect to {open} can post in your name"
            );
        }
    }

    /// Reads the files, and starts to watch them. `base` is the address of the server as clients know it.
    pub(super) fn set_up(
        &self,
        server: &Server,
        base: &str,
        reload: &ReloadSignal,
    ) -> anyhow::Result<AuthSetup> {
        let keys = match self.keys.clone() {
            None => None,
            Some(path) => {
                let keys = ReloadedFile::open(
                    "the key list",
                    move || KeyList::load(&path),
                    reload.clone(),
                );
                Some(keys.map_err(anyhow::Error::msg)?)
            }
        };
        let handlers = Arc::new(PrincipalHandlers::new(server, keys, self.key_from_header));
        let tokens = match self.auth_tokens.clone() {
            None => None,
            Some(path) => {
                let checked = Arc::clone(&handlers);
                let check: Arc<CheckSettings> =
                    Arc::new(move |settings| checked.check_settings(settings));
                let tokens = ReloadedFile::open(
                    "the token file",
                    TokenTable::loader(path, check),
                    reload.clone(),
                );
                let tokens = tokens.map_err(anyhow::Error::msg)?;
                if tokens.current().is_empty() {
                    tracing::warn!(
                        "the token file has no token yet, so nobody can log in with one: saki-mcp token new NAME makes one"
                    );
                }
                Some(tokens)
            }
        };
        let oauth = match &self.oauth_issuer {
            None => None,
            Some(issuer) => {
                // The address of /mcp as users type it.
                let resource =
                    Url::parse(&format!("{base}/mcp")).context("the address of this server")?;
                let audience = self.oauth_audience.as_deref();
                let oauth = ResourceServer::new(issuer, audience, resource);
                Some(oauth.map_err(|why| wrong_usage(format!("--oauth-issuer {issuer}: {why}")))?)
            }
        };
        let settings = server.handler.tools().settings();
        let auth_methods = AuthMethods {
            tokens,
            saki_keys: self.key_from_header,
            oauth,
            always_sse: self.sse,
            common_secret: settings
                .shared_store
                .common_key("principals")
                .map(CommonSecret),
        };
        Ok(AuthSetup {
            auth_methods,
            handlers,
        })
    }
}

/// The address at which other machines reach the server, if they do.
fn exposed_address(bind: SocketAddr, public_url: Option<&PublicUrl>) -> Option<String> {
    match public_url {
        _ if !bind.ip().is_loopback() => Some(bind.to_string()),
        Some(url) if !url.is_loopback() => Some(url.to_string()),
        _ => None,
    }
}
