//! Seed data: the spaces, accounts and posts of a new sandbox, relative to its clock.

use jiff::Timestamp;

use super::database::Database;
use super::sandbox_options::SeedData;
use seeder::Seeder;

mod acme_coffee;
mod harbour_books;
mod seeder;
mod studio_north;

/// A database with the seed data.
pub(super) fn database(seed_data: SeedData, now: Timestamp) -> Database {
    let mut seeder = Seeder::new(now);
    if seed_data != SeedData::Empty {
        acme_coffee::seed(&mut seeder);
        studio_north::seed(&mut seeder);
    }
    if seed_data == SeedData::Large {
        harbour_books::seed(&mut seeder);
    }
    seeder.db
}
