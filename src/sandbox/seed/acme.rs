//! Acme Coffee, two shops in Berlin: the space that a first look is at.

use serde_json::json;

use super::{Cluster, Seed};

pub(super) fn plant(seed: &mut Seed) {
    seed.space("Acme Coffee", "Europe/Berlin");
    let twitter = seed.account("twitter", "Acme Coffee", "acmecoffee");
    let instagram = seed.account("instagram", "Acme Coffee Berlin", "acme.coffee");
    let facebook = seed.account("facebook", "Acme Coffee", "acmecoffeeberlin");
    let linkedin = seed.account("linkedin", "Acme Coffee GmbH", "acme-coffee");
    let pinterest = seed.account("pinterest", "Acme Coffee", "acmebrews");
    let tiktok = seed.account("tiktok", "Acme Coffee", "acmecoffee.tok");
    if let Some(account) = seed.state.accounts.get_mut(tiktok) {
        account.is_active = false;
    }
    let beans = seed.media(
        "huye-mountain-beans.jpg",
        "image/jpeg",
        412_771,
        "A scoop of light-roasted beans on a slate counter",
    );
    let bar = seed.media(
        "cold-brew-on-tap.jpg",
        "image/jpeg",
        388_204,
        "Cold brew running from a tap into a tall glass",
    );
    let pour = seed.media(
        "pour-over-steps.png",
        "image/png",
        921_640,
        "Four drawings that show a pour-over from rinse to last drop",
    );

    let at = seed.day(-3, 9, 0);
    seed.post(
        &[twitter, facebook],
        at,
        "Cold brew is back on tap at both shops. 18 hours in the tank, zero hurry.",
        &[bar],
    );
    let at = seed.day(-2, 12, 30);
    seed.post(
        &[instagram],
        at,
        "Lunch break, but make it a flat white. ☕ Which corner of the shop is yours?",
        &[bar],
    );
    let at = seed.day(-1, 9, 0);
    seed.post(&[linkedin], at, "We are looking for a head roaster for our Kreuzberg shop: four days a week, your own sample roaster, and a team that tastes everything twice.", &[]);
    let at = seed.day(-1, 18, 0);
    let failed = seed.post(
        &[twitter],
        at,
        "Last call: free refills until eight tonight at both shops.",
        &[],
    );
    if let Some(id) = failed.first() {
        seed.fail(*id, "X refused the post: 403 duplicate content.");
    }

    let at = seed.day(1, 9, 0);
    seed.post(&[twitter, instagram, facebook], at, "New on the shelf: Huye Mountain, Rwanda. Red apple, black tea, honey. Roasted this week, gone by the next.", &[beans]);
    let at = seed.day(2, 10, 0);
    seed.cluster(&Cluster {
        accounts: &[twitter],
        parts: &[
            "How we roast, in three steps. 🧵",
            "1. We charge the drum at 195 °C and listen. First crack comes at about nine minutes.",
            "2. We drop the beans 70 seconds later and cool them in under three minutes. Then they rest for four days. That is step three: patience.",
        ],
        media: &[],
        metadata: json!(null),
        at,
    });
    let at = seed.day(3, 17, 0);
    seed.cluster(&Cluster {
        accounts: &[pinterest],
        parts: &["The pour-over we teach in our Saturday class, on one page."],
        media: &[pour],
        metadata: json!({"board_id": "brew-guides", "title": "Pour-over in four steps", "link": "https://acme-coffee.example/classes"}),
        at,
    });
    let at = seed.day(4, 9, 0);
    seed.post(&[linkedin], at, "One year of direct trade with the Huye Mountain station: what we pay per kilo, and why we publish it.", &[]);
    let at = seed.day(5, 11, 0);
    seed.post(&[instagram, facebook], at, "Open cupping at the Kreuzberg shop today: five coffees, no entry fee, no wrong answers. Doors at noon.", &[]);
    seed.post(
        &[twitter, instagram],
        None,
        "Holiday opening hours: DRAFT, waiting for the Neukölln rota.",
        &[],
    );
    seed.post(
        &[tiktok],
        None,
        "Latte art in 15 seconds. Reality: 15 weeks.",
        &[],
    );

    for (weekday, time) in [
        ("monday", "09:00"),
        ("wednesday", "12:30"),
        ("friday", "17:00"),
    ] {
        seed.slot(weekday, time);
    }
    seed.webhook(
        "https://hooks.acme-coffee.example/saki",
        &["post.published", "post.failed"],
    );
}
