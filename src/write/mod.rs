//! What writes share: when a post goes out, what goes out with it, and what a write is going to do.

pub mod media;
pub mod networks;
pub mod prepared;
pub mod range;
pub mod when;
