//! Readiness of the server: the look at Saki and at the shared store that `/readyz` takes.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::saki::Client;
use crate::transport::{Dependency, ReadinessProbe};
use crate::write::redis_store::RedisStore;

/// How long a look waits for an answer; balancers themselves wait a few seconds.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Looks at Saki without a key, so that the look costs nothing of a key's rate.
#[derive(Debug)]
pub(super) struct ServerReadiness {
    pub(super) saki: Client,
    /// The store that several servers share, if there is one.
    pub(super) store: Option<Arc<RedisStore>>,
}

impl ServerReadiness {
    /// The state of the store. Without it reads go on, so that not all servers are taken out at once.
    pub(super) async fn look_at_store(&self) -> Option<Dependency> {
        let store = self.store.as_ref()?;
        Some(Dependency {
            name: "store",
            is_reachable: store.is_reachable(Timestamp::now()).await,
            is_required: false,
        })
    }
}

impl ReadinessProbe for ServerReadiness {
    fn probe(&self) -> BoxFuture<'_, Vec<Dependency>> {
        async {
            let (is_reachable, store) =
                tokio::join!(self.saki.is_reachable(TIMEOUT), self.look_at_store());
            let saki = Dependency {
                name: "saki",
                is_reachable,
                is_required: true,
            };
            std::iter::once(saki).chain(store).collect()
        }
        .boxed()
    }
}
