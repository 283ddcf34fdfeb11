//! Resource shapes of a variant: its ids, dates, statuses, texts and field names, at any depth of a reply.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

use super::request_fields::{DAYS, STATUS_WORDS};
use super::{
    DateFormat, ExtraFields, FailureField, IdType, NullFields, Relations, SlotDay, SlotDayField,
    SlotTime, SpaceFields, StatusFormat, StoredText, Variant,
};

impl Variant {
    /// Rewrites every resource in a reply.
    pub(super) fn shape_resources(&self, value: &mut Value, in_list: bool) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.shape_resources(item, in_list);
                }
            }
            Value::Object(fields) => {
                if fields.contains_key("content") && fields.contains_key("cluster_id") {
                    self.shape_post(fields, in_list);
                }
                if fields.contains_key("weekday") {
                    self.shape_slot(fields);
                }
                if fields.contains_key("name")
                    && self.space_fields == SpaceFields::TitleAndTimeZone
                    && let Some(timezone) = fields.remove("timezone")
                {
                    let name = fields.remove("name").unwrap_or_default();
                    fields.insert("title".to_owned(), name);
                    fields.insert("time_zone".to_owned(), timezone);
                }
                if self.extra_fields == ExtraFields::Some && fields.contains_key("id") {
                    fields.insert("uuid".to_owned(), json!("0190a0d2-7c3e"));
                    fields.insert("links".to_owned(), json!([]));
                }
                for (name, value) in fields.iter_mut() {
                    match name.as_str() {
                        "metadata" | "analytics" | "links" | "meta" => {}
                        _ => self.shape_resources(value, in_list),
                    }
                    self.shape_field(name, value);
                }
                if self.null_fields == NullFields::Missing {
                    fields.retain(|_, value| !value.is_null());
                }
            }
            _ => {}
        }
    }

    fn shape_field(&self, name: &str, value: &mut Value) {
        let is_id = name == "id" || name.ends_with("_id");
        if is_id && self.id_type == IdType::Text && value.is_number() {
            *value = json!(value.to_string());
        }
        if (name == "at" || name.ends_with("_at"))
            && let Some(at) = value.as_str().and_then(|at| at.parse::<Timestamp>().ok())
        {
            *value = self.date(at);
        }
    }

    fn date(&self, at: Timestamp) -> Value {
        match self.date_format {
            DateFormat::Microseconds => json!(at.strftime("%Y-%m-%dT%H:%M:%S.000000Z").to_string()),
            DateFormat::UtcOffset => json!(at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()),
            DateFormat::LocalOffset => {
                let local = at.to_zoned_datetime(TimeZone::fixed(jiff::tz::offset(2)));
                json!(local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
            }
            DateFormat::UnixSeconds => json!(at.as_second()),
        }
    }

    fn shape_post(&self, post: &mut Map<String, Value>, in_list: bool) {
        if let Some(content) = post.get_mut("content")
            && let Some(text) = content.as_str()
        {
            *content = json!(self.stored(text));
        }
        self.shape_failure(post);
        if let Some(status) = post.get_mut("status") {
            let number = status
                .as_u64()
                .and_then(|number| usize::try_from(number).ok());
            *status = match (self.status_format, number) {
                (StatusFormat::NumberAsText, Some(number)) => json!(number.to_string()),
                (StatusFormat::Word, Some(number)) => json!(STATUS_WORDS.get(number)),
                _ => status.take(),
            };
        }
        if in_list && self.relations != Relations::All {
            post.remove("children");
            post.remove("media");
            if self.relations == Relations::None {
                post.remove("account");
            }
        }
    }

    fn shape_failure(&self, post: &mut Map<String, Value>) {
        if self.failure_field == FailureField::MetadataError {
            return;
        }
        let parts = post.get("children").and_then(Value::as_array);
        let has_parts = parts.is_some_and(|parts| !parts.is_empty());
        if self.failure_field == FailureField::ThreadPart && !has_parts {
            return;
        }
        let metadata = post.get_mut("metadata").and_then(Value::as_object_mut);
        let Some(reason) = metadata.and_then(|metadata| metadata.remove("error")) else {
            return;
        };
        let (name, value) = match self.failure_field {
            FailureField::MetadataError | FailureField::Error => ("error", reason),
            FailureField::ErrorMessage => ("error_message", reason),
            FailureField::FailureReason => ("failure_reason", reason),
            FailureField::FailedReason => ("failed_reason", reason),
            FailureField::LastError => ("last_error", json!({ "message": reason })),
            FailureField::Errors => ("errors", json!([reason])),
            FailureField::Logs => ("logs", json!([{"level": "error", "message": reason}])),
            FailureField::ThreadPart => {
                let parts = post.get_mut("children").and_then(Value::as_array_mut);
                if let Some(part) = parts.and_then(|parts| parts.last_mut()) {
                    part["error"] = reason;
                }
                return;
            }
        };
        post.insert(name.to_owned(), value);
    }

    fn stored(&self, text: &str) -> String {
        match self.stored_text {
            StoredText::AsSent => text.to_owned(),
            StoredText::CarriageReturns => text.replace('\n', "\r\n"),
            StoredText::Composed => text.nfc().collect(),
            StoredText::Entities => text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;")
                .replace('\'', "&#039;"),
            StoredText::ShortLinks => shorten_links(text),
            StoredText::BlanksTrimmed => {
                let lines = text
                    .lines()
                    .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
                lines.collect::<Vec<_>>().join("\n")
            }
            StoredText::Paragraph => format!("<p>{}</p>", text.replace('\n', "<br>")),
        }
    }

    fn shape_slot(&self, slot: &mut Map<String, Value>) {
        let day = slot.remove("weekday").unwrap_or_default();
        let index = match &day {
            Value::String(word) => DAYS.iter().position(|known| known == word),
            number => number
                .as_u64()
                .and_then(|number| usize::try_from(number).ok()),
        };
        let day = match (self.slot_day, index) {
            (SlotDay::CapitalWord, Some(day)) => {
                let (first, rest) = DAYS[day % 7].split_at(1);
                json!(format!("{}{rest}", first.to_uppercase()))
            }
            (SlotDay::Word, Some(day)) => json!(DAYS[day % 7]),
            (SlotDay::SundayIs0, Some(day)) => json!(day),
            (SlotDay::SundayIs1, Some(day)) => json!(day + 1),
            (SlotDay::SundayIs7, Some(day)) => json!(if day == 0 { 7 } else { day }),
            _ => day,
        };
        let name = match self.slot_day_field {
            SlotDayField::Weekday => "weekday",
            SlotDayField::Day => "day",
            SlotDayField::DayOfWeek => "day_of_week",
        };
        slot.insert(name.to_owned(), day);
        let time = slot
            .get("time")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        match self.slot_time {
            SlotTime::Time => {}
            SlotTime::WithSeconds => {
                slot.insert("time".to_owned(), json!(format!("{time}:00")));
            }
            SlotTime::HourAndMinute => {
                slot.remove("time");
                let (hour, minute) = time.split_once(':').unwrap_or_default();
                slot.insert("hour".to_owned(), json!(hour.parse::<u64>().ok()));
                slot.insert("minute".to_owned(), json!(minute.parse::<u64>().ok()));
            }
        }
    }
}

/// Every link as the short link of a service, which is the same for the same link.
fn shorten_links(text: &str) -> String {
    let shorten = |word: &str| match word.trim_start_matches(char::is_whitespace) {
        link if link.starts_with("https://") || link.starts_with("http://") => {
            let sum = link.bytes().fold(17_u32, |sum, byte| {
                sum.wrapping_mul(31).wrapping_add(byte.into())
            });
            format!(
                "{}https://sk.link/{sum:08x}",
                &word[..word.len() - link.len()]
            )
        }
        _ => word.to_owned(),
    };
    let mut words = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(char::is_whitespace) {
        words.push(shorten(&text[start..at]));
        start = at;
    }
    words.push(shorten(&text[start..]));
    words.concat()
}
