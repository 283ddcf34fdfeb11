//! Memory after a large list and after an upload of 300 MiB, and the time of that upload by path and by address.
//! Only this server is measured.

use std::fs::File;
use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::ensure;

use crate::child::{Server, UNTIL_IDLE};
use crate::figures::{Figures, Unit};
use crate::subject::Subject;
use crate::upstream::{RECEIVED, VIDEO_HEADER, VIDEO_SIZE};

pub(crate) fn measure(subject: &Subject, upstream: &str) -> anyhow::Result<Figures> {
    if !subject.is_saki_mcp() {
        return Ok(Vec::new());
    }
    let mut figures = Vec::new();
    let mut memory = |name: &str, server: &Server| {
        std::thread::sleep(UNTIL_IDLE);
        let now = server.memory();
        figures.extend(now.map(|now| (format!("memory after {name}"), Unit::Mebibytes, now)));
    };
    let (mut server, _) = Server::initialized(subject, upstream, &[])?;
    server.call("list_posts", r#"{"space_id":2}"#, "plum cake")?;
    memory("a list of 9 MB", &server);

    let directory = tempfile::tempdir()?;
    let mut video = File::create(directory.path().join("film.mp4"))?;
    video.write_all(VIDEO_HEADER)?;
    video.set_len(VIDEO_SIZE)?;
    let folder = directory.path().to_string_lossy().into_owned();
    let (mut server, _) = Server::initialized(subject, upstream, &["--media-dir", &folder])?;
    let by_path = upload(&mut server, r#"{"path":"film.mp4"}"#, VIDEO_SIZE)?;
    memory("an upload of 300 MiB", &server);

    // The host of the address is this machine, a private address.
    let (mut server, _) = Server::initialized(subject, upstream, &["--allow-private-urls"])?;
    let arguments = format!(r#"{{"url":"{upstream}/film.mp4"}}"#);
    let by_address = upload(&mut server, &arguments, VIDEO_SIZE)?;
    for (by, took) in [("path", by_path), ("address", by_address)] {
        let name = format!("upload of 300 MiB by its {by}");
        figures.push((name, Unit::Milliseconds, took * 1e3));
    }
    Ok(figures)
}

/// Uploads a file of this size, and returns how many seconds it took.
pub(crate) fn upload(server: &mut Server, arguments: &str, size: u64) -> anyhow::Result<f64> {
    let (before, start) = (RECEIVED.load(Ordering::Relaxed), Instant::now());
    // The fake Saki answers an upload with the subscription.
    server.call("upload_media", arguments, "plan")?;
    let took = start.elapsed().as_secs_f64();
    let received = RECEIVED.load(Ordering::Relaxed) - before;
    ensure!(received > size, "only {received} bytes arrived");
    Ok(took)
}
