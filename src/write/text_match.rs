//! Text comparison: whether a text that Saki shows is the one that was sent, though it may be stored a little otherwise.
//!
//! Networks and APIs store texts composed (NFC), with other line breaks or blanks, as HTML, or with shortened links.

use unicode_normalization::UnicodeNormalization;

/// The longest link that may stand for a longer one.
const MAX_SHORT_LINK: usize = 32;
/// The HTML entities that encoders of plain text write.
const ENTITIES: [(&str, &str); 8] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#039;", "'"),
    ("&#39;", "'"),
    ("&apos;", "'"),
    ("&nbsp;", " "),
    // Last, so that `&amp;lt;` becomes `&lt;` and no more.
    ("&amp;", "&"),
];

/// Whether `shown` is `sent` as Saki may store it.
///
/// A short link may stand in the place of a longer one; two long links are two texts.
pub fn is_same_text(sent: &str, shown: &str) -> bool {
    let (sent, shown) = (plain_words(sent), plain_words(shown));
    let (mut sent, mut shown) = (sent.split(' '), shown.split(' '));
    loop {
        match (sent.next(), shown.next()) {
            (None, None) => return true,
            (Some(sent), Some(shown)) if sent == shown || is_shortened(sent, shown) => {}
            _ => return false,
        }
    }
}

/// Whether a person would see a difference: only line breaks, composition and blanks at the edges show nothing.
pub fn differs_visibly(sent: &str, shown: &str) -> bool {
    let plain = |text: &str| {
        text.nfc()
            .collect::<String>()
            .replace("\r\n", "\n")
            .trim()
            .to_owned()
    };
    plain(sent) != plain(shown)
}

/// The text as words between single blanks, without markup and entities.
pub fn plain_words(text: &str) -> String {
    let mut text = text.nfc().collect::<String>();
    for tag in ["<br />", "<br/>", "<br>", "</p>"] {
        text = text.replace(tag, " ");
    }
    text = text.replace("<p>", "");
    for (entity, character) in ENTITIES {
        text = text.replace(entity, character);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands before a link in a word, such as a bracket, and the link.
fn link(word: &str) -> Option<(&str, &str)> {
    let at = word.find("https://").or_else(|| word.find("http://"))?;
    Some(word.split_at(at))
}

fn is_shortened(sent: &str, shown: &str) -> bool {
    // A shortener is another host, with one code behind it.
    let parts = |link: &str| {
        let mut parts = link.splitn(4, '/').skip(2).map(str::to_owned);
        (parts.next(), parts.next().unwrap_or_default())
    };
    match (link(sent), link(shown)) {
        (Some((before, sent)), Some((before_shown, shown))) => {
            let ((host, _), (short_host, code)) = (parts(sent), parts(shown));
            let is_short = shown.len() <= MAX_SHORT_LINK && shown.len() < sent.len();
            before == before_shown && is_short && host != short_host && !code.contains('/')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const SENT: &str =
        "Müsli & \"beans\" <now>\nat https://acme-coffee.example/huye-mountain-rwanda (new)";

    #[rstest]
    #[case::same(SENT)]
    #[case::line_breaks(
        "Müsli & \"beans\" <now>\r\nat https://acme-coffee.example/huye-mountain-rwanda (new)"
    )]
    #[case::decomposed(
        "Mu\u{308}sli & \"beans\" <now>\nat https://acme-coffee.example/huye-mountain-rwanda (new)"
    )]
    #[case::blanks(
        " Müsli &  \"beans\" <now>\nat https://acme-coffee.example/huye-mountain-rwanda (new)\n"
    )]
    #[case::entities(
        "Müsli &amp; &quot;beans&quot; &lt;now&gt;\nat https://acme-coffee.example/huye-mountain-rwanda (new)"
    )]
    #[case::paragraph(
        "<p>Müsli & \"beans\" <now><br>at https://acme-coffee.example/huye-mountain-rwanda (new)</p>"
    )]
    #[case::short_link("Müsli & \"beans\" <now>\nat https://sk.link/x7f3 (new)")]
    fn a_text_is_found_as_it_may_be_stored(#[case] shown: &str) {
        assert!(is_same_text(SENT, shown));
    }

    #[rstest]
    #[case::other_word(
        "Müsli & \"beans\" <now>\nat https://acme-coffee.example/huye-mountain-rwanda (old)"
    )]
    #[case::other_long_link(
        "Müsli & \"beans\" <now>\nat https://acme-coffee.example/huye-mountain-burundi (new)"
    )]
    #[case::other_link_of_the_same_site(
        "Müsli & \"beans\" <now>\nat https://acme-coffee.example/milk (new)"
    )]
    #[case::cut("Müsli & \"beans\" <now>")]
    #[case::longer(
        "Müsli & \"beans\" <now>\nat https://acme-coffee.example/huye-mountain-rwanda (new) today"
    )]
    #[case::link_elsewhere(
        "Müsli https://sk.link/x7f3 \"beans\" <now>\nat https://sk.link/x7f3 (new)"
    )]
    fn another_text_is_not_taken_for_it(#[case] shown: &str) {
        assert!(!is_same_text(SENT, shown));
    }

    #[test]
    fn another_link_of_the_same_length_is_another_text() {
        assert!(!is_same_text(
            "https://acme.example/a",
            "https://sk12.example/b"
        ));
    }

    #[test]
    fn only_what_a_person_sees_is_a_visible_difference() {
        assert!(!differs_visibly("Mu\u{308}sli\nnow", " Müsli\r\nnow "));
        assert!(differs_visibly("a & b", "a &amp; b"));
        assert!(differs_visibly(
            "https://acme.example/long",
            "https://sk.link/1"
        ));
    }
}
