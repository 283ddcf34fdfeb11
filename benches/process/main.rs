//! Benchmarks of whole servers: start, memory, calls per second, and how cost grows with size.
//!
//! ```sh
//! cargo bench --bench process                     # this server
//! cargo bench --bench process -- --peers          # and two others, from npm and PyPI; writes BENCHMARKS.md
//! cargo bench --bench process -- stdio            # only the parts whose name contains a word
//! cargo bench --bench process -- load             # HTTP with up to 1,000 connections, logins, a store and two servers
//! BENCH_BINARY=/dist/saki-mcp cargo bench --bench process # another build, such as that of packages, instead of this one
//! BENCH_BEFORE=/old/saki-mcp cargo bench --bench process # another build beside it
//! cargo bench --profile fast --bench process      # built in seconds, a little slower
//! ```
//!
//! A fake Saki ([`upstream`]) runs in a thread of this process. So client, server and Saki share the processors:
//! use a quiet machine with two or more of them.
//! `direct` sends the requests without a server. The difference from it is the cost of a server.
//! All are measured in turns, and every figure is the median of several rounds. Every answer is checked.
//! Memory comes from `/proc`, so it is shown only on Linux.

#![expect(clippy::print_stdout, reason = "the table is the result")]

mod calls;
mod child;
mod direct;
mod figures;
mod growth;
mod http;
mod large;
mod load;
mod peers;
mod report;
mod start;
mod stdio;
mod subject;
mod upstream;

use std::path::Path;

use figures::{Figures, Table};
use subject::Subject;

/// Rounds that count; one before them warms up.
const ROUNDS: usize = 5;

type Part = fn(&Subject, upstream: &str) -> anyhow::Result<Figures>;

const PARTS: [(&str, Part); 5] = [
    ("start", start::measure),
    ("direct", direct::measure),
    ("stdio", stdio::measure),
    ("http", http::measure),
    ("large", large::measure),
];

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&String> = arguments
        .iter()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let chosen =
        |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    // Installing it a second time fails, and once is enough.
    let _ = rustls::crypto::ring::default_provider().install_default();

    let mut subjects = vec![Subject::direct(), Subject::saki_mcp()];
    subjects.extend(std::env::var_os("BENCH_BEFORE").map(Subject::before));
    let with_peers = arguments.iter().any(|word| word == "--peers");
    if with_peers {
        subjects.extend(peers::install()?);
    }
    let upstream = upstream::start()?;
    let parts = PARTS.iter().filter(|(name, _)| chosen(name));
    let parts: Vec<Part> = parts.map(|(_, measure)| *measure).collect();

    let mut table = Table::new(&subjects);
    for round in 0..=ROUNDS {
        for measure in &parts {
            for (column, subject) in subjects.iter().enumerate() {
                let figures = measure(subject, &upstream)?;
                if round > 0 {
                    table.add(column, figures);
                }
            }
        }
        eprintln!("round {round} of {ROUNDS}");
    }
    let table = table.medians();
    println!("{table}");
    let curves = match chosen("growth") {
        true => growth::measure(&subjects, &upstream)?,
        false => Vec::new(),
    };
    // Not among the usual parts: it takes minutes, and needs a store.
    let with_load = words.iter().any(|word| *word == "load");
    let load = match with_load || with_peers && words.is_empty() {
        true => load::measure(Path::new(&subject::binary()), &upstream)?,
        false => String::new(),
    };
    println!("{load}");
    for curve in &curves {
        println!("{curve}");
    }
    if with_peers && words.is_empty() {
        report::write(Path::new("BENCHMARKS.md"), &table, &load, &curves)?;
    }
    Ok(())
}
