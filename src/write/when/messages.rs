//! Time messages: how times, zones and refusals are worded for an agent, daylight saving gaps included.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

/// How many characters of a given text a message repeats.
const MAX_QUOTED: usize = 60;

/// A given text in backticks, shortened and with everything unprintable escaped.
pub(super) fn quote(given: &str) -> String {
    let mut quoted = String::from("`");
    let mut room = MAX_QUOTED;
    for c in given.chars() {
        let escaped: String = match c {
            '"' | '\'' => c.into(),
            // A backtick would end the quotation.
            '`' => '\''.into(),
            _ => c.escape_debug().collect(),
        };
        let Some(left) = room.checked_sub(escaped.chars().count()) else {
            quoted.push('…');
            break;
        };
        room = left;
        quoted.push_str(&escaped);
    }
    quoted.push('`');
    quoted
}

/// An instant in RFC 3339 with the zone's offset, `Z` for UTC.
pub(super) fn rfc3339(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned_datetime(zone.clone());
    if zone.iana_name() == Some("UTC") {
        zoned.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    } else {
        zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// An instant for a person: `Sat 10 Apr 2027, 09:00 (Europe/Berlin)`.
pub(super) fn local(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned_datetime(zone.clone());
    let clock = if zoned.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    let pattern = format!("%a %-d %b %Y, {clock}");
    format!("{} ({})", zoned.strftime(&pattern), zone_at(&zoned))
}

/// A zone's name at an instant, or its offset when it has no name.
fn zone_at(zoned: &ZonedDateTime) -> String {
    match zoned.time_zone().iana_name() {
        Some(name) => name.to_owned(),
        None => zoned.strftime("%:z").to_string(),
    }
}

/// A zone's name, or its offset when it has no name.
fn zone_name(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => offset_text(offset),
        (None, Err(_)) => "that zone".to_owned(),
    }
}

/// An offset as RFC 3339 writes it: `+02:00`.
fn offset_text(offset: Offset) -> String {
    let zoned = Timestamp::UNIX_EPOCH.to_zoned_datetime(offset.to_time_zone());
    zoned.strftime("%:z").to_string()
}

/// A duration in its two largest units, without its sign: `3 d 4 h`, `40 min`, `12 s`.
pub(super) fn duration(length: SignedDuration) -> String {
    let seconds = length.as_secs().unsigned_abs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let pair = |large: u64, unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {small_unit}"),
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

/// The zone in which an example is written.
pub(super) enum ExampleZone {
    /// The zone that a local time is read in.
    Local(TimeZone),
    /// The space's own zone, which does not decide.
    Space(TimeZone),
    /// No zone is known; the example is in UTC.
    Unknown,
}

/// The refusal of text that is not a time; `why` completes the sentence that begins with the text.
pub(super) fn not_understood(text: &str, why: &str, now: Timestamp, zone: ExampleZone) -> String {
    let subject = if text.is_empty() {
        "The value".into()
    } else {
        quote(text)
    };
    let (zone, remark, condition) = match zone {
        ExampleZone::Local(zone) => (zone, "", " there"),
        ExampleZone::Space(zone) => (zone, ", the space's own zone", " together with `timezone`"),
        ExampleZone::Unknown => (
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
        zone_at(&at),
        at.strftime("%Y-%m-%dT%H:%M"),
    )
}

/// The refusal of a local time without a zone, with the three ways to give one.
pub(super) fn no_zone(text: &str, civil: DateTime, space: Option<&TimeZone>) -> String {
    let text = quote(text);
    let clock = civil.strftime("%Y-%m-%dT%H:%M:%S");
    let in_space = space.and_then(|zone| {
        let at = zone.to_timestamp(civil).ok()?;
        Some((rfc3339(at, zone), zone.iana_name()?))
    });
    match in_space {
        Some((exact, name)) => format!(
            "{text} has no time zone. The space's own zone is {name}. To use it, send `{exact}`, or `{clock}[{name}]`, or add `timezone`: `{name}`."
        ),
        None => format!(
            "{text} has no time zone. Send it with an offset (`{clock}+02:00`), with a zone in brackets (`{clock}[Europe/Berlin]`), or with `timezone` (`Europe/Berlin`). Use the user's own zone, not this example; ask if you do not know it."
        ),
    }
}

/// The refusal of a local time that daylight saving skips, with both instants that it could be.
pub(super) fn skipped(
    subject: &str,
    zone: &TimeZone,
    gap: SignedDuration,
    [earlier, later]: [&str; 2],
) -> String {
    format!(
        "{subject} does not exist in {}, because the clocks go forward by {} then. Send `{earlier}` or `{later}`.",
        zone_name(zone),
        duration(gap),
    )
}

/// The refusal of a local time that daylight saving repeats, with both instants that it could be.
pub(super) fn repeated(
    subject: &str,
    zone: &TimeZone,
    overlap: SignedDuration,
    [first, second]: [&str; 2],
) -> String {
    format!(
        "{subject} happens twice in {}, because the clocks go back by {} then. Send `{first}` for the first or `{second}` for the second.",
        zone_name(zone),
        duration(overlap),
    )
}

/// The refusal of an offset that its zone does not have, with the right one and the given one as exact times.
pub(super) fn wrong_offset(
    text: &str,
    civil: DateTime,
    zone: &TimeZone,
    (right, right_time): (Offset, String),
    (given, given_time): (Offset, String),
) -> String {
    let (zone, clock) = (zone_name(zone), civil.strftime("%H:%M"));
    let (right, given) = (offset_text(right), offset_text(given));
    format!(
        "{text} contradicts itself: {zone} is at {right} then, not {given}. Send `{right_time}` for {clock} in {zone}, or `{given_time}` for {clock} at {given}."
    )
}

/// The refusal of an instant that is past or too near.
pub(super) fn too_early(
    text: &str,
    left: SignedDuration,
    now: Timestamp,
    zone: &TimeZone,
) -> String {
    let distance = if left.is_negative() {
        format!("is {} in the past", duration(left))
    } else {
        format!("is only {} ahead", duration(left))
    };
    format!(
        "{} {distance}: it is now {}. A post with a past time may go out at once, so give a time at least 60 seconds from now.",
        quote(text),
        current_time(now, zone)
    )
}

/// The refusal of an instant that is absurdly far ahead.
pub(super) fn too_far(text: &str, years: i64, now: Timestamp, zone: &TimeZone) -> String {
    format!(
        "{} is more than {years} years ahead: it is now {}. Check the year.",
        quote(text),
        current_time(now, zone)
    )
}

/// The current time, exact enough to calculate with: `2027-04-09T12:00:00+02:00 (Fri, Europe/Berlin)`.
fn current_time(now: Timestamp, zone: &TimeZone) -> String {
    let zoned = now.to_zoned_datetime(zone.clone());
    format!(
        "`{}` ({}, {})",
        rfc3339(now, zone),
        zoned.strftime("%a"),
        zone_at(&zoned)
    )
}
