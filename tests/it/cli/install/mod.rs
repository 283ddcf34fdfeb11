//! `saki-mcp install`: what it writes for each client, what it leaves alone, and what it refuses.

mod command_line;
mod entries_and_keys;
mod round_trip;
mod standing_entries;
mod unusable_files;
