//! Posting time slots of a space.

use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::pagination::List;
use super::{Endpoint, SlotId, SpaceId};

/// A posting time slot; the reference documents none of its fields.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Slot {
    /// Id of the slot.
    pub id: SlotId,
    /// Day of the week.
    pub weekday: String,
    /// Time of day.
    pub time: String,
    /// Time zone, if Saki gives one.
    pub timezone: Option<String>,
}

/// Lists the posting time slots of a space.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListSlots {
    /// Space to look in.
    pub space_id: SpaceId,
}

impl Endpoint for ListSlots {
    type Response = List<Slot>;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/spaces/{space_id}/slots";
}

/// Creates a posting time slot; the reference does not document its fields.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateSlot {
    /// Space of the slot.
    pub space_id: SpaceId,
    /// Day of the week: a word such as "monday", or Saki's number of the day, sent as a number.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "digits_as_number"
    )]
    #[serde(default)]
    pub weekday: Option<String>,
    /// Time of day, e.g. "09:30".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// IANA time zone of the slot, e.g. "Europe/Berlin".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Further fields, sent as they are.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Endpoint for CreateSlot {
    type Response = Slot;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/spaces/{space_id}/slots";
}

fn digits_as_number<S: serde::Serializer>(
    weekday: &Option<String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match weekday {
        None => serializer.serialize_none(),
        Some(word) => match word.trim().parse::<u64>() {
            Ok(number) => serializer.serialize_u64(number),
            Err(_) => serializer.serialize_str(word),
        },
    }
}

/// Deletes a posting time slot.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteSlot {
    /// Space of the slot.
    pub space_id: SpaceId,
    /// Slot to delete.
    pub slot_id: SlotId,
}

impl Endpoint for DeleteSlot {
    type Response = ();
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/spaces/{space_id}/slots/{slot_id}";
}
