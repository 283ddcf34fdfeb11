//! What Saki calls the networks, what people call them, and the other names they go by.

/// Saki's name where it is known from its replies, the common name, and aliases.
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

/// The network that a word means, by any of its names: `X`, `twitter` and `tw` are one.
pub fn network(word: &str) -> Option<&'static str> {
    let plain = |text: &str| {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    let word = plain(word);
    let is_meant = |(name, common, aliases): &&(&str, &str, &[&str])| {
        plain(name) == word || plain(common) == word || aliases.contains(&word.as_str())
    };
    NETWORKS.iter().find(is_meant).map(|(name, _, _)| *name)
}

/// What people call a network, where that differs from Saki's name by more than its letter case.
pub fn common_name(social: &str) -> Option<&'static str> {
    let common = called(network(social)?);
    (!common.eq_ignore_ascii_case(social)).then_some(common)
}

/// What people call the network that Saki calls `name`.
pub(super) fn called(name: &'static str) -> &'static str {
    let row = NETWORKS.iter().find(|(known, _, _)| *known == name);
    row.map_or(name, |(_, common, _)| common)
}

/// Saki's name, and beside it the common one where that surprises: `twitter/X`.
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
        assert_eq!(network(word), name);
    }

    #[test]
    fn only_a_name_that_surprises_is_told() {
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
