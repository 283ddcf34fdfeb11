//! From the parts of a time to one instant, by the rules of its zone.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::messages::{local, quote, rfc3339, span};
use super::parse::{Said, Written, said};
use super::{When, zones};

/// What stands around a time: the text itself, the zones in question and the present.
pub(super) struct Context<'a> {
    /// The trimmed text, for quoting.
    pub(super) text: &'a str,
    /// The call's `timezone`.
    pub(super) named: Option<TimeZone>,
    /// The zone of a local time when the call names none.
    pub(super) default: Option<TimeZone>,
    /// The space's own zone, for examples only.
    pub(super) space: Option<TimeZone>,
}

impl Context<'_> {
    /// The zone that a local time without a zone is read in.
    pub(super) fn known(&self) -> Option<TimeZone> {
        self.named.clone().or_else(|| self.default.clone())
    }
}

/// Settles the instant and the zone to show it in; whether it is in the past is not looked at.
pub(super) fn resolve(written: Written<'_>, context: &Context<'_>) -> Result<When, String> {
    let (civil, offset, tag) = match written {
        Written::Unix(at) => {
            let zone = context.known().unwrap_or(TimeZone::UTC);
            return Ok(When::at_instant(at, zone));
        }
        Written::Clock {
            civil,
            offset,
            zone,
        } => (civil, offset, zone),
    };
    let bracket = tag.map(|tag| bracket(tag, context)).transpose()?;
    let mut warnings = Vec::new();
    let (at, zone) = match (offset, bracket) {
        (Some(Said::Utc), bracket) => {
            let at = instant(civil, Offset::UTC, context)?;
            if bracket.is_none() {
                warnings.extend(two_clocks(at, Offset::UTC, context));
            }
            let zone = bracket.or_else(|| context.known());
            (at, zone.unwrap_or(TimeZone::UTC))
        }
        (Some(Said::Offset(offset)), None) => {
            let at = instant(civil, offset, context)?;
            warnings.extend(two_clocks(at, offset, context));
            let zone = context.known().unwrap_or_else(|| offset.to_time_zone());
            (at, zone)
        }
        (Some(Said::Offset(offset)), Some(zone)) => {
            agrees(civil, offset, &zone, context)?;
            (instant(civil, offset, context)?, zone)
        }
        (None, bracket) => {
            let zone = bracket
                .or_else(|| context.known())
                .ok_or_else(|| no_zone(civil, context))?;
            let offset = only_offset(&quote(context.text), civil, &zone, context)?;
            (instant(civil, offset, context)?, zone)
        }
    };
    let mut when = When::at_instant(at, zone);
    warnings.extend(zones::trap(at, &when.zone));
    when.warnings = warnings;
    Ok(when)
}

/// The zone in brackets: an IANA name or an offset; it must not differ from `timezone`.
fn bracket(tag: &str, context: &Context<'_>) -> Result<TimeZone, String> {
    let text = context.text;
    let zone = match said(tag) {
        Ok(Some(Said::Offset(offset))) => offset.to_time_zone(),
        _ => zones::zone(tag).map_err(|why| format!("{} cannot be read: {why}", quote(text)))?,
    };
    match &context.named {
        Some(named) if *named != zone => Err(format!(
            "{} names {} in brackets, but `timezone` is {}. Send only the one that is meant.",
            quote(text),
            quote(tag),
            quote(named.iana_name().unwrap_or("another zone")),
        )),
        _ => Ok(zone),
    }
}

fn instant(civil: DateTime, offset: Offset, context: &Context<'_>) -> Result<Timestamp, String> {
    offset
        .to_timestamp(civil)
        .map_err(|_| format!("{} is too far ahead. Check the year.", quote(context.text)))
}

