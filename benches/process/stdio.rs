//! Calls over stdio, one at a time and 32 concurrently.

use std::collections::VecDeque;
use std::io::{BufRead, Write};
use std::time::Instant;

use anyhow::ensure;

use crate::child::{Server, call};
use crate::load::{CALLS, READS, Round, report};

pub(crate) fn measure(upstream: &str) -> anyhow::Result<()> {
    for (tool, arguments, _) in READS {
        for width in [1, 32] {
            let (mut server, _) = Server::initialized(upstream, &[])?;
            // The first call connects to upstream, and shows a failure.
            server.call(tool, arguments)?;
            let mut ids = 2..;
            let mut next = || call(ids.next().unwrap_or_default(), tool, arguments) + "\n";
            report(&format!("stdio, {tool}, {width} in flight"), || {
                round(&mut server, &mut next, width)
            })?;
        }
    }
    Ok(())
}

/// Writes as many new calls as answers have arrived.
fn round(
    server: &mut Server,
    mut next: impl FnMut() -> String,
    width: usize,
) -> anyhow::Result<Round> {
    let start = Instant::now();
    let mut sent: VecDeque<Instant> = VecDeque::with_capacity(width);
    let mut per_call = Vec::new();
    let mut left = CALLS as usize;
    while left > 0 || !sent.is_empty() {
        let more = (width - sent.len()).min(left);
        let lines: String = (0..more).map(|_| next()).collect();
        server.stdin.write_all(lines.as_bytes())?;
        sent.extend(std::iter::repeat_n(Instant::now(), more));
        left -= more;
        let answers = server.stdout.fill_buf()?;
        ensure!(!answers.is_empty(), "the server closed its output");
        let (count, length) = (line_breaks(answers), answers.len());
        server.stdout.consume(length);
        // Answers come nearly in order, so the oldest call counts as the one that was answered.
        let now = Instant::now();
        per_call.extend(sent.drain(..count).map(|start| now - start));
    }
    Ok(Round {
        per_call,
        total: start.elapsed(),
    })
}

fn line_breaks(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}
