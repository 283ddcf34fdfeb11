//! Studio North, a design studio in New York: the second space, so that a space must be chosen.

use super::Seed;

pub(super) fn plant(seed: &mut Seed) {
    // Ids apart from the first space's, so that a mix-up of spaces shows.
    seed.state.accounts.skip_to(21);
    seed.space("Studio North", "America/New_York");
    let instagram = seed.account("instagram", "Studio North", "studionorth");
    let linkedin = seed.account("linkedin", "Studio North", "studio-north");
    let threads = seed.account("threads", "Studio North", "studionorth");
    let youtube = seed.account("youtube", "Studio North Films", "studionorthfilms");
    let bluesky = seed.account("bluesky", "Studio North", "studionorth.example");
    let poster = seed.media(
        "harbor-poster.png",
        "image/png",
        1_204_118,
        "A risograph poster of a harbor at night in two blues",
    );
    let reel = seed.media(
        "type-specimen.mp4",
        "video/mp4",
        8_403_552,
        "Letters of a new typeface turning on a light table",
    );

    let at = seed.day(-2, 10, 0);
    seed.post(
        &[instagram, threads],
        at,
        "Two blues, one night, 120 prints. The harbor poster is out.",
        &[poster],
    );
    let at = seed.day(-1, 15, 30);
    seed.post(
        &[bluesky],
        at,
        "Hot take: the grid is a suggestion until the printer calls.",
        &[],
    );
    let at = seed.day(1, 10, 0);
    seed.post(
        &[linkedin],
        at,
        "Case study: how a 40-year-old ferry company got a typeface of its own.",
        &[],
    );
    let at = seed.day(2, 12, 0);
    seed.post(
        &[youtube, instagram],
        at,
        "North Sans, all 612 glyphs in 40 seconds.",
        &[reel],
    );
    let at = seed.day(6, 18, 0);
    seed.post(
        &[threads, bluesky],
        at,
        "Open studio next Thursday. Bring a poster you are not proud of; we will fix it together.",
        &[],
    );
    seed.post(
        &[linkedin],
        None,
        "We are hiring a motion designer. (Draft: salary range still missing.)",
        &[],
    );

    for (weekday, time) in [("tuesday", "10:00"), ("thursday", "18:00")] {
        seed.slot(weekday, time);
    }
    seed.webhook(
        "https://studio-north.example/hooks/saki",
        &["post.failed", "account.disconnected"],
    );
}
