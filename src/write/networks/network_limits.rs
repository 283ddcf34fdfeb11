//! Network limits: characters, media and required settings, with the pages that print them and the day they were read.
//!
//! A comment marks a limit that no page of the network prints. A network that is not listed causes no warnings.

use super::text_length::LengthUnit;

/// The limits of one network.
#[derive(Debug)]
pub(super) struct NetworkLimits {
    /// The network, as Saki names it.
    pub(super) network: &'static str,
    pub(super) text: TextLimit,
    /// The maximum length of `metadata.title`, in characters.
    pub(super) title: Option<usize>,
    pub(super) media: MediaLimit,
    pub(super) gif: GifSupport,
    pub(super) takes_pdf: bool,
    pub(super) requires_media: bool,
    /// Required keys of `metadata`, and how to fill them.
    pub(super) required_metadata: &'static [(&'static str, &'static str)],
    /// Whether posts can follow each other in a thread.
    pub(super) has_threads: bool,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for whoever checks the limits again")
    )]
    pub(super) sources: LimitSources,
}

/// The pages that print a network's limits, and the day they were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LimitSources {
    /// Addresses of the pages.
    pub(super) pages: &'static [&'static str],
    /// The day, e.g. "2026-11-24".
    pub(super) read_on: &'static str,
}

/// The maximum length of a text.
#[derive(Debug)]
pub(super) struct TextLimit {
    pub(super) max: usize,
    /// The maximum of a post that has only images, where that differs.
    pub(super) max_with_images: Option<usize>,
    pub(super) unit: LengthUnit,
    /// Who may write more.
    pub(super) exception: Option<&'static str>,
}

/// The maximum number of media files of one post.
#[derive(Debug, Clone, Copy)]
pub(super) enum MediaLimit {
    /// Images and videos together.
    Mixed(usize),
    /// One kind at a time.
    Either { images: usize, videos: usize },
}

/// What becomes of a GIF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GifSupport {
    Animated,
    /// Animated, and no other file is in the post.
    Alone,
    /// A picture is made of it.
    FirstFrame,
}

const fn text(max: usize, unit: LengthUnit) -> TextLimit {
    TextLimit {
        max,
        max_with_images: None,
        unit,
        exception: None,
    }
}

const fn either(images: usize, videos: usize) -> MediaLimit {
    MediaLimit::Either { images, videos }
}

