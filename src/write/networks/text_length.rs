//! Text length as each network counts it: weighted characters, graphemes, UTF-16 units or bytes.

use std::ops::RangeInclusive;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::link_detection::{Link, LinkKind, find_links};

/// The length of any link on X and Mastodon.
const LINK_LENGTH: usize = 23;

/// How a network counts a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LengthUnit {
    /// X: two for an emoji and for most letters beyond the European ones, 23 for a link.
    Weighted,
    /// Graphemes: what a reader sees as one character.
    Graphemes,
    /// Graphemes, but 23 for a link and nothing for the server in a mention.
    Mastodon,
    /// Characters, but the bytes of an emoji.
    EmojiAsBytes,
    /// Unicode characters; also where a network does not say what it counts.
    Characters,
    /// UTF-16 units.
    Utf16,
    /// Bytes in UTF-8.
    Bytes,
}

impl LengthUnit {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            _ => "characters",
        }
    }

    pub(super) fn count(self, text: &str) -> usize {
        match self {
            Self::Weighted => weighted(&text.nfc().collect::<String>()),
            Self::Graphemes => text.graphemes(true).count(),
            Self::Mastodon => mastodon(text),
            Self::EmojiAsBytes => by_grapheme(text, str::len, |_| 1),
            Self::Characters => text.chars().count(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Bytes => text.len(),
        }
    }
}

fn weighted(text: &str) -> usize {
    let weigh = |text: &str| by_grapheme(text, |_| 2, weight);
    with_links(text, find_links(text), weigh, |kind, text| match kind {
        LinkKind::WithScheme | LinkKind::HostName => LINK_LENGTH,
        // In doubt the shorter length, so that there is no false warning.
        LinkKind::Uncertain => LINK_LENGTH.min(weigh(text)),
    })
}

/// Weights of twitter-text's configuration v3: these characters count one, all others two.
fn weight(letter: char) -> usize {
    const LIGHT: [RangeInclusive<u32>; 4] = [
        0..=0x10FF,
        0x2000..=0x200D,
        0x2010..=0x201F,
        0x2032..=0x2037,
    ];
    match LIGHT.iter().any(|light| light.contains(&letter.into())) {
        true => 1,
        false => 2,
    }
}

fn mastodon(text: &str) -> usize {
    let mut links = find_links(text);
    links.retain(|link| link.kind == LinkKind::WithScheme);
    let count = |text: &str| without_servers(text).graphemes(true).count();
    with_links(text, links, count, |_, _| LINK_LENGTH)
}

/// Shortens `@alice@example.social` to `@alice`.
fn without_servers(text: &str) -> String {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let name = rest[at + 1..].trim_start_matches(is_name);
        let end = rest.len() - name.len();
        kept.push_str(&rest[..end]);
        rest = name;
        let Some(server) = name.strip_prefix('@').filter(|_| end > at + 1) else {
            continue;
        };
        let is_of_server = |letter: char| letter.is_ascii_alphanumeric() || ".-".contains(letter);
        let after = server.trim_start_matches(is_of_server);
        let server = server[..server.len() - after.len()].trim_end_matches(['.', '-']);
        rest = &name[1 + server.len()..];
    }
    kept + rest
}

/// The sum of the lengths of the links and of the text between them.
fn with_links(
    text: &str,
    links: Vec<Link>,
    count: impl Fn(&str) -> usize,
    link_length: impl Fn(LinkKind, &str) -> usize,
) -> usize {
    let (mut sum, mut from) = (0, 0);
    for Link { range, kind } in links {
        sum += count(&text[from..range.start]) + link_length(kind, &text[range.clone()]);
        from = range.end;
    }
    sum + count(&text[from..])
}

fn by_grapheme(text: &str, emoji: impl Fn(&str) -> usize, letter: impl Fn(char) -> usize) -> usize {
    let count = |grapheme: &str| match is_emoji(grapheme) {
        true => emoji(grapheme),
        false => grapheme.chars().map(&letter).sum(),
    };
    text.graphemes(true).map(count).sum()
}

/// Whether a grapheme is displayed as an emoji: it has an emoji character or an emoji variation selector.
fn is_emoji(grapheme: &str) -> bool {
    const BLOCKS: [RangeInclusive<u32>; 5] = [
        0x1F1E6..=0x1F1FF,
        0x1F300..=0x1F64F,
        0x1F680..=0x1F6FF,
        0x1F7E0..=0x1F7EB,
        0x1F90C..=0x1FAFF,
    ];
    const SINGLE: &str = "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕🀄🃏🆎🈁🈚🈯🉐🉑";
    grapheme.chars().any(|letter| {
        matches!(letter, '\u{fe0f}' | '\u{20e3}')
            || BLOCKS.iter().any(|block| block.contains(&letter.into()))
            || SINGLE.contains(letter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const FAMILY: &str = "👨\u{200d}👩\u{200d}👧\u{200d}👦";

    /// The length on X, in graphemes, on Mastodon, on Threads, in characters, in UTF-16 units, in bytes.
    #[rstest]
    #[case("", [0; 7])]
    #[case("Hello, world", [12; 7])]
    #[case("café", [4, 4, 4, 4, 4, 4, 5])]
    #[case("cafe\u{301}", [4, 4, 4, 5, 5, 5, 6])]
    #[case("q\u{301}\u{323}", [3, 1, 1, 3, 3, 3, 5])]
    #[case("日本語", [6, 3, 3, 3, 3, 3, 9])]
    #[case("한국", [4, 2, 2, 2, 2, 2, 6])]
    #[case("Привет", [6, 6, 6, 6, 6, 6, 12])]
    #[case("👍", [2, 1, 1, 4, 1, 2, 4])]
    #[case("👋🏽", [2, 1, 1, 8, 2, 4, 8])]
    #[case("🇯🇵", [2, 1, 1, 8, 2, 4, 8])]
    #[case("1\u{fe0f}\u{20e3}", [2, 1, 1, 7, 3, 3, 7])]
    #[case("☕", [2, 1, 1, 3, 1, 1, 3])]
    #[case("©…", [3, 2, 2, 2, 2, 2, 5])]
    #[case(FAMILY, [2, 1, 1, 25, 7, 11, 25])]
    #[case("see https://a.example", [27, 21, 27, 21, 21, 21, 21])]
    #[case("see https://acme-coffee.example/a/very/long/path?and=more.", [28, 58, 28, 58, 58, 58, 58])]
    #[case("acme.com", [23, 8, 8, 8, 8, 8, 8])]
    #[case("notes.md", [8; 7])]
    #[case("hi @bo@mas.example, @al", [23, 23, 11, 23, 23, 23, 23])]
    #[case("mail me@acme.com", [16; 7])]
    fn each_network_counts_in_its_own_way(#[case] text: &str, #[case] expected: [usize; 7]) {
        let units = [
            LengthUnit::Weighted,
            LengthUnit::Graphemes,
            LengthUnit::Mastodon,
            LengthUnit::EmojiAsBytes,
            LengthUnit::Characters,
            LengthUnit::Utf16,
            LengthUnit::Bytes,
        ];
        assert_eq!(units.map(|unit| unit.count(text)), expected);
    }
}
