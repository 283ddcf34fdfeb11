//! Seed data of the first space: Acme Coffee, two shops in Berlin.

use serde_json::json;

use super::seeder::{SeedCluster, Seeder};

pub(super) fn seed(seeder: &mut Seeder) {
    seeder.space("Acme Coffee", "Europe/Berlin");
    let twitter = seeder.account("twitter", "Acme Coffee", "acmecoffee");
    let instagram = seeder.account("instagram", "Acme Coffee Berlin", "acme.coffee");
    let facebook = seeder.account("facebook", "Acme Coffee", "acmecoffeeberlin");
    let linkedin = seeder.account("linkedin", "Acme Coffee GmbH", "acme-coffee");
    let pinterest = seeder.account("pinterest", "Acme Coffee", "acmebrews");
    let tiktok = seeder.account("tiktok", "Acme Coffee", "acmecoffee.tok");
    if let Some(account) = seeder.db.accounts.get_mut(tiktok) {
        account.is_active = false;
    }
    let beans = seeder.media(
        "huye-mountain-beans.jpg",
        "image/jpeg",
        412_771,
        "A scoop of light-roasted beans on a slate counter",
    );
    let bar = seeder.media(
        "cold-brew-on-tap.jpg",
        "image/jpeg",
        388_204,
        "Cold brew running from a tap into a tall glass",
    );
    let pour = seeder.media(
        "pour-over-steps.png",
        "image/png",
        921_640,
        "Four drawings that show a pour-over from rinse to last drop",
    );

    let at = seeder.day(-3, 9, 0);
    seeder.post(
        &[twitter, facebook],
        at,
        "Cold brew is back on tap at both shops. 18 hours in the tank, zero hurry.",
        &[bar],
    );
    let at = seeder.day(-2, 12, 30);
    seeder.post(
        &[instagram],
        at,
        "Lunch break, but make it a flat white. ☕ Which corner of the shop is yours?",
        &[bar],
    );
    let at = seeder.day(-1, 9, 0);
    seeder.post(&[linkedin], at, "We are looking for a head roaster for our Kreuzberg shop: four days a week, your own sample roaster, and a team that tastes everything twice.", &[]);
    let at = seeder.day(-1, 18, 0);
    let failed = seeder.post(
        &[twitter],
        at,
        "Last call: free refills until eight tonight at both shops.",
        &[],
    );
    if let Some(id) = failed.first() {
        seeder.fail(*id, "X refused the post: 403 duplicate content.");
    }

    let at = seeder.day(1, 9, 0);
    seeder.post(&[twitter, instagram, facebook], at, "New on the shelf: Huye Mountain, Rwanda. Red apple, black tea, honey. Roasted this week, gone by the next.", &[beans]);
    let at = seeder.day(2, 10, 0);
    seeder.cluster(&SeedCluster {
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
    let at = seeder.day(3, 17, 0);
    seeder.cluster(&SeedCluster {
        accounts: &[pinterest],
        parts: &["The pour-over we teach in our Saturday class, on one page."],
        media: &[pour],
        metadata: json!({"board_id": "brew-guides", "title": "Pour-over in four steps", "link": "https://acme-coffee.example/classes"}),
        at,
    });
    let at = seeder.day(4, 9, 0);
    seeder.post(&[linkedin], at, "One year of direct trade with the Huye Mountain station: what we pay per kilo, and why we publish it.", &[]);
    let at = seeder.day(5, 11, 0);
    seeder.post(&[instagram, facebook], at, "Open cupping at the Kreuzberg shop today: five coffees, no entry fee, no wrong answers. Doors at noon.", &[]);
    seeder.post(
        &[twitter, instagram],
        None,
        "Holiday opening hours: DRAFT, waiting for the Neukölln rota.",
        &[],
    );
    seeder.post(
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
        seeder.slot(weekday, time);
    }
    seeder.webhook(
        "https://hooks.acme-coffee.example/saki",
        &["post.published", "post.failed"],
    );
}
