//! Calls over stdio, one at a time and 32 in flight.

use std::io::{BufRead, Write};
use std::time::Instant;

use anyhow::ensure;

use crate::calls::{self, READS, Read, WIDTH};
use crate::child::Server;
use crate::figures::{Figures, Unit};
use crate::subject::{Kind, Subject};

pub(crate) fn measure(subject: &Subject, upstream: &str) -> anyhow::Result<Figures> {
    if matches!(subject.kind, Kind::Direct) {
        return Ok(Vec::new());
    }
    let mut figures = Vec::new();
    for read in READS {
        let (mut server, _) = Server::initialized(subject, upstream, &[])?;
        // The first call connects to Saki.
        server.call(read.tool, read.arguments, read.word)?;
        let alone = seconds(&mut server, read, subject.calls / 2, 1)?;
        let microseconds = alone * 1e6 / (subject.calls / 2) as f64;
        let name = format!("stdio, {}, one by one", read.tool);
        figures.push((name, Unit::Microseconds, microseconds));
        let rate = subject.calls as f64 / seconds(&mut server, read, subject.calls, WIDTH)?;
        let name = format!("stdio, {}, {WIDTH} in flight", read.tool);
        figures.push((name, Unit::CallsPerSecond, rate));
    }
    Ok(figures)
}

/// How long so many calls take; a new one is sent for each answer.
pub(crate) fn seconds(
    server: &mut Server,
    read: Read,
    count: usize,
    width: usize,
) -> anyhow::Result<f64> {
    let lines = (2..).map(|id| calls::call(id, read.tool, read.arguments) + "\n");
    let mut lines = lines.take(count);
    let mut received = Vec::new();
    let (mut answered, mut in_flight) = (0, 0);
    let start = Instant::now();
    while answered < count {
        let more: Vec<String> = lines.by_ref().take(width - in_flight).collect();
        in_flight += more.len();
        server.stdin.write_all(more.concat().as_bytes())?;
        let answers = server.stdout.fill_buf()?;
        ensure!(!answers.is_empty(), "the server closed its output");
        let ended = answers.iter().filter(|byte| **byte == b'\n').count();
        answered += ended;
        in_flight -= ended;
        let length = answers.len();
        received.extend_from_slice(answers);
        server.stdout.consume(length);
    }
    let took = start.elapsed().as_secs_f64();
    let answers = received.split(|byte| *byte == b'\n');
    let answers = answers.filter(|answer| !answer.is_empty());
    calls::check(answers, 2..count + 2, read.word)?;
    Ok(took)
}
