//! Spaces: the top-level containers of accounts, posts and settings.

use std::any::type_name;

use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::rewording::shown_names;
use super::{Client, Endpoint, OtherNames, SpaceId};

/// A space; the reference documents none of its fields (API Setup page).
#[derive(Debug, Serialize, JsonSchema)]
pub struct Space {
    /// Id of the space.
    pub id: SpaceId,
    /// Name of the space.
    pub name: String,
    /// Time zone of the space, if Saki gives one.
    pub timezone: Option<String>,
}

/// Lists all spaces that the key may see.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListSpaces {}

impl Endpoint for ListSpaces {
    type Response = super::pagination::List<Space>;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/spaces";
}

/// Other names that Saki may have for the fields of a space.
const SPACE_NAMES: OtherNames = &[("name", &["title"]), ("timezone", &["time_zone", "tz"])];

impl Client {
    /// Learns what Saki calls the fields of a space that it shows.
    pub fn learn_from_space(&self, shown: &Map<String, Value>) {
        let wording: Vec<_> = shown_names(SPACE_NAMES, shown).collect();
        self.dialect()
            .suggest_wording(type_name::<CreateSpace>(), wording.clone());
        self.dialect()
            .suggest_wording(type_name::<UpdateSpace>(), wording);
    }
}

/// Creates a space.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateSpace {
    /// Name of the new space, e.g. "Acme Europe".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// IANA zone, e.g. "Europe/Berlin"; Saki decides if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Further fields, sent as they are.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Endpoint for CreateSpace {
    type Response = Space;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/spaces";
    const OTHER_NAMES: OtherNames = SPACE_NAMES;
}

/// Reads one space.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetSpace {
    /// Space to read.
    pub space_id: SpaceId,
}

impl Endpoint for GetSpace {
    type Response = Space;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/spaces/{space_id}";
}

/// Changes a space; a field left out stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct UpdateSpace {
    /// Space to change.
    pub space_id: SpaceId,
    /// New name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New IANA time zone, e.g. "Europe/Berlin".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Further fields, sent as they are.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Endpoint for UpdateSpace {
    type Response = Space;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/spaces/{space_id}";
    const OTHER_NAMES: OtherNames = SPACE_NAMES;

    /// The request sets absolute values, so a repeat has the same effect.
    fn is_idempotent(&self) -> bool {
        true
    }
}

/// Deletes a space.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteSpace {
    /// Space to delete.
    pub space_id: SpaceId,
}

impl Endpoint for DeleteSpace {
    type Response = ();
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/spaces/{space_id}";
}
