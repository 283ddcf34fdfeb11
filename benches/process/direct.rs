//! The baseline: the same requests sent directly, without a server.

use std::time::Instant;

use anyhow::ensure;

use crate::calls::{READS, Read, WIDTH};
use crate::figures::{Figures, Unit};
use crate::subject::{Kind, Subject};

pub(crate) fn measure(subject: &Subject, upstream: &str) -> anyhow::Result<Figures> {
    if !matches!(subject.kind, Kind::Direct) {
        return Ok(Vec::new());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = reqwest::Client::builder()
        .no_proxy()
        .tcp_nodelay(true)
        .build()?;
    let mut figures = Vec::new();
    for read in READS {
        let seconds = |width: usize| {
            let each = subject.calls / width;
            let start = Instant::now();
            let workers: Vec<_> = (0..width)
                .map(|_| runtime.spawn(worker(client.clone(), upstream.to_owned(), read, each)))
                .collect();
            for worker in workers {
                runtime.block_on(worker)??;
            }
            anyhow::Ok(start.elapsed().as_secs_f64() / (each * width) as f64)
        };
        let (alone, together) = (seconds(1)? * 1e6, 1.0 / seconds(WIDTH)?);
        // The same names as those of the servers, so that they stand in one row.
        for (transport, many) in [("stdio", "in flight"), ("HTTP", "connections")] {
            let name = format!("{transport}, {}, one by one", read.tool);
            figures.push((name, Unit::Microseconds, alone));
            let name = format!("{transport}, {}, {WIDTH} {many}", read.tool);
            figures.push((name, Unit::CallsPerSecond, together));
        }
    }
    Ok(figures)
}

async fn worker(
    client: reqwest::Client,
    upstream: String,
    read: Read,
    count: usize,
) -> anyhow::Result<()> {
    let address = upstream + read.path;
    for _ in 0..count {
        let request = client.get(&address).bearer_auth("bench-key-1");
        let body = request.send().await?.error_for_status()?.text().await?;
        ensure!(body.contains(read.word), "{body}");
    }
    Ok(())
}
