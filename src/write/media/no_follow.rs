//! Opening a file below a folder, step by step: a link that appears after the look at its place is not followed.

use std::fs::File;
use std::io;
use std::path::Path;

/// Why a file was not opened.
#[derive(Debug)]
pub(super) enum Closed {
    Directory,
    /// A device, a pipe or a socket.
    Special,
    Io(io::Error),
}

impl From<io::Error> for Closed {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Opens a regular file by the steps `below` a folder, none of which may be a link.
#[cfg(unix)]
pub(super) fn open(folder: &Path, below: &Path) -> Result<File, Closed> {
    use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statat};

    #[cfg(target_os = "linux")]
    const PASS: OFlags = OFlags::PATH;
    #[cfg(not(target_os = "linux"))]
    const PASS: OFlags = OFlags::RDONLY;
    let plain = OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let pass = PASS | OFlags::DIRECTORY | plain;

    let mut at = rustix::fs::open(folder, pass, Mode::empty()).map_err(io::Error::from)?;
    let mut steps = below.iter().peekable();
    while let Some(step) = steps.next() {
        if steps.peek().is_some() {
            at = openat(&at, step, pass, Mode::empty()).map_err(io::Error::from)?;
            continue;
        }
        // The opening of a device can do things, so it is looked at before.
        let about = statat(&at, step, AtFlags::SYMLINK_NOFOLLOW).map_err(io::Error::from)?;
        match FileType::from_raw_mode(about.st_mode) {
            FileType::Directory => return Err(Closed::Directory),
            FileType::RegularFile | FileType::Symlink => {}
            _ => return Err(Closed::Special),
        }
        // A pipe that takes its place meanwhile would block without the last flag.
        let read = OFlags::RDONLY | plain | OFlags::NONBLOCK;
        let file = openat(&at, step, read, Mode::empty()).map_err(io::Error::from)?;
        return regular(File::from(file));
    }
    Err(Closed::Directory)
}

/// Opens a regular file below a folder.
#[cfg(not(unix))]
pub(super) fn open(folder: &Path, below: &Path) -> Result<File, Closed> {
    let path = folder.join(below);
    if path.metadata()?.is_dir() {
        return Err(Closed::Directory);
    }
    let file = File::open(&path)?;
    // Where there are no steps, a place that changed meanwhile is noticed after the opening.
    if path.canonicalize()? != path {
        return Err(io::Error::from(io::ErrorKind::NotFound).into());
    }
    regular(file)
}

fn regular(file: File) -> Result<File, Closed> {
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(Closed::Directory);
    }
    match about.is_file() {
        true => Ok(file),
        false => Err(Closed::Special),
    }
}
