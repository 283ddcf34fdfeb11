//! Posting time slots of a space.

use jiff::civil::{Time, Weekday};
use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::field_errors::FieldError;
use super::pagination::List;
use super::rewording::{OtherNames, rename, rename_asked, shown_names};
use super::weekday_numbers::{WeekdayNumbers, day_of_word, word_of};
use super::{DayForm, Endpoint, Rewording, SlotId, SpaceId, lenient_json};

/// A posting time slot; the reference documents none of its fields.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Slot {
    /// Id of the slot.
    pub id: SlotId,
    /// Day of the week.
    pub weekday: String,
    /// Its word, where Saki shows a number whose day is known.
    pub weekday_name: Option<String>,
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
    /// Day of the week: a word such as "monday", or Saki's number of the day.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "digits_as_number"
    )]
    #[serde(default)]
    pub weekday: Option<String>,
    /// Time of day, e.g. "09:30".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// IANA zone, e.g. "Europe/Berlin"; Saki decides if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Account of the slot, if Saki takes it: id, handle or name.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "digits_as_number"
    )]
    pub account_id: Option<String>,
    /// Further fields, sent as they are.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Endpoint for CreateSlot {
    type Response = Slot;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/spaces/{space_id}/slots";
    const OTHER_NAMES: OtherNames = &[("weekday", DAY_NAMES), ("timezone", &["time_zone", "tz"])];

    fn reword(body: &mut Map<String, Value>, rewording: Rewording) {
        match rewording {
            Rewording::Name { ours, theirs } => rename(body, Self::OTHER_NAMES, ours, theirs),
            Rewording::HourAndMinute => split_time(body),
            Rewording::Day(form) => write_day(body, form),
        }
    }

    /// Beside other names: the time as `hour` and `minute` or back, and the day in another form.
    fn renegotiate(
        sent: &Map<String, Value>,
        errors: &[FieldError],
        numbers: WeekdayNumbers,
        wording: &mut Vec<Rewording>,
    ) {
        let before = wording.clone();
        let asks = |name: &str| {
            errors.iter().any(|error| error.root() == name) && !sent.contains_key(name)
        };
        rename_asked(Self::OTHER_NAMES, sent, errors, wording);
        if asks("time") {
            wording.retain(|known| *known != Rewording::HourAndMinute);
        } else if asks("hour") || asks("minute") {
            wording.push(Rewording::HourAndMinute);
        }
        // The form of the day is in question only where nothing else explains the refusal: in another form, a slot that
        // is there already would be made once more.
        let is_about_form =
            |error: &FieldError| is_day(error.root()) && !is_about_duplicate(&error.message);
        if *wording == before && errors.iter().all(is_about_form) {
            other_day_form(sent, numbers, wording);
        }
    }
}

impl CreateSlot {
    /// The day that is given, under whichever name.
    pub fn day(&self) -> Option<SlotDay> {
        let given = self.weekday.as_deref().map(SlotDay::parse);
        given.unwrap_or_else(|| SlotView(&self.more).day())
    }
}

/// Names that Saki may have for the day of a slot, beside `weekday`.
const DAY_NAMES: &[&str] = &["day", "day_of_week", "week_day", "dow"];

/// Whether a field of this name is the day of a slot.
pub fn is_day(field: &str) -> bool {
    field == "weekday" || DAY_NAMES.contains(&field)
}

fn day_field(slot: &Map<String, Value>) -> Option<&str> {
    slot.keys().map(String::as_str).find(|name| is_day(name))
}

fn is_about_duplicate(message: &str) -> bool {
    let message = message.to_lowercase();
    let words = ["taken", "already", "exist", "duplicate", "unique"];
    words.iter().any(|word| message.contains(word))
}

/// Tries another form of the day: in lower case, with a capital, as a number, or as it was given.
fn other_day_form(
    sent: &Map<String, Value>,
    numbers: WeekdayNumbers,
    wording: &mut Vec<Rewording>,
) {
    let Some(SlotDay::Word(day)) = SlotView(sent).day() else {
        // A number of ours may be a word in the call.
        return wording.retain(|known| known.day_form().is_none());
    };
    let form = wording.iter().find_map(|known| known.day_form());
    let word = sent.get(day_field(sent).unwrap_or_default());
    let is_lowercase = word.and_then(Value::as_str) == Some(word_of(day));
    let other = match form {
        None if numbers.number(day).is_some() => Some(DayForm::Number(numbers)),
        None | Some(DayForm::AsGiven) if !is_lowercase => Some(DayForm::Lowercase),
        None => Some(DayForm::Capitalized),
        Some(DayForm::AsGiven) => return,
        Some(_) => None,
    };
    wording.retain(|known| known.day_form().is_none());
    wording.extend(other.map(Rewording::Day));
}

fn split_time(body: &mut Map<String, Value>) {
    let time = body
        .get("time")
        .and_then(Value::as_str)
        .and_then(time_of_day);
    if let Some(time) = time.filter(|_| !body.contains_key("hour") && !body.contains_key("minute"))
    {
        body.shift_remove("time");
        body.insert("hour".to_owned(), time.hour().into());
        body.insert("minute".to_owned(), time.minute().into());
    }
}

