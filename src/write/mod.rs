//! What writes share: when a post goes out, and what goes out with it.

pub mod when;
