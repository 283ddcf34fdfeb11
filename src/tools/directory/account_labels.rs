//! Account labels: an account as our own answers print it, and by the address of its profile.

use super::profile_address::read_address;
use crate::saki::SpaceId;
use crate::write::account_ref::AccountRef;
use crate::write::networks::canonical_name;
use crate::write::quote_text::unquoted;

/// What a label or an address says of an account.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct NamedAccount {
    pub(super) id: Option<u64>,
    pub(super) name: Option<String>,
    pub(super) network: Option<String>,
    pub(super) space: Option<u64>,
}

/// The ids that a label shows.
#[derive(Debug, Default)]
pub(super) struct LabelIds {
    pub(super) account: Option<u64>,
    pub(super) space: Option<u64>,
}

pub(super) fn label_ids(given: &str) -> LabelIds {
    let named = read(given).unwrap_or_default();
    LabelIds {
        account: named.id,
        space: named.space,
    }
}

/// The accounts of a space that a label or the address of a profile fits in all that it says.
pub(super) fn labelled<'a>(
    given: &str,
    space_id: SpaceId,
    accounts: &'a [AccountRef],
) -> Vec<&'a AccountRef> {
    let named = read(given).filter(|named| named.space.is_none_or(|id| id == space_id.0));
    // A label may hold a name that is truncated or requoted.
    let fits = |account: &&AccountRef| {
        named.as_ref().is_some_and(|named| named.fits(account)) || account.label() == given.trim()
    };
    accounts.iter().filter(fits).collect()
}

/// Why a label names no account of a space: it is of another one, or its id and its name are of two accounts.
pub(super) fn contradiction(
    given: &str,
    space_id: SpaceId,
    accounts: &[AccountRef],
) -> Option<String> {
    let named = read(given)?;
    if let Some(other) = named.space.filter(|id| *id != space_id.0) {
        return Some(format!(
            "it names the space {other}, while the call is for the space {}",
            space_id.0
        ));
    }
    let by_id = accounts
        .iter()
        .find(|account| Some(account.id) == named.id)?;
    if !labelled(given, space_id, accounts).is_empty() {
        return None;
    }
    let rest = NamedAccount { id: None, ..named };
    let other = accounts.iter().find(|account| rest.fits(account));
    let other = other.map_or_else(|| "no account here".to_owned(), AccountRef::label);
    Some(format!(
        "its id is of {}, and the rest of {other}",
        by_id.label()
    ))
}

/// A name without case, `@`, and the letters that typography puts in the place of others.
pub(super) fn fold_name(name: &str) -> String {
    let folded = name.chars().filter_map(|letter| match letter {
        // Soft hyphen, zero-width characters, marks of direction, byte order mark.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => None,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => Some('-'),
        // Full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0),
        '\u{a0}' | '\u{202f}' | '\u{3000}' => Some(' '),
        letter => Some(letter),
    });
    let folded: String = folded.collect();
    folded.trim().trim_start_matches('@').to_lowercase()
}

impl NamedAccount {
    fn fits(&self, account: &AccountRef) -> bool {
        let has_name = |name: &String| {
            let name = fold_name(name);
            // A handle may be known with or without its home, as in `acme@mastodon.social`.
            let is_home = |rest: &str| rest.starts_with('@') || rest == ".bsky.social";
            let has_handle = |handle: &String| {
                let handle = fold_name(handle);
                handle == name
                    || handle.strip_prefix(&name).is_some_and(is_home)
                    || name.strip_prefix(&handle).is_some_and(is_home)
            };
            account.handle.as_ref().is_some_and(has_handle)
                || (account.name.as_ref()).is_some_and(|known| fold_name(known) == name)
        };
        self.id.is_none_or(|id| id == account.id)
            && self.name.as_ref().is_none_or(has_name)
            && (self.network.as_ref())
                .is_none_or(|network| account.network.is_none() || account.is_on(network))
    }
}

/// Nothing where a text is neither a label nor the address of a profile.
fn read(given: &str) -> Option<NamedAccount> {
    let given = unquoted(given);
    read_address(given).or_else(|| read_label(given))
}

