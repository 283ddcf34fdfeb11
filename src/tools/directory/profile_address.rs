//! Profile addresses: the account that the address of a profile on its network names, as in `https://x.com/acme`.

use url::Url;

use super::account_labels::NamedAccount;

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

/// Reads the address of a profile; `https://` may be missing. That of a post is none.
pub(super) fn read_address(given: &str) -> Option<NamedAccount> {
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
