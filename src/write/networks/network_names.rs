//! Network names: Saki's name, the common name, and aliases such as `X`, `twitter` and `tw`.

/// Saki's name, the common name, and aliases.
const NETWORKS: [(&str, &str, &[&str]); 14] = [
    ("twitter", "X", &["x", "tw"]),
    ("instagram", "Instagram", &["ig", "insta"]),
    ("facebook", "Facebook", &["fb", "meta"]),
    ("linkedin", "LinkedIn", &["li"]),
    ("pinterest", "Pinterest", &["pin"]),
    ("tiktok", "TikTok", &["tt"]),
    ("threads", "Threads", &[]),
    ("youtube", "YouTube", &["yt"]),
    ("bluesky", "Bluesky", &["bsky"]),
    ("mastodon", "Mastodon", &[]),
    (
        "google_business",
        "Google Business Profile",
        &["google", "gbp", "gmb"],
    ),
    ("reddit", "Reddit", &[]),
    ("telegram", "Telegram", &["tg"]),
    ("discord", "Discord", &[]),
];

/// Saki's name of the network that a word names: `X`, `twitter` and `tw` are one network.
pub fn canonical_name(word: &str) -> Option<&'static str> {
    let is_word = |name: &str| letters(name).eq(letters(word));
    let matches = |(name, common, aliases): &&(&str, &str, &[&str])| {
        is_word(name) || is_word(common) || aliases.iter().any(|alias| is_word(alias))
    };
    NETWORKS.iter().find(matches).map(|(name, _, _)| *name)
}

/// The letters and digits of a name in lower case, which are compared.
fn letters(name: &str) -> impl Iterator<Item = u8> {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase())
}

/// The common name of a network, where it differs from Saki's name by more than letter case.
pub fn common_name(social: &str) -> Option<&'static str> {
    let common = display_name(canonical_name(social)?);
    (!common.eq_ignore_ascii_case(social)).then_some(common)
}

/// The common name of the network that Saki calls `name`.
pub(super) fn display_name(name: &'static str) -> &'static str {
    let row = NETWORKS.iter().find(|(known, _, _)| *known == name);
    row.map_or(name, |(_, common, _)| common)
}

/// Saki's name, with the common one where it differs: `twitter/X`.
pub fn both_names(social: &str) -> String {
    match common_name(social) {
        Some(common) => format!("{social}/{common}"),
        None => social.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("X", Some("twitter"))]
    #[case("Twitter", Some("twitter"))]
    #[case("google-business", Some("google_business"))]
    #[case("Linked In", Some("linkedin"))]
    #[case("acme", None)]
    #[case("", None)]
    fn a_network_is_known_by_any_of_its_names(#[case] word: &str, #[case] name: Option<&str>) {
        assert_eq!(canonical_name(word), name);
    }

    #[test]
    fn a_common_name_is_added_only_where_it_differs() {
        assert_eq!(
            (
                common_name("twitter"),
                common_name("instagram"),
                common_name("orkut")
            ),
            (Some("X"), None, None)
        );
        assert_eq!(
            [both_names("twitter"), both_names("instagram")],
            ["twitter/X", "instagram"]
        );
    }
}
