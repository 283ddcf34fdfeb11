//! Store in Redis or Valkey, which several servers share. It holds hashed keys and sealed values, and each of them expires.
//!
//! There is no way around it: while it is away, whatever needs it is refused, and nothing is kept in memory instead.

mod store_secret;
mod store_url;

use std::fmt::{self, Debug};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use jiff::{SignedDuration, Timestamp};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, ServerErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::shared_store::{SharedStore, StoreError, Update};
use super::ttl_map::Expiring;

pub use store_secret::StoreSecret;
pub use store_url::StoreUrl;

/// Begins the name of every key.
const PREFIX: &str = "saki-mcp:";
/// How long a call waits for the store in all, and for one answer of it: one lost connection is made up for in that time.
const LIMIT: Duration = Duration::from_secs(1);
const ANSWER_LIMIT: Duration = Duration::from_millis(450);
/// How often an update begins anew because another server was quicker.
const MAX_COLLISIONS: usize = 100;
/// The longest time that anything is kept.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 30);
const INSTANCE_KEY: &str = "store/instance";

/// Replaces a value that is still the known one. A call whose answer was lost may be made again: its own value counts as success.
const REPLACE: &str = "\
local current = redis.call('GET', KEYS[1]) or ''
if current == ARGV[2] then return 1 end
if current ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1";

/// A store in Redis or Valkey.
pub struct RedisStore {
    client: redis::Client,
    secret: StoreSecret,
    place: String,
    /// The connection, and how many there were before it.
    connection: Mutex<(u64, ConnectionManager)>,
    is_away: AtomicBool,
}

/// The process that answers for the store: another one may not know everything that was told to the one before.
#[derive(Debug, Serialize, Deserialize)]
struct Instance {
    run_id: String,
    since: Timestamp,
}

