use super::*;
use rstest::rstest;
use serde_json::json;

use MediaKind::{Image, Unknown, Video};

fn findings(
    network: &str,
    parts: &[(&str, &[MediaKind])],
    metadata: Value,
    call: CallKind,
) -> Vec<String> {
    let metadata = metadata.as_object().cloned().unwrap();
    check_post(&PostDraft {
        network,
        parts: parts
            .iter()
            .map(|(text, media)| PostPart {
                text,
                media: Some(media.to_vec()),
            })
            .collect(),
        metadata: Some(&metadata),
        call,
    })
}

/// All metadata that any network needs.
fn all() -> Value {
    json!({"board_id": "b", "privacy_level": "SELF_ONLY", "title": "T"})
}

/// The longest text of a network, and media that it takes.
#[rstest]
#[case("twitter", 280, "characters", &[])]
#[case("X", 280, "characters", &[Image, Image, Image, Image])]
#[case("instagram", 2200, "characters", &[Image, Video])]
#[case("facebook", 63_206, "characters", &[])]
#[case("linkedin", 3000, "characters", &[Image; 20])]
#[case("pinterest", 800, "characters", &[Image])]
#[case("tiktok", 2200, "characters", &[Video])]
#[case("tiktok", 4000, "characters", &[Image])]
#[case("tiktok", 4000, "characters", &[Unknown])]
#[case("threads", 500, "characters", &[])]
#[case("youtube", 5000, "bytes", &[Video])]
#[case("bluesky", 300, "characters", &[Video])]
#[case("mastodon", 500, "characters", &[])]
fn the_longest_text_passes_and_one_letter_more_is_found(
    #[case] network: &str,
    #[case] most: usize,
    #[case] unit: &str,
    #[case] media: &[MediaKind],
) {
    let text = "x".repeat(most);
    let found = |text: &str| findings(network, &[(text, media)], all(), CallKind::One);
    assert_eq!(found(&text), Vec::<String>::new());
    let found = found(&format!("{text}x"));
    let finding = format!("`content` has {} of {most} {unit}", most + 1);
    assert!(
        found.len() == 1 && found[0].starts_with(&finding) && found[0].ends_with("; shorten it"),
        "{found:?}"
    );
}

#[rstest]
#[case("twitter", &[Image; 5], "5 images, but X takes up to 4 images or 1 video; leave 1 out")]
#[case("twitter", &[Unknown; 6], "6 files, but X takes up to 4 images or 1 video; leave 2 out")]
#[case("twitter", &[Video; 2], "2 videos, but X takes up to 4 images or 1 video; leave 1 out")]
#[case("twitter", &[Image, Video], "1 image and 1 video, but X takes up to 4 images or 1 video; leave out the images or the videos")]
#[case("instagram", &[], "0 files, but Instagram requires some (up to 10 images and videos); add some")]
#[case("instagram", &[Unknown; 11], "11 files, but Instagram takes up to 10 images and videos; leave 1 out")]
#[case("tiktok", &[], "0 files, but TikTok requires some (up to 35 images or 1 video); add some")]
#[case("pinterest", &[], "0 files, but Pinterest requires some (up to 5 images or 1 video); add some")]
#[case("youtube", &[], "0 files, but YouTube requires some (1 video); add some")]
#[case("youtube", &[Image], "1 image, but YouTube takes 1 video; pass a video instead")]
#[case("youtube", &[Video, Unknown], "2 files, but YouTube takes 1 video; leave 1 out")]
fn media_that_a_network_does_not_take_are_found(
    #[case] network: &str,
    #[case] media: &[MediaKind],
    #[case] expected: &str,
) {
    let found = findings(network, &[("x", media)], all(), CallKind::One);
    assert_eq!(found, [format!("`media` has {expected}")]);
}

#[rstest]
#[case("twitter", &[])]
#[case("twitter", &[Unknown; 4])]
#[case("youtube", &[Unknown])]
#[case("instagram", &[Unknown])]
#[case("threads", &[Image; 20])]
#[case("facebook", &[Image; 10])]
#[case("orkut", &[Image; 99])]
#[case("", &[])]
fn media_that_may_be_right_are_not_warned_about(
    #[case] network: &str,
    #[case] media: &[MediaKind],
) {
    let found = findings(network, &[("x", media)], all(), CallKind::One);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_is_not_known_is_not_warned_about() {
    let draft = PostDraft {
        network: "pinterest",
        parts: vec![PostPart {
            text: "x",
            media: None,
        }],
        metadata: None,
        call: CallKind::Edit,
    };
    assert!(check_post(&draft).is_empty());
}

#[rstest]
#[case("pinterest", "board_id", json!("b"), &[Image])]
#[case("tiktok", "privacy_level", json!("SELF_ONLY"), &[Video])]
#[case("youtube", "title", json!("T"), &[Video])]
fn a_setting_that_a_network_needs_is_missed(
    #[case] network: &str,
    #[case] key: &str,
    #[case] value: Value,
    #[case] media: &[MediaKind],
) {
    let found =
        |value: Value| findings(network, &[("x", media)], json!({key: value}), CallKind::One);
    for nothing in [json!(null), json!(" ")] {
        let found = found(nothing);
        let finding = format!("`metadata.{key}` is missing");
        assert!(
            found.len() == 1 && found[0].starts_with(&finding),
            "{found:?}"
        );
    }
    assert!(found(value).is_empty());
}

#[test]
fn a_title_may_have_100_characters() {
    let found = |title: String| {
        let metadata = json!({"board_id": "b", "title": title});
        findings("pinterest", &[("x", &[Image])], metadata, CallKind::Several)
    };
    assert!(found("é".repeat(100)).is_empty());
    assert_eq!(
        found("é".repeat(101)),
        [
            "`metadata.title` has 101 of 100 characters on Pinterest; shorten it, or give Pinterest its own title in `per_account`"
        ]
    );
}

#[test]
fn each_post_of_a_thread_is_counted_by_itself() {
    let long = "x".repeat(281);
    let parts: [(&str, &[MediaKind]); 3] = [("x", &[]), (&long, &[Image; 5]), ("x", &[])];
    let found = findings("twitter", &parts, json!({}), CallKind::Several);
    assert_eq!(
        found,
        [
            "`thread.0.content` has 281 of 280 characters as X counts them (more with X Premium); shorten it, or give X its own text in `per_account`",
            "`thread.0.media` has 5 images, but X takes up to 4 images or 1 video; leave 1 out, or give X its own media in `per_account`",
        ]
    );
}

#[test]
fn a_thread_on_a_network_without_threads_is_found_once() {
    let long = "x".repeat(3001);
    let found = findings(
        "linkedin",
        &[("x", &[]), (&long, &[]), ("x", &[])],
        json!({}),
        CallKind::One,
    );
    assert_eq!(
        found,
        [
            "`thread` has 2 posts, but LinkedIn has no threads, and how Saki handles that is unknown; leave it out"
        ]
    );
}
