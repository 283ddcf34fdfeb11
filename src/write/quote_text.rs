//! Quoted text from elsewhere in a message: truncated, in quotation marks, on one line.

use std::borrow::Cow;

/// The most characters of a text that a message quotes.
const MAX_QUOTED: usize = 200;

/// What people and programs put around a value.
const QUOTES: [(&str, &str); 12] = [
    ("\\\"", "\\\""),
    ("\"", "\""),
    ("'", "'"),
    ("`", "`"),
    ("<", ">"),
    ("“", "”"),
    ("„", "“"),
    ("‘", "’"),
    ("‚", "‘"),
    ("«", "»"),
    ("»", "«"),
    ("‹", "›"),
];

/// The first `max` characters, then `…` where more is left out; a borrowed text is the whole one.
pub fn truncate(text: &str, max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The truncated text in quotation marks, escaped so that it can neither end them nor start a new line.
pub fn quote_truncated(text: &str) -> String {
    quote_at_most(text, MAX_QUOTED)
}

/// The same with another maximum.
pub fn quote_at_most(text: &str, max: usize) -> String {
    format!("{:?}", truncate(text, max))
}

/// The text without blanks and quotation marks around it; of a Markdown link, its target.
pub fn unquoted(given: &str) -> &str {
    let text = without_quotes(given);
    // A value that was quoted twice, as in `'"a"'`.
    match text.len() < given.len() {
        true => unquoted(text),
        false => text,
    }
}

fn without_quotes(given: &str) -> &str {
    let text = given.trim();
    let target = text.strip_suffix(')').and_then(|text| {
        let label = text.strip_prefix(['[', '!'])?;
        label.split_once("](").map(|(_, target)| target)
    });
    let inner = QUOTES
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close));
    target.or(inner).unwrap_or(text).trim()
}

/// The text on one line, with single spaces; a borrowed text is one already.
pub fn single_line(text: &str) -> Cow<'_, str> {
    let mut before = ' ';
    let is_other_blank = |c: char| {
        let is_blank = c.is_whitespace() && (c != ' ' || before == ' ');
        before = c;
        is_blank
    };
    match text.contains(is_other_blank) || text.ends_with(' ') {
        true => Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", 0, "")]
    #[case("käse", 4, "käse")]
    #[case("käse", 2, "kä…")]
    #[case("käse", 0, "…")]
    fn a_text_is_truncated_between_characters(
        #[case] text: &str,
        #[case] max: usize,
        #[case] truncated: &str,
    ) {
        assert_eq!(truncate(text, max), truncated);
    }

    #[rstest]
    #[case("\"/a/my photo.png\"", "/a/my photo.png")]
    #[case(" 'b' ", "b")]
    #[case("„b“", "b")]
    #[case("<https://a.example>", "https://a.example")]
    #[case("[a photo](/a/b.png)", "/a/b.png")]
    #[case("![](/a/b.png)", "/a/b.png")]
    #[case("'\"/a/b.png\"'", "/a/b.png")]
    #[case("\\\"/a/b.png\\\"", "/a/b.png")]
    #[case("« /a/b.png »", "/a/b.png")]
    #[case("`[b](</a/b.png>)`", "/a/b.png")]
    #[case("\"\"", "")]
    #[case("a (b)", "a (b)")]
    #[case("\"a", "\"a")]
    fn what_stands_around_a_value_is_taken_off(#[case] given: &str, #[case] value: &str) {
        assert_eq!(unquoted(given), value);
    }

    #[test]
    fn a_quoted_text_stays_within_its_quotation_marks_and_on_its_line() {
        assert_eq!(quote_truncated("a \"b\"\nc"), r#""a \"b\"\nc""#);
        let long = quote_truncated(&"x".repeat(MAX_QUOTED + 1));
        assert_eq!(long, format!("\"{}…\"", "x".repeat(MAX_QUOTED)));
        for text in [
            " a \n\t b\u{2028}c ",
            "a b c ",
            " a b c",
            "a  b c",
            "a b\nc",
            "a b c",
        ] {
            assert_eq!(single_line(text), "a b c", "{text:?}");
        }
    }
}
