//! Cold start: the time from the start of the process to the answer to `initialize`, and the memory when idle.

use std::time::Duration;

use crate::child::Server;

const STARTS: usize = 20;

pub(crate) fn measure(upstream: &str) -> anyhow::Result<()> {
    let mut took = Vec::new();
    let mut resident = Vec::new();
    for _ in 0..=STARTS {
        let (server, time) = Server::initialized(upstream, &[])?;
        // Work in the background after the answer is done by then.
        std::thread::sleep(Duration::from_millis(100));
        took.push(time.as_secs_f64() * 1e3);
        resident.extend(server.memory().map(|(now, _)| now as f64 / 1e3));
    }
    for (name, unit, mut figures) in [("cold start", "ms", took), ("idle RSS", "MB", resident)] {
        if figures.is_empty() {
            continue;
        }
        // The first start reads the binary from disk.
        figures.remove(0);
        figures.sort_unstable_by(f64::total_cmp);
        println!(
            "{name:<44} {:>7.2} {unit} (best {:.2}, worst {:.2})",
            figures[STARTS / 2],
            figures[0],
            figures[STARTS - 1]
        );
    }
    Ok(())
}