/// Reads `12 @acme (twitter/X)`, `12 "Acme Coffee"`, `@acme (X)`, each with a space behind it, `account 12`,
/// `@acme on X` and `twitter: acme`.
fn read_label(given: &str) -> Option<NamedAccount> {
    let text = without_facts(without_bullet(given.trim()));
    let without_word = without_id_word(text);
    let text = without_word.unwrap_or(text);
    // A name may hold ` in 2` too, so nothing but the quoted name of the space may follow.
    let of_space = text.rmatch_indices(" in ").find_map(|(at, separator)| {
        let space = &text[at + separator.len()..];
        let (id, name) = space.split_once(' ').unwrap_or((space, ""));
        let is_space = name.is_empty() || name.starts_with(['"', '“', '„']);
        Some((&text[..at], id.parse().ok().filter(|_| is_space)?))
    });
    let (text, space) = of_space.map_or((text, None), |(label, id)| (label, Some(id)));
    let in_brackets = (text.strip_suffix(')')).and_then(|text| text.rsplit_once('('));
    let (text, enclosed, network) = match in_brackets {
        Some((text, inner)) => {
            let (name, network) = name_and_network(inner)?;
            (text.trim_end(), name, Some(network))
        }
        None => {
            let beside = network_beside_name(text);
            let (name, network) =
                beside.map_or((text, None), |(network, name)| (name, Some(network)));
            (name, None, network)
        }
    };
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let digits = first
        .trim_start_matches(['[', '('])
        .trim_end_matches([']', ')', ':', ',', '.']);
    let id = digits.parse().ok().filter(|id| *id > 0);
    let name = match id {
        Some(_) => rest.trim_start_matches(['-', '–', '—', ':', ' ']),
        None => text,
    };
    let name = name.trim().trim_matches('"');
    // `X (Twitter)` is one network by both of its names.
    let is_network_twice = in_brackets.is_some() && !name.is_empty() && {
        let same = canonical_name(name);
        same.is_some() && same == network
    };
    let name = if is_network_twice { "" } else { name };
    let name = match (name, enclosed) {
        ("", enclosed) => enclosed.unwrap_or_default(),
        (name, None) => name,
        // Two names in one label are none.
        (_, Some(_)) => return None,
    };
    let named = NamedAccount {
        id,
        name: (!name.is_empty()).then(|| name.to_owned()),
        network: network.map(str::to_owned),
        space,
    };
    let parts = [
        named.space.is_some(),
        named.id.is_some(),
        named.name.is_some(),
        named.network.is_some(),
        without_word.is_some() && named.id.is_some(),
        // Only a label writes a network with both of its names.
        named.network.is_some() && (given.contains('/') || is_network_twice),
    ];
    (parts.iter().filter(|is_there| **is_there).count() > 1).then_some(named)
}

/// The label in a line of a list.
fn without_bullet(text: &str) -> &str {
    let rest = text.strip_prefix(['-', '*', '•', '–']);
    let rest = rest.filter(|rest| rest.starts_with(' ')).map(str::trim);
    rest.unwrap_or(text)
}

/// The label in a line of `get_overview`, which goes on with facts about the account.
fn without_facts(text: &str) -> &str {
    let facts = ["next ", "failed ", "active", "inactive"];
    let end = text.match_indices("), ").find(|(at, separator)| {
        let rest = &text[at + separator.len()..];
        facts.iter().any(|fact| rest.starts_with(fact))
    });
    end.map_or(text, |(at, _)| &text[..=at])
}

/// What follows the word for an id, as in `account 12`, `Account #12`, `account_id: 12`, `id=12` and `#12`.
fn without_id_word(text: &str) -> Option<&str> {
    let words = ["account_id", "account id", "account", "id", ""];
    words.iter().find_map(|word| {
        let start = text.get(..word.len())?;
        let after = &text[word.len()..];
        let rest = after.trim_start_matches([' ', ':', '=', '#']);
        let is_word = start.eq_ignore_ascii_case(word) && rest.len() < after.len();
        (is_word && rest.starts_with(|c: char| c.is_ascii_digit())).then_some(rest)
    })
}

