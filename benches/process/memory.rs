//! Memory under load: concurrent calls, a large list, and a file of 300 MiB uploaded by its path and by its URL.

use std::fs::File;
use std::io::{BufRead, Write};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::child::{Server, call};
use crate::upstream::{RECEIVED, VIDEO_HEADER, VIDEO_SIZE};

pub(crate) fn measure(upstream: &str) -> anyhow::Result<()> {
    let (mut server, _) = Server::initialized(upstream, &[])?;
    let page = |id| call(id, "list_posts", r#"{"space_id":1}"#) + "\n";
    for _ in 0..100 {
        let calls: String = (2..34).map(page).collect();
        server.stdin.write_all(calls.as_bytes())?;
        let mut answer = String::new();
        for _ in 0..32 {
            answer.clear();
            server.stdout.read_line(&mut answer)?;
        }
    }
    print_memory("after 3,200 pages, 32 in flight", &server);

    let (mut server, _) = Server::initialized(upstream, &[])?;
    let length = server.call("list_posts", r#"{"space_id":2}"#)?.len();
    print_memory(&format!("a list of {} MB", length / 2_000_000), &server);
    for _ in 0..5 {
        server.call("list_posts", r#"{"space_id":2}"#)?;
    }
    print_memory("the same five times more", &server);

    let directory = tempfile::tempdir()?;
    let mut video = File::create(directory.path().join("film.mp4"))?;
    video.write_all(VIDEO_HEADER)?;
    video.set_len(VIDEO_SIZE)?;
    let media_dir = directory.path().to_string_lossy().into_owned();
    let (mut server, _) = Server::initialized(upstream, &["--media-dir", &media_dir])?;
    upload(&mut server, "path", "film.mp4")?;

    // The host of the URL is this machine, a private address.
    let (mut server, _) = Server::initialized(upstream, &["--allow-private-urls"])?;
    upload(&mut server, "URL", &format!("{upstream}/film.mp4"))?;
    Ok(())
}

fn upload(server: &mut Server, by: &str, from: &str) -> anyhow::Result<()> {
    let (before, start) = (RECEIVED.load(Ordering::Relaxed), Instant::now());
    let arguments = format!(r#"{{"{}":"{from}"}}"#, by.to_lowercase());
    server.call("upload_media", &arguments)?;
    let took = start.elapsed().as_secs_f64();
    let received = RECEIVED.load(Ordering::Relaxed) - before;
    ensure!(received > VIDEO_SIZE, "only {received} bytes arrived");
    print_memory(&format!("upload of 300 MiB by {by} in {took:.2} s"), server);
    Ok(())
}

fn print_memory(name: &str, server: &Server) {
    // Memory that is freed after the answer is free by then.
    std::thread::sleep(Duration::from_millis(100));
    if let Some((now, peak)) = server.memory() {
        let (now, peak) = (now as f64 / 1e3, peak as f64 / 1e3);
        println!("{name:<44} {now:>7.2} MB RSS, peak {peak:.2} MB");
    }
}