fn write_day(body: &mut Map<String, Value>, form: DayForm) {
    let Some(SlotDay::Word(day)) = SlotView(body).day() else {
        return;
    };
    let word = word_of(day);
    let written = match form {
        DayForm::AsGiven => None,
        DayForm::Lowercase => Some(Value::from(word)),
        DayForm::Capitalized => Some(Value::from(capitalized(word))),
        DayForm::Number(numbers) => numbers.number(day).map(Value::from),
    };
    let field = day_field(body).map(str::to_owned);
    body.extend(field.zip(written));
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The day of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotDay {
    /// An English word.
    Word(Weekday),
    /// A number of Saki's.
    Number(u64),
    /// A number of Saki's, and the day that it stands for by the word of a person.
    NumberedWord(u64, Weekday),
}

impl SlotDay {
    /// Reads `monday`, `1` and `1 monday`.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = text.split(|c: char| !c.is_alphanumeric());
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        match parts[..] {
            [one] => {
                let number = one.parse().ok().map(Self::Number);
                number.or_else(|| day_of_word(one).map(Self::Word))
            }
            [first, second] => {
                let pair = |number: &str, word| {
                    Some(Self::NumberedWord(number.parse().ok()?, day_of_word(word)?))
                };
                pair(first, second).or_else(|| pair(second, first))
            }
            _ => None,
        }
    }

    /// The day that is meant, where it is known.
    pub fn weekday(self, numbers: WeekdayNumbers) -> Option<Weekday> {
        match self {
            Self::Word(day) | Self::NumberedWord(_, day) => Some(day),
            Self::Number(number) => numbers.day(number),
        }
    }
}

/// A slot as Saki shows it or takes it, under whatever names its fields have.
#[derive(Debug, Clone, Copy)]
pub struct SlotView<'a>(pub &'a Map<String, Value>);

impl<'a> SlotView<'a> {
    /// Its day.
    pub fn day(self) -> Option<SlotDay> {
        match self.0.get(day_field(self.0)?)? {
            Value::String(text) => SlotDay::parse(text),
            number => number.as_u64().map(SlotDay::Number),
        }
    }

    /// Its time of day, to the minute.
    pub fn time(self) -> Option<Time> {
        if let Some(time) = self.0.get("time") {
            return time_of_day(time.as_str()?);
        }
        let part = |name: &str| i8::try_from(lenient_json::integer(self.0, name)?).ok();
        Time::new(part("hour")?, part("minute").unwrap_or_default(), 0, 0).ok()
    }

    /// Its time zone.
    pub fn zone(self) -> Option<String> {
        let names = ["timezone", "time_zone", "tz"];
        names
            .iter()
            .find_map(|name| lenient_json::text(self.0, name))
    }

    /// Its account, where slots belong to accounts.
    pub fn account_id(self) -> Option<u64> {
        lenient_json::integer(self.0, "account_id")
    }

    /// How Saki wants a slot, as far as this one shows.
    pub(super) fn wording(self, numbers: WeekdayNumbers) -> Vec<Rewording> {
        let mut wording = Vec::new();
        match self.0.get(day_field(self.0).unwrap_or_default()) {
            Some(Value::String(word)) if day_of_word(word).is_some() => {
                wording.push(Rewording::Day(match word.starts_with(char::is_uppercase) {
                    true => DayForm::Capitalized,
                    false => DayForm::AsGiven,
                }));
            }
            _ if matches!(self.day(), Some(SlotDay::Number(_))) => {
                wording.push(Rewording::Day(DayForm::Number(numbers)));
            }
            _ => {}
        }
        if self.0.contains_key("hour") && !self.0.contains_key("time") {
            wording.push(Rewording::HourAndMinute);
        }
        wording.extend(shown_names(CreateSlot::OTHER_NAMES, self.0));
        wording
    }

    /// The day that stands as a word beside its number.
    pub(super) fn word_beside(self) -> Option<Weekday> {
        let of_day = self.0.iter().filter(|(name, _)| name.contains("day"));
        let mut words = of_day.filter_map(|(_, value)| value.as_str());
        words.find_map(day_of_word)
    }
}

/// The time in `09:00`, `09:00:00`, `9:00`, `9.30` and `9 am`, to the minute.
fn time_of_day(text: &str) -> Option<Time> {
    let text = text.trim().to_ascii_lowercase();
    if let Ok(time) = text.parse::<Time>() {
        return Time::new(time.hour(), time.minute(), 0, 0).ok();
    }
    let halves = [("am", 0), ("pm", 12)];
    let half = halves
        .iter()
        .find_map(|(name, hours)| Some((text.strip_suffix(name)?, *hours)));
    let clock = half.map_or(&*text, |(clock, _)| clock.trim());
    let (hour, minute) = match clock.split_once([':', '.']) {
        Some((hour, minute)) => (hour, minute.parse().ok()?),
        None => half.map(|_| (clock, 0))?,
    };
    let hour: i8 = hour.parse().ok()?;
    match half {
        Some((_, hours)) if (1..=12).contains(&hour) => Time::new(hour % 12 + hours, minute, 0, 0),
        Some(_) => return None,
        None => Time::new(hour, minute, 0, 0),
    }
    .ok()
}

fn digits_as_number<S: serde::Serializer>(
    given: &Option<String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match given {
        None => serializer.serialize_none(),
        Some(word) => match SlotDay::parse(word) {
            Some(SlotDay::Number(number) | SlotDay::NumberedWord(number, _)) => {
                serializer.serialize_u64(number)
            }
            _ => serializer.serialize_str(word),
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