/// The name and the network in `twitter/X`, `formerly Twitter` and `@acme, X`.
fn name_and_network(inner: &str) -> Option<(Option<&str>, &'static str)> {
    let (name, network) = match inner.split_once(',') {
        Some((name, network)) => (Some(name.trim()), network.trim()),
        None => (None, inner),
    };
    let network = network.strip_prefix("formerly ").unwrap_or(network);
    Some((name, network_of_label(network)?))
}

/// `twitter/X`, or one of the two.
fn network_of_label(text: &str) -> Option<&'static str> {
    text.split('/').find_map(canonical_name)
}

/// The network and the name in `acme on X`, `twitter: acme`, `twitter/acme`, `X @acme`, `acme/X`, `@acme, X` and `twitter/X`.
fn network_beside_name(text: &str) -> Option<(&'static str, &str)> {
    if let Some((name, network)) = text.rsplit_once(" on ") {
        return Some((network_of_label(network)?, name));
    }
    let (first, rest) = text.split_once([':', '/', ' '])?;
    if let Some(network) = canonical_name(first) {
        let is_both = canonical_name(rest) == Some(network);
        return Some((network, if is_both { "" } else { rest.trim_start() }));
    }
    let (name, network) = text.rsplit_once(['/', ' '])?;
    Some((canonical_name(network)?, name.trim_end_matches([',', ' '])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn account(id: u64, handle: &str, name: &str, network: &str) -> AccountRef {
        AccountRef {
            handle: Some(handle.to_owned()),
            name: Some(name.to_owned()),
            network: Some(network.to_owned()),
            ..AccountRef::unlisted(id)
        }
    }

    fn accounts() -> Vec<AccountRef> {
        vec![
            account(11, "acme", "Acme Coffee", "twitter"),
            account(12, "acme", "Acme (Berlin)", "instagram"),
            account(14, "acme-coffee", "Acme Coffee GmbH", "linkedin"),
            account(15, "acme.bsky.social", "Acme", "bluesky"),
            account(16, "@acme@social.example", "Acme", "mastodon"),
            account(17, "@acmefilms", "Acme Films", "youtube"),
            account(18, "acme_tok", "Acme", "tiktok"),
            account(19, "acmefb", "Acme", "facebook"),
        ]
    }

    #[rstest]
    #[case("11 @acme (twitter/X)", &[11])]
    #[case("11 @acme", &[11])]
    #[case("11 (x)", &[11])]
    #[case("[11] acme", &[11])]
    #[case("(11) @acme", &[11])]
    #[case("11. @acme (twitter/X)", &[11])]
    #[case("- 11 @acme (twitter/X)", &[11])]
    #[case("11 @acme (twitter/X), next Mon 30 Nov 09:00, failed Sat 28 Nov 18:00: \"X (403)\"", &[11])]
    #[case("11 @acme (twitter/X), next Mon 30 Nov 09:00 CET", &[11])]
    #[case("11 @acme (twitter/X), inactive", &[11])]
    #[case("11 (@acme, twitter/X)", &[11])]
    #[case("12 (@acme, instagram)", &[12])]
    #[case("@acme (formerly Twitter)", &[11])]
    #[case("acme/X", &[11])]
    #[case("@acme, twitter", &[11])]
    #[case("11 acme twitter", &[11])]
    #[case("Account #14", &[14])]
    #[case("account_id: 14", &[14])]
    #[case("id=14", &[14])]
    #[case("X (Twitter)", &[11])]
    #[case("11 (@acme-coffee, twitter/X)", &[])]
    #[case("14 (@acme, twitter/X)", &[])]
    #[case("11 @acme (twitter/X), 12 @acme (instagram)", &[])]
    #[case("11 @acme (@acme, X)", &[])]
    #[case("idle 11", &[])]
    #[case("11 \"Acme Coffee\" (twitter/X)", &[11])]
    #[case("11 ＠acme (X) in 1 \"Acme Coffee\"", &[11])]
    #[case("11 @acme in 1 \"Acme\"", &[11])]
    #[case("11 @acme in 1", &[11])]
    #[case("11 @acme in 1 \"Made in 2\"", &[11])]
    #[case("11 @acme in 2 \"Acme\"", &[])]
    #[case("acme in 1 Towns", &[])]
    #[case("\"Acme Coffee\" (twitter/X)", &[11])]
    #[case("12 \"Acme (Berlin)\" (instagram)", &[12])]
    #[case("@acme (instagram)", &[12])]
    #[case("acme (twitter/X)", &[11])]
    #[case("account 14 (linkedin)", &[14])]
    #[case("14: acme‑coffee (LinkedIn)", &[14])]
    #[case("account 11", &[11])]
    #[case("#11", &[11])]
    #[case("id 14", &[14])]
    #[case("14 — acme-coffee", &[14])]
    #[case("14 - @acme-coffee (LinkedIn)", &[14])]
    #[case("twitter/X", &[11])]
    #[case("@acme on X", &[11])]
    #[case("Instagram: @acme", &[12])]
    #[case("twitter/acme", &[11])]
    #[case("LinkedIn Acme Coffee GmbH", &[14])]
    #[case("\"11 @acme (twitter/X)\"", &[11])]
    #[case("`@acme (instagram)`", &[12])]
    #[case("<https://x.com/acme>", &[11])]
    #[case("[Acme](https://x.com/acme)", &[11])]
    #[case("https://www.linkedin.com/company/acme-coffee/posts/?feedView=all", &[14])]
    #[case("https://www.instagram.com/acme/reels/", &[12])]
    #[case("https://x.com/acme", &[11])]
    #[case("https://twitter.com/ACME/?lang=de", &[11])]
    #[case("x.com/acme", &[11])]
    #[case("http://www.instagram.com/acme/#", &[12])]
    #[case("https://de.linkedin.com/company/acme-coffee/", &[14])]
    #[case("https://bsky.app/profile/acme.bsky.social", &[15])]
    #[case("https://social.example/@acme", &[16])]
    #[case("https://social.example/users/acme", &[16])]
    #[case("https://www.youtube.com/@acmefilms", &[17])]
    #[case("https://youtube.com/%40acmefilms", &[17])]
    #[case("https://www.tiktok.com/@acme_tok", &[18])]
    #[case("https://m.facebook.com/acmefb", &[19])]
    #[case("12 @acme (twitter/X)", &[])]
    #[case("11 @acme-coffee", &[])]
    #[case("https://x.com/acme/status/1", &[])]
    #[case("https://other.example/@acme", &[])]
    #[case("https://notx.com/acme", &[])]
    #[case("https://x.com/", &[])]
    #[case("ftp://x.com/acme", &[])]
    #[case("acme (orkut)", &[])]
    #[case("acme on the road", &[])]
    #[case("orkut: acme", &[])]
    #[case("account acme", &[])]
    #[case("12 - @acme (twitter/X)", &[])]
    #[case("https://x.com/media", &[])]
    #[case("11", &[])]
    #[case("１１ @acme", &[])]
    fn a_label_or_an_address_fits_an_account(#[case] given: &str, #[case] ids: &[u64]) {
        let accounts = accounts();
        let found = labelled(given, SpaceId(1), &accounts).into_iter();
        assert_eq!(found.map(|account| account.id).collect::<Vec<_>>(), ids);
    }

    #[rstest]
    #[case(
        "11 @acme-coffee",
        Some("its id is of 11 @acme (twitter/X), and the rest of 14 @acme-coffee (linkedin)")
    )]
    #[case(
        "12 @acme (twitter/X)",
        Some("its id is of 12 @acme (instagram), and the rest of 11 @acme (twitter/X)")
    )]
    #[case(
        "11 @nobody",
        Some("its id is of 11 @acme (twitter/X), and the rest of no account here")
    )]
    #[case(
        "11 @acme in 2 \"Acme\"",
        Some("it names the space 2, while the call is for the space 1")
    )]
    #[case(
        "11 (@acme-coffee, linkedin)",
        Some("its id is of 11 @acme (twitter/X), and the rest of 14 @acme-coffee (linkedin)")
    )]
    #[case("11 @acme", None)]
    #[case("99 @acme", None)]
    #[case("@acme-coffee", None)]
    fn a_label_of_two_accounts_or_of_another_space_is_a_contradiction(
        #[case] given: &str,
        #[case] why: Option<&str>,
    ) {
        let found = contradiction(given, SpaceId(1), &accounts());
        assert_eq!(found.as_deref(), why);
    }
}