impl RedisStore {
    /// A store that is connected to when it is first used, so that it may be away now.
    ///
    /// # Errors
    ///
    /// When no connection can be prepared, e.g. because TLS finds no certificate authorities.
    pub fn new(url: &StoreUrl, secret: StoreSecret) -> RedisResult<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = redis::Client::open(url.connection())?;
        let connection = Mutex::new((0, connect(&client)?));
        Ok(Self {
            client,
            secret,
            place: url.to_string(),
            connection,
            is_away: AtomicBool::new(false),
        })
    }

    /// Whether the store answers.
    pub async fn is_reachable(&self, now: Timestamp) -> bool {
        self.remembers_since(now).await.is_ok()
    }

    async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let first = self.run_once(command).await;
        let outcome = match first {
            // The connection may have been an old one.
            Err(Trouble::Connection(_)) => self.run_once(command).await,
            other => other,
        };
        self.note(outcome.as_ref().err());
        outcome.map_err(|_| StoreError::Unavailable)
    }

    async fn run_once<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Trouble> {
        let (number, mut connection) = self.connection();
        let answer = timeout(ANSWER_LIMIT, command.query_async(&mut connection)).await;
        let trouble = match answer {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => Trouble::of(error),
            Err(_) => Trouble::Connection("it does not answer".to_owned()),
        };
        if matches!(trouble, Trouble::Connection(_)) {
            self.reconnect(number);
        }
        Err(trouble)
    }

    fn connection(&self) -> (u64, ConnectionManager) {
        let connection = self.connection.lock();
        connection.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a new connection in the place of the one with this number. The manager itself would keep one to a server that
    /// no longer takes writes, or that stopped answering.
    fn reconnect(&self, number: u64) {
        let connection = self.connection.lock();
        let mut connection = connection.unwrap_or_else(PoisonError::into_inner);
        if connection.0 == number
            && let Ok(new) = connect(&self.client)
        {
            *connection = (number + 1, new);
        }
    }

    /// Tells the log when the store goes away and when it is back.
    fn note(&self, trouble: Option<&Trouble>) {
        let was_away = self.is_away.swap(trouble.is_some(), Ordering::Relaxed);
        match trouble {
            Some(Trouble::Connection(why) | Trouble::Refused(why)) if !was_away => tracing::warn!(
                "the shared store at {} is away ({why}): reads go on, writes that need it are refused",
                self.place
            ),
            None if was_away => tracing::info!("the shared store at {} is back", self.place),
            _ => {}
        }
    }

    async fn read_sealed(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(redis::cmd("GET").arg(name)).await
    }

    fn open(&self, name: &str, sealed: &[u8]) -> Result<Value, StoreError> {
        let opened = self.secret.open(name, sealed);
        let value = opened.and_then(|opened| serde_json::from_slice(&opened).ok());
        value.ok_or(StoreError::Unreadable)
    }

    async fn update_sealed(
        &self,
        key: &str,
        now: Timestamp,
        change: Update<'_>,
    ) -> Result<(), StoreError> {
        let name = self.secret.name(PREFIX, key);
        for _ in 0..MAX_COLLISIONS {
            let known = self.read_sealed(&name).await?;
            let value = known.as_deref().map(|sealed| self.open(&name, sealed));
            let (new, millis) = match change(value.transpose()?) {
                Some(Expiring { value, expires }) => {
                    let sealed = self.secret.seal(&name, value.to_string().into_bytes());
                    let kept = expires.duration_since(now).min(LONGEST);
                    let millis = kept.as_millis().max(1);
                    (sealed.ok_or(StoreError::Unavailable)?, millis)
                }
                None if known.is_none() => return Ok(()),
                None => (Vec::new(), 0),
            };
            let mut replace = redis::cmd("EVAL");
            let replace = replace.arg(REPLACE).arg(1).arg(&name);
            let replace = replace.arg(known.unwrap_or_default()).arg(new);
            let is_replaced: bool = self.run(replace.arg(millis.to_string())).await?;
            if is_replaced {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable)
    }

    /// Which process answers for the store.
    async fn run_id(&self) -> Result<String, StoreError> {
        let info: String = self.run(redis::cmd("INFO").arg("server")).await?;
        let mut lines = info.lines();
        let run_id = lines.find_map(|line| line.strip_prefix("run_id:"));
        // Where it does not say, only a store that was emptied is noticed.
        Ok(run_id.unwrap_or_default().trim().to_owned())
    }
}

/// Why a command had no result.
enum Trouble {
    /// Another connection may do better.
    Connection(String),
    /// The server refused it.
    Refused(String),
}

impl Trouble {
    fn of(error: RedisError) -> Self {
        let is_refused =
            matches!(error.kind(), ErrorKind::Server(kind) if kind != ServerErrorKind::ReadOnly);
        let why = error.to_string();
        match is_refused {
            true => Self::Refused(why),
            false => Self::Connection(why),
        }
    }
}

fn connect(client: &redis::Client) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(ANSWER_LIMIT))
        .set_response_timeout(Some(ANSWER_LIMIT))
        .set_number_of_retries(0);
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

async fn within_limit<T>(
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let outcome = timeout(LIMIT, work).await;
    outcome.unwrap_or(Err(StoreError::Unavailable))
}

impl SharedStore for RedisStore {
    fn get<'a>(
        &'a self,
        key: &'a str,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<Option<Value>, StoreError>> {
        let read = async move {
            let name = self.secret.name(PREFIX, key);
            let sealed = self.read_sealed(&name).await?;
            sealed.map(|sealed| self.open(&name, &sealed)).transpose()
        };
        within_limit(read).boxed()
    }

    fn update<'a>(
        &'a self,
        key: &'a str,
        now: Timestamp,
        change: Update<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        within_limit(self.update_sealed(key, now, change)).boxed()
    }

    fn remembers_since(
        &self,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        let look = async move {
            let run_id = self.run_id().await?;
            let mut since = now;
            let mut change = |known: Option<Value>| {
                let known = known.and_then(|known| serde_json::from_value::<Instance>(known).ok());
                let known = known.filter(|known| known.run_id == run_id);
                since = known.map_or(now, |known| known.since);
                let instance = Instance {
                    run_id: run_id.clone(),
                    since,
                };
                Some(Expiring::new(json!(instance), now, LONGEST))
            };
            self.update_sealed(INSTANCE_KEY, now, &mut change).await?;
            Ok(Some(since))
        };
        within_limit(look).boxed()
    }

    fn common_key(&self, purpose: &str) -> Option<[u8; 32]> {
        self.secret.key_for(purpose)
    }
}

impl Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
