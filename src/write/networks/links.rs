//! Links in a text, as far as networks count them by another length than their own.

use std::ops::Range;

/// Endings after which a name without a scheme is surely an address.
const ENDINGS: [&str; 12] = [
    "com", "net", "org", "info", "io", "co", "app", "dev", "shop", "de", "uk", "eu",
];

/// A link.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) at: Range<usize>,
    pub(super) is: Is,
}

/// How certain it is that it counts as a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    /// It begins with `http://` or `https://`.
    Whole,
    /// It begins with a host name that has a well-known ending.
    Bare,
    /// It looks like a host name, and may be a file name.
    Perhaps,
}

/// The links of a text, in order.
pub(super) fn links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, end) in text
        .char_indices()
        .filter(|(_, letter)| !is_of_a_link(*letter))
        .map(|(at, letter)| (at, at + letter.len_utf8()))
        .chain([(text.len(), text.len())])
    {
        found.extend(link(text, start..at));
        start = end;
    }
    found
}

/// Letters without a space between words, such as Chinese, end a link.
fn is_of_a_link(letter: char) -> bool {
    const ENDS: &str = "<>\"{}|\\^`";
    let is_latin_or_cyrillic = ('\u{a1}'..'\u{530}').contains(&letter) && letter.is_alphanumeric();
    letter.is_ascii_graphic() && !ENDS.contains(letter) || is_latin_or_cyrillic
}

/// The link in a run of letters that links can have.
fn link(text: &str, run: Range<usize>) -> Option<Link> {
    let word = text[run.clone()].to_ascii_lowercase();
    let scheme = ["https://", "http://"];
    let scheme = scheme
        .iter()
        .find_map(|scheme| Some((word.find(scheme)?, scheme.len())));
    let (from, is) = match scheme {
        Some((from, length)) => {
            let has_host = word[from + length..].starts_with(|first: char| first.is_alphanumeric());
            (from, has_host.then_some(Is::Whole)?)
        }
        None => {
            let from = word.len() - word.trim_start_matches(['(', '[', '\'']).len();
            (from, bare(&word[from..])?)
        }
    };
    let link = word[from..].trim_end_matches(['.', ',', ':', ';', '!', '?', '\'', ']', '*', '~']);
    let link = match link.contains('(') {
        true => link,
        false => link.trim_end_matches([')', '.', ',', '!', '?']),
    };
    let start = run.start + from;
    Some(Link {
        at: start..start + link.len(),
        is,
    })
}

/// Whether a word without a scheme begins with a host name.
fn bare(word: &str) -> Option<Is> {
    let host = word.split(['/', '?', '#', ':']).next()?;
    let host = host.trim_end_matches(['.', ',', ';', '!', ')', '\'', ']']);
    let (rest, ending) = host.rsplit_once('.')?;
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    let is_ending = ending.len() > 1 && ending.chars().all(|letter| letter.is_ascii_alphabetic());
    if !is_ending || !rest.split('.').all(is_label) {
        return None;
    }
    Some(match ENDINGS.contains(&ending) {
        true => Is::Bare,
        false => Is::Perhaps,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("see https://acme.example/a?b=c.", &[("https://acme.example/a?b=c", Is::Whole)])]
    #[case("(HTTP://acme.example)", &[("HTTP://acme.example", Is::Whole)])]
    #[case("https://en.wikipedia.org/wiki/Saki_(writer)", &[("https://en.wikipedia.org/wiki/Saki_(writer)", Is::Whole)])]
    #[case("看https://acme.example/看", &[("https://acme.example/", Is::Whole)])]
    #[case("acme.com, www.acme.de/x and notes.md", &[("acme.com", Is::Bare), ("www.acme.de/x", Is::Bare), ("notes.md", Is::Perhaps)])]
    #[case("me@acme.com, 3.50, e.g. a..b ... https:// @acme", &[])]
    fn links_are_found_without_the_marks_around_them(
        #[case] text: &str,
        #[case] expected: &[(&str, Is)],
    ) {
        let found: Vec<(&str, Is)> = links(text)
            .into_iter()
            .map(|link| (&text[link.at], link.is))
            .collect();
        assert_eq!(found, expected);
    }
}
