//! Fetching media from an address that an agent named: guarded, bounded, and into a file that has no name.

mod fetch_options;
mod ip_ranges;
mod spool;
mod ssrf_guard;
mod url_check;

use std::error::Error;
use std::fs::File;
use std::sync::{Arc, OnceLock};

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::Url;

use super::OnProgress;
pub use fetch_options::{FetchOptions, LookupFuture, NetworkScope, Resolver, SystemResolver};
use ssrf_guard::{Refused, SsrfGuard};

const MOST_REDIRECTS: usize = 5;

/// Fetches media; it knows no key, keeps no cookie and uses no proxy. A clone is cheap.
#[derive(Debug, Clone)]
pub struct Fetcher {
    guard: SsrfGuard,
    client: Arc<OnceLock<Result<Client, String>>>,
}

impl Fetcher {
    /// Remembers the options; nothing is built before the first fetch.
    pub fn new(options: FetchOptions) -> Self {
        Self {
            guard: SsrfGuard(Arc::new(options)),
            client: Arc::default(),
        }
    }

    /// Reads an address and judges it, and where its name leads; nothing is fetched.
    ///
    /// # Errors
    ///
    /// A sentence without its subject: what is wrong, and what is allowed.
    pub async fn look(&self, given: &str) -> Result<Url, String> {
        let url = url_check::read(given).map_err(|why| why.0)?;
        self.guard.literal(&url).map_err(|why| why.0)?;
        if let Some(host) = url.domain() {
            self.guard.addresses(host).await.map_err(|why| why.0)?;
        }
        Ok(url)
    }

    /// Fetches an address that was looked at, and judges it again and each that it leads to.
    ///
    /// The file has no name, so nothing is left of it when it is dropped, by whatever end.
    ///
    /// # Errors
    ///
    /// A sentence without its subject.
    pub async fn fetch(&self, url: Url, told: &OnProgress) -> Result<(File, u64), String> {
        let options = &self.guard.0;
        let all = async {
            let response = self.follow(url).await?;
            spool::keep(response, options.largest, told).await
        };
        match tokio::time::timeout(options.total, all).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!(
                "was not there whole after {} seconds",
                options.total.as_secs()
            )),
        }
    }

    async fn follow(&self, mut url: Url) -> Result<Response, String> {
        for _ in 0..=MOST_REDIRECTS {
            url_check::check(&url).map_err(|why| why.0)?;
            self.guard.literal(&url).map_err(|why| why.0)?;
            let request = self
                .client()?
                .get(url.clone())
                .header(ACCEPT, "image/*, video/*, application/pdf")
                .header(ACCEPT_ENCODING, "identity");
            let response = request.send().await.map_err(|error| sentence(&error))?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(response);
            }
            let next = response.headers().get(LOCATION);
            let next = next.and_then(|next| url.join(next.to_str().ok()?).ok());
            let Some(next) = next else {
                return Err("leads to another address, which cannot be read".to_owned());
            };
            url = next;
        }
        Err(format!(
            "leads from one address to the next more than {MOST_REDIRECTS} times"
        ))
    }

    fn client(&self) -> Result<&Client, String> {
        let built = self.client.get_or_init(|| build(&self.guard));
        built
            .as_ref()
            .map_err(|why| format!("cannot be fetched ({why})"))
    }
}

fn build(guard: &SsrfGuard) -> Result<Client, String> {
    // A second installation is refused by rustls, which is what is wanted: one provider for all.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = &guard.0;
    Client::builder()
        .user_agent(concat!("saki-mcp/", env!("CARGO_PKG_VERSION"), " (media)"))
        // A proxy would look the name up itself, past the guard.
        .no_proxy()
        .dns_resolver(guard.clone())
        .redirect(Policy::none())
        // What is small on the way can be large unpacked.
        .no_gzip()
        .referer(false)
        .connect_timeout(options.connect)
        .read_timeout(options.idle)
        // Nothing stays open for a later fetch, whose name may lead elsewhere by then.
        .pool_max_idle_per_host(0)
        .build()
        .map_err(|error| innermost(&error).to_string())
}

/// What went wrong, without the address.
fn sentence(error: &reqwest::Error) -> String {
    let refused = causes(error).find_map(|cause| cause.downcast_ref::<Refused>());
    match refused {
        Some(refused) => refused.0.clone(),
        None if error.is_timeout() => "did not answer in time".to_owned(),
        None if error.is_connect() => format!("cannot be reached ({})", innermost(error)),
        None => format!("broke off on its way ({})", innermost(error)),
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}

#[cfg(test)]
mod tests;
