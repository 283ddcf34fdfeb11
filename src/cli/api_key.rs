//! API key: read from the environment variable SAKI_API_KEY or from a file; `saki::key` checks it, `saki::key_redaction` keeps it out of every text.

use std::io;
use std::path::Path;

use anyhow::{Context, bail};

use crate::saki::{Error, Key};

/// The variable that holds the key. There is no flag for it, because a flag would be visible in the process list.
pub(super) const VARIABLE: &str = "SAKI_API_KEY";

const MAX_FILE_SIZE: u64 = 16 * 1024;

/// Reads the key from the file, else from the variable; `None` when neither is set.
///
/// A text that cannot be a key is an inner error: the server starts, and every call repeats the explanation.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Option<Result<Key, Error>>> {
    match file {
        Some(path) => Ok(Some(Key::new(&read_file(path)?))),
        None => Ok(std::env::var_os(VARIABLE)
            .filter(|value| !value.is_empty())
            .map(|value| Key::new(&value.to_string_lossy()))),
    }
}

fn read_file(path: &Path) -> anyhow::Result<String> {
    let name = || format!("the API key file {}", path.display());
    let size = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        // The path is not repeated: it may be a key in the wrong place.
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
            "the API key file does not exist. --api-key-file takes the path of a file that holds the key, not the key itself"
        ),
        Err(error) => return Err(error).with_context(name),
    };
    if size > MAX_FILE_SIZE {
        bail!("{} is too large for a key: {size} bytes", name());
    }
    let bytes = std::fs::read(path).with_context(name)?;
    let Some(text) = decode(&bytes) else {
        bail!("{} is no text in UTF-8 or UTF-16", name());
    };
    if text.trim_start().starts_with('{') {
        bail!(
            "{} is JSON or RTF; it must hold the key alone, as plain text",
            name()
        );
    }
    // Where other variables or comments stand in the file too, only the line of the key counts.
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let key = lines.clone().find(|line| line.contains(VARIABLE));
    Ok(key.map_or_else(|| lines.collect::<Vec<_>>().join("\n"), str::to_owned))
}

/// The text of a file in UTF-8 or UTF-16.
fn decode(bytes: &[u8]) -> Option<String> {
    let utf16 = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks(2).map(|pair| pair.try_into().map(unit));
        String::from_utf16(&units.collect::<Result<Vec<u16>, _>>().ok()?).ok()
    };
    match bytes {
        [0xff, 0xfe, ..] | [_, 0, ..] => utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] | [0, ..] => utf16(u16::from_be_bytes),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}
