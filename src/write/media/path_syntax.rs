//! Path syntax: a file reference as people and programs hand it over: quoted, escaped, as a `file:` URL, or of another system.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;

use crate::write::quote_text::{single_line, unquoted};

/// Schemes of places that exist only in the sandbox of a chat.
const CHAT_SCHEMES: [&str; 13] = [
    "computer",
    "conversation",
    "sandbox",
    "attachment",
    "attachments",
    "blob",
    "cid",
    "file-service",
    "upload",
    "artifact",
    "clipboard",
    "sediment",
    "uploads",
];

/// Folders of such places.
const CHAT_FOLDERS: [&str; 12] = [
    "/mnt/user-data",
    "/mnt/uploads",
    "/mnt/skills",
    "/mnt/data",
    "/mnt/outputs",
    "/mnt/file-upload",
    "/mnt/knowledge",
    "/mnt/project",
    "/mnt/transcripts",
    "/home/oai",
    "/home/sandbox",
    "/home/claude",
];

/// What a text that names a file is, whatever the parameter that holds it.
#[derive(Debug, PartialEq, Eq)]
pub enum FileReference<'a> {
    /// A path of this machine.
    Path,
    /// It can only be a path, not a URL without its scheme.
    ClearlyPath,
    /// A URL to fetch.
    Url(&'a str),
    /// The content itself.
    Data,
    /// A place that exists only in the sandbox of a chat.
    ChatPlace,
}

impl<'a> FileReference<'a> {
    /// The kind of a reference, by its scheme and its first characters.
    pub fn of(given: &'a str) -> Self {
        let text = unquoted(given);
        let scheme = text
            .split_once(':')
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("http" | "https") => Self::Url(text),
            Some("data") => Self::Data,
            Some("file") => Self::ClearlyPath,
            Some(scheme) if CHAT_SCHEMES.contains(&scheme) => Self::ChatPlace,
            Some(scheme) if is_url_scheme(scheme) && text[scheme.len()..].starts_with("://") => {
                Self::Url(text)
            }
            _ if windows_path(text).is_some() || home_and_rest(text).is_some() => Self::ClearlyPath,
            _ if text.starts_with("//") => Self::Path,
            _ if text.starts_with(['/', '~']) || text.starts_with("./") => Self::ClearlyPath,
            _ if text.starts_with("../") => Self::ClearlyPath,
            _ => Self::Path,
        }
    }
}

/// A single letter is a drive of Windows.
fn is_url_scheme(scheme: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    scheme.len() > 1 && scheme.chars().all(is_part)
}

/// The paths that a text can mean: as it is written, as it is most likely meant, then guesses.
pub(super) fn readings(given: &str) -> Vec<PathBuf> {
    let text = unquoted(given);
    // Assistants mention a file as `@path`.
    let text = text.strip_prefix('@').unwrap_or(text);
    let meant = match file_url(text) {
        Some(path) => path,
        None => text.to_owned(),
    };
    let mut readings = vec![PathBuf::from(given.trim()), expand_home(&meant)];
    // In a path of Windows, a backslash is no escape.
    match windows_path(&meant) {
        Some(path) => readings.push(path),
        None => {
            readings.push(expand_home(&without_escapes(&meant)));
            let decoded = percent_decode_str(&meant).decode_utf8();
            readings.extend(decoded.ok().map(|path| expand_home(&path)));
            readings.push(expand_home(&meant.replace('\\', "/")));
        }
    }
    readings
}

