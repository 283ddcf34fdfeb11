//! Account labels: an account as our own answers print it, and by the address of its profile.

use url::Url;

use crate::saki::SpaceId;
use crate::write::account_ref::AccountRef;
use crate::write::networks::canonical_name;
use crate::write::quote_text::unquoted;

/// Hosts of profiles, their network, and what stands before the handle; the empty one is a handle at once.
const PROFILES: [(&str, &str, &[&str]); 16] = [
    ("x.com", "twitter", &[""]),
    ("twitter.com", "twitter", &[""]),
    ("instagram.com", "instagram", &[""]),
    ("facebook.com", "facebook", &[""]),
    ("fb.com", "facebook", &[""]),
    (
        "linkedin.com",
        "linkedin",
        &["company", "in", "school", "showcase"],
    ),
    ("bsky.app", "bluesky", &["profile"]),
    ("youtube.com", "youtube", &["c", "user", "channel", ""]),
    ("tiktok.com", "tiktok", &[""]),
    ("threads.net", "threads", &[""]),
    ("threads.com", "threads", &[""]),
    ("pinterest.com", "pinterest", &[""]),
    ("reddit.com", "reddit", &["user", "u", "r"]),
    ("t.me", "telegram", &[""]),
    ("telegram.me", "telegram", &[""]),
    ("mastodon.social", "mastodon", &[""]),
];

/// Parts of a profile that have addresses of their own.
const TABS: [&str; 10] = [
    "about",
    "featured",
    "followers",
    "media",
    "photos",
    "posts",
    "reels",
    "shorts",
    "videos",
    "with_replies",
];

/// What a label or an address says of an account.
#[derive(Debug, Default, PartialEq, Eq)]
struct NamedAccount {
    id: Option<u64>,
    name: Option<String>,
    network: Option<String>,
    space: Option<u64>,
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
    let text = given.trim();
    let without_word =
        (["account ", "Account ", "id ", "#"].iter()).find_map(|word| text.strip_prefix(word));
    let text = without_word.unwrap_or(text);
    // A name may hold ` in 2` too, so nothing but the quoted name of the space may follow.
    let of_space = text.rmatch_indices(" in ").find_map(|(at, separator)| {
        let space = &text[at + separator.len()..];
        let (id, name) = space.split_once(' ').unwrap_or((space, ""));
        let is_space = name.is_empty() || name.starts_with(['"', '“', '„']);
        Some((&text[..at], id.parse().ok().filter(|_| is_space)?))
    });
    let (text, space) = of_space.map_or((text, None), |(label, id)| (label, Some(id)));
    let (text, network) = match text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('))
    {
        Some((text, network)) => (text.trim_end(), Some(network_of_label(network)?)),
        None => {
            network_beside_name(text).map_or((text, None), |(network, name)| (name, Some(network)))
        }
    };
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let id = first
        .trim_end_matches([':', ','])
        .parse()
        .ok()
        .filter(|id| *id > 0);
    let name = match id {
        Some(_) => rest.trim_start_matches(['-', '–', '—', ':', ' ']),
        None => text,
    };
    let name = name.trim().trim_matches('"');
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
        named.network.is_some() && given.contains('/'),
    ];
    (parts.iter().filter(|is_there| **is_there).count() > 1).then_some(named)
}

/// `twitter/X`, or one of the two.
fn network_of_label(text: &str) -> Option<&'static str> {
    text.split('/').find_map(canonical_name)
}

/// The network and the name in `acme on X`, `twitter: acme`, `twitter/acme`, `X @acme` and `twitter/X`.
fn network_beside_name(text: &str) -> Option<(&'static str, &str)> {
    if let Some((name, network)) = text.rsplit_once(" on ") {
        return Some((network_of_label(network)?, name));
    }
    let (first, rest) = text.split_once([':', '/', ' '])?;
    let network = canonical_name(first)?;
    match canonical_name(rest) == Some(network) {
        true => Some((network, "")),
        false => Some((network, rest.trim_start())),
    }
}

/// Reads the address of a profile; `https://` may be missing. That of a post is none.
fn read_address(given: &str) -> Option<NamedAccount> {
    let given = given.trim();
    let address = match given.contains("://") {
        true => Url::parse(given),
        false => Url::parse(&format!("https://{given}")),
    };
    let address = address
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"))?;
    let host = match address.host_str()? {
        // It has a host for each country.
        host if host.split('.').any(|label| label == "pinterest") => "pinterest.com",
        host => host,
    };
    let segments: Vec<String> = (address.path_segments()?)
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            percent_encoding::percent_decode_str(segment)
                .decode_utf8_lossy()
                .into()
        })
        .collect();
    let mut segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    if segments.len() > 1 && segments.last().is_some_and(|last| TABS.contains(last)) {
        segments.pop();
    }
    let is_at = |known: &str| {
        host.strip_suffix(known)
            .is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
    };
    let (network, handle) = match PROFILES.iter().find(|(known, ..)| is_at(known)) {
        Some((_, network, before)) => match segments[..] {
            [handle] if before.contains(&"") => (*network, handle.to_owned()),
            [first, handle] if before.contains(&first) => (*network, handle.to_owned()),
            _ => return None,
        },
        // Mastodon has many hosts.
        None => match segments[..] {
            [handle] if handle.starts_with('@') => ("mastodon", format!("{handle}@{host}")),
            ["users", handle] => ("mastodon", format!("{handle}@{host}")),
            _ => return None,
        },
    };
    let handle = if host == "mastodon.social" {
        format!("{handle}@{host}")
    } else {
        handle
    };
    Some(NamedAccount {
        id: None,
        name: Some(handle),
        network: Some(network.to_owned()),
        space: None,
    })
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
