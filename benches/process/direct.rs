//! The baseline: the same requests sent by reqwest directly, without the server.

use std::time::Instant;

use anyhow::ensure;

use crate::load::{READS, report, round, runtime};

pub(crate) fn measure(upstream: &str) -> anyhow::Result<()> {
    // Installing it a second time fails, and once is enough.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = runtime()?;
    let client = reqwest::Client::builder()
        .no_proxy()
        .tcp_nodelay(true)
        .build()?;
    for (tool, _, path) in READS {
        let address = format!("{upstream}{path}");
        for width in [1, 32] {
            report(&format!("direct, {tool}, {width} in flight"), || {
                round(&runtime, width, |calls| {
                    let (client, address) = (client.clone(), address.clone());
                    async move {
                        let mut per_call = Vec::new();
                        for _ in 0..calls {
                            let start = Instant::now();
                            let request = client.get(&address).bearer_auth("bench-key-1");
                            let body = request.send().await?.bytes().await?;
                            ensure!(!body.is_empty());
                            per_call.push(start.elapsed());
                        }
                        Ok(per_call)
                    }
                })
            })?;
        }
    }
    Ok(())
}
