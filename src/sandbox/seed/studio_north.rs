//! Seed data of the second space: Studio North, a design studio in New York; with it, a space must be chosen.

use super::seeder::Seeder;

pub(super) fn seed(seeder: &mut Seeder) {
    // Account ids start apart from the first space's, so that a mix-up of spaces shows.
    seeder.db.accounts.skip_to(21);
    seeder.space("Studio North", "America/New_York");
    let instagram = seeder.account("instagram", "Studio North", "studionorth");
    let linkedin = seeder.account("linkedin", "Studio North", "studio-north");
    let threads = seeder.account("threads", "Studio North", "studionorth");
    let youtube = seeder.account("youtube", "Studio North Films", "studionorthfilms");
    let bluesky = seeder.account("bluesky", "Studio North", "studionorth.example");
    let poster = seeder.media(
        "harbor-poster.png",
        "image/png",
        1_204_118,
        "A risograph poster of a harbor at night in two blues",
    );
    let reel = seeder.media(
        "type-specimen.mp4",
        "video/mp4",
        8_403_552,
        "Letters of a new typeface turning on a light table",
    );

    let at = seeder.day(-2, 10, 0);
    seeder.post(
        &[instagram, threads],
        at,
        "Two blues, one night, 120 prints. The harbor poster is out.",
        &[poster],
    );
    let at = seeder.day(-1, 15, 30);
    seeder.post(
        &[bluesky],
        at,
        "Hot take: the grid is a suggestion until the printer calls.",
        &[],
    );
    let at = seeder.day(1, 10, 0);
    seeder.post(
        &[linkedin],
        at,
        "Case study: how a 40-year-old ferry company got a typeface of its own.",
        &[],
    );
    let at = seeder.day(2, 12, 0);
    seeder.post(
        &[youtube, instagram],
        at,
        "North Sans, all 612 glyphs in 40 seconds.",
        &[reel],
    );
    let at = seeder.day(6, 18, 0);
    seeder.post(
        &[threads, bluesky],
        at,
        "Open studio next Thursday. Bring a poster you are not proud of; we will fix it together.",
        &[],
    );
    seeder.post(
        &[linkedin],
        None,
        "We are hiring a motion designer. (Draft: salary range still missing.)",
        &[],
    );

    for (weekday, time) in [("tuesday", "10:00"), ("thursday", "18:00")] {
        seeder.slot(weekday, time);
    }
    seeder.webhook(
        "https://studio-north.example/hooks/saki",
        &["post.failed", "account.disconnected"],
    );
}
