//! Time resolution: from a parsed time to one instant by the rules of its time zone, daylight saving gaps and overlaps included.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::messages::{self, quote, rfc3339};
use super::parse::{ParsedTime, UtcOffset, parse_offset};
use super::{When, zone_names};

/// The text that was parsed, and the zones that can apply to it.
pub(super) struct ZoneContext<'a> {
    /// The trimmed text, for quoting.
    pub(super) text: &'a str,
    /// The call's `timezone`.
    pub(super) named: Option<TimeZone>,
    /// The zone of a local time when the call names none.
    pub(super) default: Option<TimeZone>,
    /// The space's own zone, for examples and to show an exact time in; a local time is never read in it.
    pub(super) space: Option<TimeZone>,
}

impl ZoneContext<'_> {
    /// The zone that a local time without a zone is read in.
    pub(super) fn local_zone(&self) -> Option<TimeZone> {
        self.named.clone().or_else(|| self.default.clone())
    }

    /// The zone that an exact time is shown in.
    fn shown_zone(&self) -> Option<TimeZone> {
        self.local_zone().or_else(|| self.space.clone())
    }
}

/// Resolves the instant and the zone to show it in; whether the instant is in the past is not checked.
pub(super) fn resolve(parsed: ParsedTime<'_>, context: &ZoneContext<'_>) -> Result<When, String> {
    let (civil, offset, tag) = match parsed {
        ParsedTime::Unix(at) => {
            let zone = context.shown_zone().unwrap_or(TimeZone::UTC);
            return Ok(When::at_instant(at, zone));
        }
        ParsedTime::Civil {
            civil,
            offset,
            zone,
        } => (civil, offset, zone),
    };
    let bracket = tag.map(|tag| bracket_zone(tag, context)).transpose()?;
    let mut warnings = Vec::new();
    let (at, zone) = match (offset, bracket) {
        (Some(UtcOffset::Utc), bracket) => {
            let at = instant(civil, Offset::UTC, context)?;
            if bracket.is_none() {
                warnings.extend(offset_overrides_zone(at, Offset::UTC, context));
            }
            let zone = bracket.or_else(|| context.shown_zone());
            (at, zone.unwrap_or(TimeZone::UTC))
        }
        (Some(UtcOffset::Local(offset)), None) => {
            let at = instant(civil, offset, context)?;
            warnings.extend(offset_overrides_zone(at, offset, context));
            let zone = context
                .shown_zone()
                .unwrap_or_else(|| offset.to_time_zone());
            (at, zone)
        }
        (Some(UtcOffset::Local(offset)), Some(zone)) => {
            check_offset(civil, offset, &zone, context)?;
            (instant(civil, offset, context)?, zone)
        }
        (None, bracket) => {
            let zone = bracket
                .or_else(|| context.local_zone())
                .ok_or_else(|| messages::no_zone(context.text, civil, context.space.as_ref()))?;
            let offset = unambiguous_offset(&quote(context.text), civil, &zone, context)?;
            (instant(civil, offset, context)?, zone)
        }
    };
    let mut when = When::at_instant(at, zone);
    warnings.extend(zone_names::misleading_name(at, &when.zone));
    when.warnings = warnings;
    Ok(when)
}

/// The zone in brackets: an IANA name or an offset; it must not differ from `timezone`.
fn bracket_zone(tag: &str, context: &ZoneContext<'_>) -> Result<TimeZone, String> {
    let text = context.text;
    let zone = match parse_offset(tag) {
        Ok(Some(UtcOffset::Local(offset))) => offset.to_time_zone(),
        _ => {
            zone_names::zone(tag).map_err(|why| format!("{} cannot be read: {why}", quote(text)))?
        }
    };
    match &context.named {
        Some(named) if *named != zone => Err(format!(
            "{} names {} in brackets, but `timezone` is {}. Send only one of them.",
            quote(text),
            quote(tag),
            quote(named.iana_name().unwrap_or("another zone")),
        )),
        _ => Ok(zone),
    }
}

fn instant(
    civil: DateTime,
    offset: Offset,
    context: &ZoneContext<'_>,
) -> Result<Timestamp, String> {
    offset
        .to_timestamp(civil)
        .map_err(|_| format!("{} is too far ahead. Check the year.", quote(context.text)))
}

/// Refuses an offset that the zone does not have at that local time.
fn check_offset(
    civil: DateTime,
    given: Offset,
    zone: &TimeZone,
    context: &ZoneContext<'_>,
) -> Result<(), String> {
    let text = quote(context.text);
    if let AmbiguousOffset::Fold { before, after } = zone.to_ambiguous_timestamp(civil).offset()
        && (given == before || given == after)
    {
        return Ok(());
    }
    let subject = format!("{text} contradicts itself: its local time");
    let offset = unambiguous_offset(&subject, civil, zone, context)?;
    if offset == given {
        return Ok(());
    }
    let right = rfc3339(instant(civil, offset, context)?, zone);
    let as_given = rfc3339(instant(civil, given, context)?, zone);
    Err(messages::wrong_offset(
        &text,
        civil,
        zone,
        (offset, right),
        (given, as_given),
    ))
}

/// The warning that an offset won over a `timezone` whose clocks show another time.
fn offset_overrides_zone(
    at: Timestamp,
    offset: Offset,
    context: &ZoneContext<'_>,
) -> Option<String> {
    let named = context.named.as_ref()?;
    (named.to_offset(at) != offset).then(|| {
        format!(
            "The offset in {} decides, so this is {}. For {} in that zone, send the time without an offset.",
            quote(context.text),
            messages::local(at, named),
            offset.to_datetime(at).strftime("%H:%M"),
        )
    })
}

/// The zone's offset at a local time.
///
/// The error refuses a local time that daylight saving skips or repeats, and offers both instants that it could be.
/// It begins with `subject`.
fn unambiguous_offset(
    subject: &str,
    civil: DateTime,
    zone: &TimeZone,
    context: &ZoneContext<'_>,
) -> Result<Offset, String> {
    let candidate = |offset| instant(civil, offset, context).map(|at| rfc3339(at, zone));
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => Ok(offset),
        // The offset after the gap gives the earlier instant, the offset before it the later one.
        AmbiguousOffset::Gap { before, after } => Err(messages::skipped(
            subject,
            zone,
            after.duration_since(before),
            [&candidate(after)?, &candidate(before)?],
        )),
        AmbiguousOffset::Fold { before, after } => Err(messages::repeated(
            subject,
            zone,
            after.duration_since(before),
            [&candidate(before)?, &candidate(after)?],
        )),
    }
}
