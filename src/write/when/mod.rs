//! Scheduled times: from the time string that an agent wrote to one instant, or a sentence why not.
//!
//! Nothing here does I/O: the current time and the zones come in with [`TimeContext`], the time zone rules are bundled.

mod messages;
mod parse;
mod resolve;
mod zone_names;

#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use zone_names::zone;

/// How far ahead a time must lie: Saki may publish a post at once if its time is missing, past or too near.
const MIN_AHEAD: SignedDuration = SignedDuration::from_secs(60);

/// A time further ahead than this is accepted with a warning.
const WARN_YEARS: i64 = 2;

/// A time further ahead than this is refused as a typing mistake in the year.
const MAX_YEARS: i64 = 100;

/// The zones and the current time by which a time string is read.
#[derive(Debug, Clone, Copy)]
pub struct TimeContext<'a> {
    /// The call's own `timezone` as it was written; blank counts as left out.
    pub timezone: Option<&'a str>,
    /// The zone of a local time when the call names none.
    pub default: Option<&'a TimeZone>,
    /// The space's own zone as Saki gives it: an exact time is shown in it, and a local time is never read in it.
    pub space_zone: Option<&'a str>,
    /// The current time.
    pub now: Timestamp,
}

/// The instant at which a post goes out, in whole seconds, and the zone to show it in.
#[derive(Debug, Clone)]
pub struct When {
    at: Timestamp,
    zone: TimeZone,
    warnings: Vec<String>,
}

/// When posts go out, as a result shows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimeFacts {
    /// When they go out, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<String>,
    /// The same time as a person reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
    /// How long until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#in: Option<String>,
}

/// Reads `given` as the instant a post goes out at, at least 60 seconds after `reading.now`.
///
/// It takes RFC 3339 with an offset, RFC 9557 with a zone in brackets, a local time with a zone from `context`, and Unix seconds or milliseconds in digits.
/// Fractions of a second are dropped, because Saki takes whole Unix seconds.
///
/// # Errors
///
/// One to three sentences for an agent that say what was given and what is allowed; they do not name the field.
pub fn read(given: &str, context: &TimeContext<'_>) -> Result<When, String> {
    let text = given.trim();
    let named = match context.timezone.map(str::trim) {
        None | Some("") => None,
        Some(name) => Some(zone(name).map_err(|why| format!("`timezone` cannot be used: {why}"))?),
    };
    let zones = resolve::ZoneContext {
        text,
        named,
        default: context.default.cloned(),
        space: context.space_zone.and_then(|name| zone(name).ok()),
    };
    let mut when = match parse::parse(text) {
        Ok(parsed) => resolve::resolve(parsed, &zones)?,
        Err(why) => {
            let example = match (zones.local_zone(), zones.space) {
                (Some(zone), _) => messages::ExampleZone::Local(zone),
                (None, Some(zone)) => messages::ExampleZone::Space(zone),
                (None, None) => messages::ExampleZone::Unknown,
            };
            return Err(messages::not_understood(text, &why, context.now, example));
        }
    };
    when.check_range(text, context.now)?;
    Ok(when)
}

/// Whether a text is an exact instant, so that no zone matters.
pub fn is_exact(given: &str) -> bool {
    given.trim().parse::<Timestamp>().is_ok()
}

impl When {
    /// A known instant, shown in `zone`; fractions of a second are dropped.
    pub fn at_instant(at: Timestamp, zone: TimeZone) -> When {
        // Round down, also before 1970, so that no instant moves into the future.
        let seconds = at.as_nanosecond().div_euclid(1_000_000_000);
        let whole = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        When {
            at: whole.unwrap_or(at),
            zone,
            warnings: Vec::new(),
        }
    }

    /// The instant, in whole seconds.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The instant in Unix seconds.
    pub fn unix(&self) -> i64 {
        self.at.as_second()
    }

    /// The instant in UTC: `2027-04-10T07:00:00Z`.
    pub fn utc(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// The instant for a person, in the zone to show it in: `Sat 10 Apr 2027, 09:00 (Europe/Berlin)`.
    /// Seconds are shown only when there are some.
    pub fn local(&self) -> String {
        messages::local(self.at, &self.zone)
    }

    /// How long after `now`, in the two largest units: `3 d 4 h`, `2 h 5 min`, `40 min`.
    /// A day is 24 hours; a past instant reads `40 min ago`.
    pub fn ahead(&self, now: Timestamp) -> String {
        let left = self.at.duration_since(now);
        if left.is_negative() {
            format!("{} ago", messages::duration(left))
        } else {
            messages::duration(left)
        }
    }

    /// The three ways to say it that leave no doubt: UTC, local, and how long until then.
    pub fn facts(&self, now: Timestamp) -> TimeFacts {
        TimeFacts {
            scheduled_at: Some(self.utc()),
            local: Some(self.local()),
            r#in: Some(self.ahead(now)),
        }
    }

    /// What an agent should check although the time is accepted; whole sentences.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether it is past, or so near that Saki may publish before a change arrives.
    pub fn is_near(&self, now: Timestamp) -> bool {
        is_near(self.at, now)
    }

    /// Refuses a time that is past, too near or absurdly far; warns of one that is far.
    fn check_range(&mut self, text: &str, now: Timestamp) -> Result<(), String> {
        let left = self.at.duration_since(now);
        if self.is_near(now) {
            return Err(messages::too_early(text, left, now, &self.zone));
        }
        if is_beyond(self.at, now, MAX_YEARS) {
            return Err(messages::too_far(text, MAX_YEARS, now, &self.zone));
        }
        if is_beyond(self.at, now, WARN_YEARS) {
            self.warnings.push(format!(
                "This is more than two years ahead: {}. Check the year.",
                self.local()
            ));
        }
        Ok(())
    }
}

/// Whether an instant is past, or so near that Saki may publish before a change arrives.
pub fn is_near(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) < MIN_AHEAD
}

/// Whether `at` is more than `years` calendar years after `now`.
fn is_beyond(at: Timestamp, now: Timestamp, years: i64) -> bool {
    now.to_zoned_datetime(TimeZone::UTC)
        .checked_add(years.years())
        .is_ok_and(|limit| at > limit.timestamp())
}
