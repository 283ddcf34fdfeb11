//! Time parsing (RFC 3339, RFC 9557, local time, Unix time) into parts, without any time zone rules.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::messages::quote;

/// The parts of a well-formed time string.
pub(super) enum ParsedTime<'a> {
    /// A number: Unix seconds or milliseconds.
    Unix(Timestamp),
    /// A date and a time of day, with an offset or a zone.
    Civil {
        /// The local date and time, in whole seconds.
        civil: DateTime,
        /// The offset after it.
        offset: Option<UtcOffset>,
        /// The zone in brackets, raw.
        zone: Option<&'a str>,
    },
}

/// An offset from UTC.
#[derive(Clone, Copy)]
pub(super) enum UtcOffset {
    /// `Z`, `UTC` or `-00:00`: the instant is given in UTC, and no local zone is claimed (RFC 9557, section 2).
    Utc,
    /// The offset of a local time.
    Local(Offset),
}

/// Splits trimmed text into its parts; the error completes a sentence that begins with the text ("`…` has no date").
pub(super) fn parse(text: &str) -> Result<ParsedTime<'_>, String> {
    if text.chars().any(char::is_control) {
        return Err("contains control characters".into());
    }
    if let Some(why) = refuse_compact(text) {
        return Err(why);
    }
    // A leading digit excludes `nan` and `infinity`.
    let is_digit_first = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if is_digit_first(text.trim_start_matches(['+', '-'])) && text.parse::<f64>().is_ok() {
        return parse_unix(text);
    }
    parse_civil(text)
}

fn parse_unix<'a>(text: &str) -> Result<ParsedTime<'a>, String> {
    if text.contains(['.', 'e', 'E']) {
        return Err("is not a Unix time, which has digits only".into());
    }
    // Ten digits of seconds and thirteen of milliseconds both cover 2001 to 2286, so the length decides the unit.
    let instant = match (text.len(), text.parse::<i64>()) {
        _ if text.starts_with(['+', '-']) => {
            return Err("is not a Unix time, which has no sign".into());
        }
        (10, Ok(seconds)) => Timestamp::from_second(seconds).ok(),
        (13, Ok(millis)) => Timestamp::from_millisecond(millis).ok(),
        _ => None,
    };
    instant.map(ParsedTime::Unix).ok_or_else(|| {
        "is neither Unix seconds (10 digits) nor Unix milliseconds (13 digits)".into()
    })
}

fn parse_civil(text: &str) -> Result<ParsedTime<'_>, String> {
    let (body, brackets) = text.split_at(text.find('[').unwrap_or(text.len()));
    let body = body.trim_end();
    let (date, rest) = match body.split_at_checked(10) {
        Some((date, rest)) if digit_shape(date) == "dddd-dd-dd" => (date, rest),
        _ => return Err(describe_malformed(text).into()),
    };
    let date: Date = date
        .parse()
        .map_err(|_| "names a day that is not in the calendar")?;
    if rest.is_empty() {
        return Err("is a date without a time of day".into());
    }
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
        return Err(describe_malformed(text).into());
    };
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.')
        .unwrap_or(rest.len());
    let (time, offset) = rest.split_at(end);
    Ok(ParsedTime::Civil {
        civil: date.to_datetime(parse_time_of_day(time)?),
        offset: parse_offset(offset.trim_start())?,
        zone: zone_tag(brackets)?,
    })
}

/// Parses `HH:MM` or `HH:MM:SS`; a fraction of the seconds is dropped.
fn parse_time_of_day(text: &str) -> Result<Time, String> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let is_fraction = |f: &str| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit());
    match (digit_shape(whole).as_str(), fraction) {
        ("dd:dd" | "dd:dd:dd", None) => {}
        ("dd:dd:dd", Some(fraction)) if is_fraction(fraction) => {}
        _ => return Err("does not write the time as HH:MM or HH:MM:SS".into()),
    }
    let mut parts = whole.split(':').map(|part| part.parse::<i8>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    match (next(), next(), next()) {
        (24, 0, 0) => Err("has the hour 24; midnight is 00:00 of the next day".into()),
        (.., 60) => Err("has second 60; leap seconds cannot be scheduled, use :59".into()),
        (hour, minute, second) => Time::new(hour, minute, second, 0)
            .map_err(|_| "has a time of day that is not on a 24-hour clock".into()),
    }
}

