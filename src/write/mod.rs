//! What writes share, whatever they write: effects, previews, times, media, networks.

pub mod account;
pub mod ask;
pub mod effects;
pub mod media;
pub mod networks;
pub mod planned;
pub mod policy;
pub mod prepared;
pub mod preview;
pub mod range;
pub mod repeat;
pub mod uploaded;
pub mod when;
