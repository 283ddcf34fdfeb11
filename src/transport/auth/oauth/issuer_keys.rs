//! Keys of the issuer: found through its metadata, kept, and fetched anew by one task, however many requests wait.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::StreamExt;
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use url::{Host, Url};

use super::json_web_key::KeySet;

/// Keys are fetched anew after so long: a withdrawn one then ends.
const FRESH: Duration = Duration::from_secs(10 * 60);
/// While the issuer does not answer, known keys are good for so long.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);
/// An unknown key id makes one fetch in this time at most.
const UNKNOWN_KID_INTERVAL: Duration = Duration::from_secs(60);
/// The pause before another try after a fetch that failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_DOCUMENT: usize = 256 * 1024;
/// Requests that wait for a fetch; a further one goes by what is known.
const MAX_WAITING: usize = 256;

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct IssuerKeys {
    known: Known,
    refresh: mpsc::Sender<WantedKey>,
}

type Known = Arc<RwLock<Option<Fetched>>>;

#[derive(Clone, Debug)]
struct Fetched {
    keys: Arc<KeySet>,
    at: Instant,
}

/// A request that waits for a key.
struct WantedKey {
    kid: Option<String>,
    done: oneshot::Sender<()>,
}

impl IssuerKeys {
    /// The keys of the issuer at this address; they are fetched in the background.
    pub(super) fn of(issuer: &str) -> Result<Self, String> {
        let source = JwksSource::new(issuer)?;
        let (refresh, wanted) = mpsc::channel(MAX_WAITING);
        let known = Known::default();
        tokio::spawn(keep(source, Arc::clone(&known), wanted));
        Ok(Self { known, refresh })
    }

    /// The keys with which a token of this key id is checked; none where the issuer never answered or long ago.
    pub(super) async fn for_kid(&self, kid: Option<&str>) -> Option<Arc<KeySet>> {
        let usable = |fetched: Option<Fetched>| {
            let fetched = fetched.filter(|fetched| fetched.at.elapsed() < STALE)?;
            (!fetched.keys.is_empty()).then_some(fetched.keys)
        };
        let keys = usable(current(&self.known));
        if keys.as_ref().is_some_and(|keys| keys.has(kid)) {
            return keys;
        }
        let (done, is_done) = oneshot::channel();
        let kid = kid.map(str::to_owned);
        if self.refresh.try_send(WantedKey { kid, done }).is_ok() {
            let _ = is_done.await;
        }
        usable(current(&self.known))
    }
}

