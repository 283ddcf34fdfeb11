//! File names that every server reads: plain ASCII, no path, a fitting ending.

/// PHP reads only `filename="…"`, which is plain ASCII; what is not becomes `_`.
pub(super) fn plain(name: &str, extension: &str) -> String {
    const LONGEST: usize = 100;
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') {
            c
        } else {
            '_'
        }
    };
    let safe: String = last.chars().map(safe).take(LONGEST).collect();
    let safe = safe.trim_matches(['.', ' ']);
    match safe.rsplit_once('.') {
        _ if safe.is_empty() => format!("upload.{extension}"),
        Some((_, ending)) if (2..=5).contains(&ending.len()) => safe.to_owned(),
        _ => format!("{safe}.{extension}"),
    }
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
    #[case("C:\\temp\\x.mp4", "x.mp4")]
    fn a_name_becomes_plain_ascii_with_an_ending(#[case] given: &str, #[case] sent: &str) {
        assert_eq!(plain(given, "png"), sent);
    }
}
