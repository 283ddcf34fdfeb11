//! Calls over Streamable HTTP, on one connection and on 32 connections.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::child::{Server, call};
use crate::load::{READS, report, round, runtime};

pub(crate) fn measure(upstream: &str) -> anyhow::Result<()> {
    let address = free_address()?;
    let server = Server::spawn(upstream, &["http", "--bind", &address])?;
    let runtime = runtime()?;
    for (tool, arguments, _) in READS {
        let request = request(&address, &call(1, tool, arguments));
        for width in [1, 32] {
            report(&format!("http, {tool}, {width} in flight"), || {
                round(&runtime, width, |calls| {
                    connection(address.clone(), request.clone(), calls)
                })
            })?;
        }
    }
    if let Some((now, peak)) = server.memory() {
        let (now, peak) = (now as f64 / 1e3, peak as f64 / 1e3);
        println!(
            "{:<44} {now:>7.2} MB RSS, peak {peak:.2} MB",
            "http, memory after these calls"
        );
    }
    Ok(())
}

/// A port that was just bound and closed is not handed out again soon.
fn free_address() -> anyhow::Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.to_string())
}

fn request(host: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-06-18\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One connection with one call at a time. The HTTP is written by hand, because a client library would need processor time.
async fn connection(
    address: String,
    request: Vec<u8>,
    calls: u64,
) -> anyhow::Result<Vec<Duration>> {
    let mut stream = connect(&address).await?;
    let mut answer = Vec::with_capacity(64 * 1024);
    let mut per_call = Vec::new();
    for _ in 0..calls {
        let start = Instant::now();
        stream.write_all(&request).await?;
        answer.clear();
        while !is_complete(&answer)? {
            ensure!(
                stream.read_buf(&mut answer).await? > 0,
                "the server closed the connection"
            );
        }
        per_call.push(start.elapsed());
    }
    Ok(per_call)
}

async fn connect(address: &str) -> anyhow::Result<TcpStream> {
    for _ in 0..200 {
        if let Ok(stream) = TcpStream::connect(address).await {
            stream.set_nodelay(true)?;
            return Ok(stream);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("nothing listens at {address}")
}

/// Whether head and body are complete. A failed call is an error.
fn is_complete(answer: &[u8]) -> anyhow::Result<bool> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(false);
    };
    let head = std::str::from_utf8(&answer[..end])?;
    ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .context("no content-length")?;
    let body = &answer[end + 4..];
    if body.len() < length.parse()? {
        return Ok(false);
    }
    let failed = br#""isError":true"#;
    ensure!(
        !body.ends_with(b"true}}") || !body.windows(failed.len()).any(|window| window == failed),
        "{}",
        String::from_utf8_lossy(body)
    );
    Ok(true)
}
