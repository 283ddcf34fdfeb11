//! Publishing queue: what a space is going to publish.

use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pagination::List;
use super::posts::Post;
use super::{Endpoint, SpaceId};

/// Reads the upcoming publishing queue of a space; the reference documents none of its fields.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetQueue {
    /// Space to look in.
    pub space_id: SpaceId,
}

impl Endpoint for GetQueue {
    type Response = List<Post>;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/spaces/{space_id}/queue";
}
