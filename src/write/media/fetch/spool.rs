//! An answer on its way into a file that has no name: counted, looked at early, never whole in memory.

use std::fs::File;

use futures::StreamExt;
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;
use tokio::io::AsyncWriteExt;

use super::sentence;
use crate::write::media::OnProgress;
use crate::write::media::kind::{SNIFFED, kind};

/// The file, and how many bytes it has.
pub(super) async fn keep(
    response: Response,
    largest: u64,
    told: &OnProgress,
) -> Result<(File, u64), String> {
    let status = response.status();
    if !status.is_success() || status.as_u16() == 206 {
        return Err(format!(
            "cannot be fetched: its server answered {}",
            status.as_u16()
        ));
    }
    let packed = response.headers().get(CONTENT_ENCODING);
    if packed.is_some_and(|how| !how.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err("comes packed (Content-Encoding), and what it unpacks to may be any size; only files sent as they are, are taken".to_owned());
    }
    let too_large = || format!("is larger than {} MiB", largest / 1024 / 1024);
    if response.content_length().is_some_and(|size| size > largest) {
        return Err(too_large());
    }
    let unkept = |error: std::io::Error| format!("cannot be kept on this machine's disk ({error})");
    let file = tokio::task::spawn_blocking(tempfile::tempfile).await;
    let file = file
        .map_err(std::io::Error::other)
        .and_then(|file| file)
        .map_err(unkept)?;
    let mut file = tokio::fs::File::from_std(file);
    file.set_max_buf_size(256 * 1024);
    let (mut start, mut size, mut known) = (Vec::new(), 0, false);
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| sentence(&error))?;
        size += piece.len() as u64;
        if size > largest {
            return Err(too_large());
        }
        if !known {
            start.extend_from_slice(&piece[..piece.len().min(SNIFFED - start.len())]);
            known = start.len() == SNIFFED;
            if known {
                // A file that may not go out is not fetched to its end.
                kind(&start)?;
            }
        }
        file.write_all(&piece).await.map_err(unkept)?;
        told(size);
    }
    kind(&start)?;
    file.flush().await.map_err(unkept)?;
    Ok((file.into_std().await, size))
}
