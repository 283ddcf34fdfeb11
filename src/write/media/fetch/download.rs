//! Download of a response into an unnamed temporary file: size-limited, sniffed early, never whole in memory.

use std::fs::File;

use futures::StreamExt;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use tokio::io::AsyncWriteExt;

use super::error_sentence;
use crate::write::media::OnProgress;
use crate::write::media::sniff::{SNIFF_LENGTH, is_html, sniff_mime};

/// Returns the file and its size in bytes.
pub(super) async fn to_temp_file(
    response: Response,
    max_bytes: u64,
    on_progress: &OnProgress,
    direct_url: &str,
) -> Result<(File, u64), String> {
    let status = response.status();
    if !status.is_success() || status.as_u16() == 206 {
        return Err(format!(
            "cannot be fetched: its server answered {}",
            status.as_u16()
        ));
    }
    let encoding = response.headers().get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err("is compressed (Content-Encoding), so its real size is unknown; only uncompressed files are fetched".to_owned());
    }
    let content_type = response.headers().get(CONTENT_TYPE);
    let is_page = content_type.is_some_and(|kind| {
        let kind = kind.as_bytes().get(..9);
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case(b"text/html"))
    });
    let sniff = |start: &[u8]| match sniff_mime(start) {
        Err(_) if is_page || is_html(start) => {
            Err(format!("leads to a web page, not to a file; {direct_url}"))
        }
        sniffed => sniffed.map(drop),
    };
    let too_large = || format!("is larger than {} MiB", max_bytes / 1024 / 1024);
    if response
        .content_length()
        .is_some_and(|size| size > max_bytes)
    {
        return Err(too_large());
    }
    let disk_error =
        |error: std::io::Error| format!("cannot be written to this machine's disk ({error})");
    let file = tokio::task::spawn_blocking(tempfile::tempfile).await;
    let file = file
        .map_err(std::io::Error::other)
        .and_then(|file| file)
        .map_err(disk_error)?;
    let mut file = tokio::fs::File::from_std(file);
    file.set_max_buf_size(256 * 1024);
    let (mut start, mut size, mut is_sniffed) = (Vec::new(), 0, false);
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| error_sentence(&error))?;
        size += chunk.len() as u64;
        if size > max_bytes {
            return Err(too_large());
        }
        if !is_sniffed {
            start.extend_from_slice(&chunk[..chunk.len().min(SNIFF_LENGTH - start.len())]);
            is_sniffed = start.len() == SNIFF_LENGTH;
            if is_sniffed {
                // A file that may not be uploaded is not fetched to its end.
                sniff(&start)?;
            }
        }
        file.write_all(&chunk).await.map_err(disk_error)?;
        on_progress(size);
    }
    sniff(&start)?;
    file.flush().await.map_err(disk_error)?;
    Ok((file.into_std().await, size))
}
