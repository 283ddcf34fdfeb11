//! File names of uploads: sanitized to plain ASCII, no path, one extension that fits the content.

/// Extensions of pictures, videos and PDF; a server could take a file with another extension for a program.
const EXTENSIONS: [&str; 36] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "avif", "heic", "heif", "bmp", "tif",
    "tiff", "ico", "jxl", "jp2", "psd", "mp4", "m4v", "mov", "qt", "webm", "mkv", "avi", "wmv",
    "mpg", "mpeg", "flv", "3gp", "ogv", "3g2", "ts", "mts", "m2ts", "cr3", "pdf",
];

/// The name of an upload; `extension` fits its content and is used where the name has none that is allowed.
pub(super) fn with_extension(name: &str, extension: &str) -> String {
    let name = sanitize(name);
    match name.rsplit_once('.') {
        Some((stem, own)) if is_allowed(own) => format!("{}.{own}", stem.replace('.', "_")),
        _ => format!("{}.{extension}", name.replace('.', "_")),
    }
}

/// The name before the content is known.
///
/// PHP reads only `filename="…"`, which is plain ASCII, so any other character becomes `_`.
pub(super) fn sanitize(name: &str) -> String {
    const MAX_LENGTH: usize = 100;
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let replace = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') {
            c
        } else {
            '_'
        }
    };
    let name: String = last.chars().map(replace).collect();
    let name = name.trim_matches(['.', ' ']);
    // A long name is cut before its extension, which says what the file is.
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if is_allowed(extension) => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let stem: String = stem.chars().take(MAX_LENGTH).collect();
    match stem.is_empty() {
        true => format!("upload{extension}"),
        false => format!("{stem}{extension}"),
    }
}

fn is_allowed(extension: &str) -> bool {
    EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("photo.JPG", "photo.JPG")]
    #[case("fête d'été.png", "f_te d__t_.png")]
    #[case("../../etc/passwd", "passwd.png")]
    #[case("a\"b\r\nc.png", "a_b__c.png")]
    #[case("no ending", "no ending.png")]
    #[case("..", "upload.png")]
    #[case("", "upload.png")]
    #[case(".png", "png.png")]
    #[case("C:\\temp\\x.mp4", "x.mp4")]
    #[case("shell.php", "shell_php.png")]
    #[case("shell.php.png", "shell_php.png")]
    #[case(".htaccess", "htaccess.png")]
    fn a_name_becomes_plain_ascii_with_an_extension(#[case] given: &str, #[case] sent: &str) {
        assert_eq!(with_extension(given, "png"), sent);
    }

    #[test]
    fn a_name_that_is_too_long_keeps_its_extension() {
        let sent = with_extension(&format!("{}.png", "a".repeat(5000)), "gif");
        assert_eq!(sent, format!("{}.png", "a".repeat(100)));
    }
}