const fn read(read_on: &'static str, pages: &'static [&'static str]) -> LimitSources {
    LimitSources { pages, read_on }
}

pub(super) const LIMITS: [NetworkLimits; 10] = [
    NetworkLimits {
        network: "twitter",
        text: TextLimit {
            exception: Some("more with X Premium"),
            ..text(280, LengthUnit::Weighted)
        },
        title: None,
        media: either(4, 1),
        gif: GifSupport::Alone,
        takes_pdf: false,
        requires_media: false,
        required_metadata: &[],
        has_threads: true,
        sources: read(
            "2026-11-24",
            &[
                "https://docs.x.com/fundamentals/counting-characters",
                "https://docs.x.com/x-api/media/quickstart/best-practices",
            ],
        ),
    },
    NetworkLimits {
        network: "instagram",
        text: text(2200, LengthUnit::Characters),
        title: None,
        media: MediaLimit::Mixed(10),
        gif: GifSupport::FirstFrame,
        takes_pdf: false,
        requires_media: true,
        required_metadata: &[],
        has_threads: false,
        sources: read(
            "2026-11-24",
            &[
                "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media/",
                "https://developers.facebook.com/docs/instagram-platform/content-publishing/",
            ],
        ),
    },
    NetworkLimits {
        network: "facebook",
        // Meta's reference prints neither; the length is what Facebook told the press in 2011,
        // the number of images what schedulers document.
        text: text(63_206, LengthUnit::Characters),
        title: None,
        media: either(10, 1),
        gif: GifSupport::Animated,
        takes_pdf: false,
        requires_media: false,
        required_metadata: &[],
        has_threads: false,
        sources: read(
            "2026-11-24",
            &[
                "http://www.digitaltrends.com/mobile/facebook-increases-limit-for-status-updates-to-63206-characters/",
                "https://docs.getlate.dev/resources/media-guidelines/facebook",
            ],
        ),
    },
    NetworkLimits {
        network: "linkedin",
        // LinkedIn's reference does not print the length; schedulers document it.
        text: text(3000, LengthUnit::Characters),
        title: None,
        media: either(20, 1),
        gif: GifSupport::Animated,
        takes_pdf: true,
        requires_media: false,
        required_metadata: &[],
        has_threads: false,
        sources: read(
            "2026-11-24",
            &[
                "https://www.ayrshare.com/docs/apis/post/social-networks/linkedin",
                "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/multiimage-post-api",
            ],
        ),
    },
    NetworkLimits {
        network: "pinterest",
        text: text(800, LengthUnit::Characters),
        title: Some(100),
        media: either(5, 1),
        gif: GifSupport::Animated,
        takes_pdf: false,
        requires_media: true,
        required_metadata: &[("board_id", "list_boards shows the boards")],
        has_threads: false,
        sources: read(
            "2026-11-24",
            &[
                "https://help.pinterest.com/en/article/review-pin-specs",
                "https://www.postfuze.com/docs/platforms/pinterest",
            ],
        ),
    },
    NetworkLimits {
        network: "tiktok",
        text: TextLimit {
            max_with_images: Some(4000),
            ..text(2200, LengthUnit::Utf16)
        },
        title: None,
        media: either(35, 1),
        gif: GifSupport::FirstFrame,
        takes_pdf: false,
        requires_media: true,
        required_metadata: &[(
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
    NetworkLimits {
        network: "threads",
        text: text(500, LengthUnit::EmojiAsBytes),
        title: None,
        media: MediaLimit::Mixed(20),
        gif: GifSupport::FirstFrame,
        takes_pdf: false,
        requires_media: false,
        required_metadata: &[],
        has_threads: true,
        sources: read(
            "2026-11-24",
            &["https://developers.facebook.com/docs/threads/posts"],
        ),
    },
    NetworkLimits {
        network: "youtube",
        text: text(5000, LengthUnit::Bytes),
        title: Some(100),
        media: either(0, 1),
        gif: GifSupport::Animated,
        takes_pdf: false,
        requires_media: true,
        required_metadata: &[("title", "it has at most 100 characters")],
        has_threads: false,
        sources: read(
            "2026-11-24",
            &["https://developers.google.com/youtube/v3/docs/videos"],
        ),
    },
    NetworkLimits {
        network: "bluesky",
        text: text(300, LengthUnit::Graphemes),
        title: None,
        media: either(4, 1),
        gif: GifSupport::FirstFrame,
        takes_pdf: false,
        requires_media: false,
        required_metadata: &[],
        has_threads: true,
        sources: read(
            "2026-11-24",
            &[
                "https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json",
                "https://www.ayrshare.com/docs/apis/post/social-networks/bluesky",
            ],
        ),
    },
    NetworkLimits {
        network: "mastodon",
        text: TextLimit {
            exception: Some("more on some servers"),
            ..text(500, LengthUnit::Mastodon)
        },
        title: None,
        media: either(4, 1),
        gif: GifSupport::Animated,
        takes_pdf: false,
        requires_media: false,
        required_metadata: &[],
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
        for limits in &LIMITS {
            let LimitSources { pages, read_on } = limits.sources;
            assert!(!pages.is_empty(), "{}", limits.network);
            for page in pages {
                let page = url::Url::parse(page).unwrap();
                assert!(page.has_host() && page.path().len() > 1, "{page}");
            }
            let read_on: jiff::civil::Date = read_on.parse().unwrap();
            assert!(read_on.year() >= 2026, "{}", limits.network);
        }
    }

    #[test]
    fn every_row_is_about_another_network_under_sakis_name() {
        let names: HashSet<_> = LIMITS.iter().map(|limits| limits.network).collect();
        assert_eq!(names.len(), LIMITS.len());
        for name in names {
            assert_eq!(super::super::canonical_name(name), Some(name));
        }
    }
}
