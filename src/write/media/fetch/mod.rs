//! Media fetch from a URL that an agent gave: SSRF-guarded, bounded in size and time, into an unnamed temporary file.

mod download;
mod fetch_options;
mod ip_ranges;
mod share_links;
mod ssrf_guard;
mod url_syntax;

use std::error::Error;
use std::fs::File;
use std::sync::{Arc, OnceLock};

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::Url;

use super::OnProgress;
pub use fetch_options::{FetchOptions, LookupFuture, NetworkScope, Resolver, SystemResolver};
use ssrf_guard::{SsrfGuard, UrlRefused};

const MAX_REDIRECTS: usize = 5;

/// Fetches media without a key, cookies or a proxy; a clone is cheap.
#[derive(Debug, Clone)]
pub struct Fetcher {
    guard: SsrfGuard,
    client: Arc<OnceLock<Result<Client, String>>>,
}

impl Fetcher {
    /// Keeps the options; nothing is built before the first fetch.
    pub fn new(options: FetchOptions) -> Self {
        Self {
            guard: SsrfGuard(Arc::new(options)),
            client: Arc::default(),
        }
    }

    /// Parses a URL and checks it and the addresses of its host; nothing is fetched.
    ///
    /// # Errors
    ///
    /// A sentence without its subject: what is wrong, and what is allowed.
    pub async fn check_url(&self, given: &str) -> Result<Url, String> {
        let url = url_syntax::parse(given).map_err(|why| why.0)?;
        self.guard.check_ip_literal(&url).map_err(|why| why.0)?;
        if let Some(host) = url.domain() {
            self.guard.resolve_public(host).await.map_err(|why| why.0)?;
        }
        Ok(url)
    }

    /// Fetches a checked URL, and checks it again together with each redirect.
    ///
    /// The file has no name, so the system removes it when it is dropped.
    ///
    /// # Errors
    ///
    /// A sentence without its subject.
    pub async fn fetch(&self, url: Url, on_progress: &OnProgress) -> Result<(File, u64), String> {
        let options = &self.guard.0;
        let direct_url = share_links::direct_url(&url);
        let download = async {
            let response = self.follow_redirects(url).await?;
            download::to_temp_file(response, options.max_bytes, on_progress, &direct_url).await
        };
        match tokio::time::timeout(options.total_timeout, download).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!(
                "was not complete after {} seconds",
                options.total_timeout.as_secs()
            )),
        }
    }

    async fn follow_redirects(&self, mut url: Url) -> Result<Response, String> {
        for _ in 0..=MAX_REDIRECTS {
            url_syntax::check(&url).map_err(|why| why.0)?;
            self.guard.check_ip_literal(&url).map_err(|why| why.0)?;
            let request = self
                .client()?
                .get(url.clone())
                .header(ACCEPT, "image/*, video/*, application/pdf")
                .header(ACCEPT_ENCODING, "identity");
            let response = request
                .send()
                .await
                .map_err(|error| error_sentence(&error))?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(response);
            }
            let next = response.headers().get(LOCATION);
            let next = next.and_then(|next| url.join(next.to_str().ok()?).ok());
            let Some(next) = next else {
                return Err("redirects to a URL that cannot be read".to_owned());
            };
            url = next;
        }
        Err(format!("redirects more than {MAX_REDIRECTS} times"))
    }

    fn client(&self) -> Result<&Client, String> {
        let built = self.client.get_or_init(|| build(&self.guard));
        built
            .as_ref()
            .map_err(|why| format!("cannot be fetched ({why})"))
    }
}

fn build(guard: &SsrfGuard) -> Result<Client, String> {
    // Rustls refuses a second installation, and one provider for all is what we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = &guard.0;
    Client::builder()
        .user_agent(concat!("saki-mcp/", env!("CARGO_PKG_VERSION"), " (media)"))
        // A proxy would resolve the name itself and bypass the guard.
        .no_proxy()
        .dns_resolver(guard.clone())
        .redirect(Policy::none())
        .tls_certs_merge(options.extra_authorities.iter().cloned())
        // A small compressed body can be huge when unpacked.
        .no_gzip()
        .referer(false)
        .connect_timeout(options.connect_timeout)
        .read_timeout(options.read_timeout)
        // No connection is reused, because the name may resolve to another address later.
        .pool_max_idle_per_host(0)
        .build()
        .map_err(|error| root_cause(&error).to_string())
}

/// Says what went wrong, without the URL.
fn error_sentence(error: &reqwest::Error) -> String {
    let refused = causes(error).find_map(|cause| cause.downcast_ref::<UrlRefused>());
    match refused {
        Some(refused) => refused.0.clone(),
        None if error.is_timeout() => "did not answer in time".to_owned(),
        None if error.is_connect() => format!("cannot be reached ({})", root_cause(error)),
        None => format!("broke off during the transfer ({})", root_cause(error)),
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

fn root_cause<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}

#[cfg(test)]
mod tests;
