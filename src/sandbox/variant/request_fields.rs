//! Request fields of a variant: renamed to those of the default variant before a handler reads them.

use http::Method;
use serde_json::{Map, Value, json};

use super::{
    SlotDay, SlotDayField, SlotTime, SpaceFields, StatusFormat, UnknownFields, Variant,
    WebhookFields,
};
use crate::sandbox::api_response::ApiError;

/// Words of the days as a handler knows them, Sunday first.
pub(in crate::sandbox) const DAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];
/// Words of the status numbers.
pub(super) const STATUS_WORDS: [&str; 5] =
    ["draft", "scheduled", "publishing", "published", "failed"];

/// What a variant calls the fields of an endpoint, beside what a handler calls them.
type Names = Vec<(&'static str, &'static str)>;

impl Variant {
    /// Renames the fields of a request to those that the handler reads; returns those to store beside them.
    ///
    /// # Errors
    ///
    /// A refusal under the variant's own names.
    pub(in crate::sandbox) fn read_fields(
        &self,
        method: &Method,
        path_template: &str,
        query: &mut Map<String, Value>,
        body: &mut Map<String, Value>,
    ) -> Result<Map<String, Value>, ApiError> {
        if path_template.ends_with("/posts") && *method == Method::GET {
            self.read_status_filter(query)?;
        }
        let unknown = self.unknown_fields(method, path_template, body);
        if self.unknown_fields == UnknownFields::Refused && !unknown.is_empty() {
            return Err(self.prohibited(method, path_template, body, &unknown));
        }
        let renamed = self.renamed_fields(method, path_template);
        for (theirs, ours) in renamed {
            // This variant does not know the handler's own name.
            body.remove(ours);
            let sent = body.remove(theirs);
            body.extend(sent.map(|value| (ours.to_owned(), value)));
        }
        if path_template.ends_with("/slots") && *method == Method::POST {
            self.read_slot(body)?;
        }
        Ok(match self.unknown_fields {
            UnknownFields::Stored => unknown,
            UnknownFields::Ignored | UnknownFields::Refused => Map::new(),
        })
    }

    /// The fields of an endpoint that this variant calls otherwise: its own name, and the handler's.
    pub(super) fn renamed_fields(&self, method: &Method, path_template: &str) -> Names {
        match (method.as_str(), path_template.rsplit('/').next()) {
            ("POST", Some("spaces")) | ("PUT", Some("{space_id}")) => match self.space_fields {
                SpaceFields::NameAndTimezone => Vec::new(),
                SpaceFields::TitleAndTimeZone => {
                    vec![("title", "name"), ("time_zone", "timezone")]
                }
            },
            ("POST", Some("slots")) => {
                let day = match self.slot_day_field {
                    SlotDayField::Weekday => None,
                    SlotDayField::Day => Some(("day", "weekday")),
                    SlotDayField::DayOfWeek => Some(("day_of_week", "weekday")),
                };
                day.into_iter().collect()
            }
            ("POST", Some("webhooks")) => match self.webhook_fields {
                WebhookFields::AsUpdated => Vec::new(),
                WebhookFields::Endpoint => vec![("endpoint", "url")],
                WebhookFields::EventTypes => vec![("event_types", "events")],
            },
            _ => Vec::new(),
        }
    }

    fn read_status_filter(&self, query: &mut Map<String, Value>) -> Result<(), ApiError> {
        if self.status_format != StatusFormat::Word {
            return Ok(());
        }
        let Some(status) = query.get_mut("status") else {
            return Ok(());
        };
        let word = status.as_str().unwrap_or_default();
        let number = STATUS_WORDS.iter().position(|known| *known == word);
        let number = number.ok_or_else(|| invalid_selection("status"))?;
        *status = json!(number.to_string());
        Ok(())
    }

