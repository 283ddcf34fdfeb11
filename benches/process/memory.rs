//! Memory after work: calls in flight, a large list, and a file of 300 MiB uploaded by its path and by its URL.

use std::fs::File;
use std::io::{BufRead, Write};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::child::{Server, call};
use crate::upstream::{FILM, TAKEN, UPLOAD};

pub(crate) fn measure(upstream: &str) -> anyhow::Result<()> {
    let (mut server, _) = Server::greet(upstream, &[])?;
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
    told("after 3,200 pages, 32 in flight", &server);

    let (mut server, _) = Server::greet(upstream, &[])?;
    let length = server.call("list_posts", r#"{"space_id":2}"#)?.len();
    told(&format!("a list of {} MB", length / 2_000_000), &server);
    for _ in 0..5 {
        server.call("list_posts", r#"{"space_id":2}"#)?;
    }
    told("the same five times more", &server);

    let folder = tempfile::tempdir()?;
    let mut film = File::create(folder.path().join("film.mp4"))?;
    film.write_all(FILM)?;
    film.set_len(UPLOAD)?;
    let directory = folder.path().to_string_lossy().into_owned();
    let (mut server, _) = Server::greet(upstream, &["--media-dir", &directory])?;
    upload(&mut server, "path", "film.mp4")?;

    // The answering host is this machine, as in a lab.
    let (mut server, _) = Server::greet(upstream, &["--allow-private-urls"])?;
    upload(&mut server, "URL", &format!("{upstream}/film.mp4"))?;
    Ok(())
}

fn upload(server: &mut Server, by: &str, from: &str) -> anyhow::Result<()> {
    let (before, start) = (TAKEN.load(Ordering::Relaxed), Instant::now());
    let arguments = format!(r#"{{"{}":"{from}"}}"#, by.to_lowercase());
    server.call("upload_media", &arguments)?;
    let took = start.elapsed().as_secs_f64();
    let taken = TAKEN.load(Ordering::Relaxed) - before;
    ensure!(taken > UPLOAD, "only {taken} bytes arrived");
    told(&format!("upload of 300 MiB by {by} in {took:.2} s"), server);
    Ok(())
}

fn told(name: &str, server: &Server) {
    // What is given back after the answer is given back by then.
    std::thread::sleep(Duration::from_millis(100));
    if let Some((now, peak)) = server.memory() {
        let (now, peak) = (now as f64 / 1e3, peak as f64 / 1e3);
        println!("{name:<44} {now:>7.2} MB RSS, peak {peak:.2} MB");
    }
}
