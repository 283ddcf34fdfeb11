//! A third space that brings the world to 400 posts, for pages and limits.

use super::Seed;

const POSTS: usize = 400;

const SUBJECTS: [&str; 6] = [
    "A first edition that came back after twenty years",
    "Staff pick of the week",
    "Reading in the garden, if the weather lets us",
    "New in crime: three islands, three bodies",
    "The smallest shelf in the shop and what is on it",
    "Letters to the author: the best of last month",
];

pub(super) fn plant(seed: &mut Seed) {
    seed.state.accounts.skip_to(31);
    seed.space("Harbour Books", "Europe/London");
    let accounts = [
        seed.account("twitter", "Harbour Books", "harbourbooks"),
        seed.account("facebook", "Harbour Books", "harbourbooks"),
        seed.account("bluesky", "Harbour Books", "harbourbooks.example"),
    ];
    let present = seed
        .state
        .posts
        .values()
        .filter(|post| post.parent_id.is_none())
        .count();
    for number in 0..POSTS.saturating_sub(present) {
        let half = i64::try_from(number / 6).unwrap_or(0);
        // Days from 30 before today to a month after it, never today itself.
        let days = if number % 2 == 0 {
            -1 - half % 30
        } else {
            1 + half % 30
        };
        let at = seed.day(days, 8 + i8::try_from(number % 11).unwrap_or(0), 15);
        let at = at.filter(|_| number % 10 != 9);
        let text = format!("{} (no. {})", SUBJECTS[number % SUBJECTS.len()], number + 1);
        seed.post(&[accounts[number % accounts.len()]], at, &text, &[]);
    }
    seed.slot("saturday", "11:00");
}