    /// The fields that an endpoint takes, under this variant's names; nothing where the reference prints them all.
    fn known_fields(&self, method: &Method, path_template: &str) -> Option<Vec<&'static str>> {
        let mut known: Vec<&str> = match (method.as_str(), path_template.rsplit('/').next()) {
            ("POST", Some("spaces")) | ("PUT", Some("{space_id}")) => vec!["name", "timezone"],
            ("PUT", Some("{post_id}")) => {
                vec!["content", "status", "scheduled_at", "metadata", "media_ids"]
            }
            ("POST", Some("slots")) => match self.slot_time {
                SlotTime::HourAndMinute => vec!["weekday", "hour", "minute", "timezone"],
                _ => vec!["weekday", "time", "timezone"],
            },
            ("POST", Some("webhooks")) | ("PUT", Some("{webhook_id}")) => {
                vec!["url", "events", "is_active"]
            }
            _ => return None,
        };
        for (theirs, ours) in self.renamed_fields(method, path_template) {
            for name in known.iter_mut().filter(|name| **name == ours) {
                *name = theirs;
            }
        }
        Some(known)
    }

    fn unknown_fields(
        &self,
        method: &Method,
        path_template: &str,
        body: &Map<String, Value>,
    ) -> Map<String, Value> {
        let Some(known) = self.known_fields(method, path_template) else {
            return Map::new();
        };
        let unknown = body
            .iter()
            .filter(|(name, _)| !known.contains(&name.as_str()));
        unknown
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// All rules are checked at once, so what is missing is named beside what is too much.
    fn prohibited(
        &self,
        method: &Method,
        path_template: &str,
        body: &Map<String, Value>,
        unknown: &Map<String, Value>,
    ) -> ApiError {
        let mut wanted = self.renamed_fields(method, path_template);
        wanted.retain(|(_, ours)| body.contains_key(*ours));
        if self.slot_time == SlotTime::HourAndMinute && path_template.ends_with("/slots") {
            wanted.extend([("hour", "time"), ("minute", "time")]);
        }
        let missing = wanted.into_iter().map(|(theirs, _)| theirs);
        let missing = missing.filter(|name| !body.contains_key(*name));
        let missing = missing.map(|name| (name, "required"));
        let unknown = unknown.keys().map(|name| (name.as_str(), "prohibited"));
        let errors = unknown.chain(missing).map(|(name, rule)| {
            let label = name.replace('_', " ");
            (
                name.to_owned(),
                json!([format!("The {label} field is {rule}.")]),
            )
        });
        ApiError::Validation {
            message: "The given data was invalid.".to_owned(),
            errors: errors.collect(),
        }
    }

    /// Day and time of a slot in the form of the handler.
    fn read_slot(&self, body: &mut Map<String, Value>) -> Result<(), ApiError> {
        if let Some(day) = body.get_mut("weekday") {
            let number = |first: u64| day.as_u64()?.checked_sub(first).filter(|day| *day <= 6);
            let word = |is_capital: bool| {
                day.as_str().filter(|word| {
                    word.starts_with(char::is_uppercase) == is_capital
                        && DAYS.contains(&&*word.to_lowercase())
                })
            };
            let read = match self.slot_day {
                SlotDay::AsSent => Some(day.clone()),
                SlotDay::Word => word(false).map(Value::from),
                SlotDay::CapitalWord => word(true).map(Value::from),
                SlotDay::SundayIs0 => number(0).map(word_of_day),
                SlotDay::SundayIs1 => number(1).map(word_of_day),
                SlotDay::SundayIs7 => number(1).map(|day| word_of_day((day + 1) % 7)),
            };
            *day = read.ok_or_else(|| invalid_selection("weekday"))?;
        }
        if self.slot_time == SlotTime::HourAndMinute {
            let mut part = |name: &str, limit: u64| {
                let number = body.remove(name)?.as_u64()?;
                (number < limit).then_some(number)
            };
            let (hour, minute) = (part("hour", 24), part("minute", 60));
            body.remove("time");
            let missing =
                |name: &str| ApiError::validation(name, format!("The {name} field is required."));
            let hour = hour.ok_or_else(|| missing("hour"))?;
            let minute = minute.ok_or_else(|| missing("minute"))?;
            body.insert("time".to_owned(), json!(format!("{hour:02}:{minute:02}")));
        }
        Ok(())
    }
}

fn word_of_day(day: u64) -> Value {
    json!(DAYS[usize::try_from(day).unwrap_or_default() % 7])
}

fn invalid_selection(name: &str) -> ApiError {
    ApiError::validation(name, format!("The selected {name} is invalid."))
}
