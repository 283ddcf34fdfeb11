//! Posting time slots of a space.

use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::endpoint::{OtherNames, rename_field};
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
    const OTHER_NAMES: OtherNames = &[("weekday", DAY_NAMES), ("timezone", &["time_zone", "tz"])];

    /// Beside other names: the time as `hour` and `minute`, and the day with a capital.
    fn reword(body: &mut Map<String, Value>, field: &str) -> bool {
        match field {
            "hour" | "minute" => split_time(body),
            day if body.contains_key(day) && is_day(day) => capitalize(body, day),
            _ => rename_field(Self::OTHER_NAMES, body, field),
        }
    }
}

/// Other names that Saki may have for the day of a slot.
const DAY_NAMES: &[&str] = &["day", "day_of_week"];

fn is_day(field: &str) -> bool {
    field == "weekday" || DAY_NAMES.contains(&field)
}

fn split_time(body: &mut Map<String, Value>) -> bool {
    let parts = body.get("time").and_then(Value::as_str).and_then(|time| {
        let (hour, rest) = time.split_once(':')?;
        let minute = rest.split(':').next()?;
        Some((hour.parse::<u8>().ok()?, minute.parse::<u8>().ok()?))
    });
    let Some((hour, minute)) = parts else {
        return false;
    };
    body.shift_remove("time");
    body.insert("hour".to_owned(), hour.into());
    body.insert("minute".to_owned(), minute.into());
    true
}

fn capitalize(body: &mut Map<String, Value>, field: &str) -> bool {
    let Some(Value::String(day)) = body.get_mut(field) else {
        return false;
    };
    let mut letters = day.chars();
    let Some(first) = letters.next().filter(|first| first.is_ascii_lowercase()) else {
        return false;
    };
    *day = format!("{}{}", first.to_ascii_uppercase(), letters.as_str());
    true
}

/// How Saki wants a slot, as far as the slots that it lists show.
pub fn rewordings_shown(slot: &Map<String, Value>) -> Vec<String> {
    let day = DAY_NAMES.iter().find(|name| slot.contains_key(**name));
    let day = day.filter(|_| !slot.contains_key("weekday"));
    let split = slot.contains_key("hour") && !slot.contains_key("time");
    let fields = [day.copied(), split.then_some("hour")];
    fields.into_iter().flatten().map(str::to_owned).collect()
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
