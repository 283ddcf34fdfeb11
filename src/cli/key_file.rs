//! Key files: how a file with a key is read, and the file of our own that `saki-mcp auth` writes, mode 0600.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::clients::Platform;
use super::environment_checks::KEY_VARIABLE;

/// The largest file or input that can be a key.
pub(super) const MAX_SIZE: u64 = 16 * 1024;

/// The file that is read when no other source has a key; `None` where the system names no directory for it.
pub(super) fn default_path() -> Option<PathBuf> {
    // Without a home directory, the path is relative and means nothing.
    Some(Platform::here().key_file()).filter(|path| path.is_absolute())
}

/// The text in a file that holds a key.
pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    let name = || format!("the API key file {}", path.display());
    let size = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!("{}", missing(path)),
        Err(error) => return Err(error).with_context(name),
    };
    if size > MAX_SIZE {
        bail!("{} is too large for a key: {size} bytes", name());
    }
    let bytes = std::fs::read(path).with_context(name)?;
    key_text(&bytes, &name())
}

/// What is said of a file that is named and is not there.
///
/// A text that does not lead into a folder may be a key in the wrong place, and is not repeated.
pub(super) fn missing(path: &Path) -> String {
    let is_in_folder = |path: &Path| {
        let mut folders = path.ancestors().skip(1);
        folders.any(|folder| !folder.as_os_str().is_empty() && folder.is_dir())
    };
    let named = match is_in_folder(path) {
        true => format!("{}, which does not exist", path.display()),
        false => "a file that does not exist in this folder".to_owned(),
    };
    format!(
        "--api-key-file or SAKI_API_KEY_FILE names {named}. It takes the path of a file that holds the key, not the key itself"
    )
}

/// The text of a key in what a file or an input holds: other lines may stand around it.
pub(super) fn key_text(bytes: &[u8], name: &str) -> anyhow::Result<String> {
    let Some(text) = decode(bytes) else {
        bail!("{name} is no text in UTF-8 or UTF-16");
    };
    if text.trim_start().starts_with('{') {
        bail!("{name} is JSON or RTF; it must hold the key alone, as plain text");
    }
    // Where other variables or comments stand in the file too, only the line of the key counts.
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let key = lines.clone().find(|line| line.contains(KEY_VARIABLE));
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

/// Writes a key file that only its owner can read. The old file stays whole until the new one is complete.
pub(super) fn write(path: &Path, key: &str) -> anyhow::Result<()> {
    // A link leads to the file that is meant.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = path.parent().context("the key file has no directory")?;
    let context = || format!("the key was not stored in {}", path.display());
    create_private(directory).with_context(context)?;
    // Its mode is 0600 from the start.
    let mut file = tempfile::NamedTempFile::new_in(directory).with_context(context)?;
    writeln!(file, "{key}").with_context(context)?;
    file.as_file().sync_all().with_context(context)?;
    file.persist(&path).with_context(context)?;
    Ok(())
}

fn create_private(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Removes the key file. Returns whether there was one.
pub(super) fn remove(path: &Path) -> anyhow::Result<bool> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("{} was not removed", path.display())),
    }
}

/// Whether other users of this machine can read the file.
pub(super) fn is_readable_by_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        // Access lists are the system's own matter there.
        let _ = path;
        false
    }
}
