use super::*;
use rstest::rstest;
use serde_json::json;

use Kind::{Image, Unknown, Video};

fn findings(network: &str, parts: &[(&str, &[Kind])], metadata: Value, call: Call) -> Vec<String> {
    let metadata = metadata.as_object().cloned().unwrap();
    check(&Draft {
        network,
        parts: parts
            .iter()
            .map(|(text, media)| Part {
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
    #[case] media: &[Kind],
) {
    let text = "x".repeat(most);
    let found = |text: &str| findings(network, &[(text, media)], all(), Call::One);
    assert_eq!(found(&text), Vec::<String>::new());
    let found = found(&format!("{text}x"));
    let said = format!("`content` has {} of {most} {unit}", most + 1);
    assert!(
        found.len() == 1 && found[0].starts_with(&said) && found[0].ends_with("; shorten it"),
        "{found:?}"
    );
}

#[rstest]
#[case("twitter", &[Image; 5], "5 images, and X takes up to 4 images or 1 video; leave 1 out")]
#[case("twitter", &[Unknown; 6], "6 files, and X takes up to 4 images or 1 video; leave 2 out")]
#[case("twitter", &[Video; 2], "2 videos, and X takes up to 4 images or 1 video; leave 1 out")]
#[case("twitter", &[Image, Video], "1 image and 1 video, and X takes up to 4 images or 1 video; leave out the images or the videos")]
#[case("instagram", &[], "0 files, and Instagram takes no post without (up to 10 images and videos); add some")]
#[case("instagram", &[Unknown; 11], "11 files, and Instagram takes up to 10 images and videos; leave 1 out")]
#[case("tiktok", &[], "0 files, and TikTok takes no post without (up to 35 images or 1 video); add some")]
#[case("pinterest", &[], "0 files, and Pinterest takes no post without (up to 5 images or 1 video); add some")]
#[case("youtube", &[], "0 files, and YouTube takes no post without (1 video); add some")]
#[case("youtube", &[Image], "1 image, and YouTube takes 1 video; pass a video instead")]
#[case("youtube", &[Video, Unknown], "2 files, and YouTube takes 1 video; leave 1 out")]
fn media_that_a_network_does_not_take_are_found(
    #[case] network: &str,
    #[case] media: &[Kind],
    #[case] expected: &str,
) {
    let found = findings(network, &[("x", media)], all(), Call::One);
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
fn media_that_may_be_right_are_not_warned_about(#[case] network: &str, #[case] media: &[Kind]) {
    let found = findings(network, &[("x", media)], all(), Call::One);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_is_not_known_is_not_warned_about() {
    let draft = Draft {
        network: "pinterest",
        parts: vec![Part {
            text: "x",
            media: None,
        }],
        metadata: None,
        call: Call::Edit,
    };
    assert!(check(&draft).is_empty());
}

#[rstest]
#[case("pinterest", "board_id", json!("b"), &[Image])]
#[case("tiktok", "privacy_level", json!("SELF_ONLY"), &[Video])]
#[case("youtube", "title", json!("T"), &[Video])]
fn a_setting_that_a_network_needs_is_missed(
    #[case] network: &str,
    #[case] key: &str,
    #[case] value: Value,
    #[case] media: &[Kind],
) {
    let found = |value: Value| findings(network, &[("x", media)], json!({key: value}), Call::One);
    for nothing in [json!(null), json!(" ")] {
        let found = found(nothing);
        let said = format!("`metadata.{key}` is missing");
        assert!(found.len() == 1 && found[0].starts_with(&said), "{found:?}");
    }
    assert!(found(value).is_empty());
}

#[test]
fn a_title_may_have_100_characters() {
    let found = |title: String| {
        let metadata = json!({"board_id": "b", "title": title});
        findings("pinterest", &[("x", &[Image])], metadata, Call::Several)
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
    let parts: [(&str, &[Kind]); 3] = [("x", &[]), (&long, &[Image; 5]), ("x", &[])];
    let found = findings("twitter", &parts, json!({}), Call::Several);
    assert_eq!(
        found,
        [
            "`thread.0.content` has 281 of 280 characters as X counts them (more with X Premium); shorten it, or give X its own text in `per_account`",
            "`thread.0.media` has 5 images, and X takes up to 4 images or 1 video; leave 1 out, or give X its own media in `per_account`",
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
        Call::One,
    );
    assert_eq!(
        found,
        [
            "`thread` has 2 posts, and LinkedIn has no threads, so what Saki makes of it is not known; leave it out"
        ]
    );
}
