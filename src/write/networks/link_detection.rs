//! Link detection: the links in a text that networks count with a fixed length.

use std::ops::Range;

/// Top-level domains that make a name without a scheme a link for certain.
const KNOWN_TLDS: [&str; 12] = [
    "com", "net", "org", "info", "io", "co", "app", "dev", "shop", "de", "uk", "eu",
];

/// A link.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) range: Range<usize>,
    pub(super) kind: LinkKind,
}

/// How certain it is that a network counts it as a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkKind {
    /// It begins with `http://` or `https://`.
    WithScheme,
    /// It begins with a host name that has a known top-level domain.
    HostName,
    /// It looks like a host name, but may be a file name.
    Uncertain,
}

/// The links of a text, in order.
pub(super) fn find_links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, end) in text
        .char_indices()
        .filter(|(_, letter)| !is_link_character(*letter))
        .map(|(at, letter)| (at, at + letter.len_utf8()))
        .chain([(text.len(), text.len())])
    {
        found.extend(link_in_run(text, start..at));
        start = end;
    }
    found
}

/// Characters of scripts that have no spaces between words, such as Chinese, end a link.
fn is_link_character(letter: char) -> bool {
    const ENDS: &str = "<>\"{}|\\^`";
    let is_latin_or_cyrillic = ('\u{a1}'..'\u{530}').contains(&letter) && letter.is_alphanumeric();
    letter.is_ascii_graphic() && !ENDS.contains(letter) || is_latin_or_cyrillic
}

/// The link in a run of link characters.
fn link_in_run(text: &str, run: Range<usize>) -> Option<Link> {
    let word = text[run.clone()].to_ascii_lowercase();
    let scheme = ["https://", "http://"];
    let scheme = scheme
        .iter()
        .find_map(|scheme| Some((word.find(scheme)?, scheme.len())));
    let (from, kind) = match scheme {
        Some((from, length)) => {
            let has_host = word[from + length..].starts_with(|first: char| first.is_alphanumeric());
            (from, has_host.then_some(LinkKind::WithScheme)?)
        }
        None => {
            let from = word.len() - word.trim_start_matches(['(', '[', '\'']).len();
            (from, host_name(&word[from..])?)
        }
    };
    let link = word[from..].trim_end_matches(['.', ',', ':', ';', '!', '?', '\'', ']', '*', '~']);
    let link = match link.contains('(') {
        true => link,
        false => link.trim_end_matches([')', '.', ',', '!', '?']),
    };
    let start = run.start + from;
    Some(Link {
        range: start..start + link.len(),
        kind,
    })
}

/// Whether a word without a scheme begins with a host name.
fn host_name(word: &str) -> Option<LinkKind> {
    let host = word.split(['/', '?', '#', ':']).next()?;
    let host = host.trim_end_matches(['.', ',', ';', '!', ')', '\'', ']']);
    let (rest, tld) = host.rsplit_once('.')?;
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    let is_tld = tld.len() > 1 && tld.chars().all(|letter| letter.is_ascii_alphabetic());
    if !is_tld || !rest.split('.').all(is_label) {
        return None;
    }
    Some(match KNOWN_TLDS.contains(&tld) {
        true => LinkKind::HostName,
        false => LinkKind::Uncertain,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("see https://acme.example/a?b=c.", &[("https://acme.example/a?b=c", LinkKind::WithScheme)])]
    #[case("(HTTP://acme.example)", &[("HTTP://acme.example", LinkKind::WithScheme)])]
    #[case("https://en.wikipedia.org/wiki/Saki_(writer)", &[("https://en.wikipedia.org/wiki/Saki_(writer)", LinkKind::WithScheme)])]
    #[case("看https://acme.example/看", &[("https://acme.example/", LinkKind::WithScheme)])]
    #[case("acme.com, www.acme.de/x and notes.md", &[("acme.com", LinkKind::HostName), ("www.acme.de/x", LinkKind::HostName), ("notes.md", LinkKind::Uncertain)])]
    #[case("me@acme.com, 3.50, e.g. a..b ... https:// @acme", &[])]
    fn links_are_found_without_the_marks_around_them(
        #[case] text: &str,
        #[case] expected: &[(&str, LinkKind)],
    ) {
        let found: Vec<(&str, LinkKind)> = find_links(text)
            .into_iter()
            .map(|link| (&text[link.range], link.kind))
            .collect();
        assert_eq!(found, expected);
    }
}
