//! Benchmarks of the shipped binary as a process: start, memory, calls per second, an upload of 300 MiB.
//!
//! ```sh
//! cargo bench --bench process                            # builds and measures a release binary
//! cargo bench --bench process -- stdio                   # only the parts whose name contains a word
//! BENCH_BINARY=/usr/bin/saki-mcp cargo bench --bench process # another binary
//! cargo bench --profile fast --bench process             # built in seconds, a little slower
//! ```
//!
//! A fake Saki ([`upstream`]) runs in a thread of this process. So client, server and Saki share the processors:
//! use a quiet machine with two or more of them.
//! `direct` is the baseline without the server. The difference from `stdio` and `http` is the cost of the server.
//! Every figure is the median of several rounds, followed by the best round.
//! Memory comes from `/proc`, so it is shown only on Linux: RSS now, and the peak (VmHWM) of the process.

#![expect(clippy::print_stdout, reason = "the table is the result")]

mod child;
mod direct;
mod http;
mod load;
mod memory;
mod start;
mod stdio;
mod upstream;

use std::ffi::OsString;

/// The binary that is measured.
fn binary() -> OsString {
    std::env::var_os("BENCH_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_saki-mcp").into())
}

type Part = fn(upstream: &str) -> anyhow::Result<()>;

fn main() -> anyhow::Result<()> {
    let filters: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let parts: [(&str, Part); 5] = [
        ("start", start::measure),
        ("direct", direct::measure),
        ("stdio", stdio::measure),
        ("http", http::measure),
        ("memory", memory::measure),
    ];
    let upstream = upstream::start()?;
    println!("{}", binary().to_string_lossy());
    for (name, measure) in parts {
        if filters.is_empty() || filters.iter().any(|word| name.contains(word.as_str())) {
            measure(&upstream)?;
        }
    }
    Ok(())
}
