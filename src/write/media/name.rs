//! File names that every server reads: plain ASCII, no path, a fitting ending and no other one.

/// Endings of pictures, videos and PDF; a name with another one might be taken for a program by whoever stores it.
const ENDINGS: [&str; 32] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "avif", "heic", "heif", "bmp", "tif",
    "tiff", "ico", "jxl", "jp2", "psd", "mp4", "m4v", "mov", "qt", "webm", "mkv", "avi", "wmv",
    "mpg", "mpeg", "flv", "3gp", "ogv", "ts", "pdf",
];

/// The name under which a file goes out; `ending` is what its content wants.
pub(super) fn plain(name: &str, ending: &str) -> String {
    let safe = safe(name);
    match safe.rsplit_once('.') {
        Some((stem, own)) if is_ending(own) => format!("{}.{own}", stem.replace('.', "_")),
        _ => format!("{}.{ending}", safe.replace('.', "_")),
    }
}

/// The name before the content is known. PHP reads only `filename="…"`, which is plain ASCII; what is not becomes `_`.
pub(super) fn safe(name: &str) -> String {
    const LONGEST: usize = 100;
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') {
            c
        } else {
            '_'
        }
    };
    let safe: String = last.chars().map(safe).collect();
    let safe = safe.trim_matches(['.', ' ']);
    // A name that is too long loses its middle, since its ending says what it is.
    let (stem, ending) = match safe.rsplit_once('.') {
        Some((stem, ending)) if is_ending(ending) => (stem, format!(".{ending}")),
        _ => (safe, String::new()),
    };
    let stem: String = stem.chars().take(LONGEST).collect();
    match stem.is_empty() {
        true => format!("upload{ending}"),
        false => format!("{stem}{ending}"),
    }
}

fn is_ending(ending: &str) -> bool {
    ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
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
    fn a_name_becomes_plain_ascii_with_an_ending(#[case] given: &str, #[case] sent: &str) {
        assert_eq!(plain(given, "png"), sent);
    }

    #[test]
    fn a_name_that_is_too_long_keeps_its_ending() {
        let sent = plain(&format!("{}.png", "a".repeat(5000)), "gif");
        assert_eq!(sent, format!("{}.png", "a".repeat(100)));
    }
}
