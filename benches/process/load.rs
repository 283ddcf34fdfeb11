//! Rounds of calls, and the line of figures that is printed for them.

use std::time::{Duration, Instant};

/// Calls in a round, and rounds.
pub(crate) const CALLS: u64 = 10_000;
pub(crate) const ROUNDS: usize = 5;

/// The tools that are called, their arguments, and the path that the server requests from Saki.
pub(crate) const READS: [(&str, &str, &str); 2] = [
    ("get_subscription", "{}", "/subscription"),
    ("list_posts", r#"{"space_id":1}"#, "/spaces/1/posts"),
];

/// The durations of one round.
pub(crate) struct Round {
    pub(crate) per_call: Vec<Duration>,
    pub(crate) total: Duration,
}

/// Runs one warm-up round, then the measured rounds, and prints their figures.
pub(crate) fn report(
    name: &str,
    mut round: impl FnMut() -> anyhow::Result<Round>,
) -> anyhow::Result<()> {
    round()?;
    let mut rates = Vec::new();
    let mut medians = Vec::new();
    for _ in 0..ROUNDS {
        let Round {
            mut per_call,
            total,
        } = round()?;
        rates.push(per_call.len() as f64 / total.as_secs_f64());
        per_call.sort_unstable();
        medians.push(per_call[per_call.len() / 2].as_secs_f64() * 1e6);
    }
    rates.sort_unstable_by(f64::total_cmp);
    medians.sort_unstable_by(f64::total_cmp);
    println!(
        "{name:<44} {:>7.0} calls/s (best {:>6.0})   median {:>6.1} µs (best {:>6.1})",
        rates[ROUNDS / 2],
        rates[ROUNDS - 1],
        medians[ROUNDS / 2],
        medians[0],
    );
    Ok(())
}

/// Runs one round of calls on a runtime, `width` of them concurrently.
pub(crate) fn round<F>(
    runtime: &tokio::runtime::Runtime,
    width: u64,
    mut worker: impl FnMut(u64) -> F,
) -> anyhow::Result<Round>
where
    F: Future<Output = anyhow::Result<Vec<Duration>>> + Send + 'static,
{
    let start = Instant::now();
    let workers: Vec<_> = (0..width)
        .map(|_| runtime.spawn(worker(CALLS / width)))
        .collect();
    let mut per_call = Vec::new();
    for worker in workers {
        per_call.extend(runtime.block_on(worker)??);
    }
    Ok(Round {
        per_call,
        total: start.elapsed(),
    })
}

/// A single-threaded runtime.
pub(crate) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}