/// Expands the home directory at the start, because no shell does that in the configuration or the call of a client.
pub fn expand_home(text: &str) -> PathBuf {
    match (home_and_rest(text), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

/// The rest of a path that starts at the home directory.
fn home_and_rest(text: &str) -> Option<&str> {
    const HOMES: [&str; 7] = [
        "~",
        "$HOME",
        "${HOME}",
        "%HOME%",
        "%USERPROFILE%",
        "$env:HOME",
        "$env:USERPROFILE",
    ];
    let rest = HOMES.iter().find_map(|home| text.strip_prefix(home))?;
    match rest.strip_prefix(['/', '\\']) {
        Some(rest) => Some(rest.trim_start_matches('/')),
        None => rest.is_empty().then_some(rest),
    }
}

/// Where a Windows path is found under WSL: `C:\a` at `/mnt/c/a`, and `\\wsl$\Ubuntu\a` at `/a`.
pub(super) fn windows_path(text: &str) -> Option<PathBuf> {
    if cfg!(windows) {
        return None;
    }
    let slashes = text.replace('\\', "/");
    // `\\?\C:\a` is how Windows writes a long path.
    let slashes = slashes.strip_prefix("//?/").unwrap_or(&slashes);
    for share in ["//wsl$/", "//wsl.localhost/"] {
        if let Some(rest) = slashes.strip_prefix(share) {
            return Some(Path::new("/").join(rest.split_once('/')?.1));
        }
    }
    let (drive, rest) = slashes.split_once(":/")?;
    let is_drive = drive.len() == 1 && drive.starts_with(|c: char| c.is_ascii_alphabetic());
    is_drive.then(|| PathBuf::from(format!("/mnt/{}/{rest}", drive.to_ascii_lowercase())))
}

/// Whether a path is one of a chat's sandbox, also without its first slash.
pub(super) fn is_chat_path(path: &Path) -> bool {
    let path = Path::new("/").join(path);
    CHAT_FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// A file name as it looks: quotes, blanks and the composition of letters change on the way through a chat.
pub(super) fn appearance(name: &str) -> String {
    let visible = |c: &char| {
        !matches!(
            c,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
        )
    };
    let plain = |c: char| match c {
        c if c.is_whitespace() => ' ',
        '‘' | '’' | 'ʼ' => '\'',
        '“' | '”' => '"',
        '\u{2010}'..='\u{2014}' | '\u{2212}' => '-',
        c => c,
    };
    let name: String = name.nfc().filter(visible).map(plain).collect();
    // A chat shows several blanks as one.
    single_line(&name).into_owned()
}

/// The path in a `file:` URL, percent codes decoded.
fn file_url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        None => rest,
    };
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let has_drive = path.as_bytes().get(2) == Some(&b':');
    Some(match path.strip_prefix('/') {
        Some(windows) if has_drive => windows.to_owned(),
        _ => path,
    })
}

/// Without the backslashes that a shell needs before blanks and signs.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escapes = c == '\\' && chars.peek().is_some_and(|next| !next.is_alphanumeric());
        plain.extend(if escapes { chars.next() } else { Some(c) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("\"/a/my photo.png\"", "/a/my photo.png")]
    #[case(" 'b.png' ", "b.png")]
    #[case("“/a/b.png”", "/a/b.png")]
    #[case("/a/my\\ photo\\ \\(1\\).png", "/a/my photo (1).png")]
    #[case("'/a/it\\'s.png'", "/a/it's.png")]
    #[case("file:///a/my%20photo.png", "/a/my photo.png")]
    #[case("FILE://localhost/a/caf%C3%A9.png", "/a/café.png")]
    #[case("file:/a/b.png", "/a/b.png")]
    #[case("`file:///a/b.png`", "/a/b.png")]
    #[case("/a/my%20photo.png", "/a/my photo.png")]
    #[case("@/a/b.png", "/a/b.png")]
    #[case("[my photo](/a/my photo.png)", "/a/my photo.png")]
    #[case("a\\my photo.png", "a/my photo.png")]
    #[case("..\\a\\b.png", "../a/b.png")]
    fn the_path_that_is_meant_is_among_the_readings(#[case] given: &str, #[case] meant: &str) {
        let readings = readings(given);
        assert!(readings.contains(&PathBuf::from(meant)), "{readings:?}");
        assert_eq!(readings[0], PathBuf::from(given.trim()));
    }

    #[cfg(unix)]
    #[rstest]
    #[case("C:\\Users\\me\\my photo.png", "/mnt/c/Users/me/my photo.png")]
    #[case("d:/media/a.png", "/mnt/d/media/a.png")]
    #[case("\"C:\\a.png\"", "/mnt/c/a.png")]
    #[case("\\\\?\\C:\\Users\\me\\a.png", "/mnt/c/Users/me/a.png")]
    #[case("file:///C:/Users/me/my%20photo.png", "/mnt/c/Users/me/my photo.png")]
    #[case("\\\\wsl$\\Ubuntu\\home\\me\\a.png", "/home/me/a.png")]
    #[case("\\\\wsl.localhost\\Debian\\srv\\a.png", "/srv/a.png")]
    fn a_windows_path_is_read_as_wsl_mounts_it(#[case] given: &str, #[case] meant: &str) {
        assert_eq!(readings(given).last(), Some(&PathBuf::from(meant)));
    }

    #[rstest]
    #[case("~/a.png", "a.png")]
    #[case("$HOME/a.png", "a.png")]
    #[case("${HOME}/b/a.png", "b/a.png")]
    #[case("\"$HOME/my a.png\"", "my a.png")]
    #[case("%USERPROFILE%\\a.png", "a.png")]
    #[case("$env:USERPROFILE\\b\\a.png", "b/a.png")]
    #[case("@~/a.png", "a.png")]
    fn the_home_directory_is_expanded(#[case] given: &str, #[case] below: &str) {
        let home = std::env::home_dir().unwrap();
        assert!(readings(given).contains(&home.join(below)), "{given}");
    }

    #[rstest]
    #[case("~user/a.png")]
    #[case("$HOMES/a.png")]
    #[case("a$HOME/a.png")]
    fn another_start_is_not_the_home_directory(#[case] given: &str) {
        assert_eq!(expand_home(given), PathBuf::from(given));
    }

    #[rstest]
    #[case(
        "https://a.example/b.png",
        FileReference::Url("https://a.example/b.png")
    )]
    #[case("\"HTTP://a.example\"", FileReference::Url("HTTP://a.example"))]
    #[case("data:image/png;base64,AAAA", FileReference::Data)]
    #[case("sandbox:/mnt/data/x.png", FileReference::ChatPlace)]
    #[case("sediment://file_000012", FileReference::ChatPlace)]
    #[case("clipboard://image", FileReference::ChatPlace)]
    #[case("attachment://x.png", FileReference::ChatPlace)]
    #[case("blob:https://chat.example/1-2", FileReference::ChatPlace)]
    #[case("computer:///mnt/user-data/x.png", FileReference::ChatPlace)]
    #[case("ftp://a.example/b.png", FileReference::Url("ftp://a.example/b.png"))]
    #[case(
        "![b](https://a.example/b.png)",
        FileReference::Url("https://a.example/b.png")
    )]
    #[case("/home/me/a.png", FileReference::ClearlyPath)]
    #[case("file:///home/me/a.png", FileReference::ClearlyPath)]
    #[case("~/a.png", FileReference::ClearlyPath)]
    #[case("../a.png", FileReference::ClearlyPath)]
    #[case("a.example/b.png", FileReference::Path)]
    #[case("//a.example/b.png", FileReference::Path)]
    #[case("a: b.png", FileReference::Path)]
    fn a_reference_is_told_by_its_start(#[case] given: &str, #[case] kind: FileReference<'_>) {
        assert_eq!(FileReference::of(given), kind);
    }

    #[rstest]
    #[case("9.41.00\u{202f}AM.png", "9.41.00 AM.png", true)]
    #[case("a\u{a0}b.png", "a b.png", true)]
    #[case("cafe\u{301}.png", "café.png", true)]
    #[case("a  b.png", "a b.png", true)]
    #[case("Anna’s.png", "Anna's.png", true)]
    #[case("A.png", "a.png", false)]
    #[case("cafe.png", "café.png", false)]
    fn names_are_compared_as_they_look(#[case] a: &str, #[case] b: &str, #[case] same: bool) {
        assert_eq!(appearance(a) == appearance(b), same);
    }
}
