//! Calls over Streamable HTTP, on one connection and on 32.

use std::io::{Read as _, Write};
use std::net::TcpStream;
use std::time::Instant;

use anyhow::{Context, ensure};

use crate::calls::{self, READS, Read, WIDTH};
use crate::child::Server;
use crate::figures::{Figures, Unit};
use crate::subject::{Kind, Subject};

pub(crate) fn measure(subject: &Subject, upstream: &str) -> anyhow::Result<Figures> {
    if matches!(subject.kind, Kind::Direct) {
        return Ok(Vec::new());
    }
    let (_server, port) = Server::listening(subject, upstream)?;
    let mut figures = Vec::new();
    for read in READS {
        seconds(port, read, WIDTH, WIDTH)?;
        let count = subject.calls / 2;
        let microseconds = seconds(port, read, count, 1)? * 1e6 / count as f64;
        let name = format!("HTTP, {}, one by one", read.tool);
        figures.push((name, Unit::Microseconds, microseconds));
        // Each connection sends the same number of calls.
        let count = subject.calls / WIDTH * WIDTH;
        let rate = count as f64 / seconds(port, read, count, WIDTH)?;
        let name = format!("HTTP, {}, {WIDTH} connections", read.tool);
        figures.push((name, Unit::CallsPerSecond, rate));
    }
    Ok(figures)
}

/// How long so many calls take on so many connections, each with one call at a time.
fn seconds(port: u16, read: Read, count: usize, width: usize) -> anyhow::Result<f64> {
    let each = count / width;
    let start = Instant::now();
    let answers = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..width)
            .map(|worker| scope.spawn(move || connection(port, read, worker * each, each)))
            .collect();
        let mut answers = Vec::new();
        for worker in workers {
            let received = worker.join().ok().context("a connection panicked")??;
            answers.extend(received);
        }
        anyhow::Ok(answers)
    })?;
    let took = start.elapsed().as_secs_f64();
    calls::check(answers.iter().map(Vec::as_slice), 0..count, read.word)?;
    Ok(took)
}

/// One connection. The HTTP is written by hand, because a client library would need processor time.
fn connection(port: u16, read: Read, first: usize, count: usize) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    (first..first + count)
        .map(|id| {
            let body = calls::call(id, read.tool, read.arguments);
            stream.write_all(request(port, &body).as_bytes())?;
            answer(&mut stream, &mut buffer)
        })
        .collect()
}

fn request(port: u16, body: &str) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-06-18\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Reads one answer, and returns its body.
fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<Vec<u8>> {
    buffer.clear();
    let mut chunk = [0; 64 * 1024];
    loop {
        if let Some((start, length)) = head(buffer)?
            && buffer.len() >= start + length
        {
            return Ok(buffer[start..start + length].to_vec());
        }
        let count = stream.read(&mut chunk)?;
        ensure!(count > 0, "the server closed the connection");
        buffer.extend_from_slice(&chunk[..count]);
    }
}

/// Where the body starts, and its length; `None` before the head is whole.
fn head(answer: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&answer[..end])?;
    ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head.lines().filter_map(|line| line.split_once(": "));
    let length = length
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.parse())
        .next();
    Ok(Some((end + 4, length.context("no Content-Length")??)))
}
