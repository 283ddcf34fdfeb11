//! Local path of a media file, checked against path traversal: only files below the allowed folders (`--media-dir`) are read.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::open_without_symlinks::{self, OpenError};
use super::path_syntax::{self, appearance, is_chat_path, windows_path};
use super::{FileIdentity, MediaSource, OpenFile};

/// What is said of a place that exists only in the sandbox of a chat.
pub const CHAT_PLACE: &str =
    "belongs to the chat and is not on this machine; save the file in a folder that may be read";

/// How many symlinks are followed in a path that does not exist.
const MAX_LINKS: u8 = 8;

/// Opens a file below one of `roots`; the second part is its path, if that is not as given.
///
/// A relative path is tried below each of them.
/// A path that does not exist is also read without quotes, escapes and percent codes, and as the only name that looks the same.
/// Each reading is checked like a path that was given as such.
/// Symlinks are resolved before the location is checked, and none is followed afterwards, so the checked file is the opened one.
///
/// # Errors
///
/// A sentence: outside of the folders, in a hidden folder, missing, a directory, a device, not readable, empty, or no media.
/// For a path outside of the folders or a hidden one, it does not reveal whether the file exists.
pub fn open_path(
    given: &str,
    roots: &[PathBuf],
    filename: Option<&str>,
) -> Result<(MediaSource, Option<PathBuf>), String> {
    let readings = path_syntax::readings(given);
    let mut found = readings.iter().filter_map(|path| locate(path, roots).ok());
    let path = match found.next() {
        Some(path) => path,
        None => match same_looking(&readings, roots)? {
            Some(path) => path,
            None => {
                let meant = &readings[1];
                let refusal = locate(meant, roots).err();
                return Err(refusal.map_or_else(String::new, |refusal| refusal.sentence(meant)));
            }
        },
    };
    let as_given = locate(&readings[0], roots).is_ok();
    let full = path.folder.join(&path.below);
    Ok((open(&path, filename)?, (!as_given).then_some(full)))
}

/// A path below an allowed folder, with all symlinks resolved.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AllowedPath {
    folder: PathBuf,
    below: PathBuf,
}

/// Why a path is not opened.
#[derive(Debug)]
pub(super) enum PathRefusal {
    NotAPath,
    Outside,
    Hidden,
    Unreadable(ErrorKind),
}

impl PathRefusal {
    fn sentence(self, path: &Path) -> String {
        let windows = path.to_str().and_then(windows_path);
        match (self, windows) {
            (Self::NotAPath, _) => "is not a path; give the full path of a file, e.g. \"/home/me/Pictures/cake.jpg\"".to_owned(),
            (Self::Hidden, None) => "is hidden or lies in a hidden folder; such files are read only if --media-dir names the folder itself".to_owned(),
            (_, Some(path)) => format!(
                "is a path of Windows, and this server runs on another system; under WSL it would be {}, which must lie in a folder that may be read",
                path.display()
            ),
            (_, None) if !cfg!(windows) && path.to_string_lossy().starts_with("\\\\") => {
                "is a path of Windows, and this server runs on another system".to_owned()
            }
            (Self::Outside | Self::Unreadable(ErrorKind::NotFound), None) if is_chat_path(path) => {
                CHAT_PLACE.to_owned()
            }
            (Self::Outside, None) => "is outside of the folders that may be read; a person can allow another one with --media-dir".to_owned(),
            (Self::Unreadable(kind), None) => unreadable(kind),
        }
    }
}

pub(super) fn locate(given: &Path, roots: &[PathBuf]) -> Result<AllowedPath, PathRefusal> {
    let bytes = given.as_os_str().as_encoded_bytes();
    if bytes.is_empty() || bytes.contains(&0) {
        return Err(PathRefusal::NotAPath);
    }
    let candidates = candidates(given, roots);
    let real = candidates
        .iter()
        .map(|path| path.canonicalize())
        .reduce(|found, next| found.or(next))
        .unwrap_or_else(|| Err(ErrorKind::NotFound.into()));
    let folders = canonical(roots);
    let allowed = match &real {
        Ok(real) => below_folder(real, &folders),
        Err(_) => candidates
            .iter()
            .find_map(|path| missing_path(path, &folders, MAX_LINKS)),
    };
    let path = allowed.ok_or(PathRefusal::Outside)?;
    if path.below.iter().any(is_hidden) {
        return Err(PathRefusal::Hidden);
    }
    match real {
        Ok(_) => Ok(path),
        Err(error) => Err(PathRefusal::Unreadable(error.kind())),
    }
}