/// Parses the text between the time and the brackets.
pub(super) fn parse_offset(text: &str) -> Result<Option<UtcOffset>, String> {
    match text.to_ascii_lowercase().as_str() {
        "" => return Ok(None),
        "z" | "utc" => return Ok(Some(UtcOffset::Utc)),
        "am" | "pm" => return Err("uses AM or PM; write the hour from 00 to 23".into()),
        _ => {}
    }
    let forms = ["+dd", "-dd", "+dddd", "-dddd", "+dd:dd", "-dd:dd"];
    if !forms.contains(&digit_shape(text).as_str()) {
        return Err(format!(
            "ends with {}; only an offset (+02:00) or an IANA zone in brackets ([Europe/Berlin]) may follow the time",
            quote(text)
        ));
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at(2);
    let number = |part: &str| part.parse::<i32>().unwrap_or(0);
    let (hours, minutes) = (number(hours), number(minutes));
    let seconds = hours * 3600 + minutes * 60;
    let seconds = match (text.starts_with('-'), seconds) {
        (true, 0) => return Ok(Some(UtcOffset::Utc)),
        (true, seconds) => -seconds,
        (false, seconds) => seconds,
    };
    // No place on earth is outside of this range, and a mistake such as +20:00 would move a post by most of a day.
    let is_real = minutes < 60 && (-12 * 3600..=14 * 3600).contains(&seconds);
    match Offset::from_seconds(seconds) {
        Ok(offset) if is_real => Ok(Some(UtcOffset::Local(offset))),
        _ => Err("has an offset that no place uses; offsets run from -12:00 to +14:00".into()),
    }
}

/// Finds the zone among RFC 9557 tags (`[Europe/Berlin][u-ca=iso8601]`); other tags are ignored unless marked critical.
fn zone_tag(mut rest: &str) -> Result<Option<&str>, String> {
    let mut zone = None;
    let mut is_first = true;
    while let Some(open) = rest.strip_prefix('[') {
        let (tag, after) = open
            .split_once(']')
            .ok_or("has a bracket that is not closed")?;
        let plain = tag.strip_prefix('!').unwrap_or(tag);
        if !plain.contains('=') {
            if !is_first || plain.trim().is_empty() {
                return Err("needs exactly one zone in the first brackets".into());
            }
            zone = Some(plain);
        } else if plain.len() < tag.len() {
            return Err(format!("requires {}, which is not supported", quote(plain)));
        }
        is_first = false;
        rest = after;
    }
    if rest.is_empty() {
        Ok(zone)
    } else {
        Err("has text after the brackets".into())
    }
}

/// Why a compact date is refused: read as a number, it would be another time.
fn refuse_compact(text: &str) -> Option<String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_alone = digits == text.len();
    let is_date = text
        .get(..8)
        .is_some_and(|date| date.parse::<Date>().is_ok());
    let is_compact = match digits {
        8 => is_alone || text[8..].starts_with(['T', 't', ' ']),
        12 | 14 => is_alone,
        _ => false,
    };
    (is_compact && is_date).then(|| "is written without hyphens and colons".into())
}

/// Describes text that does not begin with `YYYY-MM-DD` and a time.
fn describe_malformed(text: &str) -> &'static str {
    let shape = digit_shape(text);
    let begins = |with: &[&str]| with.iter().any(|with| shape.starts_with(with));
    if text.is_empty() {
        "is empty"
    } else if begins(&["dddd-W", "dddd-w", "ddddW", "ddddw"]) {
        "is a week date; only calendar dates are read"
    } else if begins(&["dddd-ddd"]) {
        "is a day-of-year date; only calendar dates are read"
    } else if begins(&["d:", "dd:", "Td", "td"]) {
        "is a time of day without a date"
    } else if begins(&["d/", "dd/", "d.", "dd.", "d-", "dd-"]) {
        "does not begin with a four-digit year, so day, month and year are ambiguous"
    } else if begins(&["ddddd-", "dddddd-", "+dddd", "-dddd"]) {
        "has a year that is not four digits"
    } else if begins(&["dddd"]) {
        "does not write the date as YYYY-MM-DD and the time as HH:MM"
    } else {
        "is not a date and time"
    }
}

/// The text with every ASCII digit replaced by `d`.
fn digit_shape(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_digit() { 'd' } else { c })
        .collect()
}