/// Refuses an offset that the zone does not have at that time of its wall clock.
fn agrees(
    civil: DateTime,
    given: Offset,
    zone: &TimeZone,
    context: &Context<'_>,
) -> Result<(), String> {
    let text = quote(context.text);
    if let AmbiguousOffset::Fold { before, after } = zone.to_ambiguous_timestamp(civil).offset()
        && (given == before || given == after)
    {
        return Ok(());
    }
    let subject = format!("{text} contradicts itself: its wall clock");
    let offset = only_offset(&subject, civil, zone, context)?;
    if offset == given {
        return Ok(());
    }
    let (there, then) = (title(zone), civil.strftime("%H:%M"));
    let (right, given_offset) = (written_offset(offset), written_offset(given));
    Err(format!(
        "{text} contradicts itself: {there} is at {right} then, not {given_offset}. Send `{}` for {then} in {there}, or `{}` for {then} at {given_offset}.",
        rfc3339(instant(civil, offset, context)?, zone),
        rfc3339(instant(civil, given, context)?, zone),
    ))
}

/// The remark that an offset won over a `timezone` whose clocks show another time.
fn two_clocks(at: Timestamp, offset: Offset, context: &Context<'_>) -> Option<String> {
    let named = context.named.as_ref()?;
    (named.to_offset(at) != offset).then(|| {
        format!(
            "The offset in {} decides, so this is {}. If {} is meant there, send the time without an offset.",
            quote(context.text),
            local(at, named),
            offset.to_datetime(at).strftime("%H:%M"),
        )
    })
}

/// The zone's offset at a time of its wall clock.
///
/// The error refuses a wall clock that a change of clocks skips or repeats, and offers both instants it could mean; `subject` begins the sentence.
fn only_offset(
    subject: &str,
    civil: DateTime,
    zone: &TimeZone,
    context: &Context<'_>,
) -> Result<Offset, String> {
    let there = title(zone);
    let candidate = |offset| instant(civil, offset, context).map(|at| rfc3339(at, zone));
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => Ok(offset),
        // Read by the offset after the gap it is the earlier instant, by the one before it the later.
        AmbiguousOffset::Gap { before, after } => Err(format!(
            "{subject} does not exist in {there}, as the clocks go forward by {} at that time. Send `{}` or `{}`, whichever is meant.",
            span(after.duration_since(before)),
            candidate(after)?,
            candidate(before)?,
        )),
        AmbiguousOffset::Fold { before, after } => Err(format!(
            "{subject} happens twice in {there}, as the clocks go back by {} at that time. Send `{}` for the first or `{}` for the second.",
            span(after.duration_since(before)),
            candidate(before)?,
            candidate(after)?,
        )),
    }
}

/// The refusal of a local time without a zone, with the three ways to say it.
fn no_zone(civil: DateTime, context: &Context<'_>) -> String {
    let text = quote(context.text);
    let clock = civil.strftime("%Y-%m-%dT%H:%M:%S");
    let space = context.space.as_ref().and_then(|zone| {
        let at = zone.to_timestamp(civil).ok()?;
        Some((rfc3339(at, zone), zone.iana_name()?))
    });
    match space {
        Some((exact, name)) => format!(
            "{text} does not say in which time zone. The space's own zone is {name}: if that is meant, send `{exact}`, or `{clock}[{name}]`, or add `timezone`: `{name}`."
        ),
        None => format!(
            "{text} does not say in which time zone. Send it with an offset (`{clock}+02:00`), with a zone in brackets (`{clock}[Europe/Berlin]`), or with `timezone` (`Europe/Berlin`). Use the user's own zone, not this example; ask if you do not know it."
        ),
    }
}

fn title(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => written_offset(offset),
        (None, Err(_)) => "that zone".to_owned(),
    }
}

/// An offset as RFC 3339 writes it: `+02:00`.
fn written_offset(offset: Offset) -> String {
    let shown = Timestamp::UNIX_EPOCH.to_zoned_datetime(offset.to_time_zone());
    shown.strftime("%:z").to_string()
}
