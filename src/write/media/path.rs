//! Files of this machine: below the folders that the operator opened, and nothing else.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::Source;

/// Opens a file below one of `roots`.
///
/// A relative path is looked for below each of them; `~/` is the home directory.
/// Links are followed before the place is checked, and what was opened is what is sent.
///
/// # Errors
///
/// A sentence: outside of the folders, in a hidden folder, missing, a directory, a device, not readable, empty, or no media.
pub fn find(given: &str, roots: &[PathBuf], filename: Option<&str>) -> Result<Source, String> {
    let given = given.trim();
    if given.is_empty() || given.contains('\0') {
        return Err(
            "is not a path; give the full path of a file, e.g. \"/home/me/Pictures/cake.jpg\""
                .to_owned(),
        );
    }
    let real = candidates(given, roots)
        .iter()
        .map(|path| path.canonicalize())
        .reduce(|found, next| found.or(next))
        .unwrap_or_else(|| Err(ErrorKind::NotFound.into()))
        .map_err(|error| unreadable(error.kind()))?;
    let folders = roots.iter().filter_map(|root| root.canonicalize().ok());
    let Some(below) = folders
        .filter_map(|root| real.strip_prefix(root).ok().map(Path::to_owned))
        .min_by_key(|below| below.components().count())
    else {
        let open: Vec<String> = roots
            .iter()
            .map(|root| root.display().to_string())
            .collect();
        return Err(format!(
            "is outside of the folders that may be read ({}); a person can open another one with --media-dir",
            open.join(", ")
        ));
    };
    let hidden = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
    if below.components().any(hidden) {
        return Err("lies in a hidden folder or is a hidden file; these are not read unless --media-dir names the folder itself".to_owned());
    }
    // A FIFO would block at its opening, so it is looked at before, and once more after.
    let before = real.metadata().map_err(|error| unreadable(error.kind()))?;
    regular(&before)?;
    let file = File::open(&real).map_err(|error| unreadable(error.kind()))?;
    let opened = file.metadata().map_err(|error| unreadable(error.kind()))?;
    regular(&opened)?;
    let own_name = real
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    Source::on_disk(
        file,
        opened.len(),
        filename.or(own_name.as_deref()).unwrap_or_default(),
    )
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

fn regular(metadata: &std::fs::Metadata) -> Result<(), String> {
    if metadata.is_dir() {
        return Err("is a directory; name one file in it".to_owned());
    }
    if !metadata.is_file() {
        return Err("is not a regular file but a device, a pipe or a socket".to_owned());
    }
    Ok(())
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
