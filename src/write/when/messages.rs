//! How times, zones and refusals are worded for an agent.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

/// The most characters of what was given that a sentence repeats.
const QUOTED: usize = 60;

/// What was given, in backticks, shortened and with everything unprintable escaped.
pub(super) fn quote(given: &str) -> String {
    let mut quoted = String::from("`");
    let mut room = QUOTED;
    for c in given.chars() {
        let shown: String = match c {
            '"' | '\'' => c.into(),
            // A backtick would end the quotation.
            '`' => '\''.into(),
            _ => c.escape_debug().collect(),
        };
        let Some(left) = room.checked_sub(shown.chars().count()) else {
            quoted.push('…');
            break;
        };
        room = left;
        quoted.push_str(&shown);
    }
    quoted.push('`');
    quoted
}

/// An instant in RFC 3339 with the zone's offset, `Z` for UTC.
pub(super) fn rfc3339(at: Timestamp, zone: &TimeZone) -> String {
    let shown = at.to_zoned_datetime(zone.clone());
    if zone.iana_name() == Some("UTC") {
        shown.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    } else {
        shown.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// An instant for a person: `Sat 10 Apr 2027, 09:00 (Europe/Berlin)`.
pub(super) fn local(at: Timestamp, zone: &TimeZone) -> String {
    let shown = at.to_zoned_datetime(zone.clone());
    let clock = if shown.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    let pattern = format!("%a %-d %b %Y, {clock}");
    format!("{} ({})", shown.strftime(&pattern), name(&shown))
}

/// A zone's name at an instant, or its offset when it has no name.
pub(super) fn name(shown: &ZonedDateTime) -> String {
    match shown.time_zone().iana_name() {
        Some(name) => name.to_owned(),
        None => shown.strftime("%:z").to_string(),
    }
}

/// A length of time in its two largest units, without its sign: `3 d 4 h`, `40 min`, `12 s`.
pub(super) fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs().unsigned_abs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let pair = |large: u64, unit: &str, small: u64, part: &str| match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {part}"),
    };
    if days > 0 {
        pair(days, "d", hours % 24, "h")
    } else if hours > 0 {
        pair(hours, "h", minutes % 60, "min")
    } else if minutes > 0 {
        format!("{minutes} min")
    } else {
        format!("{seconds} s")
    }
}

/// The zone that an example is written in.
pub(super) enum Home {
    /// The one a local time is read in.
    Known(TimeZone),
    /// The space's own, which does not decide.
    Space(TimeZone),
    /// None is known: UTC stands in.
    Unknown,
}

/// The refusal of text that is not a time; `why` completes the sentence that the text begins.
pub(super) fn not_understood(text: &str, why: &str, now: Timestamp, home: Home) -> String {
    let subject = if text.is_empty() {
        "The value".into()
    } else {
        quote(text)
    };
    let (zone, remark, condition) = match home {
        Home::Known(zone) => (zone, "", " there"),
        Home::Space(zone) => (zone, ", the space's own zone", " together with `timezone`"),
        Home::Unknown => (
            TimeZone::UTC,
            "; use the user's own offset",
            " together with `timezone`",
        ),
    };
    let tomorrow = now
        .to_zoned_datetime(zone.clone())
        .tomorrow()
        .and_then(|day| day.date().at(9, 0, 0, 0).to_zoned_datetime(zone.clone()));
    let Ok(at) = tomorrow else {
        return format!(
            "{subject} {why}. Give date, time and offset, as in `2027-04-10T09:00:00+02:00`."
        );
    };
    format!(
        "{subject} {why}. Give date, time and offset, such as `{}` (tomorrow 09:00 in {}{remark}), or a local time{condition}, such as `{}`.",
        rfc3339(at.timestamp(), &zone),
        name(&at),
        at.strftime("%Y-%m-%dT%H:%M"),
    )
}

/// The refusal of an instant that has passed or is about to.
pub(super) fn too_early(
    text: &str,
    left: SignedDuration,
    now: Timestamp,
    zone: &TimeZone,
) -> String {
    let place = if left.is_negative() {
        format!("is {} in the past", span(left))
    } else {
        format!("is only {} ahead", span(left))
    };
    format!(
        "{} {place}: now it is {}. A post whose time has passed may go out at once, so give a time at least 60 seconds after now.",
        quote(text),
        present(now, zone)
    )
}

/// The refusal of an instant that nobody plans for.
pub(super) fn too_far(text: &str, years: i64, now: Timestamp, zone: &TimeZone) -> String {
    format!(
        "{} is more than {years} years ahead: now it is {}. Check the year.",
        quote(text),
        present(now, zone)
    )
}

/// The present time, exact enough to calculate with: `2027-04-09T12:00:00+02:00 (Fri, Europe/Berlin)`.
fn present(now: Timestamp, zone: &TimeZone) -> String {
    let shown = now.to_zoned_datetime(zone.clone());
    format!(
        "`{}` ({}, {})",
        rfc3339(now, zone),
        shown.strftime("%a"),
        name(&shown)
    )
}
