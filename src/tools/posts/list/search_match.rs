//! Search match: whether a text holds the words and phrases of a search, whatever typography changed.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::tools::hidden_unicode::is_invisible;
use crate::write::text_match::plain_words;

/// What a text must hold: words anywhere in it, and phrases.
#[derive(Debug, Clone, Default)]
pub(crate) struct SearchTerms {
    words: Vec<String>,
    /// Words in a row, each without punctuation at its edges.
    phrases: Vec<String>,
    /// A search that is nothing but markup, as it is written.
    markup: Option<String>,
}

impl SearchTerms {
    /// The terms of a search; what stands in double quotes is a phrase.
    pub(crate) fn parse(search: &str) -> Self {
        let mut terms = Self::default();
        let folded = fold(&search.replace("\\\"", "\""));
        let mut rest = folded.as_str();
        while let Some((before, phrase, after)) = first_phrase(rest) {
            terms.words.extend(words(before));
            terms
                .phrases
                .extend(Some(bare_words(phrase)).filter(|phrase| !phrase.is_empty()));
            rest = after;
        }
        terms.words.extend(words(rest));
        // Signs beside words are punctuation; alone they are meant.
        let has_words =
            !terms.phrases.is_empty() || terms.words.iter().any(|word| !bare(word).is_empty());
        terms
            .words
            .retain(|word| !has_words || !bare(word).is_empty());
        let written = search.trim().to_lowercase();
        let is_markup = written.contains(['<', '&']) && plain_words(&written).is_empty();
        if is_markup {
            terms = Self {
                markup: Some(written),
                ..Self::default()
            };
        }
        terms
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.phrases.is_empty() && self.markup.is_none()
    }

    pub(crate) fn are_in(&self, text: &str) -> bool {
        if let Some(markup) = &self.markup {
            return text.to_lowercase().contains(markup);
        }
        // `100 %` and `10 000` are one word where the blank does not break.
        let joined = fold(&text.replace(['\u{a0}', '\u{202f}', '\u{2009}'], ""));
        let text = fold(text);
        let bare = || bare_words(&text);
        let has_word = |word: &String| [&text, &joined].iter().any(|text| text.contains(word));
        self.words.iter().all(has_word)
            && (self.phrases.is_empty()
                || self
                    .phrases
                    .iter()
                    .all(|phrase| bare().contains(phrase.as_str())))
    }
}

/// What stands before the first pair of quotes that enclose words, between them and behind them.
fn first_phrase(text: &str) -> Option<(&str, &str, &str)> {
    let quotes = || text.match_indices('"').map(|(at, _)| at);
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let open = quotes().find(|at| is_edge(text[..*at].chars().next_back()))?;
    let mut closes = quotes().filter(|at| *at > open);
    let close = closes.find(|at| is_edge(text[at + 1..].chars().next()))?;
    Some((&text[..open], &text[open + 1..close], &text[close + 1..]))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(' ')
        .flat_map(joined_words)
        .filter(|word| !word.is_empty())
        .map(|word| match bare(word) {
            // A search for signs alone means them.
            "" => word.to_owned(),
            bare => bare.to_owned(),
        })
}

/// The words of `beans,milk` and `beans/milk`; `9/17`, `A/B` and an address are one word.
fn joined_words(word: &str) -> Vec<&str> {
    let parts: Vec<&str> = word.split([',', ';', '/', '|']).collect();
    let is_word = |part: &&str| part.chars().count() > 2 && part.chars().all(char::is_alphabetic);
    match parts.iter().all(is_word) {
        true => parts,
        false => vec![word],
    }
}

fn bare_words(text: &str) -> String {
    let words = text.split(' ').map(bare).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// A word without punctuation at its edges; `#` and `@` are part of it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| {
        ".,;:!?\"'()[]{}<>*_~-¿¡|/\\•·‽†‡؟،؛、。・「」『』【】《》".contains(c)
    })
}

