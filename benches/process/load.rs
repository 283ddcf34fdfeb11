//! Rounds of calls, and the line that is printed about them.

use std::time::{Duration, Instant};

/// Calls in a round, and rounds.
pub(crate) const CALLS: u64 = 10_000;
pub(crate) const ROUNDS: usize = 5;

/// The tools that are called, with arguments and the path that Saki is asked for.
pub(crate) const READS: [(&str, &str, &str); 2] = [
    ("get_subscription", "{}", "/subscription"),
    ("list_posts", r#"{"space_id":1}"#, "/spaces/1/posts"),
];

/// What one round took: each call, and all of them.
pub(crate) struct Round {
    pub(crate) each: Vec<Duration>,
    pub(crate) all: Duration,
}

/// Runs rounds after one that is not counted and prints their figures.
pub(crate) fn report(
    name: &str,
    mut round: impl FnMut() -> anyhow::Result<Round>,
) -> anyhow::Result<()> {
    round()?;
    let mut rates = Vec::new();
    let mut medians = Vec::new();
    for _ in 0..ROUNDS {
        let Round { mut each, all } = round()?;
        rates.push(each.len() as f64 / all.as_secs_f64());
        each.sort_unstable();
        medians.push(each[each.len() / 2].as_secs_f64() * 1e6);
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

/// A round of calls on a runtime, `width` of them at a time.
pub(crate) fn round<F>(
    runtime: &tokio::runtime::Runtime,
    width: u64,
    mut lane: impl FnMut(u64) -> F,
) -> anyhow::Result<Round>
where
    F: Future<Output = anyhow::Result<Vec<Duration>>> + Send + 'static,
{
    let start = Instant::now();
    let lanes: Vec<_> = (0..width)
        .map(|_| runtime.spawn(lane(CALLS / width)))
        .collect();
    let mut each = Vec::new();
    for lane in lanes {
        each.extend(runtime.block_on(lane)??);
    }
    Ok(Round {
        each,
        all: start.elapsed(),
    })
}

/// A runtime on this thread.
pub(crate) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}
