//! Replicas: servers over one Saki that share one store, in memory or in a Redis.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, ToSpan};
use rmcp::RoleClient;
use rmcp::service::RunningService;
use saki_mcp::saki::ClientOptions;
use saki_mcp::sandbox::SandboxOptions;
use saki_mcp::tools::Settings;
use saki_mcp::write::redis_store::{RedisStore, StoreSecret, StoreUrl};
use saki_mcp::write::shared_store::{InMemoryStore, SharedStore};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::support::redis_server::RedisServer;
use crate::support::server_under_test::{Answer, World, connect, quick};
use crate::support::unresponsive_saki::{call, server_with};

pub(crate) const SECRET: &str = "planted-secret-of-all-servers-0123456789";
/// Longer than a lease lasts.
const LEASE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
pub(crate) enum StoreKind {
    Memory,
    Redis,
}

/// The Saki and the store of all replicas.
pub(crate) struct Replicas {
    pub(crate) world: World,
    pub(crate) redis: Option<RedisServer>,
    settings: Settings,
}

/// One server and its client.
pub(crate) struct Replica(RunningService<RoleClient, ()>);

/// What a replica is started from.
struct Setup {
    base: String,
    redis_url: Option<String>,
    settings: Settings,
}

impl Replicas {
    pub(crate) async fn new(kind: StoreKind, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = None;
        let world = World::with(SandboxOptions::default(), |given| {
            change(given);
            given.shared_store = Arc::<InMemoryStore>::default();
            settings = Some(given.clone());
        })
        .await;
        let redis = match kind {
            StoreKind::Memory => None,
            StoreKind::Redis => Some(RedisServer::start()),
        };
        let replicas = Self {
            world,
            redis,
            settings: settings.unwrap(),
        };
        replicas.settle(60.minutes().try_into().unwrap()).await;
        replicas
    }

    /// Makes the store as old as that, so that nobody waits for what others renew.
    pub(crate) async fn settle(&self, age: SignedDuration) {
        if let Some(redis) = &self.redis {
            let began = self.world.clock.now() - age;
            store(&redis.url()).remembers_since(began).await.unwrap();
        }
    }

    fn setup(&self) -> Setup {
        Setup {
            base: self.world.base_url().to_owned(),
            redis_url: self.redis.as_ref().map(RedisServer::url),
            settings: self.settings.clone(),
        }
    }

    pub(crate) async fn replica(&self) -> Replica {
        self.setup().start().await
    }

    /// A replica that runs for itself: when its runtime is shut down, nothing of it goes on.
    pub(crate) async fn killable(&self) -> (Runtime, Replica) {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let runtime = runtime.unwrap();
        let replica = runtime.spawn(self.setup().start()).await.unwrap();
        (runtime, replica)
    }

    /// Lets so much time pass that leases end which nobody renews.
    pub(crate) fn let_leases_lapse(&self) {
        match &self.redis {
            Some(redis) => redis.expire(LEASE),
            None => {
                let later = self.world.clock.now() + 61.seconds();
                self.world.clock.set(later);
            }
        }
    }
}

impl Setup {
    async fn start(self) -> Replica {
        let mut settings = self.settings;
        if let Some(url) = &self.redis_url {
            settings.shared_store = store(url);
        }
        let http = ClientOptions {
            timeout: Duration::from_secs(300),
            bypass_proxies: true,
            retry: quick(),
            ..ClientOptions::default()
        };
        Replica(connect(server_with(&self.base, http, settings)).await)
    }
}

fn store(url: &str) -> Arc<dyn SharedStore> {
    let secret = StoreSecret::new(SECRET).unwrap();
    Arc::new(RedisStore::new(&StoreUrl::parse(url).unwrap(), secret).unwrap())
}

impl Replica {
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Answer {
        call(&self.0, tool, arguments).await
    }

    pub(crate) async fn ok(&self, tool: &str, arguments: Value) -> Value {
        self.call(tool, arguments).await.succeeded(tool)
    }

    pub(crate) async fn refused(&self, tool: &str, arguments: Value) -> String {
        self.call(tool, arguments).await.refused(tool)
    }
}
