//! Social networks: their names, and their character and media limits; exceeding one is a warning, since Saki decides.

mod link_detection;
mod network_limits;
mod network_names;
mod post_check;
mod text_length;

pub use network_names::{both_names, canonical_name, common_name};
pub use post_check::{CallKind, MediaKind, PostDraft, PostPart, check_post, text_lengths};
