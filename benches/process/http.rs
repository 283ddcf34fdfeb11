//! Calls over Streamable HTTP, on one connection and on 32.

use std::io::{Read as _, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::calls::{self, READS, Read, WIDTH};
use crate::child::Server;
use crate::figures::{Figures, Unit};
use crate::subject::{Kind, Subject};

/// Where a client connects, and how it logs in.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) port: u16,
    pub(crate) token: Option<String>,
}

/// The answer to one call, and how long it took.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    pub(crate) took: Duration,
}

pub(crate) fn measure(subject: &Subject, upstream: &str) -> anyhow::Result<Figures> {
    if matches!(subject.kind, Kind::Direct) {
        return Ok(Vec::new());
    }
    let (_server, port) = Server::listening(subject, upstream)?;
    let endpoint = Endpoint { port, token: None };
    let mut figures = Vec::new();
    for read in READS {
        seconds(&endpoint, read, WIDTH, WIDTH)?;
        let count = subject.calls / 2;
        let microseconds = seconds(&endpoint, read, count, 1)? * 1e6 / count as f64;
        let name = format!("HTTP, {}, one by one", read.tool);
        figures.push((name, Unit::Microseconds, microseconds));
        // Each connection sends the same number of calls.
        let count = subject.calls / WIDTH * WIDTH;
        let rate = count as f64 / seconds(&endpoint, read, count, WIDTH)?;
        let name = format!("HTTP, {}, {WIDTH} connections", read.tool);
        figures.push((name, Unit::CallsPerSecond, rate));
    }
    Ok(figures)
}

/// How long so many calls take on so many connections, each with one call at a time.
fn seconds(endpoint: &Endpoint, read: Read, count: usize, width: usize) -> anyhow::Result<f64> {
    let each = count / width;
    let start = Instant::now();
    let answers = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..width)
            .map(|worker| {
                let ids = worker * each..(worker + 1) * each;
                let bodies = ids.map(move |id| calls::call(id, read.tool, read.arguments));
                scope.spawn(move || connection(endpoint, bodies))
            })
            .collect();
        let mut answers = Vec::new();
        for worker in workers {
            let received = worker.join().ok().context("a connection panicked")??;
            answers.extend(received);
        }
        anyhow::Ok(answers)
    })?;
    let took = start.elapsed().as_secs_f64();
    let bodies = answers.iter().map(|answer| answer.body.as_slice());
    calls::check(bodies, 0..count, read.word)?;
    Ok(took)
}

/// One connection. The HTTP is written by hand, because a client library would need processor time.
pub(crate) fn connection(
    endpoint: &Endpoint,
    bodies: impl Iterator<Item = String>,
) -> anyhow::Result<Vec<Answer>> {
    let mut stream = TcpStream::connect(("127.0.0.1", endpoint.port))?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    bodies
        .map(|body| {
            let start = Instant::now();
            stream.write_all(request(endpoint, &body).as_bytes())?;
            let body = answer(&mut stream, &mut buffer)?;
            let took = start.elapsed();
            Ok(Answer { body, took })
        })
        .collect()
}

fn request(endpoint: &Endpoint, body: &str) -> String {
    let port = endpoint.port;
    let token = endpoint.token.as_ref();
    let login = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
    format!(
        "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-06-18\r\n\
         {}Content-Length: {}\r\n\r\n{body}",
        login.unwrap_or_default(),
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
