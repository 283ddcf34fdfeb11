//! Seed data of the third space: Harbour Books, with enough posts for pagination (400 in all).

use super::seeder::Seeder;

const POSTS: usize = 400;

const SUBJECTS: [&str; 6] = [
    "A first edition that came back after twenty years",
    "Staff pick of the week",
    "Reading in the garden, if the weather lets us",
    "New in crime: three islands, three bodies",
    "The smallest shelf in the shop and what is on it",
    "Letters to the author: the best of last month",
];

pub(super) fn seed(seeder: &mut Seeder) {
    seeder.db.accounts.skip_to(31);
    seeder.space("Harbour Books", "Europe/London");
    let accounts = [
        seeder.account("twitter", "Harbour Books", "harbourbooks"),
        seeder.account("facebook", "Harbour Books", "harbourbooks"),
        seeder.account("bluesky", "Harbour Books", "harbourbooks.example"),
    ];
    let present = seeder.db.top_level_posts().count();
    for number in 0..POSTS.saturating_sub(present) {
        let step = i64::try_from(number / 6).unwrap_or(0);
        // From 30 days before today to 30 days after it, but never today.
        let days = if number % 2 == 0 {
            -1 - step % 30
        } else {
            1 + step % 30
        };
        let at = seeder.day(days, 8 + i8::try_from(number % 11).unwrap_or(0), 15);
        let at = at.filter(|_| number % 10 != 9);
        let text = format!("{} (no. {})", SUBJECTS[number % SUBJECTS.len()], number + 1);
        seeder.post(&[accounts[number % accounts.len()]], at, &text, &[]);
    }
    seeder.slot("saturday", "11:00");
}