fn current(known: &Known) -> Option<Fetched> {
    known.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Fetches the keys when they are old, and when a request needs one that is not known.
async fn keep(source: JwksSource, known: Known, mut wanted: mpsc::Receiver<WantedKey>) {
    let mut last_forced: Option<Instant> = None;
    let mut next = Instant::now();
    let mut last_failed: Option<Instant> = None;
    loop {
        let asked = tokio::select! {
            asked = wanted.recv() => match asked {
                Some(asked) => Some(asked),
                None => return,
            },
            () = tokio::time::sleep_until(next) => None,
        };
        let has = |asked: &WantedKey| {
            let keys = current(&known).map(|fetched| fetched.keys);
            keys.is_some_and(|keys| !keys.is_empty() && keys.has(asked.kid.as_deref()))
        };
        let within = |at: Option<Instant>, time| at.is_some_and(|at: Instant| at.elapsed() < time);
        let is_due = match &asked {
            None => true,
            Some(asked) if has(asked) => false,
            Some(_) if current(&known).is_none_or(|fetched| fetched.keys.is_empty()) => {
                !within(last_failed, RETRY_INTERVAL)
            }
            Some(_) => !within(last_forced, UNKNOWN_KID_INTERVAL),
        };
        if is_due {
            let is_forced = asked.is_some() && current(&known).is_some();
            if is_forced {
                last_forced = Some(Instant::now());
            }
            match source.fetch().await {
                Ok(keys) => {
                    let fetched = Fetched {
                        keys: Arc::new(keys),
                        at: Instant::now(),
                    };
                    *known.write().unwrap_or_else(PoisonError::into_inner) = Some(fetched);
                    (next, last_failed) = (Instant::now() + FRESH, None);
                }
                Err(why) => {
                    tracing::warn!("the keys of the authorization server were not read: {why}");
                    let now = Instant::now();
                    (next, last_failed) = (now + RETRY_INTERVAL, Some(now));
                }
            }
        }
        if let Some(asked) = asked {
            let _ = asked.done.send(());
        }
    }
}

/// Where the keys come from.
#[derive(Debug)]
struct JwksSource {
    issuer: String,
    url: Url,
    http: reqwest::Client,
}

#[derive(Deserialize)]
struct IssuerMetadata {
    issuer: String,
    jwks_uri: String,
}

impl JwksSource {
    fn new(issuer: &str) -> Result<Self, String> {
        let url = Url::parse(issuer).map_err(|error| format!("this is no address: {error}"))?;
        if !is_safe(&url) {
            return Err(
                "an issuer has an https:// address; plain http:// is only for one on this machine"
                    .to_owned(),
            );
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("an issuer has no query and no fragment".to_owned());
        }
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .timeout(TIMEOUT)
            // A redirect could lead anywhere.
            .redirect(reqwest::redirect::Policy::none());
        let builder = match is_loopback(&url) {
            true => builder.no_proxy(),
            false => builder,
        };
        let http = builder.build();
        let http = http.map_err(|_| "the HTTP client could not be built".to_owned())?;
        Ok(Self {
            issuer: issuer.to_owned(),
            url,
            http,
        })
    }

    async fn fetch(&self) -> Result<KeySet, String> {
        let metadata = self.metadata().await?;
        // An issuer elsewhere must not make this server read addresses of this machine.
        let keys_at = Url::parse(&metadata.jwks_uri).ok();
        let keys_at = keys_at
            .filter(|url| is_safe(url) && (is_loopback(&self.url) || !is_loopback(url)))
            .ok_or("the address of its keys is not https://")?;
        let document = self.read(keys_at).await?;
        KeySet::parse(&document).ok_or_else(|| "its keys are no JSON web key set".to_owned())
    }

    /// The first metadata that is of this issuer.
    async fn metadata(&self) -> Result<IssuerMetadata, String> {
        let mut errors = Vec::new();
        for url in metadata_urls(&self.url) {
            let document = match self.read(url.clone()).await {
                Ok(document) => document,
                Err(why) => {
                    errors.push(why);
                    continue;
                }
            };
            match serde_json::from_slice::<IssuerMetadata>(&document) {
                Ok(metadata) if metadata.issuer == self.issuer => return Ok(metadata),
                Ok(_) => errors.push(format!("{url} is about another issuer")),
                Err(_) => errors.push(format!("{url} has no metadata with issuer and jwks_uri")),
            }
        }
        Err(errors.join("; "))
    }

    async fn read(&self, url: Url) -> Result<Vec<u8>, String> {
        let no_answer = |_: reqwest::Error| format!("{url} does not answer");
        let response = self
            .http
            .get(url.clone())
            .header("accept", "application/json");
        let response = response.send().await.map_err(no_answer)?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("{url} answers {status}"));
        }
        let (mut chunks, mut document) = (response.bytes_stream(), Vec::new());
        while let Some(chunk) = chunks.next().await {
            document.extend_from_slice(&chunk.map_err(no_answer)?);
            if document.len() > MAX_DOCUMENT {
                return Err(format!("{url} answers more than 256 KiB"));
            }
        }
        Ok(document)
    }
}

/// Where the metadata of an issuer may be, in the order of the specification.
fn metadata_urls(issuer: &Url) -> Vec<Url> {
    let path = issuer.path().trim_end_matches('/');
    let paths = [
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
        format!("{path}/.well-known/openid-configuration"),
    ];
    let mut urls: Vec<Url> = Vec::new();
    for path in paths {
        let mut url = issuer.clone();
        url.set_path(&path);
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether nobody on the way can change what is read.
fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || url.scheme() == "http" && is_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_looked_for_in_every_place_of_the_specification() {
        let of = |issuer: &str| {
            let urls = metadata_urls(&Url::parse(issuer).unwrap());
            urls.iter().map(Url::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            of("https://id.example/realms/team"),
            [
                "https://id.example/.well-known/oauth-authorization-server/realms/team",
                "https://id.example/.well-known/openid-configuration/realms/team",
                "https://id.example/realms/team/.well-known/openid-configuration",
            ]
        );
        assert_eq!(of("https://id.example").len(), 2);
    }
}
