//! File access: who may read and change the files that decide who may connect, or that are keys.

use std::path::Path;

/// Who may access a file that decides who may connect, or that is a key.
#[derive(Clone, Copy, Debug)]
pub enum FileAccess {
    /// Nobody but its owner may change it.
    ChangedByOwner,
    /// The same, and only its owner and group may read it.
    ReadByGroup,
}

/// Checks who may access a file.
///
/// # Errors
///
/// A sentence with the command that puts it right.
#[cfg(unix)]
pub fn check_access(path: &Path, access: FileAccess) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path);
    let metadata = metadata.map_err(|error| format!("{}: {error}", path.display()))?;
    let (forbidden, repair) = match access {
        FileAccess::ChangedByOwner => (0o022, "go-w"),
        FileAccess::ReadByGroup => (0o027, "g-w,o-rwx"),
    };
    match metadata.mode() & forbidden {
        0 => Ok(()),
        _ => Err(format!(
            "{} has the mode {:o}: other users of this machine have access. Run: chmod {repair} {}",
            path.display(),
            metadata.mode() & 0o777,
            path.display()
        )),
    }
}

/// Checks nothing where files have no modes.
#[cfg(not(unix))]
pub fn check_access(_: &Path, _: FileAccess) -> Result<(), String> {
    Ok(())
}