/// The only file whose path looks like one of the readings; it is an error if there are several.
fn same_looking(readings: &[PathBuf], roots: &[PathBuf]) -> Result<Option<AllowedPath>, String> {
    let is_missing = |path: &&PathBuf| {
        matches!(
            locate(path, roots),
            Err(PathRefusal::Unreadable(ErrorKind::NotFound))
        )
    };
    for reading in readings.iter().filter(is_missing) {
        let mut found: Vec<AllowedPath> = Vec::new();
        for path in candidates(reading, roots) {
            for path in same_looking_paths(&path, roots) {
                found.extend(Some(path).filter(|path| !found.contains(path)));
            }
        }
        match found.len() {
            0 => {}
            1 => return Ok(found.pop()),
            count => {
                return Err(format!(
                    "does not exist as written, and {count} files look the same; a person renames all but one of them"
                ));
            }
        }
    }
    Ok(None)
}

/// The allowed files whose path looks like a missing one.
///
/// Only folders that may be read are listed, and each step is checked again, because it can be a symlink.
fn same_looking_paths(path: &Path, roots: &[PathBuf]) -> Vec<AllowedPath> {
    match locate(path, roots) {
        Ok(found) => return vec![found],
        Err(PathRefusal::Unreadable(ErrorKind::NotFound)) => {}
        Err(_) => return Vec::new(),
    }
    let Some((real, rest)) = known_ancestor(path) else {
        return Vec::new();
    };
    let mut rest = rest.components();
    let Some(Component::Normal(missing)) = rest.next() else {
        return Vec::new();
    };
    let is_open = below_folder(&real, &canonical(roots))
        .is_some_and(|folder| !folder.below.iter().any(is_hidden));
    let Some(entries) = is_open.then(|| real.read_dir().ok()).flatten() else {
        return Vec::new();
    };
    let missing = missing.to_string_lossy();
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    let same = names.filter(|name| {
        let name = name.to_string_lossy();
        name != missing && appearance(&name) == appearance(&missing)
    });
    // An empty rest would add a slash, which only a folder may have.
    let paths = same.map(|name| {
        std::iter::once(name.as_ref())
            .chain(rest.as_path())
            .fold(real.clone(), |path: PathBuf, name: &OsStr| path.join(name))
    });
    paths
        .flat_map(|path| same_looking_paths(&path, roots))
        .collect()
}

pub(super) fn open(path: &AllowedPath, filename: Option<&str>) -> Result<MediaSource, String> {
    let file =
        open_without_symlinks::open(&path.folder, &path.below).map_err(|error| match error {
            OpenError::Directory => "is a directory; name one file in it".to_owned(),
            OpenError::Special => {
                "is not a regular file but a device, a pipe or a socket".to_owned()
            }
            OpenError::Io(error) => unreadable(error.kind()),
        })?;
    let metadata = file.metadata().map_err(|error| unreadable(error.kind()))?;
    let identity = FileIdentity::on_disk(&metadata, &path.folder.join(&path.below));
    let own_name = path.below.file_name().map(|name| name.to_string_lossy());
    let name = filename.or(own_name.as_deref()).unwrap_or_default();
    Ok(MediaSource::Local(
        OpenFile::on_disk(file, metadata.len(), name)?,
        identity,
    ))
}

fn candidates(path: &Path, roots: &[PathBuf]) -> Vec<PathBuf> {
    match path.is_absolute() {
        true => vec![path.to_owned()],
        false => roots.iter().map(|root| root.join(path)).collect(),
    }
}

fn canonical(roots: &[PathBuf]) -> Vec<PathBuf> {
    let real = roots.iter().filter_map(|root| root.canonicalize().ok());
    real.collect()
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// The longest part of a path that exists, with all symlinks resolved, and the rest.
fn known_ancestor(path: &Path) -> Option<(PathBuf, &Path)> {
    path.ancestors().find_map(|known| {
        let rest = path.strip_prefix(known).ok()?;
        Some((known.canonicalize().ok()?, rest))
    })
}

/// A resolved path below the nearest of `folders`.
fn below_folder(real: &Path, folders: &[PathBuf]) -> Option<AllowedPath> {
    let below = folders.iter().filter_map(|folder| {
        let below = real.strip_prefix(folder).ok()?.to_owned();
        Some(AllowedPath {
            folder: folder.clone(),
            below,
        })
    });
    below.min_by_key(|path| path.below.components().count())
}

/// Where a path that does not exist would be; nothing when that is outside of the folders.
fn missing_path(path: &Path, folders: &[PathBuf], links: u8) -> Option<AllowedPath> {
    let (real, rest) = known_ancestor(path)?;
    let mut components = rest.components();
    if let Some(Ok(target)) = components
        .next()
        .map(|component| real.join(component).read_link())
    {
        let target = real.join(target).join(components.as_path());
        return missing_path(&target, folders, links.checked_sub(1)?);
    }
    let leads_up = rest
        .components()
        .any(|component| component == Component::ParentDir);
    (!leads_up).then(|| below_folder(&real.join(rest), folders))?
}

fn unreadable(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            "does not exist; check the spelling, and give the full path".to_owned()
        }
        ErrorKind::PermissionDenied => {
            "may not be read by this server; a person changes the file's permissions".to_owned()
        }
        other => format!("cannot be opened ({other})"),
    }
}
