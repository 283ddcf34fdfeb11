//! Local path of a media file, checked against path traversal: only files below the allowed folders (`--media-dir`) are read.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::open_without_symlinks::{self, OpenError};
use super::{FileIdentity, MediaSource, OpenFile};

const MISSING: &str = "does not exist; check the spelling, and give the full path";

/// How many symlinks are followed in a path that does not exist.
const MAX_LINKS: u8 = 8;

/// Opens a file below one of `roots`.
///
/// A relative path is tried below each of them; `~/` is the home directory.
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
) -> Result<MediaSource, String> {
    open(&locate(given, roots)?, filename)
}

/// A path below an allowed folder, with all symlinks resolved.
#[derive(Debug)]
pub(super) struct AllowedPath {
    folder: PathBuf,
    below: PathBuf,
}

pub(super) fn locate(given: &str, roots: &[PathBuf]) -> Result<AllowedPath, String> {
    let given = given.trim();
    if given.is_empty() || given.contains('\0') {
        return Err(
            "is not a path; give the full path of a file, e.g. \"/home/me/Pictures/cake.jpg\""
                .to_owned(),
        );
    }
    refuse_url(given)?;
    let candidates = candidates(given, roots);
    let real = candidates
        .iter()
        .map(|path| path.canonicalize())
        .reduce(|found, next| found.or(next))
        .unwrap_or_else(|| Err(ErrorKind::NotFound.into()));
    let folders: Vec<PathBuf> = roots
        .iter()
        .filter_map(|root| root.canonicalize().ok())
        .collect();
    let allowed = match &real {
        Ok(real) => below_folder(real, &folders),
        Err(_) => candidates
            .iter()
            .find_map(|path| missing_path(path, &folders, MAX_LINKS)),
    };
    let Some(path) = allowed else {
        let allowed: Vec<String> = roots
            .iter()
            .map(|root| root.display().to_string())
            .collect();
        return Err(format!(
            "is outside of the folders that may be read ({}); a person can allow another one with --media-dir",
            allowed.join(", ")
        ));
    };
    let hidden = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
    if path.below.components().any(hidden) {
        return Err("is hidden or lies in a hidden folder; such files are read only if --media-dir names the folder itself".to_owned());
    }
    real.map(|_| path).map_err(|error| unreadable(error.kind()))
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

/// Refuses a URL that was given as a path, and names the right parameter.
fn refuse_url(given: &str) -> Result<(), String> {
    let scheme = given.split_once(':').map(|(scheme, _)| scheme);
    let why = match scheme.map(str::to_ascii_lowercase).as_deref() {
        Some("file") => "is a URL; give the path in it, without `file:`",
        Some("http" | "https") => "is a URL; pass it as `url`",
        Some("data") => "is the content itself; pass it as `data`",
        _ => return Ok(()),
    };
    Err(why.to_owned())
}

fn candidates(given: &str, roots: &[PathBuf]) -> Vec<PathBuf> {
    if let Some(below_home) = given.strip_prefix("~/") {
        return std::env::home_dir()
            .map(|home| home.join(below_home))
            .into_iter()
            .collect();
    }
    let path = Path::new(given);
    if path.is_absolute() {
        vec![path.to_owned()]
    } else {
        roots.iter().map(|root| root.join(path)).collect()
    }
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
    let (real, rest) = path.ancestors().find_map(|known| {
        let rest = path.strip_prefix(known).ok()?;
        Some((known.canonicalize().ok()?, rest))
    })?;
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
        ErrorKind::NotFound | ErrorKind::NotADirectory => MISSING.to_owned(),
        ErrorKind::PermissionDenied => {
            "may not be read by this server; a person changes the file's permissions".to_owned()
        }
        other => format!("cannot be opened ({other})"),
    }
}
