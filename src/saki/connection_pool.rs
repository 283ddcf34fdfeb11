//! Connection pool and timeouts of the HTTP client: built once, shared by all clients, and without a key.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use reqwest::Certificate as CertificateAuthority;
use reqwest::redirect::Policy;

use super::request_pace::{RequestPaces, RequestPause};
use super::{Error, RetryPolicy};

/// How requests are made.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Timeout of a request, reading its whole reply included.
    pub timeout: Duration,
    /// Timeout of an upload.
    pub upload_timeout: Duration,
    /// Whether the proxies of the environment are ignored.
    pub bypass_proxies: bool,
    /// Certificate authorities to trust beside those of the system.
    pub extra_authorities: Vec<CertificateAuthority>,
    /// When a request is retried.
    pub retry: RetryPolicy,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            upload_timeout: Duration::from_secs(15 * 60),
            bypass_proxies: false,
            extra_authorities: Vec::new(),
            retry: RetryPolicy::default(),
        }
    }
}

/// A connection pool that is built at its first use or by [`warm`](ConnectionPool::warm), whichever comes first.
#[derive(Debug, Clone)]
pub struct ConnectionPool {
    options: ClientOptions,
    pool: Arc<OnceLock<Result<reqwest::Client, String>>>,
    paces: RequestPaces,
}

impl ConnectionPool {
    /// Keeps the options; nothing is built yet.
    pub fn new(options: ClientOptions) -> Self {
        Self {
            options,
            pool: Arc::default(),
            paces: RequestPaces::default(),
        }
    }

    /// Builds the pool now; reading the system's trust store takes milliseconds, so a server does it on another thread.
    ///
    /// If this fails, every request fails with the reason.
    pub fn warm(&self) {
        let _ = self.pool();
    }

    /// The options given at the start.
    pub fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// The waits that Saki asked for when it refused requests of this process as too many (429).
    pub fn pauses(&self) -> Vec<RequestPause> {
        self.paces.pauses()
    }

    /// Lets requests wait as well where Saki asked another process for that.
    pub fn note_pause(&self, pause: RequestPause) {
        self.paces.note_pause(pause, &self.options.retry);
    }

    /// The paces of requests, by key.
    pub(super) fn paces(&self) -> &RequestPaces {
        &self.paces
    }

    pub(super) fn pool(&self) -> Result<&reqwest::Client, Error> {
        self.pool
            .get_or_init(|| build(&self.options))
            .as_ref()
            .map_err(|reason| Error::ClientSetup(reason.clone()))
    }
}

fn build(options: &ClientOptions) -> Result<reqwest::Client, String> {
    let authorities = options.extra_authorities.iter().cloned();
    let with_system = builder(options)
        .tls_certs_merge(authorities.clone())
        .build();
    with_system
        .or_else(|error| {
            // Without the system's authorities, plain http to this machine still works.
            tracing::warn!("{}: no HTTPS server is trusted", root_cause(&error));
            builder(options).tls_certs_only(authorities).build()
        })
        .map_err(|error| root_cause(&error))
}

fn builder(options: &ClientOptions) -> reqwest::ClientBuilder {
    // Rustls refuses a second installation, and one provider for all is what we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("saki-mcp/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10).min(options.timeout))
        .timeout(options.timeout)
        .pool_idle_timeout(Duration::from_secs(90))
        .tcp_nodelay(true)
        // A redirect means that the base URL is wrong; following it would carry the key elsewhere.
        .redirect(Policy::none());
    if options.bypass_proxies {
        builder.no_proxy()
    } else {
        builder
    }
}

/// The last cause of an error: it says what happened, and never contains a URL.
pub(super) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
