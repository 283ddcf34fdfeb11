//! REST client for Saki, typed and usable alone: a request is a type, and the type is the endpoint.
//!
//! Start at [`Endpoint`], then read one resource, such as [`posts`].
//! Replies travel as raw JSON, so that no field is lost; the models document them.

pub mod accounts;
mod all_pages;
mod base_url;
mod call_trace;
mod client;
pub mod clock;
mod connection_pool;
pub mod dialect;
mod endpoint;
mod envelope;
mod error;
pub mod field_errors;
mod ids;
mod key_format;
mod key_redaction;
mod learned_slots;
pub mod lenient_json;
pub mod media;
pub mod pagination;
pub mod posts;
pub mod queue;
mod redact_url;
mod refused_in_body;
pub mod refused_parts;
pub mod release_memory;
mod reply;
mod request_pace;
mod retry;
mod rewording;
mod round_trip;
pub mod slots;
pub mod spaces;
pub mod subscription;
pub mod webhooks;
pub mod weekday_numbers;

pub use base_url::BaseUrl;
pub use call_trace::{CallTrace, UpstreamRequest, UpstreamUse};
pub use client::{Client, ObserveReplies};
pub use clock::Clock;
pub use connection_pool::{CertificateAuthority, ClientOptions, ConnectionPool};
use endpoint::planned_parts;
pub use endpoint::{Endpoint, RequestParts, request_parts};
pub use error::{Error, ErrorResponse, NetworkFailure};
pub use ids::{AccountId, ClusterId, MediaId, PostId, SlotId, SpaceId, WebhookId};
pub use key_format::Key;
use key_redaction::KeyRedaction;
pub use redact_url::{redact_if_url, redact_url};
pub use reply::Reply;
pub use request_pace::RequestPause;
pub use retry::{RetryPolicy, cancel_between_attempts};
pub use rewording::{DayForm, OtherNames, Rewording};
