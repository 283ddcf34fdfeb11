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
    let plain = |text: &str| plain_typography(&plain_words(text));
    let (sent, shown) = (plain(sent), plain(shown));
    let (mut sent, mut shown) = (sent.split(' '), shown.split(' '));
    loop {
        match (sent.next(), shown.next()) {
            (None, None) => return true,
            (Some(sent), Some(shown))
                if sent == shown || is_same_link(sent, shown) || is_shortened(sent, shown) => {}
            _ => return false,
        }
    }
}

/// The text with one form of what editors make of quotes and dots, and without what shows nothing by itself.
fn plain_typography(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2018}' | '\u{2019}' => plain.push('\''),
            '\u{201c}' | '\u{201d}' | '\u{201e}' => plain.push('"'),
            '\u{2026}' => plain.push_str("..."),
            '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{fe0f}' | '\u{feff}' | '\u{ad}' => {}
            c => plain.push(c),
        }
    }
    plain
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
    let text = decode_numeric_entities(&text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text with the characters of `&#8217;` and `&#x2019;`.
fn decode_numeric_entities(text: &str) -> String {
    let mut parts = text.split("&#");
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let entity = part.split_once(';').and_then(|(number, rest)| {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            Some((char::from_u32(code.ok()?)?, rest))
        });
        match entity {
            Some((character, rest)) => {
                decoded.push(character);
                decoded.push_str(rest);
            }
            None => {
                decoded.push_str("&#");
                decoded.push_str(part);
            }
        }
    }
    decoded
}

/// Whether a link differs only in its scheme, its last slash, or a campaign (`utm_…`) that Saki added.
fn is_same_link(sent: &str, shown: &str) -> bool {
    let (Some((before, sent)), Some((before_shown, shown))) = (link(sent), link(shown)) else {
        return false;
    };
    let (sent, shown) = (without_scheme(sent), without_scheme(shown));
    let sent = sent.trim_end_matches('/');
    let added = shown
        .strip_prefix(sent)
        .map(|rest| rest.trim_start_matches('/'));
    let is_campaign =
        |added: &str| added.is_empty() || added.starts_with("?utm_") || added.starts_with("&utm_");
    before == before_shown && !sent.is_empty() && added.is_some_and(is_campaign)
}

fn without_scheme(link: &str) -> &str {
    let rest = link.strip_prefix("https://");
    rest.or_else(|| link.strip_prefix("http://"))
        .unwrap_or(link)
}

/// What stands before a link in a word, such as a bracket, and the link.
fn link(word: &str) -> Option<(&str, &str)> {
    let starts = ["https://", "http://", "www."];
    let at = starts.iter().find_map(|start| word.find(start))?;
    Some(word.split_at(at))
}

fn is_shortened(sent: &str, shown: &str) -> bool {
    // A shortener is another host, with one code behind it.
    let parts = |link: &str| {
        let mut parts = without_scheme(link).splitn(2, '/').map(str::to_owned);
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

    #[rstest]
    #[case("It's \"new\"...", "It\u{2019}s \u{201c}new\u{201d}\u{2026}")]
    #[case("It's new", "It&#8217;s new")]
    #[case("It's new", "It&#x2019;s new")]
    #[case("Hi \u{2764}\u{fe0f}\u{200b}", "Hi \u{2764}")]
    #[case(
        "See www.acme-coffee.example/huye-mountain",
        "See https://sk.link/x7f3"
    )]
    #[case("See http://acme.example", "See https://acme.example/")]
    #[case(
        "See https://acme.example/a?b=1",
        "See https://acme.example/a?b=1&utm_source=saki"
    )]
    #[case(
        "See https://acme.example/a",
        "See https://acme.example/a?utm_source=saki&utm_medium=x"
    )]
    fn what_editors_and_campaigns_change_is_the_same_text(#[case] sent: &str, #[case] shown: &str) {
        assert!(is_same_text(sent, shown));
    }

    #[rstest]
    #[case("Costs &#36 today", "Costs $ today")]
    #[case(
        "See https://acme.example/a?b=1",
        "See https://acme.example/a?b=2&utm_source=saki"
    )]
    #[case("See https://acme.example/a", "See https://acme.example/a?b=1")]
    #[case("See https://acme.example/a", "See https://acme.example/ab")]
    #[case(
        "See https://acme.example/a?utm_source=x",
        "See https://acme.example/a?utm_source=mail"
    )]
    #[case("https:// http://", "https:// https://x")]
    fn what_a_reader_would_miss_is_another_text(#[case] sent: &str, #[case] shown: &str) {
        assert!(!is_same_text(sent, shown));
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
