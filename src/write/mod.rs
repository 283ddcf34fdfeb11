//! Shared parts of all writes: effects, previews, times, media, networks.

pub mod account_ref;
pub mod canonical_json;
pub mod changed_ids;
pub mod completed_uploads;
pub mod confirmation_question;
pub(crate) mod edit_distance;
pub mod effects;
pub mod idempotency;
pub mod line_breaks;
pub mod media;
pub mod networks;
pub mod planned_request;
pub mod policy;
pub mod post_plan;
pub mod prepared;
pub mod preview;
pub mod quote_text;
pub mod redis_store;
pub mod shared_store;
pub mod text_match;
pub mod time_range;
pub mod ttl_map;
pub mod when;
