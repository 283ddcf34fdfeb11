//! The shipped binary measured from outside: start, memory, calls per second, an upload of 300 MiB.
//!
//! ```sh
//! cargo bench --bench process                            # builds as for a release and measures that
//! cargo bench --bench process -- stdio                   # only the parts whose name contains a word
//! BENCH_BINARY=/usr/bin/saki-mcp cargo bench --bench process # another binary
//! cargo bench --profile fast --bench process             # built in seconds, a little slower
//! ```
//!
//! The Saki behind it is a server of this bench that answers at once ([`upstream`]), in a thread of its own,
//! so three parties share the processors: give it a quiet machine with two of them or more.
//! `direct` sends the same requests from this process with reqwest and no server between; what `stdio`
//! and `http` take more than that is the cost of the server.
//! Every figure is the median of several rounds, with the best round beside it. Memory is read from
//! `/proc`, so it is only shown on Linux: RSS now, and the peak (VmHWM) of the process.

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
    let wanted: Vec<String> = std::env::args()
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
        if wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())) {
            measure(&upstream)?;
        }
    }
    Ok(())
}
