//! What each network takes, with the pages that say so and the day they were read.
//!
//! A limit that no page of the network prints is marked; a network that is not here is never warned about.

use super::count::Unit;

/// What one network takes.
#[derive(Debug)]
pub(super) struct Rules {
    /// The network, as Saki names it.
    pub(super) network: &'static str,
    pub(super) text: Text,
    /// The longest `metadata.title`, in characters.
    pub(super) title: Option<usize>,
    pub(super) media: Takes,
    pub(super) needs_media: bool,
    /// Keys of `metadata` without which it does not publish, and how to fill them.
    pub(super) needs: &'static [(&'static str, &'static str)],
    /// Whether posts can follow each other in a thread.
    pub(super) has_threads: bool,
    pub(super) sources: Sources,
}

/// The pages that say what a network takes, and the day they were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sources {
    /// Addresses of the pages.
    pub pages: &'static [&'static str],
    /// The day, e.g. "2026-11-24".
    pub read_on: &'static str,
}

/// Where it is written what a network takes; none for one that is never warned about.
pub fn sources(social: &str) -> Option<Sources> {
    let name = super::network(social)?;
    let rules = RULES.iter().find(|rules| rules.network == name)?;
    Some(rules.sources)
}

/// The longest text.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) most: usize,
    /// The longest beside images alone, where that differs.
    pub(super) beside_images: Option<usize>,
    pub(super) unit: Unit,
    /// Who may write more.
    pub(super) unless: Option<&'static str>,
}

/// The media of one post.
#[derive(Debug, Clone, Copy)]
pub(super) enum Takes {
    /// Images and videos together, so many in all.
    Mixed(usize),
    /// One kind at a time.
    Either { images: usize, videos: usize },
}

const fn text(most: usize, unit: Unit) -> Text {
    Text {
        most,
        beside_images: None,
        unit,
        unless: None,
    }
}

const fn either(images: usize, videos: usize) -> Takes {
    Takes::Either { images, videos }
}

const fn read(read_on: &'static str, pages: &'static [&'static str]) -> Sources {
    Sources { pages, read_on }
}

pub(super) const RULES: [Rules; 10] = [
    Rules {
        network: "twitter",
        text: Text {
            unless: Some("more with X Premium"),
            ..text(280, Unit::Weighted)
        },
        title: None,
        media: either(4, 1),
        needs_media: false,
        needs: &[],
        has_threads: true,
        sources: read(
            "2026-11-24",
            &[
                "https://docs.x.com/fundamentals/counting-characters",
                "https://docs.x.com/x-api/media/quickstart/best-practices",
            ],
        ),
    },
    Rules {
        network: "instagram",
        text: text(2200, Unit::Characters),
        title: None,
        media: Takes::Mixed(10),
        needs_media: true,
        needs: &[],
        has_threads: false,
        sources: read(
            "2026-11-24",
            &[
                "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media/",
                "https://developers.facebook.com/docs/instagram-platform/content-publishing/",
            ],
        ),
    },
    Rules {
        network: "facebook",
        // Meta's reference prints neither; the length is what Facebook told the press in 2011,
        // the number of images what schedulers document.
        text: text(63_206, Unit::Characters),
        title: None,
        media: either(10, 1),
        needs_media: false,
        needs: &[],
        has_threads: false,
        sources: read(
            "2026-11-24",
            &[
                "http://www.digitaltrends.com/mobile/facebook-increases-limit-for-status-updates-to-63206-characters/",
                "https://docs.getlate.dev/resources/media-guidelines/facebook",
            ],
        ),
    },
    Rules {
        network: "linkedin",
        // LinkedIn's reference does not print the length; schedulers document it.
        text: text(3000, Unit::Characters),
        title: None,
        media: either(20, 1),
        needs_media: false,
        needs: &[],
        has_threads: false,
        sources: read(
            "2026-11-24",
            &[
                "https://www.ayrshare.com/docs/apis/post/social-networks/linkedin",
                "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/multiimage-post-api",
            ],
        ),
    },
    Rules {
        network: "pinterest",
        text: text(800, Unit::Characters),
        title: Some(100),
        media: either(5, 1),
        needs_media: true,
        needs: &[("board_id", "list_boards shows the boards")],
        has_threads: false,
        sources: read(
            "2026-11-24",
            &[
                "https://help.pinterest.com/en/article/review-pin-specs",
                "https://www.postfuze.com/docs/platforms/pinterest",
            ],
        ),
    },
    Rules {
        network: "tiktok",
        text: Text {
            beside_images: Some(4000),
            ..text(2200, Unit::Utf16)
        },
        title: None,
        media: either(35, 1),
        needs_media: true,
        needs: &[(
            "privacy_level",
            "TikTok's words are PUBLIC_TO_EVERYONE, MUTUAL_FOLLOW_FRIENDS, FOLLOWER_OF_CREATOR and SELF_ONLY",
        )],
        has_threads: false,
        sources: read(
            "2026-11-24",
            &[
                "https://developers.tiktok.com/doc/content-posting-api-reference-direct-post",
                "https://developers.tiktok.com/doc/content-posting-api-reference-photo-post",
            ],
        ),
    },
    Rules {
        network: "threads",
        text: text(500, Unit::EmojiAsBytes),
        title: None,
        media: Takes::Mixed(20),
        needs_media: false,
        needs: &[],
        has_threads: true,
        sources: read(
            "2026-11-24",
            &["https://developers.facebook.com/docs/threads/posts"],
        ),
    },
    Rules {
        network: "youtube",
        text: text(5000, Unit::Bytes),
        title: Some(100),
        media: either(0, 1),
        needs_media: true,
        needs: &[("title", "it has at most 100 characters")],
        has_threads: false,
        sources: read(
            "2026-11-24",
            &["https://developers.google.com/youtube/v3/docs/videos"],
        ),
    },
    Rules {
        network: "bluesky",
        text: text(300, Unit::Graphemes),
        title: None,
        media: either(4, 1),
        needs_media: false,
        needs: &[],
        has_threads: true,
        sources: read(
            "2026-11-24",
            &[
                "https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json",
                "https://www.ayrshare.com/docs/apis/post/social-networks/bluesky",
            ],
        ),
    },
    Rules {
        network: "mastodon",
        text: Text {
            unless: Some("more on some servers"),
            ..text(500, Unit::Mastodon)
        },
        title: None,
        media: either(4, 1),
        needs_media: false,
        needs: &[],
        has_threads: true,
        sources: read(
            "2026-11-24",
            &["https://docs.joinmastodon.org/user/posting/"],
        ),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_row_says_where_and_when_it_was_read() {
        for rules in &RULES {
            let Sources { pages, read_on } = sources(rules.network).unwrap();
            assert!(!pages.is_empty(), "{}", rules.network);
            for page in pages {
                let page = url::Url::parse(page).unwrap();
                assert!(page.has_host() && page.path().len() > 1, "{page}");
            }
            let read_on: jiff::civil::Date = read_on.parse().unwrap();
            assert!(read_on.year() >= 2026, "{}", rules.network);
        }
    }

    #[test]
    fn every_row_is_about_another_network_under_sakis_name() {
        let names: HashSet<_> = RULES.iter().map(|rules| rules.network).collect();
        assert_eq!(names.len(), RULES.len());
        for name in names {
            assert_eq!(super::super::network(name), Some(name));
        }
    }
}
