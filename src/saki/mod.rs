//! A typed REST client for Saki, usable alone: a request is a type, and the type is the endpoint.
//!
//! Start at [`Endpoint`], then read one resource, such as [`posts`].
//! Replies travel as raw JSON, so that nothing Saki says is lost; the models are views of them.

pub mod accounts;
mod base_url;
mod client;
pub mod clock;
mod endpoint;
mod error;
mod exchange;
mod http;
mod ids;
mod key;
pub mod learn;
pub mod media;
pub mod page;
pub mod posts;
pub mod queue;
pub mod refusal;
mod reply;
mod retry;
pub mod slots;
pub mod spaces;
pub mod subscription;
pub mod view;
pub mod webhooks;

pub use base_url::BaseUrl;
pub use client::Client;
pub use clock::Clock;
pub use endpoint::{Endpoint, Parts, split};
pub use error::{Answer, Error, Lost};
pub use http::{Http, HttpOptions};
pub use ids::{AccountId, ClusterId, MediaId, PostId, SlotId, SpaceId, WebhookId};
pub use key::Key;
pub use reply::Reply;
pub use retry::{Retry, unless_given_up};