/// The text without case, accents, invisible characters, ligatures and widths, and with one form of each quote and dash.
fn fold(text: &str) -> String {
    let text = plain_words(text);
    let plain = text.chars().filter(|c| !is_invisible(*c)).map(|c| match c {
        '\u{2018}'..='\u{201B}'
        | '\u{2032}'
        | '\u{2039}'
        | '\u{203A}'
        | '\u{02BC}'
        | '\u{00B4}'
        | '\u{275B}'
        | '\u{275C}'
        | '`'
        | '\u{FF07}' => '\'',
        '\u{201C}'..='\u{201F}'
        | '\u{2033}'
        | '«'
        | '»'
        | '\u{FF02}'
        | '\u{275D}'
        | '\u{275E}'
        | '\u{301D}'..='\u{301F}' => '"',
        '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{FE58}'
        | '\u{FE63}'
        | '\u{FF0D}' => '-',
        '×' => 'x',
        c => c,
    });
    // Upper case first: `ß` and `SS`, `ς` and `Σ` are alike only there.
    let folded = plain.nfkd().filter(|c| !is_combining_mark(*c));
    let folded = folded
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase);
    let folded: String = folded.collect();
    let folded = folded.replace('æ', "ae").replace('œ', "oe");
    // What NFKD leaves whole: the slash of `½`, and letters with a stroke.
    folded
        .replace('\u{2044}', "/")
        .replace('ø', "o")
        .replace('ł', "l")
        .replace('đ', "d")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const POST: &str = "It’s pumpkin season – “grab one” …\nOpen 9–17, co\u{ad}working with wi\u{2011}fi at\u{a0}Café Straße";

    #[rstest]
    #[case("It's pumpkin")]
    #[case("\"grab one\"")]
    #[case("„grab one“")]
    #[case("9-17")]
    #[case("coworking")]
    #[case("wi-fi")]
    #[case("pumpkin, season")]
    #[case("\"pumpkin season\"")]
    #[case("\"season grab one open\"")]
    #[case("(pumpkin)")]
    #[case("CAFÉ STRASSE")]
    #[case("at cafe")]
    #[case("ｐｕｍｐｋｉｎ")]
    #[case("pump\u{200b}kin")]
    #[case("…")]
    #[case("\"grab one\"!")]
    #[case("❝grab one❞")]
    #[case("〝GRAB ONE〟")]
    #[case("pumpkin,season")]
    #[case("pumpkin/grab")]
    #[case("pumpkin • season")]
    #[case("|pumpkin|")]
    #[case("pumpkin؟")]
    #[case("")]
    fn typography_and_case_make_no_difference(#[case] search: &str) {
        assert!(SearchTerms::parse(search).are_in(POST), "{search}");
    }

    #[rstest]
    #[case("\"season pumpkin\"")]
    #[case("\"grab two\"")]
    #[case("pumpkins")]
    #[case("#pumpkin")]
    #[case("9-18")]
    #[case("pumpkin,winter")]
    #[case("<br>")]
    #[case("<p>")]
    #[case("❝one grab❞")]
    fn other_words_and_another_order_of_a_phrase_are_not_found(#[case] search: &str) {
        assert!(!SearchTerms::parse(search).are_in(POST), "{search}");
    }

    #[rstest]
    #[case("ﬁne ﬂour", "fine flour")]
    #[case("Œuvre", "oeuvre")]
    #[case("ΟΔΟΣ", "οδος")]
    #[case("Fish &amp; chips", "fish & chips")]
    #[case("a 5\" pipe and a 6\" one", "5\" 6\"")]
    #[case("#Coffee @acme", "#coffee, @acme.")]
    #[case("¡Hola!", "hola")]
    #[case("½ price, 3×2", "1/2 3x2")]
    #[case("One<br>two", "<BR>")]
    #[case("One&nbsp;two", "&nbsp;")]
    #[case("C++ or C", "c++")]
    #[case("❝Tasty❞ «beans»", "\"tasty beans\"")]
    #[case("Łódź, Ørsted and Đakovo", "lodz orsted dakovo")]
    #[case("100\u{a0}% at 20\u{202f}°C", "100% 20°C")]
    #[case("grab one", "\\\"grab one\\\"")]
    fn ligatures_entities_and_edges_are_folded(#[case] text: &str, #[case] search: &str) {
        assert!(SearchTerms::parse(search).are_in(text));
    }
}
