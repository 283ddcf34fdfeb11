//! Open without symlinks: a symlink that is swapped in after the check (TOCTOU) is refused.

use std::fs::File;
use std::io;
use std::path::Path;

/// Why a file was not opened.
#[derive(Debug)]
pub(super) enum OpenError {
    Directory,
    /// A device, a pipe or a socket.
    Special,
    Io(io::Error),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Opens a regular file by the path `below` a folder; no component of it may be a symlink.
#[cfg(unix)]
pub(super) fn open(folder: &Path, below: &Path) -> Result<File, OpenError> {
    use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statat};

    #[cfg(target_os = "linux")]
    const TRAVERSE: OFlags = OFlags::PATH;
    #[cfg(not(target_os = "linux"))]
    const TRAVERSE: OFlags = OFlags::RDONLY;
    let plain = OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let traverse = TRAVERSE | OFlags::DIRECTORY | plain;

    let mut directory =
        rustix::fs::open(folder, traverse, Mode::empty()).map_err(io::Error::from)?;
    let mut components = below.iter().peekable();
    while let Some(name) = components.next() {
        if components.peek().is_some() {
            directory =
                openat(&directory, name, traverse, Mode::empty()).map_err(io::Error::from)?;
            continue;
        }
        // Opening a device can have side effects, so its type is checked before.
        let stat = statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW).map_err(io::Error::from)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => return Err(OpenError::Directory),
            FileType::RegularFile | FileType::Symlink => {}
            _ => return Err(OpenError::Special),
        }
        // Without the last flag, a pipe swapped in meanwhile would block.
        let read = OFlags::RDONLY | plain | OFlags::NONBLOCK;
        let file = openat(&directory, name, read, Mode::empty()).map_err(io::Error::from)?;
        return regular(File::from(file));
    }
    Err(OpenError::Directory)
}

/// Opens a regular file below a folder.
#[cfg(not(unix))]
pub(super) fn open(folder: &Path, below: &Path) -> Result<File, OpenError> {
    let path = folder.join(below);
    if path.metadata()?.is_dir() {
        return Err(OpenError::Directory);
    }
    let file = File::open(&path)?;
    // Without `openat`, a path that changed meanwhile is noticed after opening.
    if path.canonicalize()? != path {
        return Err(io::Error::from(io::ErrorKind::NotFound).into());
    }
    regular(file)
}

fn regular(file: File) -> Result<File, OpenError> {
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(OpenError::Directory);
    }
    match metadata.is_file() {
        true => Ok(file),
        false => Err(OpenError::Special),
    }
}
