//! Files of this machine: below the folders that the operator opened, and nothing else.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::no_follow::{self, Closed};
use super::{FileIdentity, OpenFile, Source};

const MISSING: &str = "does not exist; check the spelling, and give the full path";

/// How many links a path that does not exist is followed through.
const MOST_LINKS: u8 = 8;

/// Opens a file below one of `roots`.
///
/// A relative path is looked for below each of them; `~/` is the home directory.
/// Links are followed before the place is checked; from then on none is, and what was opened is what is sent.
///
/// # Errors
///
/// A sentence: outside of the folders, in a hidden folder, missing, a directory, a device, not readable, empty, or no media.
/// Of what lies outside or is hidden it does not say whether it exists.
pub fn find(given: &str, roots: &[PathBuf], filename: Option<&str>) -> Result<Source, String> {
    open(&place(given, roots)?, filename)
}

/// Where a file lies, without a link on the way.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    below: PathBuf,
}

pub(super) fn place(given: &str, roots: &[PathBuf]) -> Result<Place, String> {
    let given = given.trim();
    if given.is_empty() || given.contains('\0') {
        return Err(
            "is not a path; give the full path of a file, e.g. \"/home/me/Pictures/cake.jpg\""
                .to_owned(),
        );
    }
    address(given)?;
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
    let within = match &real {
        Ok(real) => within(real, &folders),
        Err(_) => candidates
            .iter()
            .find_map(|path| would_be(path, &folders, MOST_LINKS)),
    };
    let Some(place) = within else {
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
    if place.below.components().any(hidden) {
        return Err("lies in a hidden folder or is a hidden file; these are not read unless --media-dir names the folder itself".to_owned());
    }
    real.map(|_| place)
        .map_err(|error| unreadable(error.kind()))
}

pub(super) fn open(place: &Place, filename: Option<&str>) -> Result<Source, String> {
    let file = no_follow::open(&place.folder, &place.below).map_err(|closed| match closed {
        Closed::Directory => "is a directory; name one file in it".to_owned(),
        Closed::Special => "is not a regular file but a device, a pipe or a socket".to_owned(),
        Closed::Io(error) => unreadable(error.kind()),
    })?;
    let about = file.metadata().map_err(|error| unreadable(error.kind()))?;
    let identity = FileIdentity::on_disk(&about, &place.folder.join(&place.below));
    let own_name = place.below.file_name().map(|name| name.to_string_lossy());
    let name = filename.or(own_name.as_deref()).unwrap_or_default();
    Ok(Source::Local(
        OpenFile::on_disk(file, about.len(), name)?,
        identity,
    ))
}

/// Says where an address belongs that was given as a path.
fn address(given: &str) -> Result<(), String> {
    let scheme = given.split_once(':').map(|(scheme, _)| scheme);
    let why = match scheme.map(str::to_ascii_lowercase).as_deref() {
        Some("file") => "is an address; give the path in it, without `file:`",
        Some("http" | "https") => "is an address; pass it as `url`",
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

/// The place of a path without links below the nearest of `folders`.
fn within(real: &Path, folders: &[PathBuf]) -> Option<Place> {
    let below = folders.iter().filter_map(|folder| {
        let below = real.strip_prefix(folder).ok()?.to_owned();
        Some(Place {
            folder: folder.clone(),
            below,
        })
    });
    below.min_by_key(|place| place.below.components().count())
}

/// The place that a path would have if it could be read to its end; none when that is outside.
fn would_be(path: &Path, folders: &[PathBuf], links: u8) -> Option<Place> {
    let (real, rest) = path.ancestors().find_map(|known| {
        let rest = path.strip_prefix(known).ok()?;
        Some((known.canonicalize().ok()?, rest))
    })?;
    let mut steps = rest.components();
    if let Some(Ok(target)) = steps.next().map(|step| real.join(step).read_link()) {
        let target = real.join(target).join(steps.as_path());
        return would_be(&target, folders, links.checked_sub(1)?);
    }
    let leads_up = rest.components().any(|step| step == Component::ParentDir);
    (!leads_up).then(|| within(&real.join(rest), folders))?
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
