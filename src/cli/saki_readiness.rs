//! Readiness of Saki: the look at it that `/readyz` takes.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::saki::Client;
use crate::transport::{Dependency, ReadinessProbe};

/// How long a look waits for an answer; balancers themselves wait a few seconds.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Looks at Saki without a key, so that the look costs nothing of a key's rate.
#[derive(Debug)]
pub(super) struct SakiReadiness(pub(super) Client);

impl ReadinessProbe for SakiReadiness {
    fn probe(&self) -> BoxFuture<'_, Vec<Dependency>> {
        async {
            vec![Dependency {
                name: "saki",
                is_reachable: self.0.is_reachable(TIMEOUT).await,
                is_required: true,
            }]
        }
        .boxed()
    }
}
